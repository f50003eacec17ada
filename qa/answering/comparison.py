"""Comparison: the question asked of each of two things by itself, and both set beside each other.

Each side is asked by the question without the other's name. What the reader finds is quoted, so
nothing is said of a side that its passage does not say; numbers are compared by code.
"""

from dataclasses import dataclass, replace

import prompts
from qa.answer import Answer
from qa.answering.asking import Asking, Growing
from qa.answering.drafts import add
from qa.answering.wording import Wording
from qa.answering.writer import PassageWriter
from qa.question import Question
from qa.text.numbers import numbers
from qa.verification.evidence import PASSAGE_TOKENS, Evidence, choose
from qa.verification.support import Verdict
from qa.verification.thresholds import TOLD_TOO


@dataclass(frozen=True, slots=True)
class _Side:
    """A side of a comparison: what it is called, how it is asked, and what was found."""

    name: str
    question: Question
    found: Evidence | None


def compared(asking: Asking, answer: Answer) -> Growing:
    """Yield both sides as they are found; not answered where neither is told."""
    text = asking.question.text
    topics = asking.reader.topics(text, "compare")
    if len(topics) != 2:
        return answer
    sides: list[_Side] = []
    for (start, end), (other_start, other_end) in (topics, topics[::-1]):
        asked = Question(f"{text[:other_start]}{text[other_end:]}", asking.question.language)
        sides.append(_Side(text[start:end], asked, _found(asking, asked)))
        asking.stop.raise_if_set()
    if not any(side.found for side in sides) or _is_one(*sides):
        return answer
    for side in sides:
        answer = _told(asking, answer, side)
        yield asking.timed(answer)
    line = _beside(*sides)
    return replace(answer, text=f"{answer.text}\n{line}") if line else answer


def _found(asking: Asking, asked: Question) -> Evidence | None:
    """The passage that surely tells of a side: its words are said unchecked."""
    passages = asking.index.search(asked.text, asking.limit, asking.scope)
    asking.clock.retrieved()
    count = asking.model.count
    found = next(choose(asked, passages, asking.reader, count, PASSAGE_TOKENS), None)
    return found if found and found.told >= TOLD_TOO else None


def _told(asking: Asking, answer: Answer, side: _Side) -> Answer:
    """The answer with what was found of a side, or that it is not told."""
    if side.found is None:
        refusals = prompts.refusals()
        words = refusals.get(answer.language, refusals["en"])
        return replace(answer, text=f"{answer.text} {side.name}: {words}".strip())
    writer = PassageWriter(side.question, answer.language, side.found, asking.model)
    proof = Verdict("supported", side.found.answering, side.found.told)
    for words, proven in Wording(writer).sentences_of(proof):
        answer = add(answer, words, proven)
    return answer


def _is_one(one: _Side, other: _Side) -> bool:
    """Whether the same words were found for both, which can tell of one alone at most."""
    places = {(e.article, e.start, e.end) for e in (one.found, other.found) if e}
    return len(places) == 1 and one.found is not None and other.found is not None


def _beside(one: _Side, other: _Side) -> str:
    """Both findings in one line, with how their numbers stand to each other: "9 florins < 14"."""
    if not (one.found and other.found):
        return ""
    left, right = numbers(one.found.found), numbers(other.found.found)
    if len(left) != 1 or len(right) != 1:
        return ""
    a, b = left[0].values, right[0].values
    less, more = max(a) < min(b), min(a) > max(b)
    sign = "=" if left[0].same(right[0]) else "<" if less else ">" if more else "·"
    return f"{one.name}: {one.found.found} {sign} {other.name}: {other.found.found}"
