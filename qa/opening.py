"""Opening: index and models as commands name them, loaded side by side."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from index.embed import Embedder
    from index.search import Searcher
    from qa.llm import Model


def embedder(name: str | None) -> "Embedder":
    """An embedder by its folder or known name; the default one when None."""
    from index.embed import SentenceTransformerEmbedder
    from qa.models import embedder_path

    return SentenceTransformerEmbedder(embedder_path(name))


def searcher(index: Path, embedder_name: str | None) -> "Searcher":
    """An index opened for searching."""
    from index.catalog import Catalog
    from index.search import Searcher

    Catalog.open(index).close()  # no index is said at once, not after seconds of loading
    return Searcher(index, embedder(embedder_name))


def both(
    index: Path, embedder_name: str | None, llm: str | None, threads: int | None
) -> tuple["Searcher", "Model"]:
    """Open index and model side by side: one loads weights while the other imports libraries."""
    from concurrent.futures import ThreadPoolExecutor

    from index.catalog import Catalog
    from qa.llm import LlamaModel
    from qa.models import embedder_path, llm_path, sha256_of

    Catalog.open(index).close()
    path = llm_path(llm)
    embedder_path(embedder_name)
    with ThreadPoolExecutor(max_workers=1) as pool:
        model = pool.submit(lambda: LlamaModel(path, sha256_of(path), threads))
        opened = searcher(index, embedder_name)
        return opened, model.result()
