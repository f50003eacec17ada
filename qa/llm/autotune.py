"""Autotuning: settings of llama.cpp, each timed beside the best so far, on a typical question."""

import itertools
import os
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa.llm import loading
from qa.llm.settings import DEFAULTS, LlamaSettings

if TYPE_CHECKING:
    from llama_cpp import Llama

_ROUNDS = 3
_CONTEXT_TOKENS = 1024
# Tokens: the prefix of a passage, mostly cached; of two prompts that are decoded together behind
# it, twice a question; and of a draft.
_PASSAGE, _SUFFIX, _WRITTEN = 256, 36, 10
_LARGEST_NOISE = 0.97  # a setting that is not so much quicker may be no quicker at all


@dataclass(frozen=True, slots=True)
class Seconds:
    """What one round takes: a passage, the prompts of a question behind it, and one token."""

    passage: float
    question: float
    word: float

    @property
    def cost(self) -> float:
        """Seconds of one answer; those until its first word count twice, as somebody waits."""
        return 2 * (0.2 * self.passage + 1.5 * self.question) + 30 * self.word


@dataclass(frozen=True, slots=True)
class Trial:
    """A setting that was timed: how it compares with the best before it, and whether it is better.

    `reading` and `writing` say how many times as fast it prefills and decodes; `best` is the best
    by now.
    """

    name: str
    reading: float
    writing: float
    better: bool
    best: LlamaSettings


def trials(path: Path) -> Iterator[Trial]:
    """Time setting after setting of a model, for a minute; the last `best` is the best.

    Raises:
        BadModel: llama.cpp cannot load the file.
    """
    best = DEFAULTS
    bench = _Bench(path, best)
    for name, changes in _candidates():
        other = replace(best, **changes)
        if other == best:
            continue
        tried = _Bench(path, other, bench)
        pairs = [(bench.run(), tried.run()) for _ in range(_ROUNDS)]
        better = statistics.median(new.cost / old.cost for old, new in pairs) < _LARGEST_NOISE
        reading = statistics.median(old.question / new.question for old, new in pairs)
        writing = statistics.median(old.word / new.word for old, new in pairs)
        if better:
            best, bench = other, tried
        yield Trial(name, reading, writing, better, best)


def _candidates() -> Iterator[tuple[str, dict[str, Any]]]:
    yield "repacked weights", {"repack": True}
    yield "no flash attention", {"flash_attention": False}
    for ubatch in (256, 128):
        yield f"{ubatch} tokens at once", {"ubatch": ubatch}
    cores = len(os.sched_getaffinity(0))
    # Half of them: where two of the cores that are seen are one, or memory is the limit.
    for threads in dict.fromkeys((cores // 2, cores // 4)):
        if threads:
            yield f"{threads} threads to write", {"writing_threads": threads}
        if threads > 1:
            yield f"{threads} threads to read", {"reading_threads": threads}


class _Bench:
    """A model loaded with some settings."""

    def __init__(self, path: Path, settings: LlamaSettings, other: "_Bench | None" = None) -> None:
        """`other` lends its weights, if they are laid out alike."""
        self.settings = settings
        shared = other if other and other.settings.repack == settings.repack else None
        self.llama: Llama = shared.llama if shared else loading.load(path, settings)
        self._context = loading.open_context(self.llama, _CONTEXT_TOKENS, settings)
        self.run()  # the first time is slower

    def run(self) -> Seconds:
        """One round."""
        tokens = range(1000, 1000 + _PASSAGE + 2 * _SUFFIX + _WRITTEN)
        passage, rest = list(tokens[:_PASSAGE]), tokens[_PASSAGE:]
        self._context.clear()
        times = [time.perf_counter()]
        self._context.decode([passage])
        times.append(time.perf_counter())
        prompts = [[*passage, *rest[:_SUFFIX]], [*passage, *rest[_SUFFIX : 2 * _SUFFIX]]]
        self._context.decode(prompts)
        times.append(time.perf_counter())
        written = prompts[0]
        for token in rest[-_WRITTEN:]:
            written = [*written, token]
            self._context.decode([written])
        times.append(time.perf_counter())
        one, two, three = (after - before for before, after in itertools.pairwise(times))
        return Seconds(one, two, three / _WRITTEN)
