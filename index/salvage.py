"""Salvage: before a rebuild, what cannot be read of an index is deleted; the rest is used again."""

from contextlib import closing, suppress
from pathlib import Path

from index.embedding.embedder import Embedder
from index.errors import BadPath, IndexDamaged
from index.layout import CATALOG, CHROMA, VECTORS
from index.storage.catalog import Catalog, salvaged_ids, salvaged_roots
from index.storage.vectors.ann_index import AnnIndex
from index.storage.vectors.seal import IntegritySeal
from index.storage.vectors.vector_file import VectorFile


def discard_unreadable(
    folder: Path, embedder: Embedder, wanted: list[Path]
) -> tuple[list[Path], list[tuple[str, str, str]]]:
    """Before a rebuild, delete the files that cannot be read; the rest is used again.

    Gives the roots that a lost catalog still named, and the ids that it had given.
    """
    roots: list[Path] = []
    ids: list[tuple[str, str, str]] = []
    if (folder / CATALOG).exists():
        try:
            with Catalog.open(folder) as catalog:
                catalog.verify()
        except IndexDamaged as error:
            roots, ids = salvaged_roots(folder), salvaged_ids(folder)
            if not (roots or wanted):
                raise BadPath(
                    f"The catalog of the index at {folder} cannot be read, so what it held must be "
                    f"named: article-qa index ARTICLES --rebuild --index {folder}"
                ) from error
            for file in folder.glob(f"{CATALOG}*"):
                file.unlink()
    _discard_unreadable_vectors(folder, embedder)
    return roots, ids


def _discard_unreadable_vectors(folder: Path, embedder: Embedder) -> None:
    try:
        with closing(VectorFile(folder, embedder.fingerprint)) as file:
            file.verify()
            file.remove_unfit(embedder.dimension)
    except IndexDamaged:
        for part in folder.glob(f"{VECTORS}*"):
            part.unlink()
        with (
            suppress(IndexDamaged),
            closing(AnnIndex(folder, embedder.fingerprint, create=True)) as s,
        ):
            s.salvage()
            s.file.remove_unfit(embedder.dimension)
    IntegritySeal(folder / CHROMA).mark_dirty()  # Chroma is made anew from the vector file
