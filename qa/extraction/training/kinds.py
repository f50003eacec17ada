"""Kinds: examples of each kind of question, and a linear model that tells them apart.

Plain questions are those of the public sets; the others are made of `kinds.txt`, with topics from
the answers of these sets in the place of {t} and {u}.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from index.embedding.embedder import Vectors
from qa.extraction.question_kinds import QuestionKinds
from qa.extraction.reader import Kind
from qa.extraction.training.question_sets import QuestionSet

TEMPLATES = Path(__file__).with_name("kinds.txt")
KINDS: tuple[Kind, ...] = get_args(Kind)
_PLAIN = 400  # plain questions of a language
_TIMES = 8  # questions made of a template with a topic; without one 3, with and without marks
_BARE = 0.3  # the share that is typed without marks
_MARKS = "?？。.¿"
_LONGEST = 30  # letters of a topic
_PENALTY = 1e-6  # of the squared weights


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a known kind."""

    kind: Kind
    text: str


def examples(sets: Sequence[QuestionSet], seed: int = 19) -> list[Asked]:
    """Questions to learn from."""
    chance = random.Random(seed)
    known: dict[str, Kind] = {kind: kind for kind in KINDS}
    made = list[Asked]()
    plain, topics = _by_language(sets)
    for line in TEMPLATES.read_text(encoding="utf-8").splitlines():
        name, language, text = line.split("|", 2)
        kind = known[name]
        for _ in range(_TIMES if "{t}" in text else 3):
            said = text
            for hole in ("{t}", "{u}"):
                said = said.replace(hole, chance.choice(topics[language]))
            bare = chance.random() < _BARE
            made.append(Asked(kind, said.strip(_MARKS) if bare else said))
    for texts in plain.values():
        some = chance.sample(texts, min(_PLAIN, len(texts)))
        made += [Asked("plain", text) for text in some]
    return made


def learned(embedder: str, vectors: Vectors, kinds: Sequence[Kind]) -> QuestionKinds:
    """A logistic regression, each kind weighted by the root of how rare it is.

    Args:
        embedder: the fingerprint of what made the vectors.
        vectors: of the questions, shape (n, dimension), of length one.
        kinds: of each question.
    """
    from scipy.optimize import minimize

    n, dimension = vectors.shape
    target = np.eye(len(KINDS))[[KINDS.index(kind) for kind in kinds]]
    rare = np.sqrt(n / len(KINDS) / np.maximum(target.sum(axis=0), 1))
    weights = target @ rare

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        both = flat.reshape(dimension + 1, len(KINDS))
        logits = vectors @ both[:-1] + both[-1]
        logits -= logits.max(axis=1, keepdims=True)
        told = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        wrong = -(weights * np.log((told * target).sum(axis=1) + 1e-12)).mean()
        slope = (told - target) * weights[:, np.newaxis] / n
        slopes = np.vstack([vectors.T @ slope + 2 * _PENALTY * both[:-1], slope.sum(axis=0)])
        return float(wrong + _PENALTY * (both[:-1] ** 2).sum()), slopes.ravel()

    start = np.zeros((dimension + 1) * len(KINDS))
    best = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 1000})
    both = best.x.reshape(dimension + 1, len(KINDS)).astype(np.float32)
    return QuestionKinds(embedder, KINDS, both[:-1], both[-1])


def _by_language(
    sets: Sequence[QuestionSet],
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The questions of the languages that there are templates in, and short answers."""
    lines = TEMPLATES.read_text(encoding="utf-8").splitlines()
    languages = sorted({line.split("|")[1] for line in lines})
    plain: dict[str, list[str]] = {language: [] for language in languages}
    topics: dict[str, list[str]] = {language: [] for language in languages}
    for one in sets:
        for question in one.questions:
            for language in question.texts.keys() & plain.keys():
                plain[language].append(question.texts[language])
            for language in question.answers.keys() & topics.keys():
                answer = question.answers[language]
                text = one.passages[answer.passage].text
                words = [text[start:end] for start, end in answer.spans]
                topics[language] += [
                    each for each in words if 2 < len(each) < _LONGEST and not each.isdigit()
                ]
    return plain, topics
