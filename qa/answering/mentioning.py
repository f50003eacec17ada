"""Mentioning: which articles speak of something, and in which sentence, by search and reader."""

from dataclasses import dataclass

from index.passage import Passage
from qa.answering.asking import Asking
from qa.verification.evidence import Sentence, cut, without_orders

MENTIONED = 0.5
"""The probability from which on a passage speaks of something."""
LOOKED_AT = 40  # passages that are read: the nearest to the topic


@dataclass(frozen=True, slots=True)
class Mention:
    """A sentence that speaks of something, and how surely."""

    sentence: Sentence
    probability: float

    @property
    def article(self) -> str:
        """The id of its article."""
        return self.sentence.article


def mentioning(asking: Asking, topic: str) -> list[Mention]:
    """The articles that speak of a topic, each by its surest sentence, surest first."""
    passages = asking.index.search(topic, LOOKED_AT, asking.scope)
    asking.clock.retrieved()
    titled = [f"{passage.context}\n" if passage.context else "" for passage in passages]
    texts = [
        head + without_orders(passage.text) for head, passage in zip(titled, passages, strict=True)
    ]
    found: dict[str, Mention] = {}
    for passage, head, said in zip(passages, titled, asking.reader.mentions(topic, texts), strict=True):
        sentence = _at(passage, max(0, said.start - len(head)))
        best = found.get(passage.article)
        if said.probability < MENTIONED or sentence is None:
            continue
        if best is None or said.probability > best.probability:
            found[passage.article] = Mention(sentence, said.probability)
    return sorted(found.values(), key=lambda mention: -mention.probability)


def _at(passage: Passage, place: int) -> Sentence | None:
    """The sentence of a passage at a code point of it; none where all of it gives orders."""
    sentences = cut(passage, len, len(passage.text) + len(passage.context)).sentences
    place += passage.start
    return next((s for s in reversed(sentences) if s.start <= place), next(iter(sentences), None))
