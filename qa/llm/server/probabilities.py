"""Probabilities: the likeliest first tokens of an answer -> how far a model leans. Pure.

A server names the 20 likeliest tokens at most. Of a word that is not among them it is known that it
is no likelier than the last one, and than all the others together: that bound stands for it.
"""

import math
from collections.abc import Collection, Sequence

Top = Sequence[tuple[str, float]]
"""Tokens and the natural logarithms of their probabilities."""

_LEAST = 1e-9  # of what is left beside the tokens that are named, which are rounded


def log_probability(top: Top, begins: Collection[str]) -> float:
    """The logarithm of the probability that the first token is one of `begins`, or its bound."""
    found = [value for token, value in top if token in begins]
    return _log_sum(found) if found else bound(top)


def bound(top: Top) -> float:
    """The most that any token can have that is not named, as the logarithm of its probability."""
    if not top:
        return 0.0
    rest = max(_LEAST, 1.0 - math.exp(_log_sum([value for _, value in top])))
    return min(min(value for _, value in top), math.log(rest))


def between(top: Top, these: Collection[str], those: Collection[str]) -> float:
    """The log-odds of one word against another; 0 where neither is named."""
    return log_probability(top, these) - log_probability(top, those)


def against_others(top: Top, these: Collection[str]) -> float:
    """The log-odds of a word against all others."""
    this = log_probability(top, these)
    return this - math.log(max(_LEAST, 1.0 - math.exp(this)))


def _log_sum(values: Sequence[float]) -> float:
    highest = max(values)
    return min(0.0, highest + math.log(sum(math.exp(value - highest) for value in values)))
