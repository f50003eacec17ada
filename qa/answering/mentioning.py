"""Mentioning: which articles speak of something, and in which sentence, by search and reader.

The reader is asked with the words of the topic in place of a question: "a price" finds "9 coins".
"""

from collections.abc import Mapping
from dataclasses import dataclass

from index.passage import Passage
from qa.answering.asking import Asking
from qa.extraction.ranking import log_odds, probability
from qa.extraction.reader import Reading
from qa.verification.evidence import Sentence, cut, without_orders

MENTIONED = 0.5
"""The probability from which on a passage speaks of something."""
LOOKED_AT = 40  # passages that are read: the nearest to the topic
# To be about something a title must be near to it as well, in cosine, and to the whole question,
# which has words that the topic may lack. Of 31 topics of harbour_news 26 are right so and 2 wrong;
# of 32 that no article of it has, 2 come up to it.
_TITLE, _QUESTION, ABOUT = 12.0, 7.5, 5.2
# Logistic regression over the reader's log-odds and the search's score, which is fair to every
# language; CALIBRATION.md tells of what.
_READER, _SEARCH, _BIAS = 1.19, 58.0, -0.96


@dataclass(frozen=True, slots=True)
class Mention:
    """A sentence that speaks of something, and how surely."""

    sentence: Sentence
    probability: float

    @property
    def is_sure(self) -> bool:
        """Whether it is to be said."""
        return self.probability >= MENTIONED

    @property
    def article(self) -> str:
        """The id of its article."""
        return self.sentence.article


def mentioning(asking: Asking, topic: str) -> list[Mention]:
    """The articles that speak of a topic, each by its surest sentence, surest first."""
    return [each for each in looked_at(asking, topic) if each.is_sure]


def about(asking: Asking, topic: str, titles: Mapping[str, str]) -> str | None:
    """The id of the article that is about a topic, by what it says and by its title."""
    near = asking.reader.nearness
    worth = {
        each.article: log_odds(each.probability)
        + _TITLE * near(topic, title)
        + _QUESTION * near(asking.question.text, title)
        for each in looked_at(asking, topic, asking.limit)
        if (title := titles.get(each.article))
    }
    best = max(worth, key=worth.__getitem__, default=None)
    return best if best and worth[best] >= ABOUT else None


def looked_at(asking: Asking, topic: str, limit: int = LOOKED_AT) -> list[Mention]:
    """Each article that was read, by its surest sentence, surest first.

    Args:
        asking: the question.
        topic: a few words of it.
        limit: how many passages are read, the nearest to the topic.
    """
    passages = asking.search(topic, limit)
    titled = [f"{passage.context}\n" if passage.context else "" for passage in passages]
    texts = [
        head + without_orders(passage.text) for head, passage in zip(titled, passages, strict=True)
    ]
    found: dict[str, Mention] = {}
    read = zip(passages, titled, asking.reader.read(topic, texts), strict=True)
    for passage, head, reading in read:
        surely = _speaks(reading, passage)
        best = found.get(passage.article)
        if best and best.probability >= surely:
            continue
        if sentence := _at(passage, max(0, reading.start - len(head))):
            found[passage.article] = Mention(sentence, surely)
    return sorted(found.values(), key=lambda mention: -mention.probability)


def _speaks(reading: Reading, passage: Passage) -> float:
    """The probability that a passage speaks of the topic."""
    odds = _READER * log_odds(reading.probability) + _SEARCH * passage.rank_score + _BIAS
    return probability(odds)


def _at(passage: Passage, place: int) -> Sentence | None:
    """The sentence of a passage at a code point of it; none where all of it gives orders."""
    sentences = cut(passage, len, 2 * len(f"{passage.context}{passage.text}")).sentences
    place += passage.start
    return next((s for s in reversed(sentences) if s.start <= place), next(iter(sentences), None))
