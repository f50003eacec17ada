"""Exact index: finds the nearest vectors by comparing all, in memory or page by page of the file.

It searches small indexes: Chroma alone takes a second to import. Knows the vector file only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.embedding.embedder import Vectors
from index.errors import IndexDamaged
from index.storage.vectors.vector_file import VectorFile

# A process that asks once is quicker without Chroma up to some 300,000 vectors: reading 1,000 takes
# 3 ms, importing and opening Chroma 1 s. But one that goes on holds 1.5 KB of each, and looks at
# 10,000 in 0.4 ms, 20,000 in 1.2 ms, 50,000 in 3.6 ms; Chroma finds in 100,000 in 2.7 ms.
FEW = 20_000

Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class _Matrix:
    """Vectors, shape (len(keys), dimension), and which of them a language has."""

    keys: list[str]
    rows: Vectors
    languages: dict[str, Places]


class ExactIndex:
    """The vectors of one embedder as they are when the first is looked for."""

    def __init__(self, file: VectorFile, keys: Sequence[str] | None = None) -> None:
        """Take the vectors of `keys`, or of all; `file` is closed with the index."""
        self.file, self._keys = file, keys

    def close(self) -> None:
        """Let the file go."""
        self.file.close()

    def count(self) -> int:
        """How many vectors can be found."""
        return self.file.count()

    def nearest(self, vector: Vectors, limit: int) -> dict[str, list[tuple[str, float]]]:
        """For each language, keys and cosines of the nearest vectors, best first.

        Raises:
            IndexDamaged: the file cannot be read, or holds vectors of another size.
        """
        return _nearest(self._held, vector, limit, self.file.folder)

    @cached_property
    def _held(self) -> "_Matrix":
        return _matrix([entry for page in self.file.entries(self._keys) for entry in page])


def nearest_by_pages(
    file: VectorFile, vector: Vectors, limit: int
) -> dict[str, list[tuple[str, float]]]:
    """As `ExactIndex.nearest`, reading the file once and holding some thousand vectors at a time.

    Raises:
        IndexDamaged: the file cannot be read, or holds vectors of another size.
    """
    best: dict[str, list[tuple[str, float]]] = {}
    for entries in file.entries():
        for language, near in _nearest(_matrix(entries), vector, limit, file.folder).items():
            both = sorted(best.get(language, []) + near, key=lambda found: -found[1])
            best[language] = both[: max(limit, 0)]
    return best


def _matrix(entries: Sequence[tuple[int, str, str, bytes]]) -> "_Matrix":
    """Vectors of another size than the first leave the matrix without rows."""
    size = len(entries[0][3]) // 4 if entries else 0
    if any(len(vector) != 4 * size for *_, vector in entries):
        size = 0
    whole = np.frombuffer(b"".join(vector[: 4 * size] for *_, vector in entries), dtype="<f4")
    places: dict[str, list[int]] = {}
    for place, (_, language, _, _) in enumerate(entries):
        places.setdefault(language, []).append(place)
    return _Matrix(
        [key for _, _, key, _ in entries],
        whole.reshape(len(entries), size) if size else whole[:0],
        {language: np.array(found) for language, found in places.items()},
    )


def _nearest(
    matrix: _Matrix, vector: Vectors, limit: int, folder: Path
) -> dict[str, list[tuple[str, float]]]:
    if not matrix.keys:
        return {}
    if matrix.rows.shape != (len(matrix.keys), len(vector)):
        raise IndexDamaged(folder, "a vector is not as an embedder gives it")
    cosines = matrix.rows @ vector
    found = {}
    for language, places in matrix.languages.items():
        order = places[np.argsort(-cosines[places], kind="stable")[: max(limit, 0)]]
        found[language] = [(matrix.keys[place], float(cosines[place])) for place in order]
    return found
