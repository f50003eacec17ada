"""The model's words become text whose every citation is real."""

import pytest

from qa.answer import NONE, Answer, Citation, add, claims, is_none, visible
from qa.evidence import Sentence
from qa.support import State, Support

START = Answer("Who bought it?", "en")


def proof(*sentences: Sentence, state: State = "supported") -> Support:
    return Support(state, sentences, 0.87654)


def sentence(start: int, article: str = "a.txt") -> Sentence:
    return Sentence(article, start, start + 9, f"sentence{start}")


@pytest.mark.parametrize(
    ("draft", "shown"),
    [
        pytest.param("Meituan did [1].", "Meituan did.", id="mark"),
        pytest.param("Meituan did [1][2], in June [3, 4].", "Meituan did, in June.", id="marks"),
        pytest.param("Meituan did [१].", "Meituan did.", id="mark in Devanagari digits"),
        pytest.param("Meituan did [1-3].", "Meituan did.", id="range"),
        pytest.param("Meituan did [", "Meituan did", id="bracket"),
        pytest.param("Meituan did [1", "Meituan did", id="bracket and digit"),
        pytest.param("Meituan did [1, ", "Meituan did", id="half a list"),
        pytest.param("It [sic] did", "It [sic] did", id="bracketed word stays"),
        pytest.param("  Meituan did ", "Meituan did", id="space around"),
        pytest.param("", "", id="empty"),
    ],
)
def test_marks_and_half_written_marks_are_hidden(draft: str, shown: str) -> None:
    assert visible(draft) == shown


@pytest.mark.parametrize("length", range(len(NONE) + 1))
def test_a_coming_none_is_hidden(length: int) -> None:
    assert visible(NONE[:length]) == ""


@pytest.mark.parametrize(
    "draft", ["NONE", " NONE", "NONE.", "NONE\n", "", "  \n", "[1]", "NONE [1]"]
)
def test_saying_nothing_is_none(draft: str) -> None:
    assert is_none(draft)


@pytest.mark.parametrize("draft", ["Not so.", "Nothing", "None of them did.", "नहीं।"])
def test_an_answer_that_begins_like_none_is_one(draft: str) -> None:
    assert not is_none(draft)
    assert visible(draft) == draft


@pytest.mark.parametrize(
    ("draft", "found"),
    [
        pytest.param("One. Two.", ["One.", "Two."], id="two"),
        pytest.param("One. One. One", ["One.", "One"], id="repeated"),
        pytest.param("यह एक है। यह दो है।", ["यह एक है।", "यह दो है।"], id="danda"),
        pytest.param(
            "总价20.65亿元。成立于三月。", ["总价20.65亿元。", "成立于三月。"], id="full-width"
        ),
        pytest.param("Naik 2,8% [1]. Lalu turun [2].", ["Naik 2,8%.", "Lalu turun."], id="marks"),
        pytest.param("... !", [], id="no word"),
        pytest.param("", [], id="empty"),
    ],
)
def test_claims_are_the_sentences_of_a_draft(draft: str, found: list[str]) -> None:
    assert claims(draft) == found


def test_proven_sentence_gets_a_mark_and_its_citation() -> None:
    answer = add(START, "Meituan did.", proof(sentence(5)))

    assert answer == Answer(
        "Who bought it?",
        "en",
        text="Meituan did. [1]",
        answered=True,
        citations=(Citation(1, "a.txt", 5, 14, "sentence5", "supported", 0.8765),),
    )


def test_unproven_sentence_leaves_the_answer_as_it_was() -> None:
    assert add(START, "Google did.", proof(sentence(5), state="unsupported")) is START


def test_two_sentences_with_one_proof_share_a_mark() -> None:
    answer = add(START, "Meituan did.", proof(sentence(5)))
    answer = add(answer, "It paid.", proof(sentence(5)))

    assert answer.text == "Meituan did. [1] It paid. [1]"
    assert [citation.marker for citation in answer.citations] == [1]


def test_marks_are_numbered_in_the_order_of_the_text() -> None:
    answer = add(START, "Meituan did.", proof(sentence(50), sentence(5)))
    answer = add(answer, "It paid.", proof(sentence(5), sentence(5, "b.txt"), state="partial"))

    assert answer.text == "Meituan did. [1][2] It paid. [2][3]"
    assert [(c.marker, c.article, c.start, c.support) for c in answer.citations] == [
        (1, "a.txt", 50, "supported"),
        (2, "a.txt", 5, "supported"),
        (3, "b.txt", 5, "partial"),
    ]


def test_a_short_no_is_hidden_only_while_it_may_become_none() -> None:
    assert (visible("No"), is_none("No"), claims("No")) == ("", False, ["No"])


@pytest.mark.parametrize("draft", ["[1] NONE", '"NONE"', "None.", "**NONE**", "NONE (not told)"])
def test_none_is_known_in_whatever_it_is_wrapped(draft: str) -> None:
    assert (visible(draft), is_none(draft)) == ("", True)


def test_none_after_a_sentence_is_no_claim() -> None:
    assert claims("The passage is silent. NONE") == ["The passage is silent."]


def test_list_marks_are_no_part_of_a_claim() -> None:
    assert claims("Sektornya:\n1. Energi\n- Game") == ["Sektornya:", "Energi", "Game"]


@pytest.mark.parametrize("draft", ["29. Juni 2023.", "3. Mai 2023."])
def test_the_day_of_a_date_is_no_list_mark(draft: str) -> None:
    assert " ".join(claims(draft)) == draft
