import shutil
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index.build import sync
from index.health import examine, problems
from index.layout import CHROMA, SEAL
from index.storage.bm25 import tokens
from index.storage.catalog import Catalog
from index.storage.vectors.ann_index import AnnIndex
from index.storage.vectors.vector_file import VectorFile
from tests.support.fakes import HashEmbedder


def first_problem(folder: Path) -> str:
    with Catalog.open(folder) as catalog:
        return next(iter(problems(catalog)), "good")


def test_a_whole_index_is_healthy(two_articles: Path) -> None:
    assert first_problem(two_articles) == "good"


def test_removed_vectors_are_told(two_articles: Path) -> None:
    shutil.rmtree(two_articles / CHROMA)

    assert first_problem(two_articles) == "its vectors cannot be read"


def test_articles_cut_by_another_version_are_told(two_articles: Path) -> None:
    with Catalog.open(two_articles) as catalog, catalog.transaction():
        catalog.set("chunker", "version 0, 1 tokens")

    assert first_problem(two_articles) == "its articles were cut by another version"


def test_an_index_never_finished_is_told(tmp_path: Path) -> None:
    with Catalog.create(tmp_path) as catalog:
        assert problems(catalog) == ["nothing was indexed to the end yet: run article-qa index"]


def test_the_last_word_is_the_command_that_mends(two_articles: Path) -> None:
    shutil.rmtree(two_articles / CHROMA)

    with Catalog.open(two_articles) as catalog:
        assert problems(catalog)[-1] == (
            f"mend it with: article-qa index --rebuild --index {two_articles}"
        )


def told(folder: Path) -> list[str]:
    with Catalog.open(folder) as catalog, catalog.transaction():
        return list(examine(catalog))


def change(sql: str) -> Callable[[Path], None]:
    """Damage done to the catalog."""

    def damage(folder: Path) -> None:
        with Catalog.open(folder) as catalog:
            catalog.query(sql)

    return damage


def spoil(vector: list[float]) -> Callable[[Path], None]:
    """Another vector for the first text, in the file alone."""

    def damage(folder: Path) -> None:
        with Catalog.open(folder) as catalog:
            key = catalog.keys()[0]
        file = VectorFile(folder, "hash-1")
        known = file.read([key])[key]
        file.add([replace(known, vector=np.array(vector, dtype=np.float32))])
        file.settle([key])

    return damage


def lose_in_chroma(folder: Path) -> None:
    store = AnnIndex(folder, "hash-1")
    with store._changed() as collections:
        for collection in collections.values():
            collection.delete(ids=store.keys()[:1])
    store.sweep(frozenset, [])


FIRST = "(SELECT min(number) FROM chunk)"
UNIT = [1.0] + [0.0] * 63


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (change(f"UPDATE chunk SET start = start + 1 WHERE number = {FIRST}"), "its key names"),
        (change(f"UPDATE chunk SET end = 9999 WHERE number = {FIRST}"), "to 9999"),
        (change(f"UPDATE chunk SET places = '[[1, 9]]' WHERE number = {FIRST}"), "at 1 to 9"),
        (change(f"UPDATE chunk SET places = 'no' WHERE number = {FIRST}"), "stand at -1 to -1"),
        (change("UPDATE article SET text = substr(text, 2) WHERE number = 1"), "its key names"),
        (change("UPDATE article SET text = text || char(101, 769) WHERE number = 1"), "not as art"),
        (change("UPDATE article SET sha256 = 'none' WHERE number = 1"), "checksum of its file"),
        (change("UPDATE passage SET words = 'other' WHERE number = 1"), "words of the passage"),
        (change("DELETE FROM word_docsize WHERE id = 1"), "1 passages have no words"),
        (change("INSERT INTO word (rowid, words) VALUES (1, 'more')"), "do not fit the passages"),
        (change("UPDATE total SET passages = 7"), "passages are miscounted"),
        (change("INSERT INTO passage VALUES (99, 'k', 1, 'word')"), "1 passages have no article"),
        (change("UPDATE setting SET value = 'v0' WHERE name = 'chunker'"), "by another version"),
        (spoil([2.0] * 64), "1 vectors are not as an embedder gives them"),
        (spoil([float("nan")] * 64), "1 vectors are not as an embedder gives them"),
        (spoil([1.0]), "vectors are not as an embedder gives them"),
        (spoil(UNIT), "1 vectors are missing or others in Chroma"),
        (lambda folder: VectorFile(folder, "hash-1").remove(["x"]), ""),
        (lose_in_chroma, "Chroma holds 2 of 3 vectors"),
        (lambda folder: (folder / SEAL).unlink(), "a run was stopped as it wrote vectors"),
    ],
)  # fmt: skip
def test_a_check_tells_what_is_wrong(
    damage: Callable[[Path], None], said: str, two_articles: Path
) -> None:
    damage(two_articles)

    lines = told(two_articles)

    if not said:
        assert lines == []
        return
    assert [line for line in lines if said in line] != []
    assert lines[-1] == f"mend it with: article-qa index --rebuild --index {two_articles}"
    sync([], two_articles, HashEmbedder(), rebuild=True)
    assert told(two_articles) == []


def test_a_check_tells_a_broken_page(two_articles: Path) -> None:
    with (two_articles / "vectors.sqlite").open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 4096)

    assert "vectors.sqlite" in told(two_articles)[0]


def test_words_kept_are_the_words_of_the_text(two_articles: Path) -> None:
    with Catalog.open(two_articles) as catalog:
        for _, _, chunks in catalog.contents():
            kept = catalog.bm25.tokens_of(key for _, key in chunks)
            assert kept == {key: " ".join(tokens(c.embedded_text)) for c, key in chunks}


@pytest.mark.parametrize("is_read_only", [False, True])
def test_ctrl_c_at_any_moment_of_a_check_is_no_damage(
    is_read_only: bool, two_articles: Path
) -> None:
    looks, found = 0, list[str]()
    while (left := interrupted_check(two_articles, looks := looks + 1, is_read_only, found)) <= 0:
        assert found == []
    assert (found, looks > 20) == ([], left > 0)


def interrupted_check(index: Path, looks: int, is_read_only: bool, found: list[str]) -> int:
    """Check an index, with Ctrl-C at so many looks of SQLite; how many were left at the end."""
    left = looks

    def look() -> None:
        nonlocal left
        left -= 1
        if not left:
            signal.raise_signal(signal.SIGINT)

    with Catalog.open(index) as catalog, suppress(KeyboardInterrupt):
        catalog.connection.set_progress_handler(look, 30)
        if is_read_only:
            catalog.connection.execute("PRAGMA query_only = ON")
        with catalog.snapshot() if is_read_only else catalog.transaction():
            found += examine(catalog)
    return left
