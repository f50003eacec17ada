"""Compatibility: refuses an index made by another embedder or another way of chunking."""

from pathlib import Path

from index.articles import chunks as chunking
from index.embedding.embedder import Embedder
from index.errors import IndexMismatch
from index.storage.catalog import Catalog


def settings(embedder: Embedder) -> dict[str, str]:
    """The settings that vectors and chunks depend on; an index made with others must be rebuilt."""
    return {"embedder": embedder.fingerprint, "chunker": chunker()}


def chunker() -> str:
    """The name of the way articles are cut into chunks."""
    return f"version {chunking.VERSION}, {chunking.BUDGET} tokens"


def check(catalog: Catalog, folder: Path, embedder: Embedder) -> None:
    """Refuse an index made with other settings.

    Raises:
        IndexMismatch: it names the setting that differs.
    """
    names = {"embedder": "another embedder", "chunker": "another way of cutting articles"}
    for name, value in settings(embedder).items():
        if catalog.setting(name) not in (None, value):
            raise IndexMismatch(folder, names[name])
