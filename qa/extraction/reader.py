"""Reader: what asking needs of what reads passages for answers; tests use a scripted one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Reading:
    """What a passage says to a question.

    `start` and `end` are the best span, in code points of the passage, half-open. `score` is the
    sum of its logits less that of "not told"; `probability` is how likely the passage tells.
    """

    start: int
    end: int
    score: float
    probability: float


class Reader(Protocol):
    """Reads passages for answers, and judges answers by them. It never writes."""

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        """The best span of each passage, and whether it tells."""

    def judge(self, question: str, answers: Sequence[str], passages: Sequence[str]) -> list[float]:
        """For each answer the probability that its passage, of the same place, proves it right."""

    def answering(self, question: str, drafts: Sequence[str]) -> list[str]:
        """The words of each sentence that somebody wrote that answer, without marks about them.

        By these it is judged: a sentence may be true of the passage and still answer something
        else, and a long one hides a wrong word among right ones.
        """

    def nearness(self, words: str, others: str) -> float:
        """The cosine of a few words and others, by the reader's embedder, less their languages."""
