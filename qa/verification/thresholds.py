"""Thresholds: what means "relevant" and "proven", for each embedder and model that was measured."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Cosines, -1 to 1, by the embedder; log-odds of Yes against No, by the language model.

    `relevant` is for question and passage in one language, `relevant_across` for two. A sentence
    of an answer is supported from `supported`, partly from `partial`, and unproven below.

    A passage is tried from `tells` on: how far the model leans to Yes, and `search` times what the
    search gives the passage. What is written of it is right from `right` on: how far the model
    leans to both, that the passage tells and that this is right, less `declines` times how far it
    would rather have declined. The model is sure of its words from `sure` on, the mean natural
    logarithm of its tokens' probabilities.
    """

    relevant: float
    relevant_across: float
    supported: float
    partial: float
    search: float
    tells: float
    declines: float
    right: float
    sure: float


# tests/benchmarks/CALIBRATION.md says how they were found. Texts of one language are nearer to each
# other than those of two, whatever they say, so relevance has two. Another embedder's cosines mean
# something else: only numbers and names judge then, and no proof is called more than partial.
_COSINES = {"multilingual-e5-small": (0.805, 0.755, 0.84, 0.78)}
_NO_COSINES = (-1.0, -1.0, 2.0, -1.0)
# By the weights, whatever their file is called: what tells, alone and with the search; what counts
# against it, what is right and what is sure. A model that was not measured is believed when it says
# Yes rather than No.
_QWEN = "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"  # Coder 1.5B, Q4_K_M
_LEANINGS = {_QWEN: (1.0, 2.0, 1.0, 3.2, -0.2)}
_NO_LEANINGS = (0.0, 0.0, 0.0, -math.inf, -math.inf)
_SEARCH = 25.0


def thresholds(embedder: str, weights: str) -> Thresholds:
    """Those of an embedder, by its name, and of a language model, by its weights' SHA-256."""
    alone, together, *others = _LEANINGS.get(weights, _NO_LEANINGS)
    cosines = _COSINES.get(embedder, _NO_COSINES)
    if embedder in _COSINES and weights in _LEANINGS:
        return Thresholds(*cosines, _SEARCH, together, *others)
    return Thresholds(*cosines, 0.0, alone, *others)
