"""Thresholds: from when on a passage tells, and an answer is right.

Those of the reader are a property of what ships: it reads by the default embedder's weights,
whatever searches. Those of a language model are measured for it, with the embedder whose passages
it is shown: see calibrations.py. tests/benchmarks/CALIBRATION.md says how all of them were found.
"""

from dataclasses import dataclass

TOLD = 0.5
"""The probability by the reader from which on a passage is written from at all."""

TOLD_TOO = 0.88
"""The probability by the reader from which on a passage of another article tells, too."""

RIGHT = 0.5
"""The probability by the reader from which on what was written is right."""

AGREED = 0.6
"""The cosine from which on words that answer mean what the reader found: `Reader.nearness`."""

_ALONE = 1.9  # log-odds by the reader, where nothing else is asked


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From when on a passage tells, and a claim holds, as log-odds.

    `told` is for the reader's alone or, where the language model `is_asked`, for the sum of its and
    `weight` times two of the model: that the reader's span is right, and that it would not decline.
    `holds` is for the model's alone, that a claim holds; None where it is not asked that.
    """

    told: float = _ALONE
    is_asked: bool = False
    weight: float = 1.0
    holds: float | None = None

    def sum(self, reader: float, model: float) -> float:
        """What `told` is compared with, by the log-odds of the reader and both of the model."""
        return reader + self.weight * model


READER_ALONE = Thresholds()
"""Those of a language model that was not measured, or whose leanings told nothing: not asked."""


@dataclass(frozen=True, slots=True)
class Pair:
    """What thresholds were measured for: the weights' SHA-256, and the embedder's fingerprint."""

    llm: str
    embedder: str


DEFAULT_PAIR = Pair(
    "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",  # Coder 1.5B, Q4_K_M
    "935a3b40b005146bbd43d9f5112cbd3b8b06f74d72ba48e76e7f5de1f58ebd62",  # multilingual-e5-small
)
"""The default models. By the weights, whatever their files are called."""

SHIPPED = Thresholds(told=3.0, is_asked=True, holds=1.5)
"""Those of the default models, measured on more questions than a calibration asks."""
