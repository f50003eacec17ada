"""Catalog: the articles and chunks of an index, in one SQLite file that decides what it holds.

A change to the index is one transaction here: articles, chunks and tokens together. Vectors are
stored elsewhere; they are only added before that transaction and only removed after it, so readers
see the old index or the new.
"""

import dataclasses
import json
import re
import sqlite3
from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from index.articles.article import Article
from index.articles.chunks import Chunk, Span
from index.articles.roots import file_at
from index.errors import IndexDamaged, IndexMissing, OtherLayout, UserError
from index.layout import CATALOG, refuse_links
from index.passage import Page
from index.scanned_page import ScannedPage
from index.storage import near_duplicates
from index.storage.bm25 import SCHEMA as BM25_SCHEMA
from index.storage.bm25 import Bm25Index, tokens
from index.storage.database import Database
from index.text.characters import as_unicode

LAYOUT = 5  # goes up when older code could not read what newer code writes
_BEFORE = 4  # it only lacks the table `scan`, which is made when such an index is written to

# A text (`passage`, by its key) is deleted with the last chunk that has it, and its tokens with it;
# its key is remembered as `dropped` until its vector is removed too. `given` are the ids of files
# that are there and are no articles now, so that no other file gets them.
_SCAN = """
CREATE TABLE scan (
    article INTEGER NOT NULL REFERENCES article ON DELETE CASCADE, number INTEGER NOT NULL,
    packed BLOB NOT NULL, PRIMARY KEY (article, number)
);"""
_SCHEMA = f"""
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE root (path TEXT PRIMARY KEY);
CREATE TABLE dropped (key TEXT PRIMARY KEY);
CREATE TABLE given (id TEXT PRIMARY KEY, root TEXT NOT NULL, file TEXT NOT NULL);
CREATE TABLE article (
    number INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, root TEXT NOT NULL, sha256 TEXT NOT NULL,
    title TEXT NOT NULL, language TEXT NOT NULL, date TEXT NOT NULL, author TEXT NOT NULL,
    file TEXT NOT NULL, address TEXT NOT NULL, text TEXT NOT NULL
);
CREATE TABLE chunk (
    number INTEGER PRIMARY KEY, article INTEGER NOT NULL REFERENCES article ON DELETE CASCADE,
    start INTEGER NOT NULL, end INTEGER NOT NULL, context TEXT NOT NULL, byline INTEGER NOT NULL,
    places TEXT NOT NULL, key TEXT NOT NULL
);
CREATE TABLE page (
    article INTEGER NOT NULL REFERENCES article ON DELETE CASCADE,
    start INTEGER NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, ocr REAL,
    PRIMARY KEY (article, start)
) WITHOUT ROWID;
CREATE TABLE notice (
    article INTEGER NOT NULL REFERENCES article ON DELETE CASCADE, text TEXT NOT NULL
);
CREATE TABLE skipped (path TEXT PRIMARY KEY, root TEXT NOT NULL, reason TEXT NOT NULL);
CREATE INDEX notice_article ON notice (article);
CREATE INDEX article_root ON article (root);
CREATE INDEX chunk_key ON chunk (key);
CREATE INDEX chunk_article ON chunk (article);
CREATE TRIGGER chunk_removed AFTER DELETE ON chunk
WHEN NOT EXISTS (SELECT 1 FROM chunk WHERE key = old.key) BEGIN
    DELETE FROM passage WHERE key = old.key;
    INSERT OR IGNORE INTO dropped VALUES (old.key);
END;
{near_duplicates.SCHEMA}"""
_TABLES_BEFORE = _SCHEMA + BM25_SCHEMA
_EVERY_TABLE = _TABLES_BEFORE + _SCAN
# The tables that `clear` makes anew, in an order in which they can be dropped.
_TABLES = (
    *("holders", "word", "passage", "total"),
    *("copy", "band", "signature", "chunk", "page", "scan", "notice", "skipped", "article"),
)
_PERMANENT = tuple(f"CREATE TABLE {table} " for table in ("setting", "root", "dropped", "given"))


_NUMBER = re.compile("[0-9]{1,18}")
_NOWHERE = (-1, -1)
# The columns of an `Entry`.
_ENTRY = "id, root, sha256, title, language, date, author, file, address"


@dataclass(frozen=True, slots=True)
class Entry:
    """An article's metadata; `root` is the file, folder or glob it was indexed from.

    `file` is the path of its file below the root's folder, empty where that is its id. `address` is
    that of a web page that was fetched, else empty.
    """

    id: str
    root: str
    sha256: str
    title: str
    language: str = ""
    date: str = ""
    author: str = ""
    file: str = ""
    address: str = ""

    @property
    def path(self) -> Path:
        """Where its file lies, or lay."""
        return file_at(Path(self.root), self.file or self.id)


class Catalog(Database):
    """An open catalog."""

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open an index's catalog.

        Raises:
            IndexMissing: there is no index in `folder`.
            IndexDamaged: its catalog cannot be read, or is of another layout.
            LinkInIndex: a part of it is a link.
        """
        refuse_links(folder)
        if not (folder / CATALOG).is_file():
            raise IndexMissing(folder)
        catalog = cls(folder, CATALOG)
        layout = catalog._check_layout()  # another one has other tables
        is_before = layout == str(_BEFORE) and not catalog.is_table("scan")
        catalog.check_tables(_TABLES_BEFORE if is_before else _EVERY_TABLE)
        return catalog

    @classmethod
    def create(cls, folder: Path) -> Self:
        """Make an empty catalog, or open the one there.

        Raises:
            IndexDamaged: the one there cannot be read, or is of another layout.
            IndexUnwritable: none can be made.
            LinkInIndex: a part of it is a link.
        """
        refuse_links(folder)
        with Database(folder, CATALOG) as database:
            database.create_tables(
                f"{_EVERY_TABLE}INSERT INTO setting VALUES ('layout', '{LAYOUT}');"
            )
        catalog = cls.open(folder)
        if not catalog.is_table("scan"):
            catalog._add_scans()
        return catalog

    def _add_scans(self) -> None:
        """Make an index of the layout before one of this."""
        with self.transaction():
            self.query(_SCAN)
            self.set("layout", str(LAYOUT))

    def _check_layout(self) -> str | None:
        """Refuse an index of another version of this program, if its layout can be told; gives it.

        Raises:
            OtherLayout: it is another.
        """
        if not self.is_table("setting"):
            return None
        layout = self.setting("layout")
        if layout not in (str(LAYOUT), str(_BEFORE)):
            told = layout if _NUMBER.fullmatch(layout or "") else "unknown"
            raise OtherLayout(self.folder, f"its layout is {told}, this program reads {LAYOUT}")
        return layout

    def verify(self) -> None:
        """Read all of the file.

        Raises:
            IndexDamaged: a part of it cannot be read.
        """
        with self.errors():
            ((result,),) = self.connection.execute("PRAGMA integrity_check(1)")
        if result != "ok":
            raise IndexDamaged(self.folder, f"its catalog is broken: {result}")

    def setting(self, name: str) -> str | None:
        """A value stored with the index; None if there is none."""
        rows = self.query("SELECT value FROM setting WHERE name = ?", name)
        return str(rows[0][0]) if rows else None

    @property
    def generation(self) -> int | None:
        """The number of the run that was committed last; None before the first.

        Raises:
            IndexDamaged: it is no number.
        """
        value = self.setting("generation")
        if value is None:
            return None
        if not _NUMBER.fullmatch(value):
            raise self.damaged("its generation is no number")
        return int(value)

    def set(self, name: str, value: str) -> None:
        """Store a value with the index."""
        self.query("INSERT OR REPLACE INTO setting VALUES (?, ?)", name, value)

    def roots(self) -> list[Path]:
        """The files and folders that were indexed, as absolute paths."""
        return [Path(row[0]) for row in self.query("SELECT path FROM root ORDER BY path")]

    def add_root(self, path: Path) -> None:
        """Remember a file or folder."""
        self.query("INSERT OR IGNORE INTO root VALUES (?)", str(path))

    def forget_root(self, path: Path) -> None:
        """Forget a file or folder and every article from it."""
        self.query("DELETE FROM root WHERE path = ?", str(path))
        self.query("DELETE FROM article WHERE root = ?", str(path))
        self.query("DELETE FROM skipped WHERE root = ?", str(path))
        self.query("DELETE FROM given WHERE root = ?", str(path))

    def hand_over(self, id: str, root: Path, file: str) -> None:
        """Let an article come from another root that gives its file too."""
        sql = "UPDATE article SET root = ?, file = ? WHERE id = ?"
        self.query(sql, str(root), file, id)

    def keep_id(self, id: str, root: str, file: str) -> None:
        """Keep the id of a file that is there and is no article now."""
        self.query("INSERT OR IGNORE INTO given VALUES (?, ?, ?)", id, root, file)

    def kept_ids(self) -> list[tuple[str, str, str]]:
        """(id, root, path below the root's folder or empty) of each id that is kept."""
        return [(id, root, file) for id, root, file in self.query("SELECT * FROM given")]

    def free_id(self, id: str) -> None:
        """Let another file have an id that was kept."""
        self.query("DELETE FROM given WHERE id = ?", id)

    def entries(self) -> Iterator[Entry]:
        """Every article's entry in the order of ids, read in batches."""
        sql = f"SELECT {_ENTRY} FROM article WHERE id > ? ORDER BY id LIMIT 500"
        for rows in self.batches(sql, last=""):
            yield from (Entry(*row) for row in rows)

    def entry(self, id: str) -> Entry | None:
        """One article's entry."""
        sql = f"SELECT {_ENTRY} FROM article WHERE id = ?"
        return next((Entry(*row) for row in self.query(sql, id)), None)

    def ids(self, root: Path) -> list[str]:
        """The ids of a root's articles."""
        return [row[0] for row in self.query("SELECT id FROM article WHERE root = ?", str(root))]

    def holders(self) -> list[Path]:
        """The roots that articles come from."""
        return [Path(row[0]) for row in self.query("SELECT DISTINCT root FROM article")]

    def put(self, entry: Entry, article: Article, chunks: Sequence[Chunk]) -> None:
        """Add an article, or replace the one of the same id."""
        self.remove(entry.id)
        self.free_id(entry.id)
        with self.errors():
            number = self.connection.execute(
                f"INSERT INTO article ({_ENTRY}, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*dataclasses.astuple(entry), article.text),
            ).lastrowid
            self.connection.executemany(
                "INSERT INTO passage (key, length, words) VALUES (?, ?, ?)",
                [(key, len(cut), " ".join(cut)) for key, cut in self._new_tokens(chunks).items()],
            )
            self.connection.executemany(
                "INSERT INTO chunk (article, start, end, context, byline, places, key)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (number, c.start, c.end, c.context, c.byline, json.dumps(c.places), c.key)
                    for c in chunks
                ],
            )
            self.connection.executemany(
                "INSERT OR REPLACE INTO page VALUES (?, ?, ?, ?, ?)",
                [(number, page.start, page.kind, page.name, page.ocr) for page in article.pages],
            )
            self.connection.executemany(
                "INSERT INTO scan VALUES (?, ?, ?)",
                [(number, at, page.packed()) for at, page in article.scans.items()],
            )
            self.connection.executemany(
                "INSERT INTO notice VALUES (?, ?)", [(number, text) for text in article.notices]
            )
        near_duplicates.add(self, number, article.text)

    def _new_tokens(self, chunks: Sequence[Chunk]) -> dict[str, list[str]]:
        """The tokens of the texts that are not here yet, by their keys."""
        texts = {chunk.key: chunk.embedded_text for chunk in chunks}
        known = self.named(texts)
        return {key: tokens(text) for key, text in texts.items() if key not in known}

    def named(self, keys: Iterable[str]) -> frozenset[str]:
        """Which of the keys belong to a chunk."""
        rows = self.query(
            "SELECT key FROM passage WHERE key IN (SELECT value FROM json_each(?))",
            json.dumps(list(keys)),
        )
        return frozenset(row[0] for row in rows)

    def bylines(self, keys: Iterable[str]) -> frozenset[str]:
        """Which of the keys are of bylines."""
        rows = self.query(
            "SELECT key FROM chunk WHERE byline AND key IN (SELECT value FROM json_each(?))",
            json.dumps(list(keys)),
        )
        return frozenset(row[0] for row in rows)

    def remove(self, id: str) -> None:
        """Remove an article and its chunks."""
        self.query("DELETE FROM article WHERE id = ?", id)

    def clear(self) -> None:
        """Remove every article and make all tables anew; roots and settings stay.

        Their keys are remembered as dropped until their vectors are removed too.
        """
        self.query("INSERT OR IGNORE INTO dropped SELECT key FROM passage")
        for table in _TABLES:
            self.query(f"DROP TABLE IF EXISTS {table}")
        for statement in _statements(_EVERY_TABLE):
            if not statement.startswith(_PERMANENT):
                self.query(statement)

    def dropped(self) -> Iterator[list[str]]:
        """Dropped keys in batches; each batch is forgotten when the next is read."""
        sql = "SELECT key FROM dropped WHERE key > ? ORDER BY key LIMIT 2000"
        for rows in self.batches(sql, last=""):
            keys = [row[0] for row in rows]
            yield keys
            self.query(
                "DELETE FROM dropped WHERE key IN (SELECT value FROM json_each(?))",
                json.dumps(keys),
            )

    def keys(self) -> list[str]:
        """The key of every chunk, each once, in the order of insertion."""
        return [row[0] for row in self.query("SELECT key FROM passage ORDER BY number")]

    def keys_in_batches(self) -> Iterator[list[str]]:
        """The same keys, read in batches."""
        sql = "SELECT number, key FROM passage WHERE number > ? ORDER BY number LIMIT 2000"
        for rows in self.batches(sql, last=0):
            yield [row[1] for row in rows]

    @property
    def bm25(self) -> Bm25Index:
        """The tokens of every key's text."""
        return Bm25Index(self.query)

    def passages(self, ids: Iterable[str]) -> dict[str, int]:
        """The key of every chunk of some articles, each once, and the number of its text."""
        rows = self.query(
            "SELECT key, number FROM passage WHERE key IN (SELECT key FROM chunk WHERE article IN"
            " (SELECT number FROM article WHERE id IN (SELECT value FROM json_each(?))))",
            json.dumps(list(ids)),
        )
        return dict(rows)

    def read_in_order(self, ids: Iterable[str]) -> dict[str, list[str]]:
        """The keys of the chunks of some articles, as they follow each other; no bylines."""
        rows = self.query(
            "SELECT id, key FROM article JOIN chunk ON chunk.article = article.number"
            " WHERE NOT byline AND id IN (SELECT value FROM json_each(?)) ORDER BY chunk.number",
            json.dumps(list(ids)),
        )
        found: dict[str, list[str]] = {}
        for id, key in rows:
            found.setdefault(id, []).append(key)
        return found

    def chunks(
        self, keys: Iterable[str], within: Container[str] | None = None
    ) -> dict[str, list[Chunk]]:
        """The chunks of each key in the order of insertion; many articles may hold one text.

        Args:
            keys: of those in no article there are none.
            within: the ids of the articles that are looked at, when not all.
        """
        found: dict[str, list[Chunk]] = {}
        for key in keys:
            # SQLite counts code points in substr, from 1.
            rows = self.query(
                "SELECT id, start, end, substr(text, start + 1, end - start) AS text,"
                " context, byline, places FROM chunk JOIN article ON article.number = chunk.article"
                " WHERE key = ? ORDER BY chunk.number",
                key,
            )
            if rows:
                held = [_chunk(row) for row in rows]
                if not all(chunk.key == key and _stands(chunk) for chunk in held):
                    raise self.damaged("a passage is not what its key names")
                found[key] = [c for c in held if within is None or c.article_id in within]
        return found

    def contents(self) -> Iterator[tuple[Entry, str, list[tuple[Chunk, str]]]]:
        """Each article with its text and its chunks, cut anew, each with its stored key."""
        for entry in self.entries():
            text = self.text(entry.id)
            rows = self.query(
                "SELECT start, end, context, byline, places, key FROM chunk WHERE article ="
                " (SELECT number FROM article WHERE id = ?) ORDER BY number",
                entry.id,
            )
            chunks = []
            for start, end, context, byline, places, key in rows:
                piece = text[max(0, start) : max(0, end)]
                row = entry.id, start, end, piece, context, byline, places
                chunks.append((_chunk(row), key))
            yield entry, text, chunks

    def text(self, id: str) -> str:
        """An article's whole text as it was indexed.

        Raises:
            KeyError: there is no such article.
        """
        rows = self.query("SELECT text FROM article WHERE id = ?", id)
        if not rows:
            raise KeyError(id)
        return str(rows[0][0])

    def address(self, id: str) -> str:
        """The web address of an article that was fetched; "" of any other."""
        rows = self.query("SELECT address FROM article WHERE id = ?", id)
        return str(rows[0][0]) if rows else ""

    def page(self, id: str, offset: int) -> Page | None:
        """The page, slide or sheet of an article that holds a code point of its text."""
        rows = self.query(
            "SELECT start, kind, name, ocr FROM page WHERE start <= ?"
            " AND article = (SELECT number FROM article WHERE id = ?) ORDER BY start DESC LIMIT 1",
            offset,
            id,
        )
        return Page(*rows[0]) if rows else None

    def pages(self, id: str) -> list[Page]:
        """All pages, slides or sheets of an article that have text, in their order."""
        rows = self.query(
            "SELECT start, kind, name, ocr FROM page"
            " WHERE article = (SELECT number FROM article WHERE id = ?) ORDER BY start",
            id,
        )
        return [Page(*row) for row in rows]

    def scans(self, id: str, numbers: Iterable[int]) -> dict[int, ScannedPage]:
        """The words of an article's pages that were read from their pictures, by their numbers.

        Raises:
            IndexDamaged: they are not what this program would have written.
        """
        if not self.is_table("scan"):
            return {}
        rows = self.query(
            "SELECT scan.number AS number, packed FROM scan WHERE article ="
            " (SELECT number FROM article WHERE id = ?)"
            " AND scan.number IN (SELECT value FROM json_each(?))",
            *(id, json.dumps(list(numbers))),
        )
        try:
            return {number: ScannedPage.unpacked(packed) for number, packed in rows}
        except ValueError as error:
            raise self.damaged(f"the words of a scanned page: {error}") from error

    def notices(self) -> Iterator[tuple[str, str]]:
        """(id, notice) of what was left out of each article, in the order of ids."""
        rows = self.query(
            "SELECT id, notice.text AS text FROM notice"
            " JOIN article ON article.number = notice.article ORDER BY id, notice.rowid"
        )
        yield from ((id, text) for id, text in rows)

    def skip(self, path: Path, root: Path, reason: str) -> None:
        """Remember a file that was not read, and why."""
        named = as_unicode(str(path), None), str(root), as_unicode(reason, None)
        self.query("INSERT OR REPLACE INTO skipped VALUES (?, ?, ?)", *named)

    def forget_skipped(self, root: Path) -> None:
        """Forget the files of a root that were not read, before it is read anew."""
        self.query("DELETE FROM skipped WHERE root = ?", str(root))

    def skipped(self) -> list[tuple[Path, str]]:
        """(path, reason) of every file that was not read, in the order of paths."""
        rows = self.query("SELECT path, reason FROM skipped ORDER BY path")
        return [(Path(path), reason) for path, reason in rows]

    def lengths(self, ids: Iterable[str]) -> dict[str, int]:
        """How many code points each of some articles has, of those that are here."""
        rows = self.query(
            "SELECT id, length(text) AS size FROM article"
            " WHERE id IN (SELECT value FROM json_each(?))",
            json.dumps(list(ids)),
        )
        return dict(rows)

    def counts(self) -> tuple[int, int, int]:
        """How many articles, chunks and distinct texts (vectors) there are."""
        # Not count(*), which SQLite does in one step that nothing can stop.
        articles, chunks, passages = self.one(
            "SELECT (SELECT count(number) FROM article) AS articles,"
            " (SELECT count(number) FROM chunk) AS chunks, passages FROM total"
        )
        return articles, chunks, passages


def salvaged_roots(folder: Path) -> list[Path]:
    """The roots that can still be read from a catalog that is damaged otherwise."""
    try:
        with Database(folder, CATALOG) as database:
            known = database.query("SELECT path FROM root") if database.is_table("root") else []
            return [Path(row[0]) for row in known]
    except UserError:
        return []


def salvaged_ids(folder: Path) -> list[tuple[str, str, str]]:
    """(id, root, file) of the articles that can still be read from such a catalog.

    Those of older layouts, which kept no `file`, had the path below the root's folder as their id.
    """
    found: list[tuple[str, str, str]] = []
    for table, file in (("article", "file"), ("article", "''"), ("given", "file")):
        sql = f"SELECT rowid AS number, id, root, {file} AS file FROM {table} WHERE rowid > ?"
        with suppress(UserError), Database(folder, CATALOG) as database:
            if not database.is_table(table) or (found and table == "article"):
                continue
            for rows in database.batches(f"{sql} ORDER BY rowid LIMIT 500", last=0):
                found += [(id, root, file) for _, id, root, file in rows]
    return found


def _statements(script: str) -> Iterator[str]:
    """The statements of a script, one by one: `executescript` would end the transaction."""
    statement = ""
    for line in script.strip().splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            yield statement.strip()
            statement = ""


def _chunk(row: tuple[str, ...]) -> Chunk:
    id, start, end, text, context, byline, places = row
    return Chunk(id, int(start), int(end), text, context, bool(byline), _spans(places))


def _spans(places: str) -> tuple[Span, ...]:
    """The ranges that a chunk names, or one that no text has: it does not stand there."""
    try:
        spans = tuple((start, end) for start, end in json.loads(places))
    except (ValueError, TypeError, RecursionError):
        return (_NOWHERE,)
    return spans if all(type(edge) is int for span in spans for edge in span) else (_NOWHERE,)


def _stands(chunk: Chunk) -> bool:
    """Whether a chunk's ranges may be such as hold its text."""
    spans = ((chunk.start, chunk.end), *chunk.places)
    return all(start >= 0 and end - start == len(chunk.text) > 0 for start, end in spans)
