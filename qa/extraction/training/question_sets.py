"""Question sets: questions, passages and answers of one or many languages. Pure.

A parallel set has each question, passage and answer in several languages; any other set is one of a
single language.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Answer:
    """Where a passage answers: spans in code points of `passage`.

    Without spans it does not tell, and `plausible` are texts of it that look like an answer; or it
    tells, but nobody said where.
    """

    passage: int
    spans: tuple[tuple[int, int], ...]
    plausible: tuple[str, ...] = ()
    tells: bool = True


@dataclass(frozen=True, slots=True)
class Question:
    """A question in one or more languages, and what the passages of each language say to it."""

    texts: Mapping[str, str]
    answers: Mapping[str, Answer]


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph; those of one title are of one article."""

    text: str
    title: str
    language: str


@dataclass(slots=True)
class QuestionSet:
    """A set: its passages, and its questions, which name passages by their position."""

    name: str
    passages: list[Passage] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)

    def add(self, passage: Passage) -> int:
        """Add a passage; its position."""
        self.passages.append(passage)
        return len(self.passages) - 1


def norm(text: str) -> str:
    """A text without capitals and with single spaces, to compare."""
    return _SPACE.sub(" ", text).strip().lower()
