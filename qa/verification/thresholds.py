"""Thresholds: from when on a passage tells, and an answer is right.

tests/benchmarks/CALIBRATION.md says how they were found.
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


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From when on a passage tells, as log-odds.

    `told` is for the reader's alone or, where the language model `is_asked`, for the sum of three:
    the reader's, the model's that the reader's span is right, and its that it would not decline.
    """

    told: float
    is_asked: bool


# By the weights, whatever their file is called. A model that was not measured is not asked.
_QWEN = "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"  # Coder 1.5B, Q4_K_M
_MEASURED = {_QWEN: 3.0}
_ALONE = 1.9


def thresholds(weights: str) -> Thresholds:
    """Those of a language model, by its weights' SHA-256."""
    if weights in _MEASURED:
        return Thresholds(_MEASURED[weights], is_asked=True)
    return Thresholds(_ALONE, is_asked=False)
