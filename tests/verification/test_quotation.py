"""Which sentences of a passage are quoted, and what of them."""

from collections.abc import Sequence

import pytest

from qa.question import Question
from qa.verification.evidence import Sentence
from qa.verification.quotation import leans, quotation, quoted


def sentences(*texts: str) -> list[Sentence]:
    return [Sentence("a.txt", 100 * i, 100 * i + len(text), text) for i, text in enumerate(texts)]


def said(
    texts: Sequence[str], first: int, last: int | None = None, question: str = "Who bought it?"
) -> list[str]:
    found = sentences(*texts)
    answering = found[first : (first if last is None else last) + 1]
    return [sentence.text for sentence in quotation(Question.of(question), answering, found)]


def test_the_sentence_that_answers_is_quoted() -> None:
    assert said(["It rained.", "Meituan bought it.", "It shone."], 1) == ["Meituan bought it."]


def test_all_sentences_that_answer_are_quoted() -> None:
    texts = ["It rained.", "Meituan bought", "all of it.", "It shone."]

    assert said(texts, 1, 2) == texts[1:3]


def test_a_sentence_that_leans_on_the_one_before_brings_it_along() -> None:
    texts = ["The model was slow.", "This made them stop.", "They rested."]

    assert said(texts, 1) == texts[:2]


LIST = ["He named three:", "• Chips: they are scarce.", "• Markets.", "• Money.", "That was all."]


def test_a_sentence_that_opens_a_list_brings_its_items_along() -> None:
    assert said(LIST, 0) == LIST[:4]


def test_one_item_is_quoted_where_one_is_asked_for() -> None:
    assert said(LIST, 1, question="Who is scarce?") == [LIST[1]]


def test_a_whole_list_is_quoted_where_several_are_asked_for() -> None:
    assert said(LIST, 2, question="Which problems did he name?") == LIST[1:4]


@pytest.mark.parametrize(
    "sentence",
    [
        "This made them stop.",
        "इससे लागत बढ़ी।",
        "Hal ini penting.",
        "这使他们停下。",
        "“Esto es todo.”",
    ],
)
def test_sentences_that_lean_are_known(sentence: str) -> None:
    assert leans(sentence)


@pytest.mark.parametrize(
    "sentence", ["Thistles grow.", "Meituan did.", "Inilah", "", "यहाँ बारिश हुई।"]
)
def test_sentences_that_stand_alone_are_known(sentence: str) -> None:
    assert not leans(sentence)


@pytest.mark.parametrize(
    ("text", "short", "shown"),
    [
        pytest.param("• Markets.", True, "Markets.", id="no list mark"),
        pytest.param(
            "• Chip bans: firms can hardly buy what they need to train their models.",
            True, "Chip bans", id="the head of a long item",
        ),
        pytest.param(
            "• Chip bans: firms can hardly buy what they need to train their models.",
            False, "Chip bans: firms can hardly buy what they need to train their models.",
            id="all of it in the reader's language",
        ),
        pytest.param("It cost 2; it was sold.", True, "It cost 2; it was sold.", id="two"),
        pytest.param("It cost 2 - 3 yuan.", True, "It cost 2 - 3 yuan.", id="a dash within"),
        pytest.param("„Ya,” katanya.", True, "‚Ya,’ katanya.", id="marks within"),
        pytest.param('“Ya.” "Tidak," katanya.', True, "‘Ya.’ 'Tidak,' katanya.", id="two pairs"),
        pytest.param("“Ya, katanya.”", True, "Ya, katanya.", id="one pair about it"),
        pytest.param("“Ya, katanya.”", False, "“Ya, katanya.”", id="as it stands"),
    ],
)  # fmt: skip
def test_what_is_quoted_of_a_sentence(text: str, short: bool, shown: str) -> None:
    assert quoted(Sentence("a.txt", 0, len(text), text), short=short) == shown
