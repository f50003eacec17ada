import shutil
from pathlib import Path

from index.catalog import Catalog
from index.health import problems
from index.store import FOLDER


def first_problem(folder: Path) -> str:
    with Catalog.open(folder) as catalog:
        return next(iter(problems(catalog)), "good")


def test_a_whole_index_is_healthy(two_articles: Path) -> None:
    assert first_problem(two_articles) == "good"


def test_removed_vectors_are_told(two_articles: Path) -> None:
    shutil.rmtree(two_articles / FOLDER)

    assert first_problem(two_articles) == "its vectors cannot be read"


def test_articles_cut_by_another_version_are_told(two_articles: Path) -> None:
    with Catalog.open(two_articles) as catalog, catalog.transaction():
        catalog.set("chunker", "version 0, 1 tokens")

    assert first_problem(two_articles) == "its articles were cut by another version"


def test_an_index_never_finished_is_told(tmp_path: Path) -> None:
    with Catalog.create(tmp_path) as catalog:
        assert problems(catalog) == ["nothing was indexed to the end yet: run article-qa index"]


def test_the_last_word_is_the_command_that_mends(two_articles: Path) -> None:
    shutil.rmtree(two_articles / FOLDER)

    with Catalog.open(two_articles) as catalog:
        assert problems(catalog)[-1] == (
            f"mend it with: article-qa index --rebuild --index {two_articles}"
        )
