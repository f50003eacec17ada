"""A SQLite file of an index is data: nothing in it or beside it runs, none of it is without end."""

import itertools
import math
import os
import signal
import sqlite3
import struct
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from index.errors import IndexDamaged
from index.layout import CATALOG, VECTORS
from index.search import Searcher
from index.storage.catalog import Catalog, salvaged_roots
from index.storage.database import Database
from qa.errors import BadConversations
from qa.llm.cache.files import DiskCache
from qa.service.conversations import Conversations
from tests.support.cache_entries import key, put, state
from tests.support.fakes import HashEmbedder

ENDLESS = "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n)"
VIEW = (
    "CREATE VIEW {0} AS SELECT i AS number, i AS id, i AS root, i AS sha256, i AS title,"
    f" i AS language, i AS date, i AS text, i AS path, i AS embedder, i AS key FROM {ENDLESS}"
)


def change(file: Path, *sql: str) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for statement in sql:
            connection.execute(statement)


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        (["DROP TABLE article", VIEW.format("article")], "article"),
        (["DROP TABLE root", VIEW.format("root")], "root"),
        (["CREATE VIEW other AS SELECT 1"], "the view other"),
        (["CREATE TABLE other (x)"], "the table other"),
        (["CREATE VIRTUAL TABLE other USING fts5 (x)"], "the table other"),
        (
            ["CREATE TRIGGER other AFTER INSERT ON article BEGIN DELETE FROM article; END"],
            "the trigger other",
        ),
        (["DROP TRIGGER chunk_removed"], "trigger chunk_removed is missing"),
        (["CREATE INDEX other ON article (abs(number))"], "the index other"),
        (["ALTER TABLE article ADD COLUMN x AS (id || id)"], "article is another"),
        (["ALTER TABLE article ADD COLUMN x DEFAULT 1"], "article is another"),
    ],
)
def test_a_catalog_of_other_tables_is_refused_before_it_is_read(
    sql: list[str], why: str, two_articles: Path
) -> None:
    change(two_articles / CATALOG, *sql)

    with pytest.raises(IndexDamaged, match=why):
        Catalog.open(two_articles)


def test_vectors_of_other_tables_are_refused(two_articles: Path) -> None:
    change(two_articles / VECTORS, "DROP TABLE vector", VIEW.format("vector"))

    with pytest.raises(IndexDamaged, match="vector"):
        Searcher(two_articles, HashEmbedder())


def test_no_roots_are_salvaged_from_what_is_no_table(two_articles: Path) -> None:
    assert salvaged_roots(two_articles) != []
    change(two_articles / CATALOG, "DROP TABLE root", VIEW.format("root"))

    assert salvaged_roots(two_articles) == []


def test_a_statement_without_end_is_given_up(two_articles: Path) -> None:
    with Database(two_articles, CATALOG) as database, pytest.raises(IndexDamaged, match="not end"):
        database.query(f"SELECT count(i) AS count FROM {ENDLESS}")


def tangled(file: Path, table: str, levels: int = 12, children: int = 100) -> None:
    """Have every page of a table's tree lead to the same next one: 100 to the 12 are read."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        sql = "SELECT rootpage FROM sqlite_schema WHERE name = ?"
        (root,) = connection.execute(sql, (table,)).fetchone()
    data = bytearray(file.read_bytes())
    size, (count,) = 4096, struct.unpack(">I", data[28:32])
    leaf = data[(root - 1) * size : root * size]
    pages = [root, *range(count + 1, count + levels + 1)]
    data += bytes(levels * size)
    for page, below in itertools.pairwise(pages):
        cells = b"".join(struct.pack(">IB", below, i) for i in range(1, children + 1))
        start = size - len(cells)
        head = struct.pack(">BHHHBI", 5, 0, children, start, 0, below)
        places = b"".join(struct.pack(">H", start + 5 * i) for i in range(children))
        whole = head + places + bytes(size - len(head) - len(places) - len(cells)) + cells
        data[(page - 1) * size : page * size] = whole
    data[(pages[-1] - 1) * size : pages[-1] * size] = leaf
    data[28:32] = struct.pack(">I", count + levels)
    file.write_bytes(data)


def test_a_tree_of_pages_without_end_is_given_up(two_articles: Path) -> None:
    tangled(two_articles / CATALOG, "chunk")

    with Catalog.open(two_articles) as catalog, pytest.raises(IndexDamaged, match="does not end"):
        catalog.query("SELECT count(places) AS count FROM chunk")


def test_ctrl_c_ends_a_statement(two_articles: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.sqlite_guard._LEAST_LOOKS", math.inf)
    begun = time.monotonic()
    with Database(two_articles, CATALOG) as database:
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            database.query(f"SELECT count(i) AS count FROM {ENDLESS}")
        assert database.one("SELECT 7 AS count") == (7,)

    assert time.monotonic() - begun < 5


def deleting(database: Path, precious: Path) -> None:
    """Lay a journal beside a database that has SQLite delete another file when it rolls back."""
    magic, name = bytes.fromhex("d9d505f920a163d7"), str(precious).encode()
    pages = database.stat().st_size // 4096
    head = (magic + struct.pack(">IIIII", 0, 0, pages, 512, 4096)).ljust(512, b"\0")
    tail = struct.pack(">I", 0x40000000 // 4096 + 1) + name
    tail += struct.pack(">II", len(name), sum(name)) + magic
    database.with_name(f"{database.name}-journal").write_bytes(head + tail)


@pytest.fixture
def precious(tmp_path: Path) -> Path:
    (tmp_path / "precious.txt").write_text("mine")
    return tmp_path / "precious.txt"


def test_such_a_journal_has_sqlite_delete_a_file(tmp_path: Path, precious: Path) -> None:
    change(tmp_path / "a.sqlite", "CREATE TABLE a (x)")
    deleting(tmp_path / "a.sqlite", precious)
    change(tmp_path / "a.sqlite", "SELECT * FROM a")

    assert not precious.exists()


@pytest.mark.parametrize("file", [CATALOG, VECTORS])
def test_a_journal_that_names_another_file_is_refused(
    file: str, two_articles: Path, precious: Path
) -> None:
    deleting(two_articles / file, precious)

    with pytest.raises(IndexDamaged, match=f"{file}-journal names another file"):
        Searcher(two_articles, HashEmbedder())
    assert precious.read_text() == "mine"


def test_a_ledger_of_states_is_made_anew_without_it(tmp_path: Path, precious: Path) -> None:
    files = DiskCache(tmp_path / "states", 10_000)
    put(files, 1)
    deleting(tmp_path / "states" / "states.sqlite", precious)

    assert DiskCache(tmp_path / "states", 10_000).get(key(1)) == state(1)
    assert (precious.read_text(), files.tally().hits) == ("mine", 1)


@pytest.mark.parametrize("table", ["conversation", "exchange", "scope"])
def test_conversations_are_refused_in_a_line(table: str, tmp_path: Path, precious: Path) -> None:
    path = tmp_path / "conversations.sqlite"
    Conversations(path).close()
    deleting(path, precious)
    with pytest.raises(BadConversations, match="journal names another file"):
        Conversations(path)
    path.with_name(f"{path.name}-journal").unlink()
    change(path, f"DROP TABLE {table}", f"CREATE VIEW {table} AS SELECT * FROM {ENDLESS}")
    with pytest.raises(BadConversations, match=table):
        Conversations(path)
    assert precious.read_text() == "mine"
