"""Centrality: which sentences say most of what a text says, from their vectors. Pure.

A sentence is central when it is near to all others (degree centrality: LexRank, Erkan and Radev
2004, arXiv:1109.2128); of what was chosen nothing is said again (maximal marginal relevance:
Carbonell and Goldstein 1998). One is taken of each part of the text.
"""

import itertools
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from index.embedding.embedder import Vectors

Part = NDArray[np.intp]
"""Positions that follow each other."""

# A long sentence says more than a short one. CALIBRATION.md has what else was tried.
_LENGTH = 0.5


def central(
    vectors: Vectors,
    parts: Sequence[Part],
    lengths: Sequence[int] = (),
    may: Callable[[int], bool] = lambda _: True,
) -> list[int]:
    """Positions of the sentences to say, one of each part, in the parts' order.

    Args:
        vectors: of the sentences in the text's order, shape (n, dimension), of length one.
        parts: what is chosen from, as `even` and `growing` cut it.
        lengths: how long each sentence is, at least 1, if that counts.
        may: whether a sentence can be said; asked only of the best of each part, until one may.
            Of a part where none may, nothing is chosen.
    """
    if not len(vectors):
        return []
    worth = _standard(vectors @ vectors.mean(axis=0))
    if len(lengths):
        worth = worth + _LENGTH * _standard(np.log(np.asarray(lengths, dtype=np.float32)))
    chosen: list[int] = []
    for part in parts:
        gain = worth[part]
        if chosen:
            gain = gain - _standard((vectors[part] @ vectors[chosen].T).max(axis=1))
        best = (int(i) for i in part[np.argsort(-gain, kind="stable")])
        chosen += [i for i in [next(filter(may, best), None)] if i is not None]
    return chosen


def even(count: int, parts: int) -> list[Part]:
    """`count` positions in so many parts of like size; one part a position where there are less."""
    whole = min(count, parts)
    return np.array_split(np.arange(count), whole) if whole else []


def growing(count: int, parts: int) -> list[Part]:
    """`count` positions in so many parts: the first alone, and each other larger than the last.

    An article says first what matters most, and of the rest something should be said, too.
    """
    rest, cuts = min(count, parts) - 1, [0, 1]
    for part in range(1, rest + 1):
        # So many parts are still to come, each of one position at least.
        latest = count - (rest - part)
        end = 1 + round((count - 1) * (part / rest) ** 2)
        cuts.append(min(latest, max(cuts[-1] + 1, end)))
    return [np.arange(*ends) for ends in itertools.pairwise(cuts)] if rest >= 0 else []


def _standard(values: Vectors) -> Vectors:
    """With mean 0 and deviation 1, or all 0."""
    found: Vectors = (values - values.mean()) / max(float(values.std()), 1e-6)
    return found
