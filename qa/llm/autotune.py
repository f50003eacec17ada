"""Trials: settings of llama.cpp, each beside the best so far, on what asking mostly computes."""

import itertools
import os
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa.llm import loading
from qa.llm.context import Context
from qa.llm.settings import DEFAULTS, LlamaSettings

if TYPE_CHECKING:
    from llama_cpp import Llama

_ROUNDS = 3
_ROOM = 1024  # tokens of a context
# A passage is seldom read, as it is kept; two texts about it are read together, twice a question.
_PASSAGE, _SUFFIX, _WRITTEN = 256, 36, 10
_GAIN = 0.97  # what is not so much quicker may be noise


@dataclass(frozen=True, slots=True)
class Seconds:
    """What a passage, the question behind it, and one word take."""

    passage: float
    question: float
    word: float

    @property
    def cost(self) -> float:
        """Of one answer, in seconds, those until its first word twice, as somebody waits."""
        return 2 * (0.2 * self.passage + 1.5 * self.question) + 30 * self.word


@dataclass(frozen=True, slots=True)
class Trial:
    """A setting that was tried: how it compares with the best before it, and whether it is better.

    `reading` and `writing` are how many times as fast; `best` is what is best now.
    """

    name: str
    reading: float
    writing: float
    better: bool
    best: LlamaSettings


def trials(path: Path) -> Iterator[Trial]:
    """Try setting after setting of a model, for a minute; the last `best` is the best.

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
        better = statistics.median(new.cost / old.cost for old, new in pairs) < _GAIN
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

    def __init__(self, path: Path, tuning: LlamaSettings, other: "_Bench | None" = None) -> None:
        """`other` lends its weights, if they are laid out alike."""
        from llama_cpp._internals import LlamaContext

        self.tuning = tuning
        shared = other if other and other.tuning.repack == tuning.repack else None
        self.llama: Llama = shared.llama if shared else loading.load(path, tuning)
        parameters = loading.parameters(self.llama, _ROOM)
        loading.tune(parameters, tuning)
        self._opened = LlamaContext(model=self.llama._model, params=parameters, verbose=False)
        self._context = Context(self._opened.ctx, self.llama.n_vocab())
        self.run()  # the first time is slower

    def run(self) -> Seconds:
        """One round."""
        some = range(1000, 1000 + _PASSAGE + 2 * _SUFFIX + _WRITTEN)
        passage, rest = list(some[:_PASSAGE]), some[_PASSAGE:]
        self._context.clear()
        times = [time.perf_counter()]
        self._context.read([passage])
        times.append(time.perf_counter())
        texts = [[*passage, *rest[:_SUFFIX]], [*passage, *rest[_SUFFIX : 2 * _SUFFIX]]]
        self._context.read(texts)
        times.append(time.perf_counter())
        written = texts[0]
        for token in rest[-_WRITTEN:]:
            written = [*written, token]
            self._context.read([written])
        times.append(time.perf_counter())
        one, two, three = (after - before for before, after in itertools.pairwise(times))
        return Seconds(one, two, three / _WRITTEN)
