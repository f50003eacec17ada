"""Context: what llama.cpp has read: texts side by side, each with what may come next.

Texts that begin alike are read once as far as they do, and several in one go: 36 tokens take two
cores 230 ms, three times 36 take 420. Knows tokens; does not know what they stand for.
"""

import ctypes
import weakref
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa.llm.batching import BatchToken, PrefixPlan, common, plan_prefixes

# Texts side by side: a question has three passages of up to three texts each, and what is written.
SEQUENCES = 16
BATCH = 512  # tokens that llama.cpp is given in one go
_NO_ROOM = 1  # what llama_decode returns when the memory is full

Logits = NDArray[np.float32]


class NotRead(RuntimeError):
    """llama.cpp gave the reading up, because it was told to or has no room; nothing is held now."""


@dataclass(frozen=True, slots=True)
class Read:
    """A text that was read: logits of shape (vocabulary,), and how many tokens it took to read."""

    logits: Logits
    fresh: int


@dataclass(slots=True)
class _Text:
    tokens: list[int]
    logits: Logits | None = None  # of what comes behind them all; None where that is not known


class Context:
    """Texts that one llama.cpp context holds. Used by one thread at a time.

    The context must have been made for `SEQUENCES` in one memory (`kv_unified`), and `BATCH`.
    """

    def __init__(self, pointer: Any, vocabulary: int) -> None:
        """Hold nothing.

        Args:
            pointer: a llama_context that lives as long as this.
            vocabulary: how many tokens its model knows.
        """
        import llama_cpp

        self._pointer, self._vocabulary = pointer, vocabulary
        self._memory = llama_cpp.llama_get_memory(pointer)
        self._batch = llama_cpp.llama_batch_init(BATCH, 0, SEQUENCES)
        weakref.finalize(self, llama_cpp.llama_batch_free, self._batch)
        self._held: dict[int, _Text] = {}  # by sequence, the least recently used first

    @property
    def texts(self) -> list[list[int]]:
        """What is held, the least recently used first."""
        return [text.tokens for text in self._held.values()]

    def common(self, tokens: Sequence[int]) -> int:
        """How many tokens of a text's beginning are held."""
        return max((common(text, tokens) for text in self.texts), default=0)

    def clear(self) -> None:
        """Hold nothing."""
        import llama_cpp

        llama_cpp.llama_memory_clear(self._memory, False)
        self._held.clear()

    def take(self, tokens: Sequence[int], state: bytearray) -> bool:
        """Hold tokens that were read before; false where `state` is none of such a context."""
        import llama_cpp

        (sequence,) = self._free(1, ())
        buffer = (ctypes.c_uint8 * len(state)).from_buffer(state)
        while not llama_cpp.llama_state_seq_set_data(self._pointer, buffer, len(state), sequence):
            if not self._drop_oldest(()):
                return False
        self._held[sequence] = _Text(list(tokens))
        return True

    def state(self, tokens: Sequence[int]) -> bytearray:
        """All that was computed of a text that is held.

        Raises:
            StopIteration: it is not held.
        """
        import llama_cpp

        wanted = list(tokens)
        sequence = next(key for key, text in self._held.items() if text.tokens == wanted)
        state = bytearray(llama_cpp.llama_state_seq_get_size(self._pointer, sequence))
        buffer = (ctypes.c_uint8 * len(state)).from_buffer(state)
        llama_cpp.llama_state_seq_get_data(self._pointer, buffer, len(state), sequence)
        return state

    def read(self, texts: Sequence[list[int]]) -> list[Read]:
        """Read texts in one go and hold them; what is held already is not read again.

        Args:
            texts: of one token at least each.

        Raises:
            NotRead: see there.
        """
        known = {
            tuple(text.tokens): text for text in self._held.values() if text.logits is not None
        }
        fresh = [text for text in dict.fromkeys(map(tuple, texts)) if text not in known]
        plans, steps = plan_prefixes(
            {k: t.tokens for k, t in self._held.items()}, list(map(list, fresh))
        )
        sequences = self._branch(plans)
        logits = self._compute(steps, sequences)
        for i, text in enumerate(fresh):
            known[text] = self._held[sequences[i]] = _Text(list(text), logits[i])
        took = {text: plan.fresh for text, plan in zip(fresh, plans, strict=True)}
        return [_read(known[tuple(text)], took.pop(tuple(text), 0)) for text in texts]

    def _branch(self, plans: Sequence[PrefixPlan]) -> list[int]:
        """A sequence for each text, which holds what it shares.

        Who goes on behind the end of a sequence takes it over; all others have copies.
        """
        import llama_cpp

        sources = {plan.source for plan in plans if plan.source is not None}
        taken: dict[int, int] = {}
        for i, plan in enumerate(plans):
            if plan.source is not None and plan.shared == len(self._held[plan.source].tokens):
                taken.setdefault(plan.source, i)
        free = iter(self._free(len(plans) - len(taken), sources))
        owners = {i: source for source, i in taken.items()}
        sequences = [owners[i] if i in owners else next(free) for i in range(len(plans))]
        for plan, sequence in zip(plans, sequences, strict=True):
            if plan.source is None or plan.source == sequence:
                continue
            args = plan.source, sequence, 0, plan.shared
            llama_cpp.llama_memory_seq_cp(self._memory, *args)
        for source in sources:
            text = self._held.pop(source)
            if source not in taken:
                self._held[source] = text  # used now
        return sequences

    def _compute(self, steps: Sequence[BatchToken], sequences: Sequence[int]) -> dict[int, Logits]:
        """Read, and give logits by text."""
        import llama_cpp

        found: dict[int, Logits] = {}
        for some in _chunks(steps):
            self._fill(some, sequences)
            while code := llama_cpp.llama_decode(self._pointer, self._batch):
                if code != _NO_ROOM or not self._drop_oldest(sequences):
                    self.clear()
                    raise NotRead(f"llama_decode returned {code}")
            for i, step in enumerate(some):
                if step.last is not None:
                    row = llama_cpp.llama_get_logits_ith(self._pointer, i)
                    found[step.last] = np.ctypeslib.as_array(row, (self._vocabulary,)).copy()
        return found

    def _fill(self, steps: Sequence[BatchToken], sequences: Sequence[int]) -> None:
        batch = self._batch
        batch.n_tokens = len(steps)
        for i, step in enumerate(steps):
            batch.token[i], batch.pos[i] = step.token, step.position
            batch.n_seq_id[i] = len(step.texts)
            for j, text in enumerate(step.texts):
                batch.seq_id[i][j] = sequences[text]
            batch.logits[i] = step.last is not None

    def _free(self, amount: int, spared: Collection[int]) -> list[int]:
        """Sequences that hold nothing, of which the least recently used are made to."""
        while SEQUENCES - len(self._held) < amount:
            if not self._drop_oldest(spared):
                raise ValueError(f"{amount} texts are more than can be read in one go")
        return [key for key in range(SEQUENCES) if key not in self._held][:amount]

    def _drop_oldest(self, spared: Collection[int]) -> bool:
        """Give room; false when there is nothing to drop."""
        import llama_cpp

        oldest = next((key for key in self._held if key not in spared), None)
        if oldest is None:
            return False
        del self._held[oldest]
        llama_cpp.llama_memory_seq_rm(self._memory, oldest, -1, -1)
        return True


def _read(text: _Text, fresh: int) -> Read:
    assert text.logits is not None
    return Read(text.logits, fresh)


def _chunks(steps: Sequence[BatchToken]) -> list[Sequence[BatchToken]]:
    return [steps[i : i + BATCH] for i in range(0, len(steps), BATCH)]
