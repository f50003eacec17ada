"""Which sentence tells of each of two things, by vectors made by hand."""

import numpy as np
import pytest

from index.article_sentences import ArticleSentence
from qa.answering.sides import Told, best_pair, worth_of_articles, worth_of_topics

FERRY, BERTH, PRICE, COLOUR = np.eye(4, dtype=np.float32)


def told(*known: tuple[str, str, np.ndarray]) -> Told:
    vectors = np.stack([vector / np.linalg.norm(vector) for _, _, vector in known])
    sentences = [
        ArticleSentence(article, 0, len(text), text, vector)
        for (article, text, _), vector in zip(known, vectors, strict=True)
    ]
    return Told(sentences, vectors)


SAID = told(
    ("ferry", "The ferry is blue.", FERRY + COLOUR),
    ("ferry", "A ticket costs 9 coins.", PRICE),
    ("berth", "A berth has a light.", BERTH + COLOUR),
    ("berth", "It costs 14 coins.", PRICE),
)
ASKED = np.stack([FERRY + PRICE, BERTH + PRICE]) / np.sqrt(2)


def test_a_sentence_that_does_not_name_a_side_is_of_it_by_its_article() -> None:
    pair = best_pair(SAID, worth_of_topics(SAID, ASKED, np.stack([FERRY, BERTH])), 1.1)

    assert [s.text for s in pair] == ["A ticket costs 9 coins.", "It costs 14 coins."]


def test_two_articles_are_compared_by_a_sentence_of_each() -> None:
    pair = best_pair(SAID, worth_of_articles(SAID, PRICE, ["berth", "ferry"]), 1.1)

    assert [s.text for s in pair] == ["It costs 14 coins.", "A ticket costs 9 coins."]


@pytest.mark.parametrize(("text", "count"), [("9 coins, and 14.", 2), ("9 coins, and more.", 0)])
def test_one_sentence_may_tell_of_both_where_it_has_two_numbers(text: str, count: int) -> None:
    both = told(("a", text, FERRY + BERTH + PRICE))
    pair = best_pair(both, worth_of_topics(both, ASKED, np.stack([FERRY, BERTH])), 0.0)

    assert [s.text for s in pair] == [text] * count


def test_of_two_articles_no_sentence_tells_of_both() -> None:
    both = told(("a", "9 coins, and 14.", PRICE))

    assert best_pair(both, worth_of_articles(both, PRICE, ["a", "b"]), -9.0) == []


def test_too_little_worth_is_not_told() -> None:
    worth = worth_of_topics(SAID, ASKED, np.stack([FERRY, BERTH]))

    assert best_pair(SAID, worth, 9.0) == []
