"""Choosing: measurements -> thresholds. Pure.

The criterion, whatever the model: a sum of log-odds is believed from the least mark on at which, of
the questions that no article answers, at most `MOST` are answered at the upper bound of the
one-sided 95 % Wilson interval. The model is asked only where its leanings tell more than the reader
by itself does: the area under the curve is larger by more than its noise (the lower bound of the
95 % interval of a paired bootstrap), and more questions are answered at that mark. Claims likewise:
the model is believed from the least mark on at which few of those are called true that are not,
and only where it tells them apart at all.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa.calibration.measurement import Measurement
from qa.calibration.questions import CalibrationQuestion
from qa.extraction.scoring import auroc
from qa.verification.thresholds import READER_ALONE, Thresholds

MOST = 0.25
"""Of the questions that nothing answers, the share that may be answered, at the upper bound.

All of the set ask for what is missing of a matter that an article tells of. The reader alone, from
its own mark on, answers a third of them: CALIBRATION.md.
"""

MOST_CLAIMS = 0.25
"""The same of the claims that do not hold; there are fewer, so the bound is wider."""

_WEIGHTS = (1.0, 0.5, 0.25, 0.125)  # of the model's leanings, beside the reader's log-odds
_ALIKE = 0.005  # areas that differ by less tell alike
_ONE_SIDED = 1.645  # standard deviations
_ROUNDS = 2000
_LEAST_HOLDS = 0.5  # log-odds: what hardly leans to yes says nothing, however few lean so
_FEWEST = 5  # questions of either sort that can be compared at all

Asked = tuple[CalibrationQuestion, Measurement]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Mark:
    """From when on something is believed, and what is then: of how many that are right, wrong."""

    least: float
    told: int
    of_told: int
    untold: int
    of_untold: int

    @property
    def bound(self) -> float:
        """The upper bound of the share of wrong ones."""
        return upper_bound(self.untold, self.of_untold)


@dataclass(frozen=True, slots=True)
class Areas:
    """Areas under the curve by the reader alone and with the model, and how sure the gain is."""

    reader: float
    both: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Found:
    """What a calibration found.

    `alone` and `together` are the marks by the reader alone, and with the model at the best weight;
    `claims` that of claims, None where no mark is safe. `claims_area` is how well the model tells
    claims apart, from `claims_low` on at the least.
    """

    thresholds: Thresholds
    areas: Areas | None
    alone: Mark | None
    together: Mark | None
    claims: Mark | None
    claims_area: tuple[float, float] | None
    measured: Mapping[str, Any]


def choose(asked: Sequence[Asked]) -> Found:
    """The thresholds that the measurements allow."""
    plain = [(q, m) for q, m in asked if not q.is_claim]
    told, reader, model = _columns(plain)
    weight, areas = _best_weight(told, reader, model)
    alone = mark(told, reader, MOST)
    together = mark(told, reader + weight * model, MOST)
    holds, area = _claims([(q, m) for q, m in asked if q.is_claim])
    is_asked = _adds(areas, alone, together)
    given = Thresholds(
        together.least if is_asked and together else READER_ALONE.told,
        is_asked,
        weight if is_asked else 1.0,
        holds.least if holds else None,
    )
    return Found(given, areas, alone, together, holds, area, _told(asked, areas, together, holds))


def mark(told: Floats, odds: Floats, most: float, least: float = -math.inf) -> Mark | None:
    """The least mark at which the wrong are few enough; None where there is none.

    Args:
        told: 1 for what is right, 0 for what is wrong, of shape (n,).
        odds: what is compared with the mark, of shape (n,); minus infinity never reaches it.
        most: the share of wrong ones at the upper bound.
        least: no mark below this.
    """
    right, wrong = odds[told == 1], odds[told == 0]
    values = sorted({float(one) for one in odds if math.isfinite(one)})
    # Half way between two values, as nothing is known of what lies between them.
    between = [(low + high) / 2 for low, high in pairwise(values)]
    for at in sorted({max(least, one) for one in (*values[:1], *between)}):
        let = int((wrong >= at).sum())
        if upper_bound(let, len(wrong)) <= most:
            return Mark(at, int((right >= at).sum()), len(right), let, len(wrong))
    return None


def upper_bound(count: int, total: int) -> float:
    """The upper bound of a share: Wilson's interval, one-sided, 95 %; 1 of nothing."""
    if not total:
        return 1.0
    z, share = _ONE_SIDED, count / total
    middle = share + z * z / (2 * total)
    spread = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return (middle + spread) / (1 + z * z / total)


def _columns(plain: Sequence[Asked]) -> tuple[Floats, Floats, Floats]:
    """Whether each tells, and the log-odds of reader and model; minus infinity where none is read.

    A question whose answer is not in the passage that was chosen is not told by it, either.
    """
    told = [q.kind == "told" and (m.is_right or m.reader is None) for q, m in plain]
    reader = [-math.inf if m.reader is None else m.reader for _, m in plain]
    model = [m.model for _, m in plain]
    return np.array(told, float), np.array(reader, float), np.array(model, float)


def _best_weight(told: Floats, reader: Floats, model: Floats) -> tuple[float, Areas | None]:
    """The weight of the model's leanings that tells most, the largest of those that tell alike."""
    if min((told == 1).sum(), (told == 0).sum()) < _FEWEST:
        return 1.0, None
    areas = {weight: _area(told, reader + weight * model) for weight in _WEIGHTS}
    best = max(w for w in _WEIGHTS if areas[w] >= max(areas.values()) - _ALIKE)
    both = reader + best * model
    gains = _resampled(told, lambda i: _area(told[i], both[i]) - _area(told[i], reader[i]))
    low, high = np.quantile(gains, [0.025, 0.975])
    return best, Areas(_area(told, reader), areas[best], float(low), float(high))


def _adds(areas: Areas | None, alone: Mark | None, together: Mark | None) -> bool:
    """Whether the model tells more than the reader does by itself."""
    if areas is None or together is None or areas.low <= 0:
        return False
    return alone is None or together.told > alone.told


def _claims(asked: Sequence[Asked]) -> tuple[Mark | None, tuple[float, float] | None]:
    """The mark of claims, and the area under the curve with its lower bound."""
    read = [(q, m) for q, m in asked if m.reader is not None]
    holds = np.array([q.kind == "holds" and m.is_right for q, m in read], float)
    odds = np.array([m.model for _, m in read], float)
    if min((holds == 1).sum(), (holds == 0).sum()) < _FEWEST:
        return None, None
    area = _area(holds, odds)
    low = float(np.quantile(_resampled(holds, lambda i: _area(holds[i], odds[i])), 0.025))
    return (mark(holds, odds, MOST_CLAIMS, _LEAST_HOLDS) if low > 0.5 else None), (area, low)


def _area(told: Floats, odds: Floats) -> float:
    return auroc(list(odds[told == 1]), list(odds[told == 0]))


def _resampled(told: Floats, measured: Callable[[NDArray[np.int64]], float]) -> list[float]:
    """What is measured of draws with replacement, as many right and wrong ones as there are."""
    draw = np.random.default_rng(0)
    right, wrong = np.flatnonzero(told == 1), np.flatnonzero(told == 0)
    return [
        measured(np.concatenate([draw.choice(right, len(right)), draw.choice(wrong, len(wrong))]))
        for _ in range(_ROUNDS)
    ]


def _told(
    asked: Sequence[Asked], areas: Areas | None, together: Mark | None, claims: Mark | None
) -> dict[str, Any]:
    """What was counted, for the file."""
    counted: dict[str, Any] = {"questions": len(asked)}
    if areas:
        counted["area"] = {
            "reader": round(areas.reader, 3),
            "with_model": round(areas.both, 3),
            "gain": [round(areas.low, 3), round(areas.high, 3)],
        }
    for name, one in (("told", together), ("claims", claims)):
        if one:
            counted[name] = {
                "right": [one.told, one.of_told],
                "wrong": [one.untold, one.of_untold],
            }
    return counted
