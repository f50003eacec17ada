"""Whatever the tables of an index hold, it costs one plain line; it runs and removes nothing."""

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index.build import sync
from index.errors import UserError
from index.layout import CATALOG, CHROMA, SEAL, VECTORS
from index.search import Searcher, every_passage
from qa.cli.status import status
from qa.service.library import Library
from tests.support.fakes import HashEmbedder
from tests.support.hostile_database import INVALID, VALUES, columns, plant

Door = Callable[[Path], None]


@pytest.fixture
def index(tmp_path: Path, two_articles: Path) -> Path:
    (tmp_path / "precious.txt").write_text("mine")
    shutil.rmtree(two_articles / CHROMA)  # which takes seconds, and is opened where there is a seal
    (two_articles / SEAL).unlink()
    return two_articles


def list_all(folder: Path) -> None:
    library = Library(folder, HashEmbedder())
    for search in ("", "bakery"):
        for row in library.articles(search):
            library.text(row.id)
        library.count(search)
    library.problems()


def search(folder: Path) -> None:
    searcher = Searcher(folder, HashEmbedder())
    for question in ("Who built the oven?", "bread 400"):
        for passage in searcher.search(question):
            text = searcher.text(passage.article)
            assert text[passage.start : passage.end] == passage.text
    list(every_passage(folder))


def show_status(folder: Path) -> None:
    assert status.callback
    status.callback(folder, False)


def check(folder: Path) -> None:
    assert status.callback
    status.callback(folder, True)


def remove_all(folder: Path) -> None:
    library = Library(folder, HashEmbedder())
    for row in library.articles():
        library.remove(row.id)


def update(folder: Path) -> None:
    sync([], folder, HashEmbedder())


READING: tuple[Door, ...] = (show_status, search, list_all)
WRITING: tuple[Door, ...] = (check, remove_all, update)


def said(index: Path, door: Door) -> str:
    """What a door says of an index that it refuses; nothing where it takes it."""
    try:
        door(index)
    except UserError as error:
        return str(error)
    return ""


def planted(index: Path, file: str, values: int, seen: set[str]) -> Iterator[Path]:
    """A copy of an index for each of some values in each column; `seen` gets the columns."""
    copy, rounds = index.with_name("copy"), itertools.cycle((*VALUES, INVALID))
    for table, column in columns(index / file):
        for value in itertools.islice(rounds, values):
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(index, copy)
            if plant(copy / file, table, column, value):
                seen.add(f"{table}.{column}")
                yield copy


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("file", "known"), [(CATALOG, {"article.id", "word_data.block"}), (VECTORS, {"vector.vector"})]
)
def test_any_value_in_a_column_is_read_or_refused_in_a_line(
    file: str, known: set[str], index: Path
) -> None:
    seen = set[str]()
    for copy in planted(index, file, 2, seen):
        for door in READING:
            assert len(said(copy, door).splitlines()) <= 1
    assert known < seen


@pytest.mark.attack
@pytest.mark.parametrize("file", [CATALOG, VECTORS])
def test_every_value_in_every_column_is_read_or_refused_and_removes_nothing(
    file: str, index: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "articles", tmp_path / "precious.txt"
    before = contents(mine[0]), mine[1].read_text()
    for copy in planted(index, file, len(VALUES) + 1, set()):
        for door in (*READING, *WRITING):
            assert len(said(copy, door).splitlines()) <= 1
    assert (contents(mine[0]), mine[1].read_text()) == before


@pytest.mark.parametrize(
    ("table", "column", "value", "door"),
    [
        ("setting", "value", b"\1", search),
        ("chunk", "places", "[[1e999, 2]]", search),
        ("chunk", "places", "[" * 100_000, search),
        ("chunk", "start", 1e300, search),
        ("chunk", "end", 2**62, search),
        ("article", "text", b"bread", search),
        ("article", "title", b"bread", show_status),
        ("article", "id", "../precious.txt", list_all),
        ("root", "path", b"/etc", show_status),
        ("total", "passages", -1, search),
        ("passage", "words", 7, search),
    ],
)
def test_a_value_that_is_none_of_its_column_is_refused(
    table: str, column: str, value: object, door: Door, index: Path
) -> None:
    assert plant(index / CATALOG, table, column, value)

    assert "catalog.sqlite cannot be read: " in said(index, door)


@pytest.mark.parametrize("table", ["total", "setting", "article", "passage"])
def test_rows_that_are_missing_are_refused(table: str, index: Path) -> None:
    import sqlite3

    with sqlite3.connect(index / CATALOG) as connection:
        connection.execute(f"DELETE FROM {table}")

    assert [len(said(index, door).splitlines()) <= 1 for door in READING] == [True] * 3
