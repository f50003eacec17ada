"""Centrality: which sentences say most of what a text says, from their vectors. Pure.

A sentence is central when it is near to all others (degree centrality: LexRank, Erkan and Radev
2004, arXiv:1109.2128); of what was chosen nothing is said again (maximal marginal relevance:
Carbonell and Goldstein 1998).
"""

import numpy as np

from index.embedding.embedder import Vectors


def central(vectors: Vectors, count: int) -> list[int]:
    """Positions of the sentences to say, one of each part of the text, in its order.

    Args:
        vectors: of the sentences in the text's order, shape (n, dimension), of length one.
        count: how many are wanted; there are no more than sentences.
    """
    if not len(vectors):
        return []
    worth = _standard(vectors @ vectors.mean(axis=0))
    chosen: list[int] = []
    for part in np.array_split(np.arange(len(vectors)), min(count, len(vectors))):
        gain = worth[part]
        if chosen:
            gain = gain - _standard((vectors[part] @ vectors[chosen].T).max(axis=1))
        chosen.append(int(part[gain.argmax()]))
    return chosen


def _standard(values: Vectors) -> Vectors:
    """With mean 0 and deviation 1, or all 0."""
    found: Vectors = (values - values.mean()) / max(float(values.std()), 1e-6)
    return found
