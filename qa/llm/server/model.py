"""ServerModel: a language model behind an OpenAI-compatible address; messages -> odds and drafts.

Local states do not apply: the server keeps its own cache of prompts, which is used by sending the
same words in the same order.
"""

import copy
import math
from collections.abc import Generator, Sequence
from typing import Any

from qa.cancellation import StopFlag
from qa.llm.model import Draft, Leaning, Message
from qa.llm.server import control_words, probabilities, reply
from qa.llm.server.address import ServerAddress, identity
from qa.llm.server.connection import Connection
from qa.llm.server.draft import ServerDraft
from qa.llm.server.errors import ServerError
from qa.llm.server.facts import TOP, Facts
from qa.llm.server.tokenizer import ServerTokenizer, estimate, least

_TEMPLATE = 64  # tokens around two messages at most; those of ChatML have 15
_THOUGHTS = 2048  # tokens that a model which cannot be told not to think may think first
# What the server counted, of an estimate, below which it is looked at closely.
_SUSPICIOUS = 0.6
_ALL = 0.95  # texts cost a token less where they touch the template


class ServerModel:
    """A model behind an OpenAI-compatible address. See `LanguageModel` for what its methods do.

    `drafts_with_probabilities` turns false once it is seen that they cost letters.
    """

    def __init__(self, connection: Connection, facts: Facts) -> None:
        """Ask nothing yet; `opening.open_server` finds out the facts."""
        self.address: ServerAddress = connection.address
        self._connection, self._facts, self._flag = connection, facts, StopFlag()
        self._tokenizer = ServerTokenizer(connection, facts.model, facts.tokenizer)
        self.drafts_with_probabilities = facts.has_probabilities

    @property
    def name(self) -> str:
        """The name that the server gives it; of the path of a file the file's name."""
        name = self._facts.model
        is_file = name.endswith(".gguf")
        return name.rpartition("/")[2].removesuffix(".gguf") if is_file else name

    @property
    def gives_probabilities(self) -> bool:
        """See `LanguageModel`."""
        return self._facts.has_probabilities

    @property
    def sha256(self) -> str:
        """An id of address and name in the form of a hash: see `qa.llm.server.address.identity`.

        Not the hash of the weights, which a server does not tell.
        """
        has = self._facts.has_probabilities
        return identity(self.address, self._facts.model, has_probabilities=has)

    def count(self, text: str) -> int:
        """See `LanguageModel`; by the server's tokenizer, or else an estimate that is too high."""
        return self._tokenizer.count(control_words.cut(text), self._flag)

    def write(self, messages: Sequence[Message], max_tokens: int) -> Draft:
        """See `LanguageModel`."""
        more = _THOUGHTS if self._facts.thinks else 0
        body = self._body(messages, max_tokens + more)
        body |= {"stream": True, "stream_options": {"include_usage": True}}
        return ServerDraft(self, body, self._fitting(body))

    def yes_no(self, messages: Sequence[Message]) -> Leaning:
        """See `LanguageModel`; log-odds are no number where the server gives no probabilities."""
        top, leaning = self._first(messages)
        if not top:
            return Leaning(math.nan, *leaning)
        yes, no = (self._begins(word) for word in ("yes", "no"))
        return Leaning(probabilities.between(top, yes, no), *leaning)

    def first_word(self, messages: Sequence[Message], word: str) -> Leaning:
        """See `LanguageModel`; log-odds are no number where the server gives no probabilities."""
        top, leaning = self._first(messages)
        if not top:
            return Leaning(math.nan, *leaning)
        return Leaning(probabilities.against_others(top, self._begins(word)), *leaning)

    def prefill(self, prompts: Sequence[Sequence[Message]]) -> None:
        """Nothing: a server has the common beginning of prompts in its cache after the first."""

    def fork(self) -> "ServerModel":
        """See `LanguageModel`."""
        other = copy.copy(self)
        other._flag = StopFlag()
        return other

    def stored(self, messages: Sequence[Message]) -> int:
        """0: the server keeps its states itself."""
        return 0

    def store(self, messages: Sequence[Message], room: int) -> int:
        """0: nothing is kept here."""
        return 0

    def reset(self) -> None:
        """Nothing: what the server has in its cache is its own."""

    def cancel_when(self, flag: StopFlag) -> None:
        """See `LanguageModel`; the connection is closed, also before the first byte."""
        self._flag = flag

    def stream(self, body: Any) -> Generator[bytes]:
        """The bytes of what the server writes; see `Connection.pieces` for the errors."""
        return self._connection.pieces(self._completions, body, self._flag)

    def counted(self, messages: Sequence[dict[str, str]]) -> int | None:
        """The tokens of messages without the template, where the server's tokenizer tells."""
        counts = [self._tokenizer.exact(message["content"], self._flag) for message in messages]
        return None if None in counts else sum(filter(None, counts))

    def check_whole(self, messages: Sequence[dict[str, str]], prompt_tokens: int) -> None:
        """See that the server has read all of a prompt, by its own count.

        Raises:
            ServerError: it has read less than was sent.
        """
        texts = [message["content"] for message in messages]
        if prompt_tokens >= _SUSPICIOUS * sum(map(estimate, texts)):
            return
        counts = [self._tokenizer.exact(text, self._flag) or least(text) for text in texts]
        if prompt_tokens < _ALL * sum(counts):
            raise ServerError(
                f"The model server at {self.address.host} has read only {prompt_tokens} tokens of "
                "a longer prompt, and says nothing of it: its context is too small. Start it with "
                "more (Ollama: OLLAMA_CONTEXT_LENGTH=8192), and ask again."
            )

    @property
    def _completions(self) -> str:
        return f"{self.address.base}/chat/completions"

    def _body(self, messages: Sequence[Message], max_tokens: int) -> dict[str, Any]:
        """A request; its messages are the same bytes whenever they say the same."""
        return {
            "model": self._facts.model,
            "messages": [
                {"role": message.role, "content": control_words.cut(message.content)}
                for message in messages
            ],
            "temperature": 0,
            "max_tokens": max_tokens,
            **self._facts.keys,
        }

    def _begins(self, word: str) -> frozenset[str]:
        return self._tokenizer.begins(word, self._flag)

    def _first(self, messages: Sequence[Message]) -> tuple[probabilities.Top, tuple[int, int]]:
        """The likeliest first tokens of an answer, none where the server gives none; the counts."""
        if not self._facts.has_probabilities:
            return (), (0, 0)
        body = self._body(messages, 1) | {"logprobs": True, "top_logprobs": TOP}
        expected = self._fitting(body)
        said = self._connection.json(self._completions, body, self._flag)
        usage = reply.usage(said)
        if usage.prompt is not None:
            self.check_whole(body["messages"], usage.prompt)
        first = next(reply.tokens(reply.choice(said)), None)
        if first is None or not first.top:
            raise ServerError(
                f"The model server at {self.address.host} gives no probabilities any more. "
                "Start this program anew, so that it does without."
            )
        return first.top, (usage.prompt or expected, usage.cached or 0)

    def _fitting(self, body: dict[str, Any]) -> int:
        """The tokens of a prompt, counted or estimated.

        Raises:
            ServerError: they and the answer are more than the server has room for.
        """
        texts = [message["content"] for message in body["messages"]]
        tokens, room = sum(map(estimate, texts)) + _TEMPLATE, self._facts.prompt_room
        if room is None or tokens + body["max_tokens"] <= room:
            return tokens
        tokens = sum(self._tokenizer.count(text, self._flag) for text in texts) + _TEMPLATE
        if tokens + body["max_tokens"] <= room:
            return tokens
        raise ServerError(
            f"The prompt has {tokens} tokens, and with its answer it does not fit into the {room} "
            f"that the model server at {self.address.host} has room for. Start it with a larger "
            "context, or ask a shorter question."
        )
