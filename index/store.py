"""Store: keeps vectors by key; only home of chromadb."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from index.embed import Vectors
from index.errors import IndexDamaged, IndexUnwritable

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

FOLDER = "chroma"
_BATCH = 2000  # Chroma 1.5.9 takes at most 5,461 records at once

# Twice what Chroma looks at by default: a missed neighbour costs an answer, time hardly matters.
_SEARCH_WIDTH = 200


class Store:
    """Vectors in an embedded, persistent Chroma collection, compared by cosine.

    Each embedder has a collection of its own, so that an index can be made anew with another one
    while readers still use the old.
    """

    def __init__(self, folder: Path, fingerprint: str, *, create: bool = False) -> None:
        """Open the vectors of one embedder in an index's folder, or make an empty collection.

        Raises:
            IndexDamaged: Chroma cannot read what is there, or nothing is there.
        """
        self._folder, self._name = folder, f"chunks-{fingerprint[:32]}"
        try:
            self._client = _client(folder / FOLDER)
            self._collection = _collection(self._client, self._name, create=create)
            self._collection.count()
        except Exception as error:  # Chroma raises many kinds for a broken file
            if _no_room(error):
                raise IndexUnwritable(folder, error) from error
            raise IndexDamaged(folder, f"its vectors cannot be opened: {error}") from error

    def count(self) -> int:
        """How many vectors there are."""
        return self._collection.count()

    def remove_others(self) -> None:
        """Forget the vectors of every other embedder."""
        with self._writing():
            for collection in self._client.list_collections():
                if collection.name != self._name:
                    self._client.delete_collection(collection.name)

    def add(self, keys: Sequence[str], vectors: Vectors) -> None:
        """Keep vectors of shape (len(keys), dimension); a key that is there is overwritten."""
        with self._writing():
            for i in range(0, len(keys), _BATCH):
                self._collection.upsert(
                    ids=list(keys[i : i + _BATCH]), embeddings=np.asarray(vectors[i : i + _BATCH])
                )

    def remove(self, keys: Sequence[str]) -> None:
        """Forget vectors."""
        with self._writing():
            for i in range(0, len(keys), _BATCH):
                self._collection.delete(ids=list(keys[i : i + _BATCH]))

    def keys(self) -> list[str]:
        """Every key there is a vector for."""
        found: list[str] = []
        while page := self._get(limit=_BATCH, offset=len(found), include=[])["ids"]:
            found += page
        return found

    def nearest(self, vector: Vectors, limit: int) -> list[tuple[str, float]]:
        """Keys and cosines of the nearest vectors, best first."""
        if limit < 1 or not self._collection.count():
            return []
        try:
            found: Any = self._collection.query(
                query_embeddings=np.asarray([vector]), n_results=limit, include=["distances"]
            )
        except Exception as error:  # as above
            raise IndexDamaged(self._folder, f"its vectors cannot be searched: {error}") from error
        return [
            (key, 1.0 - float(distance))
            for key, distance in zip(found["ids"][0], found["distances"][0], strict=True)
        ]

    def vectors(self, keys: Sequence[str]) -> dict[str, Vectors]:
        """The vectors of those keys that are there."""
        if not keys:
            return {}
        found = self._get(ids=list(keys), include=["embeddings"])
        rows = np.asarray(found["embeddings"], dtype=np.float32)
        return dict(zip(found["ids"], rows, strict=True))

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # as above; of a full disk it seldom says so
            raise IndexUnwritable(self._folder, f"its vectors: {error}") from error

    def _get(self, **query: Any) -> Any:
        try:
            return self._collection.get(**query)
        except Exception as error:  # as above
            raise IndexDamaged(self._folder, f"its vectors cannot be read: {error}") from error


def _client(folder: Path) -> "ClientAPI":
    # Chroma's telemetry client logs an error of its own on some versions even when switched off.
    logging.getLogger("chromadb.telemetry").setLevel(logging.CRITICAL)
    import chromadb
    from chromadb.config import Settings

    folder.mkdir(parents=True, exist_ok=True)
    client = chromadb.PersistentClient(
        path=str(folder), settings=Settings(anonymized_telemetry=False)
    )
    # Chroma shares one open database among the clients of a folder and never looks at the disk
    # again: without this, a reader would not see what another process wrote.
    client.clear_system_cache()
    return client


def _no_room(error: Exception) -> bool:
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
