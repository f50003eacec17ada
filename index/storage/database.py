"""Database: an open SQLite file of an index, whose errors become the index's own.

Knows SQLite, transactions and errors; does not know what the tables hold.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from index.errors import from_sqlite

_BUSY = 30  # seconds to wait for another process's transaction
# What SQLite says where it cannot make its own files beside one that it reads.
_NO_WRITING = (
    *(sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL),
    sqlite3.SQLITE_PERM,
)


class Database:
    """An open SQLite file. Used as a context manager; closes itself."""

    def __init__(self, folder: Path, file: str) -> None:
        """Open a file in an index's folder; SQLite makes a missing one.

        One that may not be written, for want of permission or room, is opened to read.

        Raises:
            IndexDamaged: it cannot be read.
            IndexUnwritable: it cannot be made.
        """
        self.folder, self._file = folder, file
        with self.errors():
            self.connection = _connected(folder / file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def create_tables(self, schema: str) -> None:
        """Run the SQL that makes the tables, unless there are some, whole or not at all."""
        # A run stopped at the wrong moment leaves a file without a table: no index yet.
        if not self.query("SELECT count(*) FROM sqlite_master")[0][0]:
            self.query("PRAGMA journal_mode = WAL")
            with self.errors():
                self.connection.executescript(f"BEGIN;{schema}COMMIT;")

    def query(self, sql: str, *values: object) -> list[Any]:
        """All rows of one statement.

        Raises:
            IndexBusy, IndexDamaged, IndexUnwritable: as SQLite's error says.
        """
        with self.errors():
            return self.connection.execute(sql, values).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Write everything inside, or nothing of it.

        Raises:
            IndexUnwritable: there is no room for it, or no permission.
        """
        try:
            with self.errors():
                self.connection.execute("BEGIN IMMEDIATE")
                yield
                self.connection.execute("COMMIT")
        finally:
            if self.connection.in_transaction:  # a full disk makes SQLite roll back by itself
                self.connection.execute("ROLLBACK")

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read everything inside as it is at one moment, whatever another process writes."""
        self.connection.execute("BEGIN")
        try:
            yield
        finally:
            self.connection.execute("ROLLBACK")

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Raise an error of SQLite inside as one of the index's own."""
        try:
            yield
        except sqlite3.Error as error:
            raise from_sqlite(self.folder, self._file, error) from error


def _connected(path: Path) -> sqlite3.Connection:
    """A connection that works, the first of: to write, to read beside a writer, to read alone."""
    wal = path.with_name(f"{path.name}-wal")
    place = path.absolute().as_uri()
    ways = [place, f"{place}?mode=ro"]
    if path.exists() and not (wal.exists() and wal.stat().st_size):
        # Without a log there is nothing to agree on with a writer, and no file of SQLite's to make.
        ways.append(f"{place}?mode=ro&immutable=1")
    for uri in ways:
        connection = sqlite3.connect(
            uri, uri=True, isolation_level=None, timeout=_BUSY, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("SELECT count(*) FROM sqlite_master")
        except sqlite3.OperationalError as error:
            connection.close()
            if uri == ways[-1] or error.sqlite_errorcode & 0xFF not in _NO_WRITING:
                raise
        else:
            return connection
    raise AssertionError("the last way raises")
