"""Thresholds: which cosines mean "relevant" and "proven", for each embedder that was measured."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Cosines, -1 to 1.

    `relevant` is for question and passage in one language, `relevant_across` for two. A sentence
    of an answer is supported from `supported`, partly from `partial`, and unproven below.
    """

    relevant: float
    relevant_across: float
    supported: float
    partial: float


# tests/benchmarks/CALIBRATION.md says how they were found. Texts of one language are nearer to each
# other than those of two, whatever they say, so relevance has two.
_MEASURED = {
    "multilingual-e5-small": Thresholds(
        relevant=0.805, relevant_across=0.755, supported=0.84, partial=0.78
    )
}
# Another embedder's cosines mean something else: only numbers and names judge then, and no proof is
# called more than partial.
_UNKNOWN = Thresholds(relevant=-1.0, relevant_across=-1.0, supported=2.0, partial=-1.0)


def thresholds(embedder: str) -> Thresholds:
    """Those of an embedder, by its name."""
    return _MEASURED.get(embedder, _UNKNOWN)
