"""Choosing thresholds: a mark is conservative, and a model is asked only where that tells more."""

import math

import numpy as np
import pytest

from qa.calibration.choosing import MOST, choose, mark, upper_bound
from qa.calibration.measurement import Measurement
from qa.calibration.questions import CalibrationQuestion, Kind
from qa.question import Question
from qa.verification.thresholds import READER_ALONE


def asked(
    kind: Kind, number: int, reader: float | None, *leanings: float, right: bool = True
) -> tuple[CalibrationQuestion, Measurement]:
    one = CalibrationQuestion(Question(f"{kind} {number}?", "en"), "a.txt", kind)
    return one, Measurement(one.id, reader, right, leanings)


@pytest.mark.parametrize(
    ("count", "total", "bound"), [(0, 80, 0.033), (5, 80, 0.123), (0, 20, 0.119), (0, 0, 1.0)]
)
def test_the_bound_is_wilsons(count: int, total: int, bound: float) -> None:
    assert upper_bound(count, total) == pytest.approx(bound, abs=0.001)


def test_the_least_mark_lies_between_what_is_let_through_and_what_is_not() -> None:
    told = np.array([1] * 20 + [0] * 20, float)
    odds = np.array([5.0] * 20 + [1.0] * 19 + [9.0])
    found = mark(told, odds, 0.3)

    assert found is not None
    assert (found.least, found.told, found.untold) == (3.0, 20, 1)
    assert found.bound <= 0.3


def test_where_too_many_wrong_ones_are_surest_there_is_no_mark() -> None:
    told = np.array([1] * 10 + [0] * 10, float)

    assert mark(told, np.array([1.0] * 10 + [9.0] * 10), 0.2) is None
    assert mark(told, np.full(20, -math.inf), 0.2) is None


def test_no_mark_is_below_the_least_that_is_allowed() -> None:
    told = np.array([1] * 20 + [0] * 20, float)
    found = mark(told, np.array([0.2] * 20 + [-3.0] * 20), 0.2, 0.5)

    assert found is not None
    assert (found.least, found.told) == (0.5, 0)


def test_a_mark_that_is_kept_lets_no_more_through() -> None:
    right = [asked("holds", i, 0.0, 2.006) for i in range(20)]
    wrong = [asked("fails", i, 0.0, 2.002 if i < 9 else -1.0) for i in range(20)]
    found = choose([*right, *wrong])

    assert found.claims is not None
    assert (found.claims.told, found.claims.untold) == (20, 0)
    assert found.thresholds.holds == pytest.approx(2.004)


def test_what_no_passage_tells_is_refused_whatever_the_model_says() -> None:
    reads = [asked("told", i, 1.0 + i % 4, 4.0) for i in range(30)]
    refused = [asked("untold", i, None) for i in range(30)]
    found = choose([*reads, *refused])

    assert found.areas is not None
    assert found.areas.reader == found.areas.both == 1.0
    assert found.thresholds == READER_ALONE


def test_a_told_question_whose_passage_is_another_counts_as_wrong() -> None:
    right = [asked("told", i, 2.0, 3.0 + i / 10) for i in range(20)]
    other = [asked("told", 100 + i, 2.0, -3.0 - i / 10, right=False) for i in range(20)]
    found = choose([*right, *other])

    assert found.together is not None
    assert (found.together.of_told, found.together.of_untold) == (20, 20)
    assert found.thresholds.is_asked


def test_leanings_on_another_scale_are_weighed() -> None:
    """A model that is sure of everything, and mostly right, must not drown the reader."""
    shaken = np.random.default_rng(1)
    rows = []
    for i in range(120):
        kind: Kind = "told" if i % 2 else "untold"
        sign = 1 if i % 2 else -1
        odds = float(1.2 + sign * 1.0 + shaken.normal(0, 1.0))
        rows.append(asked(kind, i, odds, float(16 * (sign + shaken.normal(0, 1.2)))))
    found = choose(rows)

    assert found.thresholds.is_asked
    assert found.thresholds.weight < 1
    assert found.together is not None
    assert found.together.bound <= MOST


@pytest.mark.parametrize(("leans", "is_believed"), [(4.0, True), (-4.0, False), (0.0, False)])
def test_claims_are_believed_of_a_model_that_tells_them_apart(
    leans: float, is_believed: bool
) -> None:
    holds = [asked("holds", i, 2.0, leans + i % 3 / 10) for i in range(15)]
    others = [asked("fails", i, 2.0, -leans + i % 3 / 10) for i in range(15)]
    found = choose([*holds, *others])

    assert (found.thresholds.holds is not None) is is_believed
    assert found.thresholds.is_asked is False  # no plain question was asked


def test_too_few_questions_find_nothing() -> None:
    found = choose([asked("told", 1, 2.0, 9.0), asked("untold", 1, 2.0, -9.0)])

    assert found.thresholds == READER_ALONE
