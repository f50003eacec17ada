"""Statistics: the score of a metric over many questions, with its 95 % confidence interval."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

_RESAMPLES = 1000
_SEED = 20240601  # any number; fixed, so that the same results give the same interval


@dataclass(frozen=True, slots=True)
class Score:
    """A value over `n` questions and its 95 % interval."""

    n: int
    value: float
    low: float
    high: float


Scores = Mapping[str, Score]
"""Scores by the name of their metric, in the order of the reports."""


def estimate(values: Sequence[float]) -> Score:
    """The mean: with Wilson's interval when every value is 0 or 1, else a bootstrap's."""
    if all(value in (0, 1) for value in values):
        return wilson(int(sum(values)), len(values))
    return bootstrap(values, np.mean)


def wilson(hits: int, n: int) -> Score:
    """A share and Wilson's score interval (1927), good for small n and shares near 0 or 1."""
    from scipy.stats import binomtest

    interval = binomtest(hits, n).proportion_ci(method="wilson")
    return _score(n, hits / n, interval.low, interval.high)


def quantile(values: Sequence[float], at: float) -> Score:
    """A quantile, such as the median at 0.5, and its bootstrap interval."""
    return bootstrap(values, lambda sample, axis: np.quantile(sample, at, axis=axis))


def bootstrap(values: Sequence[float], statistic: Callable[..., Any]) -> Score:
    """A statistic and its percentile bootstrap interval (Efron 1979).

    Args:
        values: one for each question; not empty.
        statistic: takes an array of values and the axis they lie along.
    """
    from scipy.stats import bootstrap as resample

    given: Values = np.asarray(values, dtype=np.float64)
    value = float(statistic(given, axis=0))
    if len(given) == 1:
        return _score(1, value, value, value)
    interval = resample(
        (given,),
        statistic,
        n_resamples=_RESAMPLES,
        vectorized=True,
        method="percentile",
        rng=np.random.default_rng(_SEED),
    ).confidence_interval
    return _score(len(given), value, float(interval.low), float(interval.high))


def mcnemar(fixed: int, broken: int) -> float:
    """The exact p-value of McNemar's test (1947) on paired answers that are right or wrong.

    The probability of a split at least as uneven, if both runs are equally good.

    Args:
        fixed: how many questions only the second run has right.
        broken: how many questions only the first run has right.
    """
    from scipy.stats import binomtest

    return float(binomtest(fixed, fixed + broken).pvalue) if fixed + broken else 1.0


def _score(n: int, *numbers: float) -> Score:
    return Score(n, *(round(number, 4) for number in numbers))
