"""Kinds: examples of each kind of question, and a linear model that tells them apart.

Plain questions are those of the public sets and some of `kinds.txt`; the others are made of that
file, where what a question is about stands between braces. Mostly answers of the public sets are
put in its place, and always in that of {t} and {u}.
"""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.embedding.embedder import Vectors
from qa.extraction.question_kinds import QuestionKinds
from qa.extraction.training.logistic import fitted
from qa.extraction.training.question_sets import QuestionSet

TEMPLATES = Path(__file__).with_name("kinds.txt")
_PLAIN = 800  # plain questions of a language
_TIMES = 8  # questions made of a template with a topic
_OWN = 0.25  # the share of these with the template's own topics
_TIMES_BARE = 4  # and of one without, with and without marks
_TOPIC = re.compile(r"\{([^{}]*)\}")
_BARE = 0.3  # the share that is typed without marks
_MARKS = "?？。."
_LONGEST = 30  # letters of a topic
_PENALTY = 1e-6  # of the squared weights


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a known kind, by the name of `QuestionKinds`.

    `topics` are what it is about, as half-open ranges of its code points.
    """

    name: str
    text: str
    language: str = ""
    topics: tuple[tuple[int, int], ...] = ()


def examples(sets: Sequence[QuestionSet], seed: int = 19) -> list[Asked]:
    """Questions to learn kinds from."""
    chance = random.Random(seed)
    plain, topics = by_language(sets)
    made = list(filled(topics, _TIMES, chance))
    for language, texts in plain.items():
        some = chance.sample(texts, min(_PLAIN, len(texts)))
        made += [Asked("plain", text, language) for text in some]
    return made


def filled(
    topics: Mapping[str, Sequence[str]], times: int, chance: random.Random
) -> Iterator[Asked]:
    """Questions made of each template, `times` with topics of its language, else fewer."""
    for line in TEMPLATES.read_text(encoding="utf-8").splitlines():
        name, language, text = line.split("|", 2)
        for _ in range(times if "{" in text else min(times, _TIMES_BARE)):
            own = "{t}" not in text and chance.random() < _OWN
            said, places = _filled(text, None if own else topics[language], chance)
            bare = chance.random() < _BARE
            yield Asked(name, said.rstrip(_MARKS) if bare else said, language, places)


def _filled(
    text: str, topics: Sequence[str] | None, chance: random.Random
) -> tuple[str, tuple[tuple[int, int], ...]]:
    """A template with topics in its holes, its own where there are none, and where they stand."""
    said, places = "", []
    for i, part in enumerate(_TOPIC.split(text)):
        words = chance.choice(topics) if i % 2 and topics else part
        if i % 2:
            places.append((len(said), len(said) + len(words)))
        said += words
    return said, tuple(places)


def learned(embedder: str, vectors: Vectors, names: Sequence[str]) -> QuestionKinds:
    """A logistic regression, each name weighted by the root of how rare it is.

    Args:
        embedder: the fingerprint of what made the vectors.
        vectors: of the questions, shape (n, dimension), of length one.
        names: of each question's kind.
    """
    every = tuple(sorted(set(names)))
    labels = np.array([every.index(name) for name in names])
    rare = np.sqrt(len(names) / len(every) / np.bincount(labels)).astype(np.float32)
    return QuestionKinds(embedder, every, *fitted(vectors, labels, rare, _PENALTY))


def by_language(
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
