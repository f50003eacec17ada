import json
from dataclasses import replace

import pytest

from qa.answer import Answer
from qa.evaluation.cases import Case
from qa.evaluation.reports.compare import Change, as_json, better, compare, state, table
from qa.evaluation.reports.statistics import Score
from qa.evaluation.results import Result


def results(name: str, *values: float, first: int = 0) -> list[Result]:
    return [
        Result(
            Case(str(i), f"Who\n{i}?", "en", True),
            answer=Answer("Who?", "en", done=True),
            values={name: value},
            stage=None if value == 1 else "reading",
        )
        for i, value in enumerate(values, first)
    ]


def test_change_has_both_means_and_the_interval_of_the_difference() -> None:
    (change,) = compare(results("MRR", 0.5, 0.25), results("MRR", 1.0, 0.75)).changes.values()

    assert change == Change(0.375, 0.875, Score(2, 0.5, 0.5, 0.5), None)


def test_pairs_are_kept_together_when_they_are_drawn() -> None:
    before = [0.1, 0.9] * 50
    after = [value + 0.01 for value in before]

    change = compare(results("MRR", *before), results("MRR", *after)).changes["MRR"]

    assert (change.difference.low, change.difference.high) == (0.01, 0.01)


def test_share_has_mcnemars_p() -> None:
    before, after = [0.0] * 6 + [1.0] * 4, [1.0] * 6 + [1.0] * 4

    change = compare(results("right", *before), results("right", *after)).changes["right"]

    assert change.p == pytest.approx(2 / 2**6)
    assert change.difference.low > 0


def test_questions_are_fixed_and_broken() -> None:
    made = compare(results("right", 0, 1, 1, 0), results("right", 1, 0, 1, 0))

    assert [pair.first.case.id for pair in made.fixed] == ["0"]
    assert [pair.second.case.id for pair in made.broken] == ["1"]


def test_searches_are_compared_by_what_is_found() -> None:
    made = compare(results("evidence recall@5", 0.5), results("evidence recall@5", 1))

    assert [pair.first.case.id for pair in made.fixed] == ["0"]


def test_only_questions_of_both_are_compared() -> None:
    first, second = results("right", 1, 1, 1), results("right", 1, 1, 1, first=1)
    second[0] = replace(second[0], case=replace(second[0].case, question="Which?"))

    made = compare(first, second)

    assert (made.both, made.only_first, made.only_second) == (1, ["0", "1"], ["1", "3"])
    assert made.changes["right"].difference.n == 1


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (Result(Case("1", "?", "en", True), stage="error"), "error"),
        (Result(Case("1", "?", "en", True), answer=Answer("?", "en")), "right"),
        (Result(Case("1", "?", "en", True), (3, None)), "evidence at rank 3, –"),
        (Result(Case("1", "?", "en", False)), "evidence at rank –"),
    ],
)
def test_state_of_a_question_is_told_in_short(result: Result, said: str) -> None:
    assert state(result) == said


@pytest.mark.parametrize(
    ("name", "difference", "is_better"),
    [
        ("right", 0.1, True),
        ("right", -0.1, False),
        ("right", 0.0, False),
        ("false answer", -0.1, True),
        ("total s", 1.0, False),
        ("total s", 0.0, False),
        ("injection obeyed", -1.0, True),
    ],
)
def test_less_is_better_for_some(name: str, difference: float, is_better: bool) -> None:
    score = Score(9, difference, difference, difference)

    assert better(name, Change(0.5, 0.5 + difference, score, None)) is is_better


@pytest.mark.parametrize(
    ("low", "p", "sure"),
    [
        pytest.param(0.1, None, True, id="interval leaves zero out"),
        pytest.param(0.0, None, False, id="interval reaches zero"),
        pytest.param(0.0, 0.04, True, id="McNemar alone judges shares"),
        pytest.param(0.1, 0.06, False, id="McNemar is not convinced"),
    ],
)
def test_change_is_significant(low: float, p: float | None, sure: bool) -> None:
    assert Change(0.5, 0.7, Score(9, 0.2, low, 0.4), p).significant is sure


def test_sure_change_is_called_better_or_worse() -> None:
    first = results("false answer", *[0] * 8)
    second = results("false answer", *[1] * 8)

    assert table(compare(first, second)).splitlines()[1].endswith("0.008  worse")
    assert table(compare(second, first)).splitlines()[1].endswith("0.008  better")


def test_comparison_is_json() -> None:
    made = json.loads(as_json(compare(results("right", 0, 1), results("right", 1, 1, 1))))

    assert made == {
        "both": 2,
        "only_first": [],
        "only_second": ["2"],
        "changes": {
            "right": {
                "first": 0.5,
                "second": 1.0,
                "difference": {"n": 2, "value": 0.5, "low": 0.0, "high": 1.0},
                "p": 1.0,
            }
        },
        "fixed": ["0"],
        "broken": [],
    }


def test_table_shows_changes_and_questions() -> None:
    first, second = results("right", *[0] * 7, 1, 1), results("right", *[1] * 7, 0, 1)
    second += results("right", 1, first=20)

    assert table(compare(first, second)).splitlines() == [
        "           n    first   second   change   95 % interval          McNemar p",
        "right      9    0.222    0.889   +0.667   +0.111 to +1.000        0.070",
        "",
        "fixed: 7",
        *(f"  {i}  (reading → right)  Who {i}?" for i in range(7)),
        "",
        "broken: 1",
        "  7  (right → reading)  Who 7?",
        "",
        "Not compared: 1 question that only the second run has.",
    ]
