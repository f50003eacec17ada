"""Citation marks: those of this program, and those of models and articles in any form."""

from collections.abc import Callable

import pytest

from qa.text.marks import (
    CitationMark,
    citation_marks,
    cited_sentences,
    clean,
    plain,
    without_citations,
    without_half_mark,
    without_marks,
)


def test_sentences_are_told_apart_by_their_marks() -> None:
    said = "It sold 1. It [a] paid. [1][12] It left. [2] And more."

    assert cited_sentences(said) == [
        ("It sold 1. It [a] paid.", (1, 12)),
        ("It left.", (2,)),
        ("And more.", ()),
    ]


def test_marks_of_an_answer_have_their_places() -> None:
    assert citation_marks("It did. [1][12] See [a] and [1, 2].") == [
        CitationMark(1, 8, 11),
        CitationMark(12, 11, 15),
    ]
    assert citation_marks(f"[0] [01] [१] [1 ] [9999] [{'1' * 5000}]") == []


def test_marks_of_an_answer_are_taken_out_and_nothing_else() -> None:
    assert without_citations("It did. [1][2] See [1, 2].") == "It did.  See [1, 2]."


@pytest.mark.parametrize(
    "mark",
    [
        "[1]",
        " [1]",
        " [ 1 ]",
        "[1, 2]",
        "[1;2]",
        "[1–3]",
        "[1, 2-4]",
        "[1](https://a.b/c)",
        "[2](htt",
    ],
)
def test_marks_of_a_model_are_taken_out_in_any_form(mark: str) -> None:
    assert without_marks(f"It did{mark}") == clean(f"It did{mark}") == "It did"


@pytest.mark.parametrize("text", ["[a]", "[sic]", "[1a]", "(1)", "[]", "a[i]"])
def test_other_brackets_stay(text: str) -> None:
    assert without_marks(text) == without_citations(text) == text
    assert citation_marks(text) == []


@pytest.mark.parametrize("half", ["[", " [", "[1", "[1, ", " [1–"])
def test_half_a_mark_at_the_end_of_a_draft_is_left_out(half: str) -> None:
    assert without_half_mark(f"It did{half}") == "It did"
    assert without_half_mark(f"It did{half} x") == f"It did{half} x"


@pytest.mark.parametrize("cleared", [plain, clean])
def test_tags_within_tags_leave_none(cleared: Callable[[str], str]) -> None:
    assert cleared("a <<b>b> c") == "a  c"
    deep = cleared("<" * 50 + "b>" * 50 + "[" * 50 + "a](b)" * 50)
    assert set("<>[]").isdisjoint(deep)
    assert deep.endswith("a(b)" * 40)


@pytest.mark.timeout(30)
@pytest.mark.parametrize("text", ["[1" * 5000 + "]" * 5000, "<!--" * 5000, "[a](" * 5000])
def test_marks_that_never_end_are_read_through(text: str) -> None:
    for read in (clean, plain, without_marks, without_half_mark, cited_sentences):
        assert read(text) is not None
