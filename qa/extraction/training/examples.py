"""Examples: what the reader learns from, one question at a time. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SpanExample:
    """A question and a passage; `span` in code points of the passage, or None for "not told".

    Where nobody said where the passage tells, `span` is None though it `tells`.
    """

    source: str
    question: str
    passage: str
    span: tuple[int, int] | None
    tells: bool


@dataclass(frozen=True, slots=True)
class AnswerExample:
    """A question, a passage and an answer: does the passage prove that it is right?

    `kind` says how a wrong answer was made, or that it is "right"; `across` that it is in another
    language than the passage.
    """

    source: str
    question: str
    passage: str
    answer: str
    right: bool
    kind: str
    across: bool


Example = SpanExample | AnswerExample
