import os
import shutil
import signal

from qa.environment import QUIET
from qa.extraction.reader import Reader

# Read by the libraries when they are imported, so set before anything else is.
os.environ.update({**QUIET, "HF_HUB_OFFLINE": "1"})

from pathlib import Path

import pytest

from index.build import sync
from index.embedding.embedder import Embedder
from index.storage.catalog import Catalog
from qa.llm.llama import LlamaModel
from qa.service.library import Library
from tests.support.fakes import HashEmbedder
from tests.support.own_cache import use_own_cache
from tests.support.paths import SEED_ARTICLES
from tests.support.small_articles import write_articles

# What a script starts in the background ignores Ctrl-C, and so would all that the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)
use_own_cache()


@pytest.fixture(scope="session")
def seed_articles() -> Path:
    """The folder of the two articles that ship."""
    return SEED_ARTICLES


@pytest.fixture
def embedder() -> HashEmbedder:
    return HashEmbedder()


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """A folder of two small articles, not yet indexed."""
    folder = tmp_path / "articles"
    folder.mkdir()
    write_articles(folder)
    return folder


@pytest.fixture(scope="session")
def small_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an index of two small articles, made once for all tests to copy."""
    folder = tmp_path_factory.mktemp("small")
    (folder / "articles").mkdir()
    write_articles(folder / "articles")
    sync([folder / "articles"], folder / "index", HashEmbedder())
    return folder / "index"


@pytest.fixture
def two_articles(articles: Path, small_index: Path) -> Path:
    """The folder of an index that holds `articles`."""
    folder = articles.parent / "index"
    shutil.copytree(small_index, folder)
    with Catalog.open(folder) as catalog:
        catalog.query("UPDATE root SET path = ?", str(articles))
        catalog.query("UPDATE article SET root = ?", str(articles))
    return folder


@pytest.fixture
def library(two_articles: Path, embedder: HashEmbedder) -> Library:
    """The articles of `two_articles`."""
    return Library(two_articles, embedder)


@pytest.fixture(scope="session")
def real_embedder() -> Embedder:
    """The default embedding model; for tests marked `weights`."""
    from qa.cli import opening

    return opening.embedder(None)


@pytest.fixture(scope="session")
def real_index(real_embedder: Embedder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an index that holds the articles that ship."""
    folder = tmp_path_factory.mktemp("real") / "index"
    sync([SEED_ARTICLES], folder, real_embedder)
    return folder


@pytest.fixture(scope="session")
def real_reader() -> Reader:
    """The reader that ships; for tests marked `weights`."""
    from qa.cli import opening

    return opening.reader()


@pytest.fixture(scope="session")
def real_model() -> LlamaModel:
    """The default language model, loaded once; for tests marked `weights`."""
    from qa.weights.checksums import sha256_of
    from qa.weights.paths import llm_path

    path = llm_path()
    return LlamaModel(path, sha256_of(path))
