from dataclasses import replace

import pytest

from qa.answer import Answer, Attempt, Citation, Nearest, Timings
from qa.answering.turns import Turn
from qa.evaluation.cases import Case, Gold
from qa.evaluation.results import Result, Retrieved, as_json, from_json

CASE = Case(
    "1",
    "谁?\n<b>",
    "zh",
    True,
    (("王", "Wang"),),
    (Gold("a.txt", "Wang\u2028sold it"),),
    history=(Turn("user", "Hello"),),
    tags=("tune",),
)
ANSWER = Answer(
    "谁?",
    "zh",
    "王。 [1]",
    answered=True,
    citations=(Citation(1, "a.txt", 0, 12, "Wang\u2028sold it", "partial", 0.9),),
    nearest=(Nearest("a.txt", 0, 4, "Wang", 0.5),),
    timings=Timings(0.1, 0.2, 0.3, 4, 5, 6),
    done=True,
    standing="谁卖的?",
    attempts=(Attempt("a.txt", 0, 12, "王。 Li.", ("Li.",)),),
)
FOUND = (Retrieved("a.txt", 0, 12, 0.75),)


@pytest.mark.parametrize(
    "result",
    [
        pytest.param(
            Result(CASE, (1, None), ANSWER, None, {"MRR": 1 / 3}, "writer", FOUND), id="answered"
        ),
        pytest.param(Result(CASE, (None,), None, "too long"), id="not asked"),
    ],
)
def test_result_is_one_line_that_gives_it_back(result: Result) -> None:
    line = as_json(result)

    assert b"\n" not in line
    assert from_json(line) == result


def test_line_of_an_earlier_version_has_defaults() -> None:
    line = b'{"case": {"id": "1", "question": "?", "lang": "en", "answerable": false, "old": 1}}'

    assert from_json(line) == Result(Case("1", "?", "en", False))


@pytest.mark.parametrize(
    ("before", "now"), [("evidence", "reader"), ("wrong passage", "reader"), ("reading", "writer")]
)
def test_metrics_and_stages_of_earlier_versions_have_their_present_names(
    before: str, now: str
) -> None:
    result = replace(
        from_json(as_json(Result(CASE))), values={"answer recall": 0.5, "MRR": 1.0}, stage=before
    )

    found = from_json(as_json(result))

    assert (found.values, found.stage) == ({"facts stated": 0.5, "MRR": 1.0}, now)


@pytest.mark.parametrize("line", [b"", b"{}", b'{"case": {"id": 1}}', b"[]"])
def test_line_that_is_no_result_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError, match="validation error"):
        from_json(line)
