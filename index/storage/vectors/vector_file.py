"""Vector file: every vector by its key, in SQLite, from which Chroma is made.

Embedding is the costly step: an hour of it must survive a kill, a full disk or a broken Chroma. So
each batch is committed here, in a file apart from the catalog, whose own transaction is open all
the while and is lost when it ends early. Chroma gets the vectors late and in one go, and can be
made anew from here in seconds.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from index.embedding.embedder import Vectors
from index.errors import IndexDamaged
from index.layout import VECTORS
from index.storage.database import Database

BATCH = 2000  # Chroma 1.5.9 takes at most 5,461 records at once; 3 MB of vectors

# Little-endian; float32, and float16 for the sentences, which need no more to find the
# nearest. A loose vector is one that the catalog is not known to name: new, or left by a run that
# was stopped. Sentences are NULL where the vector was salvaged from Chroma, which has none.
_SCHEMA = """
CREATE TABLE vector (
    number INTEGER PRIMARY KEY, embedder TEXT NOT NULL, key TEXT NOT NULL, language TEXT NOT NULL,
    vector BLOB NOT NULL, sentences BLOB, UNIQUE (embedder, key)
);
CREATE TABLE loose (number INTEGER PRIMARY KEY REFERENCES vector ON DELETE CASCADE);
"""


@dataclass(frozen=True, slots=True, eq=False)
class Embedding:
    """The vectors of a text: its own, shape (dimension,), and its sentences', (n, dimension).

    All are float32 and of length 1; a text of one sentence has none besides its own. `language`
    is the ISO 639 code of the article it was first found in.
    """

    key: str
    language: str
    vector: Vectors
    sentences: Vectors


class VectorFile(Database):
    """The vectors of one embedder in an index's folder."""

    def __init__(self, folder: Path, fingerprint: str, *, create: bool = False) -> None:
        """Open the file, or make an empty one.

        Raises:
            IndexDamaged: it cannot be read, or is missing.
            IndexUnwritable: none can be made.
        """
        if not create and not (folder / VECTORS).is_file():
            raise IndexDamaged(folder, f"{VECTORS} is missing")
        super().__init__(folder, VECTORS)
        self._embedder = fingerprint
        if create:
            self.create_tables(_SCHEMA)
        self.check_tables(_SCHEMA)

    def verify(self) -> None:
        """Read all of it.

        Raises:
            IndexDamaged: a part of it cannot be read.
        """
        with self.errors():
            ((result,),) = self.connection.execute("PRAGMA quick_check(1)")
        if result != "ok":
            raise IndexDamaged(self.folder, f"{VECTORS} is broken: {result}")

    def count(self) -> int:
        """How many vectors there are, loose ones included."""
        sql = "SELECT count(*) AS count FROM vector WHERE embedder = ?"
        return int(self.one(sql, self._embedder)[0])

    def settled(self) -> int:
        """How many vectors the catalog is known to name."""
        sql = "SELECT count(*) AS count FROM vector JOIN loose USING (number) WHERE embedder = ?"
        return self.count() - int(self.one(sql, self._embedder)[0])

    def has(self, keys: Iterable[str]) -> frozenset[str]:
        """Which of the keys have all vectors, those of the sentences included."""
        return frozenset(row[0] for row in self._rows("key", keys, "sentences IS NOT NULL"))

    def parts(self, keys: Iterable[str]) -> dict[str, int]:
        """How many sentences have vectors, for the keys that `has` gives."""
        # Two bytes a number there, four in the passage's own vector.
        columns = "key, 2 * length(sentences) / max(1, length(vector)) AS parts"
        return dict(self._rows(columns, keys, "sentences IS NOT NULL"))

    def bare(self, keys: Iterable[str]) -> dict[str, Vectors]:
        """The vectors of the keys whose sentences have none."""
        rows = self._rows("key, vector", keys, "sentences IS NULL")
        return {key: np.frombuffer(vector, dtype="<f4") for key, vector in rows}

    def read(self, keys: Iterable[str]) -> dict[str, Embedding]:
        """The embeddings of the keys that have them."""
        columns = "key, language, vector, sentences"
        rows = self._rows(columns, keys, "sentences IS NOT NULL")
        return {row[0]: _embedding(*row) for row in rows}

    def languages(self, keys: Iterable[str]) -> dict[str, list[str]]:
        """The keys that have vectors, by language."""
        found: dict[str, list[str]] = {}
        for key, language in self._rows("key, language", keys):
            found.setdefault(language, []).append(key)
        return found

    def add(self, embeddings: Sequence[Embedding]) -> None:
        """Store embeddings, loose; they are on the disk on return."""
        self._add([(e.key, e.language, e.vector, _bytes(e.sentences, "<f2")) for e in embeddings])

    def add_bare(self, keys: Sequence[str], language: str, vectors: Vectors) -> None:
        """Store vectors of shape (len(keys), dimension) without those of sentences, loose."""
        self._add([(key, language, row, None) for key, row in zip(keys, vectors, strict=True)])

    def _add(self, rows: Sequence[tuple[str, str, Vectors, bytes | None]]) -> None:
        with self.transaction():
            self.connection.executemany(
                "INSERT OR REPLACE INTO vector (embedder, key, language, vector, sentences)"
                " VALUES (?, ?, ?, ?, ?)",
                [
                    (self._embedder, key, language, _bytes(vector, "<f4"), sentences)
                    for key, language, vector, sentences in rows
                ],
            )
            self.query(
                f"INSERT OR IGNORE INTO loose SELECT number FROM vector WHERE {_AMONG}",
                self._embedder,
                json.dumps([row[0] for row in rows]),
            )

    def loose(self) -> Iterator[list[str]]:
        """The keys of loose vectors in batches; they may be settled or removed meanwhile."""
        for rows in self._pages("SELECT number, key FROM loose JOIN vector USING (number)"):
            yield [row[1] for row in rows]

    def pages(self) -> Iterator[list[str]]:
        """Every key in batches; vectors may be removed meanwhile."""
        for rows in self._pages("SELECT number, key FROM vector"):
            yield [row[1] for row in rows]

    def entries(
        self, keys: Sequence[str] | None = None
    ) -> Iterator[list[tuple[int, str, str, bytes]]]:
        """Number, language, key and vector (float32, little-endian) of some or all, in batches."""
        columns = "number, language, key, vector"
        if keys is None:
            yield from self._pages(f"SELECT {columns} FROM vector")
        for i in range(0, len(keys or ()), BATCH):
            yield self._rows(columns, (keys or ())[i : i + BATCH])

    def settle(self, keys: Iterable[str]) -> None:
        """Mark vectors as named by the catalog."""
        numbers = f"SELECT number FROM vector WHERE {_AMONG}"
        self._write(f"DELETE FROM loose WHERE number IN ({numbers})", keys)

    def remove(self, keys: Iterable[str]) -> None:
        """Remove vectors."""
        self._write(f"DELETE FROM vector WHERE {_AMONG}", keys)

    def remove_unfit(self, dimension: int) -> None:
        """Remove vectors that no embedder of this dimension gives."""
        for keys in self.pages():
            known = self.read(keys)
            none = np.zeros((0, dimension), dtype=np.float32)
            known |= {k: Embedding(k, "", vector, none) for k, vector in self.bare(keys).items()}
            self.remove([key for key in keys if not fits(known[key], dimension)])

    def remove_others(self) -> None:
        """Remove the vectors of every other embedder."""
        self.query("DELETE FROM vector WHERE embedder <> ?", self._embedder)

    def _pages(self, select: str) -> Iterator[list[Any]]:
        # The plus keeps SQLite from going by the index of keys and sorting all numbers.
        sql = f"{select} WHERE +embedder = ? AND number > ? ORDER BY number LIMIT {BATCH}"
        yield from self.batches(sql, self._embedder, last=0)

    def _rows(self, columns: str, keys: Iterable[str], where: str = "TRUE") -> list[Any]:
        sql = f"SELECT {columns} FROM vector WHERE {_AMONG} AND {where}"
        return self.query(sql, self._embedder, json.dumps(list(keys)))

    def _write(self, sql: str, keys: Iterable[str]) -> None:
        self.query(sql, self._embedder, json.dumps(list(keys)))


def fits(found: Embedding, dimension: int) -> bool:
    """Whether vectors are finite, of length 1 and of an embedder's dimension."""
    return all_fit([found], dimension)


def all_fit(found: Sequence[Embedding], dimension: int) -> bool:
    """Whether each of several fits, as `fits` tells of one."""
    if not found:
        return True
    if any(e.vector.shape != (dimension,) or e.sentences.shape[1:] != (dimension,) for e in found):
        return False
    rows = np.concatenate([part for e in found for part in (e.vector[np.newaxis], e.sentences)])
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    return bool(np.all(np.abs(lengths - 1) <= _LENGTH_TOLERANCE))


# Of a vector's length from 1, in float32; a vector of another length spoils every cosine.
_LENGTH_TOLERANCE = 1e-3
_AMONG = "embedder = ? AND key IN (SELECT value FROM json_each(?))"


def _embedding(key: str, language: str, vector: bytes, sentences: bytes) -> Embedding:
    # A blob cut within a number or a row is damage that `fits` finds.
    whole = np.frombuffer(vector[: len(vector) // 4 * 4], dtype="<f4")
    rows = np.frombuffer(sentences[: len(sentences) // 2 * 2], dtype="<f2").astype(np.float32)
    if not len(whole) or len(rows) % len(whole):
        return Embedding(key, language, whole, np.zeros((0, 0), dtype=np.float32))
    return Embedding(key, language, whole, rows.reshape(-1, len(whole)))


def _bytes(vectors: Vectors, kind: str) -> bytes:
    return np.ascontiguousarray(vectors, dtype=kind).tobytes()
