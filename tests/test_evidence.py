"""Which passages the model reads, and which whole sentences of them."""

import pytest

from qa.evidence import ATTEMPTS, RELEVANT, Evidence, Sentence, choose
from tests.fakes import passage


def words(text: str) -> int:
    return len(text.split())


def test_nothing_found_is_nothing_to_read() -> None:
    assert choose([], words, 100) == []


def test_nothing_relevant_is_nothing_to_read() -> None:
    found = [passage("One.", score=RELEVANT - 0.01), passage("Two.", score=RELEVANT - 0.2)]

    assert choose(found, words, 100) == []


def test_the_order_of_the_search_is_kept() -> None:
    found = [passage("Names match.", score=RELEVANT), passage("Nearer.", score=0.95)]

    assert [evidence.text for evidence in choose(found, words, 100)] == ["Names match.", "Nearer."]


def test_only_so_many_passages_are_tried() -> None:
    found = [passage(f"Text {i}.", start=i * 10) for i in range(ATTEMPTS + 5)]

    assert len(choose(found, words, 100)) == ATTEMPTS


def test_sentences_keep_their_places_in_the_article() -> None:
    found = passage("One here.  Two है।\nThree.", article="b.txt", start=100, context="News")

    assert choose([found], words, 100) == [
        Evidence(
            "News",
            (
                Sentence("b.txt", 100, 109, "One here."),
                Sentence("b.txt", 111, 118, "Two है।"),
                Sentence("b.txt", 119, 125, "Three."),
            ),
        )
    ]


@pytest.mark.parametrize(
    ("budget", "kept"),
    [
        pytest.param(9, "A b. C d. E f.", id="room for all"),
        pytest.param(8, "A b. C d.", id="room for two"),
        pytest.param(3, "A b.", id="room for one"),
    ],
)
def test_sentences_beyond_the_budget_are_left_out_from_the_end(budget: int, kept: str) -> None:
    assert [e.text for e in choose([passage("A b. C d. E f.")], words, budget)] == [kept]


def test_headings_count_against_the_budget() -> None:
    found = passage("A b. C d. E f.", context="News of today")

    assert [evidence.text for evidence in choose([found], words, 9)] == ["A b. C d."]


def test_passage_without_room_for_a_sentence_is_not_read() -> None:
    assert choose([passage("A b c d e f.")], words, 3) == []
