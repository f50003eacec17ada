"""Comparison: the question asked of each of two things by itself, and both set beside each other.

Each side is asked by the question without the other's name. What the reader finds is quoted, so
nothing is said of a side that its passage does not say; numbers are compared by code.
"""

from dataclasses import dataclass, replace

import regex

from qa.answer import Answer
from qa.answering.asking import Asking, Growing
from qa.answering.wording import Wording
from qa.answering.writer import PassageWriter
from qa.question import Question
from qa.text.numbers import Number, numbers
from qa.verification.evidence import Evidence
from qa.verification.support import Verdict
from qa.verification.thresholds import TOLD_TOO

_WORD = regex.compile(r"\P{L}*(\p{L}{0,4})")  # the first letters of what a number counts


@dataclass(frozen=True, slots=True)
class _Side:
    """A side of a comparison: what it is called, how it was asked, and what was found."""

    name: str
    question: Question
    found: Evidence

    @property
    def place(self) -> tuple[str, int, int]:
        """Where it was found."""
        return self.found.article, self.found.start, self.found.end


def compared(asking: Asking, answer: Answer) -> Growing:
    """Yield both sides as they are found; not answered unless both are told.

    Where one is not told the question is often no comparison, or not of these two; and the same
    words can tell of one alone at most.
    """
    sides = _sides(asking)
    if len({side.place for side in sides}) < 2:
        return answer
    for side in sides:
        answer = _told(asking, answer, side)
        yield asking.timed(answer)
    line = _beside(*sides)
    return replace(answer, text=f"{answer.text}\n{line}") if line else answer


def _sides(asking: Asking) -> list[_Side]:
    """Both sides, or none or one where not both are told."""
    text, sides = asking.question.text, list[_Side]()
    topics = asking.reader.topics(text, "compare")
    for (start, end), (other_start, other_end) in zip(topics, topics[::-1], strict=True):
        asked = Question(f"{text[:other_start]}{text[other_end:]}", asking.question.language)
        found = _found(asking, asked) if len(topics) == 2 else None
        if found is None:
            break
        sides.append(_Side(text[start:end], asked, found))
    return sides


def _found(asking: Asking, asked: Question) -> Evidence | None:
    """The passage that surely tells of a side: its words are said unchecked."""
    asking.stop.raise_if_set()
    found = next(asking.choose(asked, asking.search(asked.text)), None)
    return found if found and found.told >= TOLD_TOO else None


def _told(asking: Asking, answer: Answer, side: _Side) -> Answer:
    """The answer with what was found of a side."""
    writer = PassageWriter(side.question, answer.language, side.found, asking.model)
    proof = Verdict("supported", side.found.answering, side.found.told)
    return Wording(writer).quote(answer, proof)


def _beside(one: _Side, other: _Side) -> str:
    """Both numbers in one line, where both count the same: "9 florins < 14 florins"."""
    left, right = numbers(one.found.found), numbers(other.found.found)
    if len(left) != 1 or len(right) != 1:
        return ""
    if _counted(one.found.found, left[0]) != _counted(other.found.found, right[0]):
        return ""
    a, b = left[0].values, right[0].values
    less, more = max(a) < min(b), min(a) > max(b)
    sign = "=" if left[0].same(right[0]) else "<" if less else ">" if more else ""
    told = f"{one.name}: {one.found.found} {sign} {other.name}: {other.found.found}"
    return told if sign else ""


def _counted(text: str, number: Number) -> str:
    match = _WORD.match(text, number.end)
    return match[1].casefold() if match else ""
