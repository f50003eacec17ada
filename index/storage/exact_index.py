"""Flat index: the nearest of vectors few enough to be held in memory and each looked at.

What searches small indexes: Chroma alone takes a second to import. Knows the vector file only.
"""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from index.embedding.embedder import Vectors
from index.errors import IndexDamaged
from index.storage.vector_file import VectorFile

# A process that asks once is quicker without Chroma up to some 300,000 vectors: reading 1,000 takes
# 3 ms, importing and opening Chroma 1 s. But one that goes on holds 1.5 KB of each, and looks at
# 10,000 in 0.4 ms, 20,000 in 1.2 ms, 50,000 in 3.6 ms; Chroma finds in 100,000 in 2.7 ms.
FEW = 20_000

Places = NDArray[np.intp]


class ExactIndex:
    """The vectors of one embedder as they are when the first is looked for."""

    def __init__(self, file: VectorFile) -> None:
        """`file` is theirs from now on, and closed with them."""
        self.file = file

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
        keys, rows, languages = self._held
        if not keys:
            return {}
        if rows.shape != (len(keys), len(vector)):
            raise IndexDamaged(self.file.folder, "a vector is not as an embedder gives it")
        cosines = rows @ vector
        found = {}
        for language, places in languages.items():
            order = places[np.argsort(-cosines[places], kind="stable")[: max(limit, 0)]]
            found[language] = [(keys[place], float(cosines[place])) for place in order]
        return found

    @cached_property
    def _held(self) -> tuple[list[str], Vectors, dict[str, Places]]:
        """Keys, their vectors, shape (len(keys), dimension), and which of them a language has."""
        entries = [entry for page in self.file.entries() for entry in page]
        keys = [key for _, _, key, _ in entries]
        whole = np.frombuffer(b"".join(vector for *_, vector in entries), dtype="<f4")
        size = len(entries[0][3]) // 4 if entries else 0
        if any(len(vector) != 4 * size for *_, vector in entries):
            size = 0
        places: dict[str, list[int]] = {}
        for place, (_, language, _, _) in enumerate(entries):
            places.setdefault(language, []).append(place)
        languages = {language: np.array(some) for language, some in places.items()}
        return keys, whole.reshape(len(keys), size) if size else whole[:0], languages
