"""Timing: ways of doing something take turns, and each is told by its median and its spread."""

import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


def turns(ways: Mapping[str, Callable[[], T]], runs: int) -> dict[str, list[T]]:
    """Go through all ways `runs` times, so that a machine that is busy for a while slows all."""
    found: dict[str, list[T]] = {name: [] for name in ways}
    for run in range(runs):
        for name, way in ways.items():
            told(f"run {run + 1} of {runs}: {name}")
            found[name].append(way())
    return found


def told(text: str) -> None:
    """Say to who waits what is being done."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def spread(values: Sequence[float]) -> str:
    """The median, and the least and the most where there are several: `0.82 (0.80–0.91)`."""
    if not values:
        return "–"
    middle = number(statistics.median(values))
    return f"{middle} ({number(min(values))}–{number(max(values))})" if len(values) > 1 else middle


def ratios(these: Sequence[float], those: Sequence[float]) -> list[float]:
    """Of each run, this by that: what slows both in one run cancels out."""
    return [this / that for this, that in zip(these, those, strict=True)]


def number(value: float) -> str:
    """With the digits that mean something: 0.82, 12.3, 1,234."""
    size = abs(round(value, 2))
    return f"{value:,.{2 if size < 10 else 1 if size < 100 else 0}f}"
