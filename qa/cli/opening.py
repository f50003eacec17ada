"""Opening: index and models as commands name them, loaded side by side."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from index.errors import UserError

if TYPE_CHECKING:
    from index.embedding.embedder import Embedder
    from index.search import Searcher
    from qa.llm.cache.files import DiskCache
    from qa.llm.model import LanguageModel
    from qa.service.chat import Chat, Offer
    from qa.service.conversations import Conversations
    from qa.service.json_api import JsonApi


def embedder(name: str | None) -> "Embedder":
    """An embedder by its folder or known name; the default one when None.

    One that embeds a question at once, if its folder is of the kind that can be.
    """
    from index.embedding.adaptive import AdaptiveEmbedder
    from index.embedding.numpy_embedder import NotSupported, NumpyEmbedder
    from index.embedding.sentence_transformer import SentenceTransformerEmbedder
    from qa.weights.paths import embedder_path

    path = embedder_path(name)
    try:
        light = NumpyEmbedder(path)
    except NotSupported:
        return SentenceTransformerEmbedder(path)
    return AdaptiveEmbedder(light, lambda: SentenceTransformerEmbedder(path))


def searcher(index: Path, embedder_name: str | None) -> "Searcher":
    """An index opened for searching."""
    from index import languages
    from index.search import Searcher
    from index.storage.catalog import Catalog

    Catalog.open(index).close()  # no index is said at once, not after seconds of loading
    Thread(target=languages.load, daemon=True).start()
    return Searcher(index, embedder(embedder_name))


def both(
    index: Path,
    embedder_name: str | None,
    llm: str | None,
    threads: int | None,
    cache_size: int | None,
) -> tuple["Searcher", "LanguageModel"]:
    """Open index and model side by side: one loads weights while the other imports libraries."""
    from concurrent.futures import ThreadPoolExecutor

    check(index, embedder_name, llm)
    files = kept(index, cache_size)
    with ThreadPoolExecutor(max_workers=1) as pool:
        loading = pool.submit(model, llm, threads, files)
        opened = searcher(index, embedder_name)
        return opened, loading.result()


def model(llm: str | None, threads: int | None, files: "DiskCache | None") -> "LanguageModel":
    """A language model; the default one when None. `files` keeps the passages it read."""
    from qa.llm import settings as tuning
    from qa.llm.llama import LlamaModel
    from qa.weights.checksums import sha256_of
    from qa.weights.paths import llm_path

    path = llm_path(llm)
    sha256 = sha256_of(path)
    return LlamaModel(path, sha256, threads, files, tuning.load(sha256))


def kept(index: Path, cache_size: int | None) -> "DiskCache | None":
    """Where passages that were read are kept beside an index that is there.

    `cache_size` is in bytes; None decides by the disk, 0 keeps none.
    """
    from qa.llm.cache.files import FOLDER, DiskCache, default_budget

    budget = default_budget(index) if cache_size is None else cache_size
    return DiskCache(index / FOLDER, budget) if budget else None


def check(index: Path, embedder_name: str | None, llm: str | None) -> None:
    """See, without loading anything, that an index and the weights are there.

    Raises:
        UserError: one is not.
    """
    from index.storage.catalog import Catalog
    from qa.weights.paths import embedder_path, llm_path

    Catalog.open(index).close()
    llm_path(llm)
    embedder_path(embedder_name)


@contextmanager
def chat(
    index: Path,
    embedder_name: str | None,
    llm: str | None,
    threads: int | None,
    cache_size: int | None,
    conversations: "Conversations",
    read_only: bool,
    examples: Sequence[str],
) -> Iterator[tuple["Chat", "JsonApi", "Offer"]]:
    """Open all that a page needs, and close it at the end, but for the conversations."""
    from qa.answering.prefill import Prefill
    from qa.service.chat import Chat, Offer
    from qa.service.json_api import JsonApi
    from qa.service.library import Library
    from qa.service.scheduler import Scheduler
    from qa.weights.paths import llm_path, present_llms

    files = kept(index, cache_size)
    first = llm_path(llm)
    models = {first.stem: first, **present_llms()}

    def load(name: str) -> "LanguageModel":
        if name not in models:
            raise UserError(f"There is no model {name!r} here. Choose one of: {', '.join(models)}")
        return model(str(models[name]), threads, files)

    def ahead(model: "LanguageModel") -> "Callable[[], bool]":
        assert files
        return Prefill(index, model, files).step

    searcher, begun = both(index, embedder_name, llm, threads, cache_size)
    library = Library(index, searcher.embedder, read_only=read_only)
    with closing(Scheduler(searcher, begun, load, ahead if files else None)) as desk:
        talk = Chat(desk, conversations, library)
        yield talk, JsonApi(desk, searcher), Offer(tuple(models), read_only, tuple(examples))
