"""Cache ledger: KV states on disk, when each was last used, and how often one was found.

One SQLite file that all processes share. It is a cache's: what cannot be read, or is none of this
program, is thrown away and made anew from the folder, and what cannot be written is not known.
"""

import logging
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from index import sqlite_guard

SUFFIX = ".state"

_FILE = "states.sqlite"
_BUSY_S = 1.0  # seconds that another process is waited for
# `used` counts uses, of whichever state; `asked` says that a question was asked about the passage.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS state (
    key TEXT PRIMARY KEY, bytes INTEGER NOT NULL, used INTEGER NOT NULL, asked INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS going ON state (asked, used, key, bytes);
"""
# Rows that this program does not write; keys name files. All are looked at when a folder is opened,
# and then those alone that are used: a step takes no longer for there being many.
_UNKNOWN = (
    "SELECT 1 FROM state WHERE typeof(key) <> 'text' OR length(key) <> 64"
    " OR key GLOB '*[^0-9a-f]*' OR typeof(bytes) <> 'integer' OR bytes < 0"
    " OR typeof(used) <> 'integer' OR typeof(asked) <> 'integer'",
    "SELECT 1 FROM fact WHERE typeof(value) <> 'integer'",
)
_KEY = re.compile("[0-9a-f]{64}")
# Both by the index.
_NOW = (
    "(SELECT max(coalesce((SELECT max(used) FROM state WHERE asked = 0), 0),"
    " coalesce((SELECT max(used) FROM state WHERE asked = 1), 0)))"
)
# Another layout of tables is an error of the general kind.
_DAMAGED = sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR
_LOG = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Tally:
    """How many states there are, their bytes, the bytes there may be, and how often one was found.

    `budget` is that of whoever opened the folder last.
    """

    states: int = 0
    size: int = 0
    budget: int = 0
    hits: int = 0
    misses: int = 0


class Ledger:
    """The ledger of one folder. Each step is a short transaction of its own connection."""

    def __init__(self, folder: Path) -> None:
        """Nothing is opened yet."""
        self._folder = folder

    def settle(self, budget: int) -> list[str]:
        """Know all files that lie there and no others; those that must go for the budget."""

        def change(connection: sqlite3.Connection) -> list[str]:
            if any(connection.execute(sql).fetchone() for sql in _UNKNOWN):
                raise sqlite_guard.ForeignFile("its rows are none of this program")
            _adopt(connection, self._listed())
            _set(connection, "budget", budget)
            return _over(connection, budget)

        return self._try(change) or []

    def add(self, key: str, size: int, budget: int, *, asked: bool) -> list[str] | None:
        """Know a new file of `size` bytes; those that must go for it. None if it cannot be known.

        What no question has asked for goes first, then what was used least recently.
        """

        def change(connection: sqlite3.Connection) -> list[str]:
            connection.execute(
                f"INSERT OR REPLACE INTO state VALUES (?, ?, {_NOW} + 1, ?)", (key, size, asked)
            )
            return _over(connection, budget)

        return self._try(change)

    def use(self, key: str, *, asked: bool) -> None:
        """Note that a state was used."""
        self._try(lambda connection: _use(connection, key, asked))

    def count(self, key: str, *, found: bool) -> None:
        """Note that a question needed a state, and whether it was there."""

        def change(connection: sqlite3.Connection) -> None:
            _count(connection, "hits" if found else "misses")
            _use(connection, key, True)

        self._try(change)

    def remove(self, key: str) -> None:
        """Forget a state."""
        self._try(lambda c: c.execute("DELETE FROM state WHERE key = ?", (key,)).close())

    def now(self) -> int:
        """A moment, to be compared with those of uses; later ones are greater."""
        return self._try(lambda c: int(c.execute(f"SELECT {_NOW}").fetchone()[0])) or 0

    def protected_bytes(self, since: int) -> int:
        """Bytes of what a question has asked for, or was used after a moment."""
        sql = "SELECT coalesce(sum(bytes), 0) FROM state WHERE asked OR used > ?"
        return self._try(lambda c: int(c.execute(sql, (since,)).fetchone()[0])) or 0

    def tally(self) -> Tally:
        """What there is; makes nothing where there is nothing."""
        listed = self._listed()
        states, size = len(listed), sum(listed.values())
        if not (self._folder / _FILE).is_file():
            return Tally(states, size)
        facts = self._try(_facts) or {}
        return Tally(states, size, *(facts.get(name, 0) for name in ("budget", "hits", "misses")))

    def _listed(self) -> dict[str, int]:
        """The files that lie there: their keys and bytes."""
        found = {}
        for path in self._folder.glob(f"*{SUFFIX}"):
            if not _KEY.fullmatch(path.stem):
                continue
            try:
                found[path.stem] = path.stat().st_size
            except OSError:  # gone meanwhile
                continue
        return found

    def _try(self, change: Callable[[sqlite3.Connection], T]) -> T | None:
        """Do one step; None when it cannot be done."""
        try:
            try:
                return self._do(change)
            except sqlite3.Error as error:
                if _code(error) not in _DAMAGED:
                    raise
                for end in ("", "-journal", "-wal", "-shm"):
                    (self._folder / (_FILE + end)).unlink(missing_ok=True)
                return self._do(change)
        except (sqlite3.Error, OSError) as error:
            _LOG.debug("The ledger of states in %s: %s", self._folder, error)
            return None

    def _do(self, change: Callable[[sqlite3.Connection], T]) -> T:
        path = self._folder / _FILE
        if not path.is_symlink():  # what it leads to is not made either
            path.touch(mode=0o600)
        fresh = not path.stat().st_size
        with _transaction(path) as connection:
            if fresh:
                _adopt(connection, self._listed())
            return change(connection)


@contextmanager
def _transaction(path: Path) -> Iterator[sqlite3.Connection]:
    """All that is written inside is kept, or none of it."""
    connection = sqlite_guard.connect(path, timeout=_BUSY_S)
    try:
        # Where there can be no log, as on some network disks, SQLite does without.
        with suppress(sqlite3.OperationalError):
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = OFF")
        connection.executescript(_SCHEMA)
        sqlite_guard.check_tables(connection, _SCHEMA)
        connection.execute("BEGIN IMMEDIATE")
        yield connection
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        sqlite_guard.raise_interrupt(connection, error)
        raise
    finally:
        connection.close()


def _adopt(connection: sqlite3.Connection, listed: dict[str, int]) -> None:
    known = {row[0] for row in connection.execute("SELECT key FROM state")}
    gone, found = known - listed.keys(), listed.keys() - known
    connection.executemany("DELETE FROM state WHERE key = ?", [(key,) for key in gone])
    connection.executemany(
        "INSERT INTO state VALUES (?, ?, 0, 0)", [(key, listed[key]) for key in sorted(found)]
    )


def _over(connection: sqlite3.Connection, budget: int) -> list[str]:
    """Forget what is over the budget."""
    (size,) = connection.execute("SELECT coalesce(sum(bytes), 0) FROM state").fetchone()
    gone = []
    for key, its in connection.execute("SELECT key, bytes FROM state ORDER BY asked, used, key"):
        if size <= budget:
            break
        if not (isinstance(key, str) and _KEY.fullmatch(key) and isinstance(its, int)):
            raise sqlite_guard.ForeignFile("its rows are none of this program")
        gone.append(key)
        size -= its
    connection.executemany("DELETE FROM state WHERE key = ?", [(key,) for key in gone])
    return gone


def _use(connection: sqlite3.Connection, key: str, asked: bool) -> None:
    connection.execute(
        f"UPDATE state SET used = {_NOW} + 1, asked = max(asked, ?) WHERE key = ?", (asked, key)
    )


def _facts(connection: sqlite3.Connection) -> dict[str, int]:
    rows = connection.execute("SELECT name, value FROM fact LIMIT 9").fetchall()
    return {name: value for name, value in rows if isinstance(value, int)}


def _count(connection: sqlite3.Connection, name: str) -> None:
    connection.execute("INSERT OR IGNORE INTO fact VALUES (?, 0)", (name,))
    connection.execute("UPDATE fact SET value = value + 1 WHERE name = ?", (name,))


def _set(connection: sqlite3.Connection, name: str, value: int) -> None:
    connection.execute("INSERT OR REPLACE INTO fact VALUES (?, ?)", (name, value))


def _code(error: sqlite3.Error) -> int:
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)) & 0xFF
