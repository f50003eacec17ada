"""Sides: which sentence tells of each of two things that a question compares. Pure.

Sentences are compared with questions by their vectors, less what these say of languages. Both sides
are chosen together: what is compared is told in like words, of the one as of the other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from index.article_sentences import ArticleSentence
from index.embedding.embedder import Vectors
from qa.text.numbers import numbers

# Cosines, and how much they count beside that of a sentence and the question about one side: that
# its article speaks of this side, and of the other instead; that it has no number; and that both
# sentences are alike. CALIBRATION.md has what else was tried.
_ABOUT, _OTHER, _NO_NUMBER, _ALIKE = 1.0, -0.5, -0.3, 0.5
_LOOKED_AT = 12  # sentences of each side, the best by themselves


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """Sentences that may tell, with their vectors, shape (n, dimension)."""

    sentences: Sequence[ArticleSentence]
    vectors: Vectors


def worth_of_topics(told: Told, asked: Vectors, named: Vectors) -> Vectors:
    """How well each sentence tells of each of two things, of shape (2, n).

    Args:
        told: the sentences.
        asked: vectors of the question about one thing, and about the other.
        named: those of the words for each.
    """
    about = np.stack([_of_article(told, told.vectors @ name) for name in named])
    near: Vectors = asked @ told.vectors.T + _ABOUT * about + _OTHER * about[::-1]
    return near + _without_number(told)


def worth_of_articles(told: Told, asked: Vectors, articles: Sequence[str]) -> Vectors:
    """How well each sentence of two articles answers a question about both, of shape (2, n).

    `asked` is the question's vector. What stands in the other article is worth minus infinity.
    """
    own = np.array([[s.article == article for s in told.sentences] for article in articles])
    worth = told.vectors @ asked + _without_number(told)
    return np.where(own, worth[None], -np.inf)


def best_pair(told: Told, worth: Vectors, least: float) -> list[ArticleSentence]:
    """The sentence for each side; none where both are worth less together than `least`.

    One sentence may tell of both sides where it has two numbers.
    """
    total, i, j = max(_pairs(told, worth), default=(-np.inf, 0, 0))
    return [told.sentences[i], told.sentences[j]] if total >= least else []


def _pairs(told: Told, worth: Vectors) -> Iterator[tuple[float, int, int]]:
    firsts, seconds = (np.argsort(-side, kind="stable")[:_LOOKED_AT] for side in worth)
    for i in firsts:
        for j in seconds:
            both = float(worth[0, i] + worth[1, j])
            if i != j:
                yield both + _ALIKE * float(told.vectors[i] @ told.vectors[j]), int(i), int(j)
            elif len(numbers(told.sentences[i].text)) > 1:
                yield both, int(i), int(j)


def _of_article(told: Told, cosines: Vectors) -> Vectors:
    """For each sentence the best cosine of its article's, of shape (n,)."""
    best: dict[str, float] = {}
    for sentence, cosine in zip(told.sentences, cosines, strict=True):
        best[sentence.article] = max(best.get(sentence.article, -1.0), float(cosine))
    return np.array([best[sentence.article] for sentence in told.sentences], dtype=np.float32)


def _without_number(told: Told) -> Vectors:
    lacks = [0.0 if numbers(sentence.text) else _NO_NUMBER for sentence in told.sentences]
    return np.array(lacks, dtype=np.float32)
