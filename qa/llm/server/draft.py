"""Draft: what a server writes, as it comes, with the probabilities of its tokens."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any, Protocol

from qa.llm.server import reply
from qa.llm.server.address import ServerAddress
from qa.llm.server.errors import CutStream, ServerError
from qa.llm.server.events import events
from qa.llm.server.thinking import ThoughtsAmongWords, without_thoughts

_UNFINISHED = (None, "", "abort", "error", "cancelled")
_SPARE = 8  # tokens more than were asked for, from a server that does not count as we do


class _LettersLost(Exception):
    """The server sends only parts of letters that take several tokens."""


class Source(Protocol):
    """What a draft needs of its model: see `ServerModel`."""

    address: ServerAddress
    drafts_with_probabilities: bool

    def stream(self, body: Any) -> Generator[bytes]:
        """The bytes of what the server writes."""

    def counted(self, messages: Sequence[dict[str, str]]) -> int | None:
        """The tokens of messages without the template, where the server's tokenizer tells."""

    def check_whole(self, messages: Sequence[dict[str, str]], prompt_tokens: int) -> None:
        """See that the server has read all of a prompt, by its own count."""


class ServerDraft:
    """A `Draft` of what a server writes; nothing is asked before it is iterated over.

    `confidence` is 0 where the server gives no probabilities. `prompt_tokens` is what was counted
    or estimated here until the server tells.
    """

    def __init__(self, model: Source, body: Mapping[str, Any], prompt_tokens: int) -> None:
        self._model, self._body = model, body
        self.prompt_tokens, self.cached_tokens = prompt_tokens, 0
        self.answer_tokens, self.confidence = 0, 0.0
        self._is_counted = False

    def __iter__(self) -> Iterator[str]:
        host = self._model.address.host
        try:
            yield from without_thoughts(self._whole())
        except ThoughtsAmongWords as error:
            raise ServerError(
                f"The model at {host} thinks aloud in its answers, and the server does not keep "
                "that apart. Start it so that it does (llama-server --reasoning-format auto, "
                "vllm --reasoning-parser), or give another model."
            ) from error

    def _whole(self) -> Iterator[str]:
        """The text; asked again without probabilities where these cost letters."""
        shown = ""
        if self._model.drafts_with_probabilities:
            try:
                for text in self._stream({"logprobs": True, "top_logprobs": 1}):
                    shown += text
                    yield text
                return
            except _LettersLost:
                self._model.drafts_with_probabilities = False
        yield from self._rest(shown)

    def _rest(self, shown: str) -> Iterator[str]:
        """What follows on what was shown already, which the server must write once more."""
        written = ""
        for text in self._stream({}):
            written += text
            if len(written) <= len(shown):
                continue
            if not written.startswith(shown):
                raise CutStream(self._model.address.host, "it wrote something else the next time")
            yield written[len(shown) :]
            shown = written

    def _stream(self, keys: Mapping[str, Any]) -> Iterator[str]:
        host, finished = self._model.address.host, False
        self.answer_tokens, self.confidence = 0, 0.0
        body = {**self._body, **keys}
        with closing(self._model.stream(body)) as pieces:
            for event in events(pieces, host):
                chosen = reply.choice(event)
                text = reply.text(chosen)
                self._count(chosen, text)
                if text:
                    yield text
                finished = finished or chosen.get("finish_reason") not in _UNFINISHED
                self._told(event)
                if self.answer_tokens >= int(self._body["max_tokens"]) + _SPARE:
                    finished = True
                    break
        if not finished:
            raise CutStream(host, "the answer had no end")
        if not self._is_counted:
            self.prompt_tokens = self._model.counted(body["messages"]) or self.prompt_tokens

    def _count(self, chosen: Mapping[str, Any], text: str) -> None:
        """Count what came; a piece without probabilities counts as one token."""
        tokens = list(reply.tokens(chosen))
        if any(token.is_partial for token in tokens) or (tokens and "\ufffd" in text):
            raise _LettersLost
        for token in tokens:
            self.answer_tokens += 1
            self.confidence += (token.log_probability - self.confidence) / self.answer_tokens
        if text and not tokens:
            self.answer_tokens += 1

    def _told(self, event: Mapping[str, Any]) -> None:
        """Take over what the server counted."""
        usage = reply.usage(event)
        if usage.prompt is not None:
            self._model.check_whole(self._body["messages"], usage.prompt)
            self.prompt_tokens, self.cached_tokens = usage.prompt, usage.cached or 0
            self._is_counted = True
