"""Settings: what the vectors and chunks of an index depend on, and whether they are still so."""

from pathlib import Path

from index.articles import chunks as chunking
from index.embedding.embedder import Embedder
from index.errors import IndexMismatch
from index.storage.catalog import Catalog


def settings(embedder: Embedder) -> dict[str, str]:
    """What vectors and chunks depend on; an index made with other values must be made anew."""
    return {"embedder": embedder.fingerprint, "chunker": chunker()}


def chunker() -> str:
    """What names the way articles are cut."""
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
