"""Context: one llama.cpp context, which holds sequences of tokens with their KV states and logits.

Sequences with a common prefix are decoded once as far as it goes, and several in one batch: 36
tokens take two cores 230 ms, three times 36 take 420. A context that cannot branch has one
sequence, and decodes each prompt whole, as if there had been none before. Knows tokens; does not
know what they stand for.
"""

import ctypes
import weakref
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qa.llm.batching import BatchToken, PrefixPlan, common, plan_prefixes
from qa.llm.free_cores import FreeCores

if TYPE_CHECKING:
    from llama_cpp import Llama

# Sequences side by side: a question has two passages of up to three prompts each, and a draft.
SEQUENCES = 16
BATCH = 512  # tokens that llama.cpp is given in one call
_NO_ROOM = 1  # what llama_decode returns when the KV cache is full

Logits = NDArray[np.float32]


class DecodeFailed(RuntimeError):
    """llama.cpp gave up, because it was stopped or has no room; the context is empty now."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A sequence: logits of shape (vocabulary,) behind it, and how many tokens were decoded."""

    logits: Logits
    fresh: int


@dataclass(slots=True)
class _Sequence:
    tokens: list[int]
    logits: Logits | None = None  # behind the last token; None where the state was loaded


class Context:
    """Sequences that one llama.cpp context holds. Used by one thread at a time."""

    def __init__(
        self,
        llama: "Llama",
        parameters: Any,
        free_cores: FreeCores | None = None,
        *,
        branches: bool = True,
    ) -> None:
        """Open a context that holds nothing; it is freed with this object, before its model.

        Args:
            llama: the model.
            parameters: for some sequences in one KV cache (`kv_unified`), and `BATCH`.
            free_cores: beyond these it uses no threads; when None, as many as `parameters` say.
            branches: whether a sequence can be gone on from at any of its tokens, and kept.

        Raises:
            MemoryError: llama.cpp cannot open it.
        """
        import llama_cpp

        pointer = llama_cpp.llama_init_from_model(llama.model, parameters)
        if pointer is None:
            raise MemoryError("llama.cpp cannot open a context")
        weakref.finalize(self, _free, pointer, llama)
        self._pointer, self._vocabulary = pointer, llama.n_vocab()
        self._free_cores = free_cores
        self._most_threads = self._threads = parameters.n_threads, parameters.n_threads_batch
        self.branches, self._most = branches, int(parameters.n_seq_max)
        self._memory = llama_cpp.llama_get_memory(pointer)
        self._batch = llama_cpp.llama_batch_init(BATCH, 0, self._most)
        weakref.finalize(self, llama_cpp.llama_batch_free, self._batch)
        self._held: dict[int, _Sequence] = {}  # by number, the least recently used first

    @property
    def sequences(self) -> list[list[int]]:
        """The tokens of what is held, the least recently used first."""
        return [sequence.tokens for sequence in self._held.values()]

    def common(self, tokens: Sequence[int]) -> int:
        """The length of the longest prefix of `tokens` that is held."""
        return max((common(held, tokens) for held in self.sequences), default=0)

    def set_abort_callback(self, callback: object, address: int | None) -> None:
        """Have llama.cpp call a function between its steps, which tells whether to give up."""
        import llama_cpp

        llama_cpp.llama_set_abort_callback(self._pointer, callback, address)

    def clear(self) -> None:
        """Hold nothing."""
        import llama_cpp

        llama_cpp.llama_memory_clear(self._memory, False)
        self._held.clear()

    def load_state(self, tokens: Sequence[int], state: bytearray) -> bool:
        """Hold tokens by their KV state; false where `state` is none of such a context."""
        import llama_cpp

        (number,) = self._free(1, ())
        buffer = (ctypes.c_uint8 * len(state)).from_buffer(state)
        while not llama_cpp.llama_state_seq_set_data(self._pointer, buffer, len(state), number):
            if not self._drop_oldest(()):
                return False
        self._held[number] = _Sequence(list(tokens))
        return True

    def state(self, tokens: Sequence[int]) -> bytearray:
        """The KV state of a sequence that is held.

        Raises:
            StopIteration: it is not held.
        """
        import llama_cpp

        wanted = list(tokens)
        number = next(key for key, held in self._held.items() if held.tokens == wanted)
        state = bytearray(llama_cpp.llama_state_seq_get_size(self._pointer, number))
        buffer = (ctypes.c_uint8 * len(state)).from_buffer(state)
        llama_cpp.llama_state_seq_get_data(self._pointer, buffer, len(state), number)
        return state

    def decode(self, prompts: Sequence[list[int]]) -> list[Decoded]:
        """Decode prompts in one batch and hold them; what is held already is not decoded again.

        Args:
            prompts: of one token at least each.

        Raises:
            DecodeFailed: see there.
        """
        if not self.branches:
            return [self._decode_whole(list(prompt)) for prompt in prompts]
        known = {tuple(held.tokens): held for held in self._held.values() if _has_logits(held)}
        fresh = [prompt for prompt in dict.fromkeys(map(tuple, prompts)) if prompt not in known]
        plans, batch = plan_prefixes(
            {number: held.tokens for number, held in self._held.items()}, list(map(list, fresh))
        )
        numbers = self._copy_prefixes(plans)
        logits = self._compute(batch, numbers)
        for i, prompt in enumerate(fresh):
            known[prompt] = self._held[numbers[i]] = _Sequence(list(prompt), logits[i])
        took = {prompt: plan.fresh for prompt, plan in zip(fresh, plans, strict=True)}
        return [_decoded(known[tuple(one)], took.pop(tuple(one), 0)) for one in prompts]

    def _decode_whole(self, prompt: list[int]) -> Decoded:
        """Decode a prompt with nothing beside it; one that is held is gone on with at its end."""
        held = self._held.get(0)
        if held and held.tokens == prompt:
            return _decoded(held, 0)
        begin = len(held.tokens) if held and prompt[: len(held.tokens)] == held.tokens else 0
        if not begin:
            self.clear()
        rest = [BatchToken(token, begin + i, [0]) for i, token in enumerate(prompt[begin:])]
        rest[-1].last = 0
        self._held[0] = _Sequence(prompt, self._compute(rest, [0])[0])
        return _decoded(self._held[0], len(rest))

    def _copy_prefixes(self, plans: Sequence[PrefixPlan]) -> list[int]:
        """A sequence number for each prompt, which holds the prefix that it shares.

        A prompt that goes on behind the end of a sequence takes it over; all others have copies.
        """
        import llama_cpp

        sources = {plan.source for plan in plans if plan.source is not None}
        taken: dict[int, int] = {}
        for i, plan in enumerate(plans):
            if plan.source is not None and plan.shared == len(self._held[plan.source].tokens):
                taken.setdefault(plan.source, i)
        free = iter(self._free(len(plans) - len(taken), sources))
        owners = {i: source for source, i in taken.items()}
        numbers = [owners[i] if i in owners else next(free) for i in range(len(plans))]
        for plan, number in zip(plans, numbers, strict=True):
            if plan.source is None or plan.source == number:
                continue
            args = plan.source, number, 0, plan.shared
            llama_cpp.llama_memory_seq_cp(self._memory, *args)
        for source in sources:
            held = self._held.pop(source)
            if source not in taken:
                self._held[source] = held  # used now
        return numbers

    def _compute(self, tokens: Sequence[BatchToken], numbers: Sequence[int]) -> dict[int, Logits]:
        """Decode a batch, and give the logits behind each prompt; hold nothing where it fails."""
        try:
            return self._computed(tokens, numbers)
        except BaseException:  # by Ctrl-C, too: part of the batch is decoded, and nobody knows it
            self.clear()
            raise

    def _computed(self, tokens: Sequence[BatchToken], numbers: Sequence[int]) -> dict[int, Logits]:
        import llama_cpp

        found: dict[int, Logits] = {}
        for part in _parts(tokens):
            self._fill(part, numbers)
            self._make_way()
            while code := llama_cpp.llama_decode(self._pointer, self._batch):
                if code != _NO_ROOM or not self._drop_oldest(numbers):
                    raise DecodeFailed(f"llama_decode returned {code}")
            for i, token in enumerate(part):
                if token.last is not None:
                    row = llama_cpp.llama_get_logits_ith(self._pointer, i)
                    found[token.last] = np.ctypeslib.as_array(row, (self._vocabulary,)).copy()
        return found

    def _make_way(self) -> None:
        """Use no more threads than other programs leave cores for."""
        import llama_cpp

        if not self._free_cores:
            return
        free = self._free_cores.count()
        writing, reading = self._most_threads
        threads = min(free, writing), min(free, reading)
        if threads != self._threads:
            llama_cpp.llama_set_n_threads(self._pointer, *threads)
            self._threads = threads

    def _fill(self, tokens: Sequence[BatchToken], numbers: Sequence[int]) -> None:
        batch = self._batch
        batch.n_tokens = len(tokens)
        for i, token in enumerate(tokens):
            batch.token[i], batch.pos[i] = token.token, token.position
            batch.n_seq_id[i] = len(token.prompts)
            for j, prompt in enumerate(token.prompts):
                batch.seq_id[i][j] = numbers[prompt]
            batch.logits[i] = token.last is not None

    def _free(self, amount: int, spared: Collection[int]) -> list[int]:
        """Numbers of sequences that hold nothing; the least recently used are dropped for them."""
        while self._most - len(self._held) < amount:
            if not self._drop_oldest(spared):
                raise ValueError(f"{amount} prompts are more than can be decoded in one batch")
        return [key for key in range(self._most) if key not in self._held][:amount]

    def _drop_oldest(self, spared: Collection[int]) -> bool:
        """Give room; false when there is nothing to drop."""
        import llama_cpp

        oldest = next((key for key in self._held if key not in spared), None)
        if oldest is None:
            return False
        del self._held[oldest]
        llama_cpp.llama_memory_seq_rm(self._memory, oldest, -1, -1)
        return True


def _free(pointer: Any, llama: "Llama") -> None:
    """Free a context; `llama`, its model, has lived until now."""
    import llama_cpp

    llama_cpp.llama_free(pointer)


def _has_logits(sequence: _Sequence) -> bool:
    return sequence.logits is not None


def _decoded(sequence: _Sequence, fresh: int) -> Decoded:
    assert sequence.logits is not None
    return Decoded(sequence.logits, fresh)


def _parts(tokens: Sequence[BatchToken]) -> list[Sequence[BatchToken]]:
    return [tokens[i : i + BATCH] for i in range(0, len(tokens), BATCH)]
