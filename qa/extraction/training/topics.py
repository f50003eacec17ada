"""Topics: examples of what questions are about, and linear models that tell the words of it.

Made of `kinds.txt`, with topics of `topics.txt` and answers of the public sets in its braces.
Templates that ask whether something is so have no topic of their own and are left out.
"""

import random
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from index.embedding.bert import Linear
from index.embedding.embedder import Vectors
from qa.extraction.question_kinds import kind_of
from qa.extraction.question_topics import NEITHER, QuestionTopics, with_neighbours
from qa.extraction.training.kinds import Asked, by_language, filled
from qa.extraction.training.logistic import fitted
from qa.extraction.training.question_sets import QuestionSet

TOPICS = Path(__file__).with_name("topics.txt")
_TIMES = 8  # questions made of each template
_GENERAL = 0.6  # the share of topics that are of the file
_PENALTY = 1e-3  # of the squared weights
_COMPARES = "compare"
_LEFT_OUT = ("yes_no", "catalog")
# What the articles of a list have in common is a topic only where they speak of it or are by it.
_LISTS = ("list.topic", "list.author")

Rows = tuple[Sequence[tuple[int, int]], Vectors]
"""Where each token of a question stands, and its vector: see `NumpyEmbedder.query_rows`."""


def examples(sets: Sequence[QuestionSet], seed: int = 19) -> list[Asked]:
    """Questions to learn topics from."""
    made = filled(mixed(sets, seed), _TIMES, random.Random(seed))
    return [each for each in made if _is_shown(each)]


def _is_shown(asked: Asked) -> bool:
    """Whether it tells what a topic is: some lists are written without its braces."""
    kind = kind_of(asked.name)
    return asked.name in _LISTS and bool(asked.topics) if kind == "list" else kind not in _LEFT_OUT


def mixed(sets: Sequence[QuestionSet], seed: int) -> dict[str, list[str]]:
    """Topics of each language: those of the file, and answers of the public sets."""
    _, answers = by_language(sets)
    general: dict[str, list[str]] = {language: [] for language in answers}
    for line in TOPICS.read_text(encoding="utf-8").splitlines():
        language, topic = line.split("|")
        general[language].append(topic)
    return {
        language: _mixed(general[language], answers[language], random.Random(seed))
        for language in answers
    }


def _mixed(general: Sequence[str], answers: Sequence[str], chance: random.Random) -> list[str]:
    count = len(general)
    others = chance.sample(answers, min(len(answers), 40 * count))
    times = round(_GENERAL / (1 - _GENERAL) * len(others) / count)
    return [*others, *(list(general) * max(times, 1))]


def learned(embedder: str, asked: Sequence[Asked], rows: Iterable[Rows]) -> QuestionTopics:
    """Two logistic regressions, over tokens and their neighbours.

    Args:
        embedder: the fingerprint of what made the rows.
        asked: the questions.
        rows: of each of them.
    """
    pairs = list(zip(asked, rows, strict=True))
    one, two = (
        [p for p in pairs if (p[0].name == _COMPARES) is is_two] for is_two in (False, True)
    )
    return QuestionTopics(embedder, *(linear(*zip(*each, strict=True)) for each in (one, two)))


def linear(asked: Sequence[Asked], rows: Iterable[Rows]) -> Linear:
    """A logistic regression over tokens and their neighbours: what topics each is of."""
    seen = [
        (with_neighbours(vectors), [_label(each, *place) for place in places])
        for each, (places, vectors) in zip(asked, rows, strict=True)
    ]
    return _linear(seen)


def _label(asked: Asked, start: int, end: int) -> int:
    """NEITHER, FIRST or SECOND."""
    within = (i for i, (first, last) in enumerate(asked.topics, 1) if start < last and first < end)
    return next(within, NEITHER)


def _linear(seen: Sequence[tuple[Vectors, list[int]]]) -> Linear:
    vectors = np.concatenate([rows for rows, _ in seen])
    labels = np.array([label for _, each in seen for label in each])
    mean, scale = vectors.mean(axis=0), vectors.std(axis=0) + 1e-6
    weight, bias = fitted((vectors - mean) / scale, labels, np.ones(3, np.float32), _PENALTY)
    weight /= scale[:, np.newaxis]
    return Linear(weight.T, bias - mean @ weight)
