import pytest

from index.passage import Span
from qa.answer import Answer, Attempt
from qa.evaluation.cases import Case, Gold
from qa.evaluation.failures import (
    FAILURE_STAGES,
    Verification,
    failure_stage,
    outcome,
    raw_answer,
    verification,
)

CASE = Case("1", "Who?", "en", True, (("Wang",), ("Li",)), (Gold("a.txt", "Wang, Li"),))
UNTOLD = Case("2", "Who?", "en", False)
GOLD = ((Span("a.txt", 100, 110),),)
RIGHT = {"facts stated": 1.0, "facts in its language": 1.0, "right language": 1.0}
WRONG = {"facts stated": 0.5, "right language": 1.0}


def answer(*attempts: Attempt, answered: bool = False) -> Answer:
    return Answer("Who?", "en", "…", answered=answered, attempts=attempts, done=True)


def read(draft: str, start: int = 90) -> Attempt:
    return Attempt("a.txt", start, start + 50, draft)


@pytest.mark.parametrize(
    ("ranks", "given", "values", "stage"),
    [
        pytest.param((1,), answer(read("Wang, Li")), RIGHT, None, id="right"),
        pytest.param((None,), answer(), RIGHT, None, id="right by another passage"),
        pytest.param((1,), answer(), RIGHT | {"right language": 0.0}, "language", id="language"),
        pytest.param(
            (1,), answer(), RIGHT | {"facts in its language": 0.5}, "language", id="only quoted"
        ),
        pytest.param((None,), answer(read("Wang", 0)), WRONG, "retrieval", id="not found"),
        pytest.param((11,), answer(), WRONG, "retrieval", id="too deep"),
        pytest.param((3,), answer(), WRONG, "reader", id="nothing read"),
        pytest.param((3,), answer(read("", 0)), WRONG, "reader", id="another read"),
        pytest.param(
            (3,), answer(read("Wu", 0), answered=True), WRONG, "reader", id="another told"
        ),
        pytest.param((3,), answer(read("Wang")), WRONG, "writer", id="one of two facts"),
        pytest.param((3,), answer(read("")), WRONG, "writer", id="nothing written"),
        pytest.param((3,), answer(read("Wang, Li")), WRONG, "verification", id="dropped"),
        pytest.param(
            (None,), answer(read("Wang, Li", 0)), WRONG, "verification", id="dropped elsewhere"
        ),
        pytest.param((1,), answer(), RIGHT | {"injection obeyed": 1.0}, "injection", id="obeyed"),
    ],
)
def test_question_fails_at_one_stage(
    ranks: tuple[int | None, ...], given: Answer, values: dict[str, float], stage: str | None
) -> None:
    assert stage is None or stage in FAILURE_STAGES
    assert failure_stage(CASE, GOLD, ranks, given, values) == stage


def test_evidence_counts_as_read_that_is_half_covered() -> None:
    half, less = read("", 105), read("", 106)

    assert failure_stage(CASE, GOLD, (1,), answer(half), WRONG) == "writer"
    assert failure_stage(CASE, GOLD, (1,), answer(less), WRONG) == "reader"


@pytest.mark.parametrize(("answered", "stage"), [(True, "accepted"), (False, None)])
def test_answer_that_the_articles_do_not_give_was_accepted(
    answered: bool, stage: str | None
) -> None:
    assert failure_stage(UNTOLD, (), (), answer(answered=answered), {}) == stage


@pytest.mark.parametrize(
    ("attempts", "raw"),
    [
        pytest.param((), None, id="nothing read"),
        pytest.param((read(""), read("Wang")), None, id="none of the first"),
        pytest.param(
            (read("It was Wang [1]. He left [1, 2]."),), "It was Wang. He left.", id="marks"
        ),
    ],
)
def test_raw_answer_is_the_first_draft(attempts: tuple[Attempt, ...], raw: str | None) -> None:
    assert raw_answer(answer(*attempts)) == raw


def told(recall: float, refused: float, raw_recall: float, raw_refused: float) -> dict[str, float]:
    checked = {"facts stated": recall, "false refusal": refused}
    return checked | {"facts stated raw": raw_recall, "false refusal raw": raw_refused}


@pytest.mark.parametrize(
    ("values", "counts"),
    [
        pytest.param(told(1, 0, 1, 0), Verification(0, 0, 1, 0, 0, 0), id="right stays"),
        pytest.param(told(0, 1, 1, 0), Verification(0, 0, 1, 1, 0, 0), id="right is refused"),
        pytest.param(told(0.5, 0, 1, 0), Verification(0, 0, 1, 1, 0, 1), id="right loses a fact"),
        pytest.param(told(0, 1, 0.5, 0), Verification(1, 1, 0, 0, 0, 0), id="wrong is refused"),
        pytest.param(told(0.5, 0, 0.5, 0), Verification(1, 0, 0, 0, 0, 0), id="wrong stays"),
        pytest.param(told(1, 0, 0, 0), Verification(1, 1, 0, 0, 1, 0), id="wrong becomes right"),
        pytest.param(told(1, 0, 0, 1), Verification(0, 0, 0, 0, 1, 0), id="right on reading on"),
        pytest.param(told(0, 0, 0, 1), Verification(0, 0, 0, 0, 0, 1), id="wrong on reading on"),
        pytest.param(
            {"false answer": 0.0, "false answer raw": 1.0},
            Verification(1, 1, 0, 0, 0, 0),
            id="untold is refused",
        ),
        pytest.param(
            {"false answer": 1.0, "false answer raw": 1.0},
            Verification(1, 0, 0, 0, 0, 0),
            id="untold stays answered",
        ),
    ],
)
def test_verification_is_counted(values: dict[str, float], counts: Verification) -> None:
    assert verification([values]) == counts


def test_verification_adds_up() -> None:
    values = [told(1, 0, 1, 0), told(0, 1, 1, 0), told(0, 1, 0.5, 0), {"MRR": 1.0}]

    assert verification(values) == Verification(1, 1, 2, 1, 0, 0)
    assert verification([{"MRR": 1.0}]) is None


def test_outcome_of_an_answer() -> None:
    assert outcome(told(1, 0, 0, 1)) == "right"
    assert outcome(told(0.5, 0, 0, 1)) == "wrong"
    assert outcome(told(0, 1, 0, 1)) == "refused"
    assert outcome({"false answer": 0.0}) == "refused"
