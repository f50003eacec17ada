"""Session: prefill and decode on the weights of a model, with a KV cache of its own.

Knows tokens; does not know what they stand for.
"""

import contextlib
import functools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from qa.llm import loading
from qa.llm.cache.memory import PrefixCache
from qa.llm.chat_template import PromptTokens
from qa.llm.context import Context, DecodeFailed, Logits
from qa.llm.free_cores import FreeCores
from qa.llm.interrupt import Interrupt

if TYPE_CHECKING:
    from llama_cpp import Llama

# Tokens of prompt and answer together. Longer contexts only cost memory: see PROMPT_TOKENS.
CONTEXT_TOKENS = 4096
_SIDE_BY_SIDE_TOKENS = 6144  # of all prompts whose states are held side by side


class Session:
    """What one user of a model has prefilled, and how it is stopped. One thread uses it."""

    def __init__(
        self,
        llama: "Llama",
        cache: PrefixCache,
        free_cores: FreeCores | None = None,
        *,
        whole: bool = False,
    ) -> None:
        """Begin with nothing prefilled; `cache` may be shared with other sessions.

        With `free_cores` it makes way for other programs; with `whole` each prompt is decoded
        whole.
        """
        self.cache, self.interrupt, self.free_cores = cache, Interrupt(), free_cores
        self._llama, self._whole = llama, whole
        self._callback: tuple[object, int | None] = None, None  # that tells llama.cpp to give up
        self._loaded: list[list[int]] = []  # prefixes whose states came of the cache, unused yet
        self._prefilled: dict[tuple[int, ...], int] = {}  # tokens that a prompt took
        self._contexts: dict[int, Context] = {}  # by their size in tokens

    @property
    def context(self) -> Context:
        """The context in which prompts are decoded."""
        return self._context_of(_SIDE_BY_SIDE_TOKENS)

    @functools.cached_property
    def branches(self) -> bool:
        """Whether prompts share what is decoded of their prefixes, and its state can be kept."""
        return not self._whole and loading.can_branch(self._llama)

    def prefill(self, prompts: Sequence[PromptTokens]) -> None:
        """Decode prompts in one batch; each counts as fresh where it is read first.

        Prompts that are decoded whole gain nothing by it.
        """
        if self.branches and sum(len(prompt.tokens) for prompt in prompts) <= CONTEXT_TOKENS:
            decoded = zip(prompts, self._decode(prompts), strict=True)
            self._prefilled |= {tuple(prompt.tokens): fresh for prompt, (fresh, _) in decoded}

    def read(self, prompt: PromptTokens) -> tuple[int, Logits]:
        """Decode one prompt: how many of its tokens were cached, and the logits behind it."""
        ((fresh, logits),) = self._decode([prompt])
        fresh += self._prefilled.pop(tuple(prompt.tokens), 0)
        return len(prompt.tokens) - fresh, logits

    def extend(self, tokens: list[int]) -> Logits:
        """The logits behind tokens that all but the last are decoded of; within `watching`."""
        self.interrupt.check()
        (decoded,) = self.context.decode([tokens])
        return decoded.logits

    def prefix_state(self, prompt: PromptTokens) -> bytearray:
        """The KV state of a prompt's prefix, computed alone; of a model that branches."""
        with self.watching():
            self.interrupt.check()
            return self._alone(prompt.prefix)

    def reset(self) -> None:
        """Drop all that was decoded, so that what follows depends on nothing before."""
        self.context.clear()
        self._prefilled.clear()

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """See that decoding can be stopped, and that nothing half decoded is gone on from."""
        with self.interrupt.watching(self._set_callback):
            try:
                yield
            except DecodeFailed:
                self.reset()
                self.interrupt.check()
                raise

    def _decode(self, prompts: Sequence[PromptTokens]) -> list[tuple[int, Logits]]:
        """For each prompt, how many tokens were decoded for it, and the logits behind it."""
        with self.watching():
            self.interrupt.check()
            try:
                return self._decode_once(prompts)
            except DecodeFailed:
                self.reset()
                self.interrupt.check()
                if not self._loaded:
                    raise
            self._forget_loaded()
            return self._decode_once(prompts)

    def _decode_once(self, prompts: Sequence[PromptTokens]) -> list[tuple[int, Logits]]:
        self._loaded.clear()
        fresh = [0] * len(prompts)
        if self.branches:
            fresh = [self._load_prefix(prompt.prefix) for prompt in prompts]
        decoded = self.context.decode([prompt.tokens for prompt in prompts])
        return [(begun + one.fresh, one.logits) for begun, one in zip(fresh, decoded, strict=True)]

    def _forget_loaded(self) -> None:
        """Remove the states that could not be gone on from; llama.cpp took them as they were."""
        for prefix in self._loaded:
            self.cache.remove(prefix)

    def _load_prefix(self, prefix: list[int]) -> int:
        """Hold the state of a prefix; how many tokens had to be decoded for that.

        It is computed alone if it is not cached, so that it is the same whatever comes behind it.
        """
        if self.context.common(prefix) == len(prefix):
            return 0
        state = self.cache.get(prefix)
        if state is not None and self.context.load_state(prefix, state):
            self._loaded.append(prefix)
            return 0
        state = self._alone(prefix)
        self.cache.put(prefix, state)
        self.context.load_state(prefix, state)
        return len(prefix)

    def _alone(self, tokens: list[int]) -> bytearray:
        """The state of tokens decoded with nothing before or beside them."""
        apart = self._context_of(CONTEXT_TOKENS)  # what is held in the other is not disturbed
        apart.clear()
        apart.decode([tokens])
        return apart.state(tokens)

    def _context_of(self, size: int) -> Context:
        """The context of a size in tokens, opened when it is first needed."""
        if size not in self._contexts:
            opened = loading.open_context(
                self._llama, size, free_cores=self.free_cores, whole=self._whole
            )
            self._contexts[size] = opened
            if self._callback[0]:
                self._contexts[size].set_abort_callback(*self._callback)
        return self._contexts[size]

    def _set_callback(self, callback: object, address: int | None) -> None:
        self._callback = callback, address
        for context in self._contexts.values():
            context.set_abort_callback(callback, address)
