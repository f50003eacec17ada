from collections.abc import Sequence
from dataclasses import replace

import pytest

from index.passage import Passage, Span
from qa.evaluation.cases import Case, Gold
from qa.evaluation.reading import CaseRead, read_cases, scores
from qa.extraction.reader import Reading

TEXT = "Meituan bought Light Years Beyond. It paid 281 million dollars. Wang Huiwen fell ill."
PAID = Case(
    "paid", "How much?", "en", True, (("281 million",),), (Gold("a.txt", "It paid 281 million"),)
)
UNTOLD = Case("untold", "Who founded it?", "en", False)
SECOND = (35, 63)  # the second sentence
PASSAGES = [
    Passage("a.txt", 0, 34, TEXT[:34], "", 0.9, 0.9),
    Passage("a.txt", 35, len(TEXT), TEXT[35:], "", 0.8, 0.8),
]


def read(case: Case, *readings: Reading, passages: Sequence[Passage] = PASSAGES) -> CaseRead:
    def found(question: str, texts: Sequence[str]) -> Sequence[Reading]:
        assert question == case.question
        assert list(texts) == [passage.text for passage in passages]
        return readings

    (row,) = read_cases([case], lambda *_: passages, found, lambda _: TEXT, lambda c: c.question)
    return row


@pytest.mark.parametrize(
    ("best", "row"),
    [
        pytest.param(Reading(8, 19, 5.0, 0.9), (0.9, True, True, 1.0), id="the answer"),
        pytest.param(Reading(0, 7, 5.0, 0.9), (0.9, True, True, 0.0), id="beside it"),
        pytest.param(Reading(29, 40, 5.0, 0.9), (0.9, True, False, 0.0), id="the next sentence"),
    ],
)
def test_of_the_passage_that_most_likely_answers_the_sentence_counts(
    best: Reading, row: tuple[float, bool, bool, float]
) -> None:
    assert read(PAID, Reading(0, 7, 9.0, 0.3), best) == CaseRead(PAID, *row)


def test_evidence_in_no_passage_is_not_found() -> None:
    row = read(PAID, Reading(0, 7, 9.0, 0.3), passages=PASSAGES[:1])

    assert row == CaseRead(PAID, 0.3, False, False, 0.0)


def test_evidence_at_another_place_of_the_same_text_counts() -> None:
    there = replace(PASSAGES[1], article="b.txt", elsewhere=(Span("a.txt", 35, len(TEXT)),))

    assert read(PAID, Reading(8, 19, 9.0, 0.3), passages=[there]).sentence


def test_no_passage_answers_nothing() -> None:
    assert read(PAID, passages=[]) == CaseRead(PAID, 0.0, False, False, 0.0)
    assert read(UNTOLD, passages=[]) == CaseRead(UNTOLD, 0.0)


def test_scores_say_on_how_many_cases() -> None:
    rows = [
        CaseRead(PAID, 0.75, True, True, 1.0),
        CaseRead(PAID, 0.25, True, False, 0.5),
        CaseRead(UNTOLD, 0.5),
    ]

    assert scores(rows) == {
        "evidence among the passages": {"mean": 1.0, "n": 2},
        "right sentence": {"mean": 0.5, "n": 2},
        "span F1": {"mean": 0.75, "n": 2},
        "calibration error": {"mean": pytest.approx(1 / 3, abs=1e-4), "n": 3},
        "answerable AUROC": {"mean": 0.5, "n": 3},
    }


def test_what_cannot_be_told_is_left_out() -> None:
    assert scores([]) == {}
    assert set(scores([CaseRead(UNTOLD, 0.5)])) == set()
    assert "answerable AUROC" not in scores([CaseRead(PAID, 0.5, True, True, 1.0)])
