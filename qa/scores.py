"""Score: a metric over many questions, with the interval its true value lies in; as a table."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

_Z = 1.959964  # the normal distribution's 97.5 % point: 95 % lie between -_Z and _Z
_RESAMPLES = 1000
_SEED = 20240601  # any number; fixed, so that the same results give the same interval


@dataclass(frozen=True, slots=True)
class Score:
    """A value over `n` questions and its 95 % interval."""

    n: int
    value: float
    low: float
    high: float


# What the table of slices shows, and under which head; --json has every metric of every slice.
_HEADS = {
    "evidence recall@1": "recall@1",
    "evidence recall@5": "recall@5",
    "MRR": "MRR",
    "answer recall": "answer rec",
    "citation on gold": "on gold",
    "false refusal": "false ref",
    "false answer": "false ans",
    "right language": "language",
}

Scores = Mapping[str, Score]
"""Scores by the metric's name, in the order they are shown."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The scores of a run: over all questions, by `asked→article` languages, and by type."""

    all: Scores
    by_language: Mapping[str, Scores]
    by_type: Mapping[str, Scores]


def estimate(values: Sequence[float]) -> Score:
    """The mean: with Wilson's interval when every value is 0 or 1, else a bootstrap's."""
    if all(value in (0, 1) for value in values):
        return wilson(int(sum(values)), len(values))
    return bootstrap(values, lambda rows: np.asarray(rows.mean(axis=1)))


def wilson(hits: int, n: int) -> Score:
    """A share and Wilson's score interval (1927), good for small n and shares near 0 or 1."""
    share = hits / n
    middle = share + _Z**2 / (2 * n)
    spread = _Z * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    scale = 1 + _Z**2 / n
    return _score(n, share, max(0.0, middle - spread) / scale, min(scale, middle + spread) / scale)


def quantile(values: Sequence[float], at: float) -> Score:
    """A quantile, such as the median at 0.5, and its bootstrap interval."""
    return bootstrap(values, lambda rows: np.asarray(np.quantile(rows, at, axis=1)))


def bootstrap(values: Sequence[float], statistic: Callable[[Values], Values]) -> Score:
    """A statistic and its percentile bootstrap interval.

    Args:
        values: one a question; not empty.
        statistic: takes an array of rows of values and gives one number a row.
    """
    given = np.asarray(values, dtype=np.float64)
    drawn = np.random.default_rng(_SEED).integers(0, len(given), (_RESAMPLES, len(given)))
    low, high = np.quantile(statistic(given[drawn]), (0.025, 0.975))
    return _score(len(given), float(statistic(given[None])[0]), float(low), float(high))


def _score(n: int, *numbers: float) -> Score:
    return Score(n, *(round(number, 4) for number in numbers))


def as_json(about: Mapping[str, Any], summary: Summary) -> str:
    """What was run and its scores as scripts read them: one line."""
    return json.dumps({**about, "scores": asdict(summary)}, ensure_ascii=False)


def table(summary: Summary) -> str:
    """A summary for people: all metrics with their intervals, then the values of each slice."""
    width = max(map(len, summary.all), default=0)
    lines = [f"{'':{width}}      n    score   95 % interval"]
    lines += [
        f"{name:{width}}  {s.n:5}  {s.value:7.3f}   {s.low:.3f} to {s.high:.3f}"
        for name, s in summary.all.items()
    ]
    for title, slices in (("asked→article", summary.by_language), ("type", summary.by_type)):
        if len(slices) > 1:
            lines += ["", *_slices(title, slices)]
    return "\n".join(lines)


def _slices(title: str, slices: Mapping[str, Scores]) -> list[str]:
    """A line a slice, a column a headline metric; what has no value anywhere is left out."""
    heads = {name: head for name, head in _HEADS.items() if any(name in s for s in slices.values())}
    left = max(map(len, [title, *slices]))
    lines = [f"{title:{left}}" + "".join(f"  {head:>10}" for head in heads.values())]
    for name, scores in slices.items():
        if scores:
            cells = (f"{scores[m].value:.3f}" if m in scores else "–" for m in heads)
            lines.append(f"{name:{left}}" + "".join(f"  {cell:>10}" for cell in cells))
    return lines
