"""Logistic regression of many classes, by L-BFGS: the linear models that tell questions apart."""

import numpy as np
from numpy.typing import NDArray

from index.embedding.embedder import Vectors


def fitted(
    vectors: Vectors, labels: NDArray[np.int64], weights: Vectors, penalty: float
) -> tuple[Vectors, Vectors]:
    """Weights of shape (dimension, classes) and a bias (classes,), in float32.

    Args:
        vectors: shape (n, dimension).
        labels: the class of each, from 0.
        weights: how much an example of each class counts, shape (classes,).
        penalty: of the squared weights.
    """
    from scipy.optimize import minimize

    vectors = vectors.astype(np.float64)  # once, and not at every step
    (n, dimension), classes = vectors.shape, len(weights)
    target = np.eye(classes)[labels]
    each = (target @ weights)[:, np.newaxis] / n

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        both = flat.reshape(dimension + 1, classes)
        logits = vectors @ both[:-1] + both[-1]
        logits -= logits.max(axis=1, keepdims=True)
        told = np.exp(logits)
        told /= told.sum(axis=1, keepdims=True)
        wrong = -(each * target * np.log(told + 1e-12)).sum()
        slope = (told - target) * each
        slopes = np.vstack([vectors.T @ slope + 2 * penalty * both[:-1], slope.sum(axis=0)])
        return float(wrong + penalty * (both[:-1] ** 2).sum()), slopes.ravel()

    start = np.zeros((dimension + 1) * classes)
    best = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 1000})
    both = best.x.reshape(dimension + 1, classes).astype(np.float32)
    return both[:-1], both[-1]
