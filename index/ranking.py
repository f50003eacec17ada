"""Ranking: scores candidates for a question, fair to every language. Pure.

Each weight and each part was measured: tests/benchmarks/RETRIEVAL.md has the table.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from index.embedding.embedder import Embedder, Vectors

# In cosine. A passage is judged as a whole and by the sentence that is nearest to the question
# (small-to-big): a long passage holds more than one thing, a sentence says too little by itself.
PASSAGE_WEIGHT, SENTENCE_WEIGHT = 0.6, 0.4
# A vector near to every question is near to this one for no reason: see `background`.
BACKGROUND_WEIGHT = 0.25
# Of the score, for a full match of the question's words.
WORDS_WEIGHT = 0.08
# A byline names the author, not the subject: it must be clearly nearer than a passage to stand
# above it, and its words ("avatar", "Twitter") count for nothing.
BYLINE_LOSS = 0.04
# How much of the mean score of a language's best passages is subtracted from each of its passages,
# and over how many that mean is taken.
BALANCE_WEIGHT, BALANCE_DEPTH = 1.0, 50

# Questions that ask nothing, in five languages of four scripts.
_EMPTY_QUESTIONS = (
    *("Who?", "What?", "When?", "Where?", "Why?", "How many?"),
    *("कौन?", "क्या?", "कब?", "कहाँ?", "क्यों?", "कितने?"),
    *("谁？", "什么？", "什么时候？", "哪里？", "为什么？", "多少？"),
    *("Siapa?", "Apa?", "Kapan?", "Di mana?", "Mengapa?", "Berapa?"),
    *("¿Quién?", "¿Qué?", "¿Cuándo?", "¿Dónde?", "¿Por qué?", "¿Cuántos?"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A text that may answer, with the language it is in.

    `vector` has shape (dimension,), `sentences` (n, dimension); all have length 1. `words` is how
    much of the question's words it holds, 0 to 1. A `byline` only names author or source.
    """

    key: str
    language: str
    vector: Vectors
    sentences: Vectors
    words: float
    byline: bool = False


@dataclass(frozen=True, slots=True)
class Rank:
    """A candidate's scores.

    `cosine` is that of question and passage, -1 to 1; `worth` is the score they are ordered by.
    `sentence` is the position of the sentence nearest to the question, None when the candidate has
    none.
    """

    key: str
    cosine: float
    worth: float
    sentence: int | None


def background(embedder: Embedder) -> Vectors:
    """The mean vector of questions that ask nothing, of length 1, shape (dimension,).

    Some passages lie near to every question (hubs: Radovanović et al. 2010). As in cross-domain
    similarity local scaling (Conneau et al. 2018) their mean similarity to questions is
    subtracted; these questions stand for all, so it depends on no corpus.
    """
    mean = np.mean([embedder.query(question) for question in _EMPTY_QUESTIONS], axis=0)
    return np.asarray(mean / np.linalg.norm(mean), dtype=np.float32)


def rank(question: Vectors, candidates: Sequence[Candidate], background: Vectors) -> list[Rank]:
    """Score candidates and sort them, best first.

    Args:
        question: its vector, of length 1.
        candidates: at least the `BALANCE_DEPTH` nearest of each language, or all there are.
        background: what `background` gives.
    """
    ranks, worths = [], []
    for candidate in candidates:
        cosine = float(candidate.vector @ question)
        nearest, position = _nearest(question, candidate, cosine)
        words = -BYLINE_LOSS if candidate.byline else WORDS_WEIGHT * candidate.words
        central = BACKGROUND_WEIGHT * float(candidate.vector @ background)
        worths.append(PASSAGE_WEIGHT * cosine + SENTENCE_WEIGHT * nearest - central + words)
        ranks.append((candidate.key, cosine, position))
    means = _mean_best([candidate.language for candidate in candidates], worths)
    found = [
        Rank(key, cosine, worth - BALANCE_WEIGHT * means[candidate.language], position)
        for candidate, worth, (key, cosine, position) in zip(candidates, worths, ranks, strict=True)
    ]
    return sorted(found, key=lambda rank: (-rank.worth, rank.key))


def _nearest(question: Vectors, candidate: Candidate, whole: float) -> tuple[float, int | None]:
    """The cosine and position of the nearest sentence; those of the passage if it has none."""
    if not len(candidate.sentences):
        return whole, None
    cosines = candidate.sentences @ question
    position = int(np.argmax(cosines))
    return float(cosines[position]), position


def _mean_best(languages: Sequence[str], worths: Sequence[float]) -> Mapping[str, float]:
    """The mean score of each language's best passages for this question.

    Passages of one language are nearer to a question than those of another, whatever they say. A
    language with few passages shows little of that (all may be about the question): the missing
    ones are taken to have the mean score of the best passages of all languages.
    """
    groups: defaultdict[str, list[float]] = defaultdict(list)
    for language, worth in zip(languages, worths, strict=True):
        groups[language].append(worth)
    best = {language: _best(group) for language, group in groups.items()}
    overall = float(np.mean(_best(worths))) if worths else 0.0
    return {
        language: (sum(group) + (BALANCE_DEPTH - len(group)) * overall) / BALANCE_DEPTH
        for language, group in best.items()
    }


def _best(worths: Sequence[float]) -> list[float]:
    return sorted(worths, reverse=True)[:BALANCE_DEPTH]
