"""Catalog: which articles and chunks the index holds; one SQLite file, the index's word.

A change to the index is one transaction here: articles, chunks and words together. Vectors are kept
elsewhere and are only ever added before that transaction and removed after it, so readers see the
old index or the new.
"""

import dataclasses
import json
import sqlite3
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.articles.article import Article
from index.articles.chunks import Chunk, Span
from index.errors import IndexDamaged, IndexMissing, from_sqlite
from index.storage import near_duplicates
from index.storage.bm25 import SCHEMA as WORDS
from index.storage.bm25 import Bm25Index, tokens

FILE = "catalog.sqlite"
LAYOUT = 2  # goes up when older code could not read what newer code writes

# A text (`passage`, by its key) goes with the last chunk that has it, and its words with it; what
# has gone is remembered until its vector is removed too.
_SCHEMA = f"""
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE root (path TEXT PRIMARY KEY);
CREATE TABLE dropped (key TEXT PRIMARY KEY);
CREATE TABLE article (
    number INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, root TEXT NOT NULL, sha256 TEXT NOT NULL,
    title TEXT NOT NULL, language TEXT NOT NULL, date TEXT NOT NULL, text TEXT NOT NULL
);
CREATE TABLE chunk (
    number INTEGER PRIMARY KEY, article INTEGER NOT NULL REFERENCES article ON DELETE CASCADE,
    start INTEGER NOT NULL, end INTEGER NOT NULL, context TEXT NOT NULL, byline INTEGER NOT NULL,
    places TEXT NOT NULL, key TEXT NOT NULL
);
CREATE INDEX article_root ON article (root);
CREATE INDEX chunk_key ON chunk (key);
CREATE INDEX chunk_article ON chunk (article);
CREATE TRIGGER chunk_removed AFTER DELETE ON chunk
WHEN NOT EXISTS (SELECT 1 FROM chunk WHERE key = old.key) BEGIN
    DELETE FROM passage WHERE key = old.key;
    INSERT OR IGNORE INTO dropped VALUES (old.key);
END;
{near_duplicates.SCHEMA}"""
# Those of articles, in an order in which they can be dropped.
_TABLES = (
    *("holders", "word", "passage", "total"),
    *("copy", "band", "signature", "chunk", "article"),
)
_KEPT = tuple(f"CREATE TABLE {table} " for table in ("setting", "root", "dropped"))


# What fails where a table is missing.
_TOUCHING = (
    "SELECT * FROM chunk, passage, total, dropped LIMIT 1",
    "SELECT 1 FROM word WHERE word MATCH 'a' LIMIT 1",
)

# With no words nothing is looked at but the index of ids.
_SAYS = "(? = '' OR says(id, title, ?))"


@dataclass(frozen=True, slots=True)
class Entry:
    """What the catalog knows of an article without its text; `root` is what was indexed."""

    id: str
    root: str
    sha256: str
    title: str
    language: str = ""
    date: str = ""


class Catalog:
    """An open catalog. Used as a context manager; closes itself."""

    def __init__(self, connection: sqlite3.Connection, folder: Path) -> None:
        """Use `open` or `create`."""
        self._connection, self.folder = connection, folder

    @classmethod
    def open(cls, folder: Path) -> "Catalog":
        """Open an index's catalog.

        Raises:
            IndexMissing: there is no index in `folder`.
            IndexDamaged: its catalog cannot be read, or is of another layout.
        """
        if not (folder / FILE).is_file():
            raise IndexMissing(folder)
        try:
            catalog = cls(_connect(folder / FILE), folder)
            layout = catalog.setting("layout")
            for sql in _TOUCHING:
                catalog._connection.execute(sql).fetchone()
        except sqlite3.Error as error:
            raise from_sqlite(folder, FILE, error) from error
        if layout != str(LAYOUT):
            raise IndexDamaged(folder, f"its layout is {layout}, this program reads {LAYOUT}")
        return catalog

    @classmethod
    def create(cls, folder: Path) -> "Catalog":
        """Make an empty catalog, or open the one there.

        Raises:
            IndexDamaged: the one there cannot be read, or is of another layout.
            IndexUnwritable: none can be made.
        """
        try:
            connection = _connect(folder / FILE)
            # A run stopped at the wrong moment leaves a file without a table: no index yet.
            if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.executescript(
                    f"BEGIN;{_SCHEMA}{WORDS}"
                    f"INSERT INTO setting VALUES ('layout', '{LAYOUT}');COMMIT;"
                )
            connection.close()
        except sqlite3.Error as error:
            raise from_sqlite(folder, FILE, error) from error
        return cls.open(folder)

    def verify(self) -> None:
        """Read all of it.

        Raises:
            IndexDamaged: a part of it cannot be read.
        """
        (found,) = self._all("PRAGMA integrity_check(1)")[0]
        if found != "ok":
            raise IndexDamaged(self.folder, f"its catalog is broken: {found}")

    def __enter__(self) -> "Catalog":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written inside is kept, or none of it.

        Raises:
            IndexUnwritable: there is no room for it, or no permission.
        """
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            yield
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise from_sqlite(self.folder, FILE, error) from error
        finally:
            if self._connection.in_transaction:  # a full disk makes SQLite roll back by itself
                self._connection.execute("ROLLBACK")

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All that is read inside is of one moment, whatever another process writes."""
        self._connection.execute("BEGIN")
        try:
            yield
        finally:
            self._connection.execute("ROLLBACK")

    def setting(self, name: str) -> str | None:
        """A value kept with the index."""
        row = self._one("SELECT value FROM setting WHERE name = ?", name)
        return row[0] if row else None

    def set(self, name: str, value: str) -> None:
        """Keep a value with the index."""
        self._connection.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, value))

    def roots(self) -> list[Path]:
        """The files and folders that were indexed, as absolute paths."""
        return [Path(row[0]) for row in self._all("SELECT path FROM root ORDER BY path")]

    def add_root(self, path: Path) -> None:
        """Remember a file or folder."""
        self._connection.execute("INSERT OR IGNORE INTO root VALUES (?)", (str(path),))

    def forget_root(self, path: Path) -> None:
        """Forget a file or folder and every article from it."""
        self._connection.execute("DELETE FROM root WHERE path = ?", (str(path),))
        self._connection.execute("DELETE FROM article WHERE root = ?", (str(path),))

    def entries(self) -> dict[str, Entry]:
        """Every article by its id, without the texts."""
        return {entry.id: entry for entry in self.each()}

    def each(self) -> Iterator[Entry]:
        """Every article without its text, in the order of ids; few are held at a time."""
        last = ""
        sql = (
            "SELECT id, root, sha256, title, language, date FROM article"
            " WHERE id > ? ORDER BY id LIMIT 500"
        )
        while rows := self._all(sql, last):
            yield from (Entry(*row) for row in rows)
            last = rows[-1][0]

    def entry(self, id: str) -> Entry | None:
        """What is known of one article."""
        row = self._one(
            "SELECT id, root, sha256, title, language, date FROM article WHERE id = ?", id
        )
        return Entry(*row) if row else None

    def shelf(self, search: str = "", first: int = 0, limit: int = 100) -> list[tuple[Entry, int]]:
        """Some articles in the order of ids, each with its size in code points.

        Only those whose id or title holds every word of `search`, in any case; `first` of them are
        passed over and the next `limit` given. No text is read but theirs.
        """
        rows: list[Any] = self._all(
            "SELECT id, root, sha256, title, language, date, length(text) FROM article"
            f" WHERE number IN (SELECT number FROM article WHERE {_SAYS}"
            " ORDER BY id LIMIT ? OFFSET ?) ORDER BY id",
            *(folded := _folded(search), folded),
            limit,
            first,
        )
        return [(Entry(*row), size) for *row, size in rows]

    def matches(self, search: str = "") -> int:
        """How many articles `shelf` would give in all."""
        sql = f"SELECT count(*) FROM article WHERE {_SAYS}"
        folded = _folded(search)
        return int(self._all(sql, folded, folded)[0][0])

    def copies_of(self, ids: Iterable[str]) -> dict[str, list[str]]:
        """The articles that each of these nearly repeats, and those that nearly repeat it."""
        found: dict[str, list[str]] = {}
        listed = json.dumps(list(ids))
        for mine, its in (("article", "original"), ("original", "article")):
            for id, other in self._all(
                f"SELECT one.id, other.id FROM article AS one JOIN copy ON {mine} = one.number"
                f" JOIN article AS other ON other.number = {its}"
                " WHERE one.id IN (SELECT value FROM json_each(?)) ORDER BY other.id",
                listed,
            ):
                found.setdefault(id, []).append(other)
        return found

    def ids(self, root: Path) -> list[str]:
        """The articles of a root."""
        return [row[0] for row in self._all("SELECT id FROM article WHERE root = ?", str(root))]

    def holders(self) -> list[Path]:
        """The roots that articles come from."""
        return [Path(row[0]) for row in self._all("SELECT DISTINCT root FROM article")]

    def begin_run(self) -> None:
        """Remember which articles there are, and that none of their files was seen yet."""
        for sql in (
            "DROP TABLE IF EXISTS temp.old",
            "DROP TABLE IF EXISTS temp.seen",
            "CREATE TEMP TABLE old AS SELECT id, root FROM article",
            "CREATE TEMP TABLE seen (id TEXT PRIMARY KEY, root TEXT NOT NULL) WITHOUT ROWID",
        ):
            self._all(sql)

    def see(self, id: str, root: Path) -> Path:
        """Note that a file is there; the root that gave this id first in this run."""
        self._all("INSERT OR IGNORE INTO seen VALUES (?, ?)", id, str(root))
        return Path(self._all("SELECT root FROM seen WHERE id = ?", id)[0][0])

    def unseen(self, roots: Iterable[Path]) -> list[str]:
        """The articles that came from these roots before the run and were not seen in it."""
        rows = self._all(
            "SELECT id FROM old WHERE root IN (SELECT value FROM json_each(?))"
            " AND id NOT IN (SELECT id FROM seen) ORDER BY id",
            json.dumps([str(root) for root in roots]),
        )
        return [row[0] for row in rows]

    def put(self, entry: Entry, article: Article, chunks: Sequence[Chunk]) -> None:
        """Add an article, or replace the one of the same id."""
        self.remove(entry.id)
        number = self._connection.execute(
            "INSERT INTO article (id, root, sha256, title, language, date, text)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*dataclasses.astuple(entry), article.text),
        ).lastrowid
        self._connection.executemany(
            "INSERT INTO passage (key, length, words) VALUES (?, ?, ?)",
            [(key, len(words), " ".join(words)) for key, words in self._new(chunks).items()],
        )
        self._connection.executemany(
            "INSERT INTO chunk (article, start, end, context, byline, places, key)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (number, c.start, c.end, c.context, c.byline, json.dumps(c.places), c.key)
                for c in chunks
            ],
        )
        near_duplicates.add(self._connection, number, article.text)

    def settle_copies(self) -> list[near_duplicates.NearDuplicate]:
        """Find the original of each article that is new or lost its own; those that have one."""
        return near_duplicates.settle(self._connection)

    def near_copies(self, limit: int) -> tuple[int, list[near_duplicates.NearDuplicate]]:
        """How many articles are near-copies of another, and the first `limit` of them by id."""
        found = self._all(near_duplicates.LISTED, limit)
        row = self._one("SELECT count(original) FROM copy")
        return int(row[0]) if row else 0, [
            near_duplicates.NearDuplicate(a, b, float(near)) for a, b, near in found
        ]

    def signatures(self, ids: Iterable[str]) -> dict[str, bytes]:
        """What each article's words are known by; nothing for one without a word."""
        rows: list[Any] = self._all(near_duplicates.SIGNED, json.dumps(sorted(set(ids))))
        return dict(rows)

    def _new(self, chunks: Sequence[Chunk]) -> dict[str, list[str]]:
        """The words of the texts that are not here yet, by their keys."""
        texts = {chunk.key: chunk.embedded_text for chunk in chunks}
        known = self.named(texts)
        return {key: tokens(text) for key, text in texts.items() if key not in known}

    def named(self, keys: Iterable[str]) -> frozenset[str]:
        """Those of the keys that a chunk has."""
        rows = self._all(
            "SELECT key FROM passage WHERE key IN (SELECT value FROM json_each(?))",
            json.dumps(list(keys)),
        )
        return frozenset(row[0] for row in rows)

    def bylines(self, keys: Iterable[str]) -> frozenset[str]:
        """Those of the keys whose text only names author or source."""
        rows = self._all(
            "SELECT key FROM chunk WHERE byline AND key IN (SELECT value FROM json_each(?))",
            json.dumps(list(keys)),
        )
        return frozenset(row[0] for row in rows)

    def remove(self, id: str) -> None:
        """Remove an article and its chunks."""
        self._connection.execute("DELETE FROM article WHERE id = ?", (id,))

    def clear(self) -> None:
        """Remove every article and make all tables anew; roots and settings stay.

        The texts that were named are remembered as dropped until their vectors are looked at.
        """
        self._all("INSERT OR IGNORE INTO dropped SELECT key FROM passage")
        for table in _TABLES:
            self._all(f"DROP TABLE IF EXISTS {table}")
        for statement in _statements(_SCHEMA + WORDS):
            if not statement.startswith(_KEPT):
                self._all(statement)

    def dropped(self) -> Iterator[list[str]]:
        """The keys that chunks had, in batches; each is forgotten when the next is asked for."""
        while rows := self._all("SELECT key FROM dropped LIMIT 2000"):
            keys = [row[0] for row in rows]
            yield keys
            self._all(
                "DELETE FROM dropped WHERE key IN (SELECT value FROM json_each(?))",
                json.dumps(keys),
            )

    def keys(self) -> list[str]:
        """The key of every chunk, each once, in the order they were added."""
        return [row[0] for row in self._all("SELECT key FROM passage ORDER BY number")]

    def keys_in_batches(self) -> Iterator[list[str]]:
        """Every chunk's key, each once."""
        last = 0
        sql = "SELECT number, key FROM passage WHERE number > ? ORDER BY number LIMIT 2000"
        while rows := self._all(sql, last):
            yield [row[1] for row in rows]
            last = int(rows[-1][0])

    @property
    def words(self) -> Bm25Index:
        """The words of every key's text."""
        return Bm25Index(self._all)

    def chunks(self, keys: Iterable[str]) -> dict[str, list[Chunk]]:
        """The chunks of each key, first added first: the same text may stand in many articles."""
        found: dict[str, list[Chunk]] = {}
        for key in keys:
            # SQLite counts code points in substr, from 1.
            rows = self._all(
                "SELECT id, start, end, substr(text, start + 1, end - start), context, byline,"
                " places FROM chunk JOIN article ON article.number = chunk.article"
                " WHERE key = ? ORDER BY chunk.number",
                key,
            )
            if rows:
                found[key] = [_chunk(row) for row in rows]
        return found

    def contents(self) -> Iterator[tuple[Entry, str, list[tuple[Chunk, str]]]]:
        """Each article with its text and its chunks, cut anew, with the keys kept for them."""
        for entry in self.each():
            text = self.text(entry.id)
            rows = self._all(
                "SELECT start, end, context, byline, places, key FROM chunk WHERE article ="
                " (SELECT number FROM article WHERE id = ?) ORDER BY number",
                entry.id,
            )
            chunks = []
            for start, end, context, byline, places, key in rows:
                piece = text[int(start) : int(end)]
                row = entry.id, start, end, piece, context, byline, places
                chunks.append((_chunk(row), key))
            yield entry, text, chunks

    def words_of(self, keys: Iterable[str]) -> dict[str, str]:
        """The words kept for each key, one space between two."""
        rows = self._all(
            "SELECT key, words FROM passage WHERE key IN (SELECT value FROM json_each(?))",
            json.dumps(list(keys)),
        )
        return {row[0]: row[1] for row in rows}

    def wrong_words(self) -> Iterator[str]:
        """What is wrong with the words as a whole; only inside a transaction."""
        try:
            self._connection.execute("INSERT INTO word (word, rank) VALUES ('integrity-check', 1)")
        except sqlite3.DatabaseError as error:
            yield f"the words do not fit the passages: {error}"
        for what, count in (
            ("passages have no article", "SELECT count(*) FROM passage WHERE key NOT IN"
             " (SELECT key FROM chunk)"),
            ("passages are miscounted", "SELECT abs(passages - (SELECT count(*) FROM passage))"
             " + abs(words - (SELECT coalesce(sum(length), 0) FROM passage)) FROM total"),
            ("passages have no words", "SELECT abs((SELECT count(*) FROM word_docsize)"
             " - (SELECT count(*) FROM passage))"),
        ):  # fmt: skip
            if number := int(self._all(count)[0][0]):
                yield f"{number} {what}"

    def text(self, id: str) -> str:
        """An article's whole text as it was indexed."""
        row = self._one("SELECT text FROM article WHERE id = ?", id)
        if row is None:
            raise KeyError(id)
        return str(row[0])

    def counts(self) -> tuple[int, int, int]:
        """How many articles, chunks and distinct texts (vectors) there are."""
        row = self._one(
            "SELECT (SELECT count(*) FROM article), (SELECT count(*) FROM chunk), passages"
            " FROM total"
        )
        return (int(row[0]), int(row[1]), int(row[2])) if row else (0, 0, 0)

    def _all(self, sql: str, *values: object) -> list[tuple[str, ...]]:
        try:
            return self._connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise from_sqlite(self.folder, FILE, error) from error

    def _one(self, sql: str, *values: object) -> tuple[str, ...] | None:
        rows = self._all(sql, *values)
        return rows[0] if rows else None


def salvaged_roots(folder: Path) -> list[Path]:
    """What was indexed, as far as a catalog that cannot be used still tells."""
    try:
        with closing(_connect(folder / FILE)) as connection:
            return [Path(row[0]) for row in connection.execute("SELECT path FROM root")]
    except sqlite3.Error:
        return []


def _statements(script: str) -> Iterator[str]:
    """The statements of a script, one by one: `executescript` would end the transaction."""
    statement = ""
    for line in script.strip().splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            yield statement.strip()
            statement = ""


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=30, check_same_thread=False)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.create_function("says", 3, _says, deterministic=True)
    return connection


def _says(id: str, title: str, words: str) -> bool:
    text = _folded(f"{id} {title}")
    return all(word in text for word in words.split())


def _folded(text: str) -> str:
    """SQLite itself knows case in ASCII only."""
    return unicodedata.normalize("NFC", text.casefold())


def _chunk(row: tuple[str, ...]) -> Chunk:
    id, start, end, text, context, byline, places = row
    try:
        spans: tuple[Span, ...] = tuple((int(a), int(b)) for a, b in json.loads(places))
    except (ValueError, TypeError):  # no chunk stands there; `examine` says so
        spans = ((-1, -1),)
    return Chunk(id, int(start), int(end), text, context, bool(byline), spans)
