"""LlamaModel: a GGUF model run by llama.cpp in this process; messages -> log-odds and drafts."""

import codecs
import contextlib
import copy
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from qa.cancellation import StopFlag
from qa.llm import loading
from qa.llm.cache.files import DiskCache
from qa.llm.cache.memory import PrefixCache
from qa.llm.chat_template import ChatTemplate, PromptTokens
from qa.llm.context import Logits
from qa.llm.free_cores import FreeCores
from qa.llm.model import Draft, Leaning, Message
from qa.llm.session import CONTEXT_TOKENS, Session
from qa.llm.settings import DEFAULTS, LlamaSettings
from qa.llm.template_renderer import BoundedRenderer, TrustedRenderer
from qa.llm.thinking import Hiding
from qa.weights.manifest import is_known_to_run

if TYPE_CHECKING:
    from llama_cpp import Llama

# Bytes of KV states of prefixes in memory; the least recently used go first. A token takes 28 KB.
_CACHE_BYTES = 512 * 2**20


class LlamaModel:
    """A GGUF model run by llama.cpp here. See `LanguageModel` for what its methods do."""

    def __init__(
        self,
        path: Path,
        sha256: str,
        threads: int | None = None,
        disk_cache: DiskCache | None = None,
        settings: LlamaSettings = DEFAULTS,
        free_cores: FreeCores | None = None,
        *,
        whole: bool = False,
    ) -> None:
        """Load the weights.

        Args:
            path: a GGUF file.
            sha256: of that file.
            threads: processor cores to use; when None, as many as `settings` say.
            disk_cache: where states of prefixes outlast this process.
            settings: how llama.cpp is to compute.
            free_cores: that other programs leave; when None, all threads are used all the time.
            whole: decode each prompt whole, as it is done for a model whose sequences cannot be
                branched; the answers are the same, and slower.

        Raises:
            BadModel: llama.cpp cannot load the file, or its chat template cannot be used.
        """
        self._path, self._sha256 = path, sha256
        if threads:
            settings = replace(settings, reading_threads=threads, writing_threads=threads)
        # Starts beside the loading, as it takes some tenths of a second.
        renderer = TrustedRenderer() if is_known_to_run(sha256) else BoundedRenderer()
        self._llama = loading.load(path, settings)
        self._template = ChatTemplate(self._llama, renderer)
        fingerprint = b""
        if disk_cache:
            fingerprint = loading.state_fingerprint(self._llama, sha256, CONTEXT_TOKENS)
        self._whole = whole
        cache = PrefixCache(_CACHE_BYTES, disk_cache, fingerprint)
        self._session = Session(self._llama, cache, free_cores, whole=whole)

    @property
    def name(self) -> str:
        """See `LanguageModel`."""
        return self._path.stem

    @property
    def lacks_template(self) -> bool:
        """Whether the file holds no chat template: most likely it is a base model."""
        return self._template.is_missing

    @property
    def keeps_states(self) -> bool:
        """Whether states of prefixes can be kept: `Session.branches`."""
        return self._session.branches

    @property
    def sha256(self) -> str:
        """See `LanguageModel`."""
        return self._sha256

    @property
    def gives_probabilities(self) -> bool:
        """See `LanguageModel`."""
        return True

    def count(self, text: str) -> int:
        """See `LanguageModel`."""
        return len(self._template.plain_tokens(text))

    def fork(self) -> "LlamaModel":
        """See `LanguageModel`."""
        other = copy.copy(self)
        session = self._session
        other._session = Session(self._llama, session.cache, session.free_cores, whole=self._whole)
        return other

    def write(self, messages: Sequence[Message], max_tokens: int) -> Draft:
        """See `LanguageModel`."""
        prompt = self._template.prompt(messages)
        return _LlamaDraft(self._llama, self._template, self._session, prompt, max_tokens)

    def yes_no(self, messages: Sequence[Message]) -> Leaning:
        """See `LanguageModel`."""
        leaning, logits = self._lean(messages)
        yes, no = (
            np.logaddexp.reduce(logits[self._template.first_tokens(word)]) for word in ("yes", "no")
        )
        return replace(leaning, log_odds=float(yes - no))

    def first_word(self, messages: Sequence[Message], word: str) -> Leaning:
        """See `LanguageModel`."""
        leaning, logits = self._lean(messages)
        is_word = np.zeros(len(logits), dtype=bool)
        is_word[self._template.first_tokens(word)] = True
        this, others = (np.logaddexp.reduce(logits[tokens]) for tokens in (is_word, ~is_word))
        return replace(leaning, log_odds=float(this - others))

    def prefill(self, prompts: Sequence[Sequence[Message]]) -> None:
        """See `LanguageModel`."""
        self._session.prefill([self._template.prompt(messages) for messages in prompts])

    def stored(self, messages: Sequence[Message]) -> int:
        """See `LanguageModel`."""
        if not self.keeps_states:
            return 0
        return self._session.cache.stored(self._template.prompt(messages).prefix)

    def store(self, messages: Sequence[Message], room: int) -> int:
        """See `LanguageModel`."""
        if not self.keeps_states:
            return 0
        prompt = self._template.prompt(messages)
        state = self._session.prefix_state(prompt)
        return self._session.cache.store(prompt.prefix, state) if len(state) <= room else 0

    def reset(self) -> None:
        """See `LanguageModel`."""
        self._session.reset()

    def cancel_when(self, flag: StopFlag) -> None:
        """See `LanguageModel`."""
        self._session.interrupt.cancel_when(flag)

    def _lean(self, messages: Sequence[Message]) -> tuple[Leaning, Logits]:
        """Prefill messages; the logits of what would be written behind them, and no odds yet."""
        prompt = self._template.prompt(messages)
        cached, logits = self._session.read(prompt)
        return Leaning(0.0, len(prompt.tokens), cached), logits


class _LlamaDraft:
    """Greedy decoding: a `Draft` of the likeliest token, again and again, and of no thoughts."""

    def __init__(
        self,
        llama: "Llama",
        template: ChatTemplate,
        session: Session,
        prompt: PromptTokens,
        max_tokens: int,
    ) -> None:
        self._llama, self._template, self._session = llama, template, session
        self._hiding = Hiding()
        self._prompt, self._max_tokens = prompt, max_tokens
        self.prompt_tokens = len(prompt.tokens)
        self.cached_tokens = 0
        self.answer_tokens = 0
        self.confidence = 0.0

    def __iter__(self) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder("utf-8")("ignore")
        room = min(self._max_tokens, CONTEXT_TOKENS - self.prompt_tokens)
        with contextlib.closing(self._tokens()) as tokens:
            for token, probability in tokens:
                if _is_end(self._llama, token):
                    break
                self.answer_tokens += 1
                self.confidence += (probability - self.confidence) / self.answer_tokens
                if text := self._hiding.feed(decoder.decode(self._template.text_of(token))):
                    yield text
                if self.answer_tokens >= room:
                    break
        if text := self._hiding.end():
            yield text

    def _tokens(self) -> Generator[tuple[int, float]]:
        """Each token, and the natural logarithm of its probability."""
        written = list(self._prompt.tokens)
        with self._session.watching():
            self.cached_tokens, logits = self._session.read(self._prompt)
            while True:
                token = int(logits.argmax())
                yield token, log_probability(logits, token)
                written.append(token)
                if closing := self._hiding.closing:
                    written += self._template.closing_tokens(closing)
                    self._hiding.feed(closing)
                logits = self._session.extend(written)


def _is_end(llama: "Llama", token: int) -> bool:
    """Whether a token ends what the model writes."""
    import llama_cpp

    vocabulary = llama_cpp.llama_model_get_vocab(llama.model)
    return bool(llama_cpp.llama_vocab_is_eog(vocabulary, token))


def log_probability(logits: Logits, token: int) -> float:
    """The natural logarithm of a token's probability, by the logits."""
    highest = logits.max()
    return float(logits[token] - highest - np.log(np.exp(logits - highest).sum()))
