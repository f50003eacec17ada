"""Chroma: opens its folder and reads its collections; only home of chromadb.

Chroma keeps a graph of neighbours, and so finds the nearest of many vectors without comparing all.
Knows what Chroma says and writes on its own; does not know what the vectors are of.
"""

import logging
import threading
from functools import cache, partialmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from index.embedding.embedder import Vectors

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.collection_configuration import CreateHNSWConfiguration
    from chromadb.api.models.Collection import Collection as Collection

# Twice what Chroma looks at by default: a missed neighbour costs an answer, time hardly matters.
GRAPH: "CreateHNSWConfiguration" = {"space": "cosine", "ef_search": 200}
# A file of each graph on the disk, from 1,000 vectors on. Of fewer, readers make the graph anew
# from SQLite, whose files tell their own damage.
GRAPH_FILE = "index_metadata.pickle"

# What Chroma shares among its clients is not thread-safe, and one may search as another indexes.
_OPENING = threading.Lock()


def open_client(folder: Path) -> "ClientAPI":
    """A client that sees what stands in the folder now; the folder is made when missing."""
    # Chroma's telemetry client logs an error of its own on some versions even when switched off.
    logging.getLogger("chromadb.telemetry").setLevel(logging.CRITICAL)
    folder.mkdir(parents=True, exist_ok=True)
    with _OPENING:
        _import_without_env_file()
        import chromadb
        from chromadb.api.shared_system_client import SharedSystemClient
        from chromadb.config import Settings

        # The first is of pydantic's BaseSettings, which Chroma's types do not tell.
        settings = Settings(_env_file=None, anonymized_telemetry=False)  # type: ignore[call-arg]
        try:
            return chromadb.PersistentClient(path=str(folder), settings=settings)
        finally:
            # Chroma shares one open database among the clients of a folder and never looks at the
            # disk again: without this, a reader would not see what another process wrote, and one
            # that could not be opened would stay broken.
            SharedSystemClient.clear_system_cache()


@cache
def _import_without_env_file() -> None:
    """Keep Chroma from the `.env` of the folder where a command is typed.

    It makes settings of it even as it is imported, and a setting may name any module to run.
    """
    from pydantic_settings import BaseSettings

    made = BaseSettings.__init__
    # mypy takes a method for no place to put another.
    BaseSettings.__init__ = partialmethod(made, _env_file=None)  # type: ignore[assignment]
    try:
        import chromadb.config  # noqa: F401 - for what importing it does
    finally:
        BaseSettings.__init__ = made  # type: ignore[method-assign]


def graph_files(folder: Path) -> list[Path]:
    """The files of each graph that is on the disk, relative to the folder."""
    graphs = (file.parent for file in folder.glob(f"*/{GRAPH_FILE}"))
    return sorted(file.relative_to(folder) for graph in graphs for file in graph.iterdir())


def nearest(collection: "Collection", vector: Vectors, limit: int) -> list[tuple[str, float]]:
    """Keys and cosines of the nearest vectors, best first."""
    found: Any = collection.query(
        query_embeddings=np.asarray([vector]), n_results=limit, include=["distances"]
    )
    keys, distances = found["ids"][0], found["distances"][0]
    return [(key, 1.0 - float(distance)) for key, distance in zip(keys, distances, strict=True)]


def count_equal(collection: "Collection", vectors: dict[str, Vectors]) -> int:
    """How many of the vectors the collection holds under the same keys."""
    got: Any = collection.get(ids=list(vectors), include=["embeddings"])
    return sum(
        vectors[key].shape == vector.shape and np.allclose(vectors[key], vector, atol=1e-5)
        for key, vector in zip(got["ids"], np.asarray(got["embeddings"]), strict=True)
    )


def is_no_room(error: BaseException) -> bool:
    """Whether the disk is full or may not be written; Chroma says so in words alone."""
    known = "disk is full", "no space left", "disk i/o error", "readonly database", "read-only"
    return any(words in str(error).lower() for words in known)
