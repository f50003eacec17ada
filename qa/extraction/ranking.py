"""Ranking: in which order the passages that were read answer, by reader and search. Pure."""

import math
from collections.abc import Sequence

from qa.extraction.reader import Reading

# Log-odds that a passage tells, for one of the score by which the search ranks. READER.md has what
# other weights give.
_SEARCH = 25.0
_SURE = 1e-9  # the nearest to 0 and 1 that a probability is taken as


def best_first(readings: Sequence[Reading], rank_scores: Sequence[float]) -> list[int]:
    """Positions of the passages, from the one that most likely answers.

    Whether it answers at all is told by its probability: passages of one search share what the
    question adds to their rank scores, those of two do not.

    Args:
        readings: of each passage.
        rank_scores: what the search ordered each by (`Passage.rank_score`).
    """
    worth = [
        log_odds(reading.probability) + _SEARCH * rank_score
        for reading, rank_score in zip(readings, rank_scores, strict=True)
    ]
    return sorted(range(len(worth)), key=lambda i: -worth[i])


def probability(log_odds: float) -> float:
    """The logistic function, the inverse of `log_odds`."""
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, log_odds))))


def log_odds(probability: float) -> float:
    """The natural logarithm of a probability against its opposite; finite."""
    within = min(max(probability, _SURE), 1 - _SURE)
    return math.log(within / (1 - within))
