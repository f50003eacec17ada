"""Opening: the composition root: index, models and chat service as the commands name them."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import click

from index.errors import UserError
from index.scope import EVERYTHING, Scope
from qa.errors import NoGpu

if TYPE_CHECKING:
    from index.embedding.embedder import Embedder
    from index.embedding.numpy_embedder import NumpyEmbedder
    from index.search import Searcher
    from qa.extraction.reader import Reader
    from qa.llm.cache.files import DiskCache
    from qa.llm.computing import Computing
    from qa.llm.model import LanguageModel
    from qa.service.chat import Chat, Offer
    from qa.service.conversations import Conversations
    from qa.service.json_api import JsonApi

NO_TEMPLATE = (
    "{} holds no chat template, as a model that was never taught to answer: it is asked as most "
    "small models are. If its answers are poor, give an instruct version of it with --llm.\n"
)


def embedder(name: str | None) -> "Embedder":
    """An embedder by its folder or known name; the default one when None.

    Where the folder allows it, questions are embedded by numpy, without loading torch.
    """
    from index.embedding.adaptive import AdaptiveEmbedder
    from index.embedding.numpy_embedder import NotSupported
    from index.embedding.sentence_transformer import SentenceTransformerEmbedder
    from qa.weights.paths import embedder_path

    path = embedder_path(name)
    try:
        quick = _numpy_embedder(path)
    except NotSupported:
        return SentenceTransformerEmbedder(path)
    return AdaptiveEmbedder(quick, lambda: SentenceTransformerEmbedder(path))


def reader() -> "Reader":
    """The reader that ships. It reads by the default embedder's weights, whatever searches.

    Raises:
        MissingWeights: the default embedder's are not there.
        NoReader: they are others than those that it was trained on.
    """
    from qa.extraction.encoder_reader import EncoderReader
    from qa.weights.paths import embedder_path

    return EncoderReader.of(_numpy_embedder(embedder_path()))


@cache
def _numpy_embedder(path: str) -> "NumpyEmbedder":
    """Loaded once, as search and reader share its weights."""
    from index.embedding.numpy_embedder import NumpyEmbedder

    return NumpyEmbedder(path)


def searcher(index: Path, embedder_name: str | None, within: Scope = EVERYTHING) -> "Searcher":
    """The search in an index, or in the articles of it that are in a scope."""
    from index.search import Searcher
    from index.storage.catalog import Catalog
    from index.text import languages

    Catalog.open(index).close()  # a missing index is reported at once, not after seconds of loading
    Thread(target=languages.load, daemon=True).start()
    return Searcher(index, embedder(embedder_name), within)


def asking_parts(
    index: Path,
    embedder_name: str | None,
    llm: str | None,
    computing: "Computing",
    cache_size: int | None,
    within: Scope = EVERYTHING,
) -> tuple["Searcher", "Reader", "LanguageModel"]:
    """Search, reader and model, opened side by side: one loads weights, another imports code."""
    from concurrent.futures import ThreadPoolExecutor

    check_present(index, embedder_name, llm)
    cache = disk_cache(index, cache_size)
    with ThreadPoolExecutor(max_workers=1) as pool:
        loading = pool.submit(model, llm, computing, cache)
        opened = searcher(index, embedder_name, within), reader()
        return *opened, loading.result()


def model(llm: str | None, computing: "Computing", cache: "DiskCache | None") -> "LanguageModel":
    """A language model; the default one when None. `cache` stores the KV states of passages.

    The address of a server gives the model there; what has to be told of it goes to stderr.

    Raises:
        NoGpu: layers are to be computed on a GPU that is not there.
    """
    from qa.llm.server.address import is_server

    if llm and is_server(llm):
        return _on_server(llm)
    from qa.llm import gpus, settings, trial
    from qa.llm.free_cores import FreeCores
    from qa.llm.llama import LlamaModel
    from qa.weights import model_memory
    from qa.weights.checksums import sha256_of
    from qa.weights.paths import llm_path

    free_cores = FreeCores() if computing.gives_way else None
    path = llm_path(llm)
    if computing.gpu_layers and not gpus.names():
        raise NoGpu
    model_memory.check(path)
    sha256 = sha256_of(path)
    wanted = computing.over(settings.load(sha256))
    trial.check(path, sha256, wanted)
    loaded = LlamaModel(path, sha256, None, cache, wanted, free_cores)
    if loaded.lacks_template:
        sys.stderr.write(NO_TEMPLATE.format(path.name))
    return loaded


def _on_server(llm: str) -> "LanguageModel":
    from qa.llm.server.opening import open_server

    opened, notices = open_server(llm)
    for notice in notices:
        click.echo(f"Note: {notice}", err=True)
    return opened


def disk_cache(index: Path, cache_size: int | None) -> "DiskCache | None":
    """The cache of KV states in the folder of an index that exists.

    `cache_size` is in bytes; None decides by the free disk space, 0 means no cache.

    Raises:
        LinkInIndex: it would lie elsewhere.
    """
    from index.layout import refuse_links
    from qa.llm.cache.files import FOLDER, DiskCache, default_budget

    refuse_links(index)
    budget = default_budget(index) if cache_size is None else cache_size
    return DiskCache(index / FOLDER, budget) if budget else None


def check_present(index: Path, embedder_name: str | None, llm: str | None) -> None:
    """Check that the index and the weights exist, without loading them; a server is not asked yet.

    Raises:
        UserError: one of them does not.
    """
    from index.storage.catalog import Catalog

    Catalog.open(index).close()
    check_models(embedder_name, llm)


def check_models(embedder_name: str | None, llm: str | None) -> None:
    """Check that the weights exist, without loading them; a server is not asked yet.

    Raises:
        UserError: they do not.
    """
    from qa.llm.server.address import is_server, parse
    from qa.weights.paths import embedder_path, llm_path

    if llm and is_server(llm):
        parse(llm)
    else:
        llm_path(llm)
    embedder_path(embedder_name)
    embedder_path()  # the reader's


def name_and_id(llm: str | None) -> tuple[str, str]:
    """A language model's name, and its `LanguageModel.sha256`, without loading it."""
    from qa.llm.server.address import is_server
    from qa.weights.checksums import sha256_of
    from qa.weights.paths import llm_path

    if llm and is_server(llm):
        there = _on_server(llm)
        return there.name, there.sha256
    path = llm_path(llm)
    return path.stem, sha256_of(path)


def is_on_server(model: "LanguageModel") -> bool:
    """Whether a model computes elsewhere, so that nothing of it is kept or tuned here."""
    from qa.llm.server.model import ServerModel

    return isinstance(model, ServerModel)


def keeps_states(model: "LanguageModel") -> bool:
    """Whether what a model has read can be kept on disk: not where it reads every prompt whole."""
    from qa.llm.llama import LlamaModel

    return not isinstance(model, LlamaModel) or model.keeps_states


def described(model: "LanguageModel") -> dict[str, str]:
    """The model as a run's record names it; `llm_server` is the address of one on a server."""
    from qa.llm.server.model import ServerModel

    named = {"llm": model.name, "llm_sha256": model.sha256}
    return named | ({"llm_server": model.address.base} if isinstance(model, ServerModel) else {})


def _choices(llm: str | None, first: "LanguageModel") -> dict[str, str]:
    """What --llm would be for each model that the page offers, by name, the first one first.

    Servers are the operator's choice alone: the page can name none.
    """
    from qa.weights.paths import llm_path, present_llms

    local = {name: str(path) for name, path in present_llms().items()}
    if is_on_server(first):
        return {first.name: llm or "", **{n: p for n, p in local.items() if n != first.name}}
    path = llm_path(llm)
    return {path.stem: str(path), **local}


@contextmanager
def chat_service(
    index: Path,
    embedder_name: str | None,
    llm: str | None,
    computing: "Computing",
    cache_size: int | None,
    conversations: "Conversations",
    read_only: bool,
    examples: Sequence[str],
    within: Scope = EVERYTHING,
    watching: bool = False,
) -> Iterator[tuple["Chat", "JsonApi", "Offer"]]:
    """Everything that the chat page needs; closed at the end, except for the conversations."""
    from qa.answering.prefill import Prefill
    from qa.service.chat import Chat, Offer
    from qa.service.jobs.scheduler import Scheduler
    from qa.service.json_api import JsonApi
    from qa.service.library import Library

    cache = disk_cache(index, cache_size)

    def load(name: str) -> "LanguageModel":
        if name not in models:
            raise UserError(f"There is no model {name!r} here. Choose one of: {', '.join(models)}")
        return model(models[name], computing, cache)

    def prefill(model: "LanguageModel") -> "Callable[[], bool]":
        if is_on_server(model):
            return lambda: False  # it has no states to be stored here
        assert cache
        return Prefill(index, model, cache).step

    searcher, reads, loaded = asking_parts(index, embedder_name, llm, computing, cache_size, within)
    models = _choices(llm, loaded)
    library = Library(index, searcher.embedder, read_only=read_only)
    with closing(Scheduler(searcher, reads, loaded, load, prefill if cache else None)) as scheduler:
        chat = Chat(scheduler, conversations, library)
        offer = Offer(tuple(models), read_only, tuple(examples), watching)
        yield chat, JsonApi(scheduler, searcher), offer
