"""What a candidate is worth: as a whole, by its sentences, its words, and among its language."""

from dataclasses import replace

import numpy as np
import pytest

from index.embedding.embedder import Vectors
from index.ranking import BALANCE_DEPTH, Candidate, background, rank
from tests.support.fakes import HashEmbedder

QUESTION = np.array([1, 0, 0], dtype=np.float32)
NOWHERE = np.array([0, 0, 1], dtype=np.float32)
NONE = np.zeros((0, 3), dtype=np.float32)


def at(cosine: float, hub: float = 0.0) -> Vectors:
    """A vector of length 1 with this cosine to the question, and that to the background."""
    return np.array([cosine, np.sqrt(1 - cosine**2 - hub**2), hub], dtype=np.float32)


def candidate(
    key: str,
    cosine: float,
    *sentences: float,
    language: str = "en",
    words: float = 0,
    hub: float = 0,
) -> Candidate:
    rows = np.stack([at(sentence) for sentence in sentences]) if sentences else NONE
    return Candidate(key, language, at(cosine, hub), rows, words)


def order(*candidates: Candidate) -> list[str]:
    return [found.key for found in rank(QUESTION, candidates, NOWHERE)]


def test_nothing_is_worth_nothing() -> None:
    assert rank(QUESTION, [], NOWHERE) == []


def test_the_nearest_sentence_lifts_its_passage_and_is_named() -> None:
    long, short = candidate("long", 0.5, 0.1, 0.9, 0.2), candidate("short", 0.6)

    first, second = rank(QUESTION, [short, long], NOWHERE)

    assert (first.key, first.sentence, round(first.cosine, 4)) == ("long", 1, 0.5)
    assert (second.key, second.sentence) == ("short", None)


def test_a_passage_of_one_sentence_is_worth_what_its_vector_is() -> None:
    (alone,) = rank(QUESTION, [candidate("a", 0.6)], NOWHERE)
    (repeated,) = rank(QUESTION, [candidate("a", 0.6, 0.6)], NOWHERE)

    assert alone.worth == pytest.approx(repeated.worth, abs=1e-6)


def test_words_count_for_no_more_than_their_weight() -> None:
    assert order(candidate("a", 0.60), candidate("b", 0.55, words=1)) == ["b", "a"]
    assert order(candidate("a", 0.65), candidate("b", 0.55, words=1)) == ["a", "b"]


def test_a_byline_must_be_clearly_nearer_and_its_words_count_for_nothing() -> None:
    byline = replace(candidate("byline", 0.60, words=1), byline=True)

    assert order(byline, candidate("a", 0.57)) == ["a", "byline"]
    assert order(byline, candidate("a", 0.55)) == ["byline", "a"]


def test_what_is_near_to_every_question_must_be_nearer_to_this_one() -> None:
    assert order(candidate("hub", 0.60, hub=0.7), candidate("other", 0.50)) == ["other", "hub"]
    assert order(candidate("hub", 0.70, hub=0.7), candidate("other", 0.50)) == ["hub", "other"]


def test_articles_in_a_nearer_language_do_not_bury_the_others() -> None:
    near = [candidate(f"near{i:02}", 0.80 - i / 1000) for i in range(BALANCE_DEPTH)]
    far = [candidate(f"far{i:02}", 0.60 - i / 1000, language="hi") for i in range(BALANCE_DEPTH)]

    assert order(*near, candidate("answer", 0.65, language="hi"), *far)[0] == "answer"


def test_a_language_with_few_passages_is_not_held_down_for_answering() -> None:
    others = [candidate(f"other{i:02}", 0.5 - i / 1000) for i in range(BALANCE_DEPTH)]
    few = [candidate(f"few{i}", 0.6, language="hi") for i in range(2)]

    assert order(*others, *few)[:2] == ["few0", "few1"]


def test_equals_come_in_the_order_of_their_keys() -> None:
    assert order(candidate("b", 0.5), candidate("a", 0.5)) == ["a", "b"]


def test_the_background_is_of_length_one_and_the_same_every_time() -> None:
    vector = background(HashEmbedder())

    assert np.linalg.norm(vector) == pytest.approx(1)
    assert vector.tolist() == background(HashEmbedder()).tolist()
