"""Store: keeps vectors by key, and finds the nearest; only home of chromadb.

What is kept is the vector file; Chroma, which finds the nearest among many without looking at all,
is made from it and may be lost. `index/seal.py` says when Chroma may be opened.
"""

import itertools
import logging
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from index.embed import Vectors
from index.errors import IndexDamaged, IndexUnwritable, UserError
from index.seal import Seal
from index.vectors import BATCH, VectorFile

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

FOLDER = "chroma"

# Twice what Chroma looks at by default: a missed neighbour costs an answer, time hardly matters.
_SEARCH_WIDTH = 200

Named = Callable[[Iterable[str]], frozenset[str]]
"""Those of some keys that a chunk has."""
Told = Callable[[int], None]
"""Called with how many vectors are done."""


class Store:
    """The vectors of one embedder: a file of them all and a Chroma collection, by cosine.

    Each embedder has its own, so that an index can be made anew with another one while readers
    still use the old.
    """

    def __init__(self, folder: Path, fingerprint: str, *, create: bool = False) -> None:
        """Open the vectors of one embedder in an index's folder, or make an empty file.

        Raises:
            IndexDamaged: they cannot be read, or nothing is there.
        """
        self._folder, self._name = folder, f"chunks-{fingerprint[:32]}"
        self._seal = Seal(folder / FOLDER)
        self._seen: str | None = None  # what the seal said when Chroma was opened to be read
        self._collection: Collection | None = None
        self.file = VectorFile(folder, fingerprint, create=create)
        with self._found():
            pass

    def close(self) -> None:
        """Let the files go."""
        self._collection = self._seen = None
        self.file.close()

    def count(self) -> int:
        """How many vectors can be found.

        Raises:
            IndexDamaged: Chroma's files are not as they were written, or cannot be read.
        """
        with self._found() as collection, self._reading():
            return self.file.count() if collection is None else collection.count()

    @property
    def is_sealed(self) -> bool:
        """Whether Chroma is whole; while it is not, every vector is looked at instead."""
        return self._seal.is_on

    def differing(self, vectors: dict[str, Vectors]) -> int:
        """How many of these vectors Chroma lacks or has otherwise; none while it is not whole."""
        with self._found() as collection, self._reading():
            if collection is None or not vectors:
                return 0
            got: Any = collection.get(ids=list(vectors), include=["embeddings"])
            same = 0
            for key, vector in zip(got["ids"], np.asarray(got["embeddings"]), strict=True):
                wanted = vectors[key]
                same += wanted.shape == vector.shape and np.allclose(wanted, vector, atol=1e-5)
            return len(vectors) - same

    def vectors(self, keys: Iterable[str]) -> dict[str, Vectors]:
        """The vectors of those keys that are there."""
        return self.file.vectors(keys)

    def add(self, keys: Sequence[str], vectors: Vectors) -> None:
        """Keep vectors of shape (len(keys), dimension); found once they are published."""
        self.file.add(keys, vectors)

    def publish(self, named: Named, *, anew: bool = False, told: Told = lambda done: None) -> None:
        """Let every new vector that is named be found; make Chroma anew where it was left open."""
        anew = anew or not self._seal.is_on
        done = 0
        for keys in self.file.pages() if anew else self.file.loose():
            wanted = named(keys)
            if wanted or anew:
                self._write(wanted, empty=anew and not done)
            done += len(keys)
            told(done)
        if anew and not done:
            self._write((), empty=True)

    def sweep(self, named: Named, dropped: Iterable[list[str]], *, every: bool = False) -> None:
        """After the commit: forget what no chunk has, `dropped` at least, and seal the rest."""
        for keys in self.file.loose():
            wanted = named(keys)
            self.file.settle(wanted)
            self.remove([key for key in keys if key not in wanted])
        for keys in itertools.chain(dropped, self.file.pages() if every else ()):
            wanted = named(keys)
            self.remove([key for key in keys if key not in wanted])
        if every:
            self.file.remove_others()
        self._put_seal_on()

    def remove(self, keys: Sequence[str]) -> None:
        """Forget vectors."""
        if not keys:
            return
        if self._seal.is_on or self._collection is not None:  # else Chroma is made anew anyhow
            with self._changed() as collection:
                for i in range(0, len(keys), BATCH):
                    collection.delete(ids=list(keys[i : i + BATCH]))
        self.file.remove(keys)

    def keys(self) -> list[str]:
        """Every key there is a vector for; for tests and small indexes."""
        return list(itertools.chain.from_iterable(self.file.pages()))

    def nearest(self, vector: Vectors, limit: int) -> list[tuple[str, float]]:
        """Keys and cosines of the nearest vectors, best first."""
        if limit < 1:
            return []
        with self._found() as collection, self._reading():
            if collection is None:
                return self.file.nearest(vector, limit)
            if not collection.count():
                return []
            found: Any = collection.query(
                query_embeddings=np.asarray([vector]), n_results=limit, include=["distances"]
            )
        return [
            (key, 1.0 - float(distance))
            for key, distance in zip(found["ids"][0], found["distances"][0], strict=True)
        ]

    def salvage(self) -> None:
        """Take from Chroma the vectors that the file lacks.

        Raises:
            IndexDamaged: Chroma cannot be read either.
        """
        with self._found() as collection, self._reading():
            offset = 0
            while collection is not None:
                got: Any = collection.get(limit=BATCH, offset=offset, include=["embeddings"])
                if not (keys := got["ids"]):
                    break
                offset += len(keys)
                known = self.file.has(keys)
                rows = np.asarray(got["embeddings"], dtype=np.float32)
                lacking = [i for i, key in enumerate(keys) if key not in known]
                self.file.add([keys[i] for i in lacking], rows[lacking])

    def _write(self, keys: Iterable[str], *, empty: bool) -> None:
        with self._changed(empty=empty) as collection:
            if vectors := self.file.vectors(keys):
                collection.upsert(ids=list(vectors), embeddings=np.stack(list(vectors.values())))

    @contextmanager
    def _changed(self, *, empty: bool = False) -> Iterator["Collection"]:
        """The collection, to be written; the seal is off from now on."""
        with self._writing():
            self._seal.take_off()
            if empty:
                self._collection = None
                shutil.rmtree(self._folder / FOLDER, ignore_errors=True)
            self._collection = self._collection or self._open(create=True)
            yield self._collection

    def _put_seal_on(self) -> None:
        """If Chroma was written: have it write all, and say that it is whole."""
        if self._collection is None or self._seal.is_on:
            return
        with self._writing():
            self._collection.count()
            self._collection = self._seen = None
            self._seal.put_on()

    @contextmanager
    def _found(self) -> Iterator["Collection | None"]:
        """The collection as it is now, to be read; None while Chroma may not be opened."""
        with self._seal.shared() as said:
            if said is not None and said != self._seen:
                if broken := self._seal.broken(said):
                    raise IndexDamaged(self._folder, f"its vectors: {broken}")
                with self._reading():
                    self._collection = self._open(create=False)
                    self._collection.count()
                self._seen = said
            yield None if said is None else self._collection

    def _open(self, *, create: bool) -> "Collection":
        client = _client(self._folder / FOLDER)
        return _collection(client, self._name, create=create)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._translated(IndexUnwritable, "its vectors"):  # of a full disk it seldom says so
            yield

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with self._translated(IndexDamaged, "its vectors cannot be read"):
            yield

    @contextmanager
    def _translated(self, kind: type[IndexDamaged | IndexUnwritable], what: str) -> Iterator[None]:
        try:
            yield
        except (UserError, KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError):
            raise
        except BaseException as error:  # Chroma raises many kinds; panics of Rust are no Exception
            if _no_room(error):
                raise IndexUnwritable(self._folder, error) from error
            raise kind(self._folder, f"{what}: {error}") from error


def _client(folder: Path) -> "ClientAPI":
    # Chroma's telemetry client logs an error of its own on some versions even when switched off.
    logging.getLogger("chromadb.telemetry").setLevel(logging.CRITICAL)
    import chromadb
    from chromadb.api.shared_system_client import SharedSystemClient
    from chromadb.config import Settings

    folder.mkdir(parents=True, exist_ok=True)
    try:
        return chromadb.PersistentClient(
            path=str(folder), settings=Settings(anonymized_telemetry=False)
        )
    finally:
        # Chroma shares one open database among the clients of a folder and never looks at the disk
        # again: without this, a reader would not see what another process wrote, and one that
        # could not be opened would stay broken.
        SharedSystemClient.clear_system_cache()


def _no_room(error: BaseException) -> bool:
    """Whether the disk is full or may not be written; Chroma says so in words alone."""
    known = "disk is full", "no space left", "disk i/o error", "readonly database", "read-only"
    return any(words in str(error).lower() for words in known)


def _collection(client: "ClientAPI", name: str, *, create: bool) -> "Collection":
    if not create:
        return client.get_collection(name, embedding_function=None)
    return client.get_or_create_collection(
        name,
        embedding_function=None,
        configuration={"hnsw": {"space": "cosine", "ef_search": _SEARCH_WIDTH}},
    )
