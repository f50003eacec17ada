"""Conversation database: the SQLite file of the conversations, its tables and transactions.

Threads share one connection under a lock: each transaction is short, writers would wait for each
other anyway, and threads that come and go, as a web server's do, leave no connection behind.
Another process has a connection of its own; SQLite's write-ahead log isolates the two.
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from index import sqlite_guard
from index.errors import sqlite_fault
from qa.errors import BadConversations, NoConversation

_BUSY_S = 10.0  # seconds to wait for another process that writes
LAYOUT = 2  # goes up when older code could not read what newer code writes
_APPLICATION = int.from_bytes(b"a-qa")  # SQLite's application id: tells the file from others
# `place` orders an owner's conversations whatever the clock says. `next` is never given twice, so
# that a page left open cannot mean another exchange by a number than it shows.
_FIRST_SCHEMA = (
    """CREATE TABLE conversation (
        number INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, owner TEXT NOT NULL,
        title TEXT NOT NULL, folded TEXT NOT NULL, created TEXT NOT NULL, updated TEXT NOT NULL,
        place INTEGER NOT NULL, next INTEGER NOT NULL DEFAULT 1
    )""",
    "CREATE UNIQUE INDEX conversation_place ON conversation (owner, place)",
    """CREATE TABLE exchange (
        conversation INTEGER NOT NULL REFERENCES conversation ON DELETE CASCADE,
        number INTEGER NOT NULL, question TEXT NOT NULL, answer TEXT, state TEXT NOT NULL,
        error TEXT NOT NULL, asked TEXT NOT NULL, folded TEXT NOT NULL,
        PRIMARY KEY (conversation, number)
    )""",
)
# Layout 2: the articles that a conversation is kept to, where these are not all.
_SCOPES = (
    """CREATE TABLE scope (
        conversation INTEGER PRIMARY KEY REFERENCES conversation ON DELETE CASCADE,
        fields TEXT NOT NULL
    )""",
    f"PRAGMA user_version = {LAYOUT}",
)
_SCHEMA = (*_FIRST_SCHEMA, f"PRAGMA application_id = {_APPLICATION}", *_SCOPES)
# Fails where nothing may be written.
_PROBE = "DELETE FROM exchange WHERE conversation IS NULL"
# Advice of the error messages.
_OTHER = "Name another file."
_AGAIN = "Try again in a moment."
_ROOM = "Nothing in it is lost; make room and try again."
_ALLOW = "Nothing in it is lost; see that there is room and that it may be written."
_MOVE = "Put a copy of it in its place, or move it elsewhere with its -wal to begin a new one."


class ConversationFile:
    """The open file; made where there is none, readable by its owner alone."""

    def __init__(self, path: Path) -> None:
        """Open or make it.

        Raises:
            BadConversations: it cannot be read or written, is no such file, or a newer one.
        """
        self._path, self._lock = path, threading.Lock()
        try:
            _make(path)
            self._connection = _connect(path)
        except (sqlite3.Error, OSError) as error:
            raise _explained(path, error) from error
        try:
            with self.change():
                self._prepare()
            # Where there can be no log, as on some network disks, SQLite does without.
            with suppress(sqlite3.OperationalError):
                self._connection.execute("PRAGMA journal_mode = WAL")
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @contextmanager
    def look(self) -> Iterator[sqlite3.Connection]:
        """A transaction that reads: all of one moment, whatever another process writes."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """A transaction that writes: all of it or nothing."""
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                self._connection.execute(begin)
                yield self._connection
                self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                sqlite_guard.raise_interrupt(self._connection, error)
                raise _explained(self._path, error) from error
            except (UnicodeEncodeError, OverflowError):  # nothing has such an owner, id or number
                raise NoConversation from None
            finally:
                self._undo()

    def _undo(self) -> None:
        """Roll back what was not committed; on a full disk SQLite does so by itself."""
        with suppress(sqlite3.Error):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def _prepare(self) -> None:
        """Create the tables of an empty file, add those of an older one; refuse any other file."""
        layout = self._value("PRAGMA user_version")
        kind = self._value("PRAGMA application_id")
        if not (layout or kind or self._value("SELECT count(*) FROM sqlite_master")):
            self._execute(_SCHEMA)
        elif kind != _APPLICATION:
            raise BadConversations(self._path, "is not one of conversations", _OTHER)
        elif layout > LAYOUT:
            why = f"is of layout {layout}, and this program knows {LAYOUT}"
            raise BadConversations(self._path, why, "Update article-qa.")
        elif layout < LAYOUT:
            sqlite_guard.check_tables(self._connection, ";".join(_FIRST_SCHEMA))
            self._execute(_SCOPES)
        sqlite_guard.check_tables(self._connection, ";".join(_SCHEMA))
        self._connection.execute(_PROBE)

    def _execute(self, statements: Sequence[str]) -> None:
        for sql in statements:
            self._connection.execute(sql)

    def _value(self, sql: str) -> int:
        return int(self._connection.execute(sql).fetchone()[0])


def _make(path: Path) -> None:
    """Create the file for its owner alone: SQLite would let all users of the machine read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    log = path.with_name(f"{path.name}-wal")
    if not path.stat().st_size and log.exists() and log.stat().st_size:  # SQLite would remove it
        raise BadConversations(path, f"is empty and its {log.name} is not", _MOVE)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite_guard.connect(path.resolve(), timeout=_BUSY_S)  # people may link to it
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")  # what people delete is overwritten
    connection.text_factory = lambda data: data.decode(errors="replace")  # a damaged row is shown
    return connection


def _explained(path: Path, error: sqlite3.Error | OSError) -> BadConversations:
    """The error for the person, by the cause that SQLite or the system gives."""
    if isinstance(error, OSError):
        return BadConversations(path, f"cannot be made or opened ({error.strerror})", _OTHER)
    why, advice = {
        "busy": ("is being written by another process", _AGAIN),
        "locked": ("is being written by another process", _AGAIN),
        "full": ("cannot be written: the disk is full", _ROOM),
        "unwritable": (f"cannot be written ({error})", _ALLOW),
        "damaged": (f"cannot be read ({error})", _MOVE),
    }[sqlite_fault(error)]
    return BadConversations(path, why, advice)
