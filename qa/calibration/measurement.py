"""Measurement: how surely a question's passage tells, by the reader and by the model."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Measurement:
    """What was measured of one question.

    `reader` is the reader's log-odds that the passage tells which it puts first; None where it puts
    none, so that nothing is written whatever the model says. `is_right` says whether that passage
    holds the answer: of a claim, whether it is of the right article. `leanings` are the model's
    log-odds: of a question that it would not decline, and that the reader's words are right; of a
    claim that it holds.
    """

    question: str
    reader: float | None
    is_right: bool = False
    leanings: tuple[float, ...] = field(default_factory=tuple)

    @property
    def model(self) -> float:
        """All leanings together."""
        return sum(self.leanings)
