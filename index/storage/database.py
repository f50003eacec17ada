"""Database: an open SQLite file of an index, whose errors become the index's own.

Knows SQLite, transactions and errors; what the tables hold is checked by `columns.py` as it is
read, and does not matter here.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from index import sqlite_guard
from index.errors import IndexDamaged, UserError, from_sqlite
from index.storage import columns

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
        if not self.one("SELECT count(*) AS count FROM sqlite_master")[0]:
            with self.errors():
                self.connection.execute("PRAGMA journal_mode = WAL")
                self.connection.executescript(f"BEGIN;{schema}COMMIT;")

    def is_table(self, name: str) -> bool:
        """Whether there is a table of a name: not a view, which may be without end."""
        sql = "SELECT 1 AS count FROM sqlite_schema WHERE name = ? AND rootpage > 0"
        return len(self.query(sql, name)) == 1

    def check_tables(self, schema: str) -> None:
        """See that the file holds the tables of a schema, and nothing else.

        Raises:
            IndexDamaged: it does not.
        """
        with self.errors():
            sqlite_guard.check_tables(self.connection, schema)

    def query(self, sql: str, *values: object) -> list[Any]:
        """All rows of one statement, each value of the kind that its column may hold.

        Raises:
            IndexBusy, IndexDamaged, IndexUnwritable: as SQLite's error says, or by such a value.
        """
        with self.errors():
            cursor = self.connection.execute(sql, values)
            rows = cursor.fetchall()
        try:
            columns.check([column[0] for column in cursor.description or ()], rows)
        except columns.BadValue as error:
            raise self.damaged(str(error)) from error
        return rows

    def one(self, sql: str, *values: object) -> Any:
        """The only row of a statement.

        Raises:
            IndexDamaged: there is none, or more than one; and those of `query`.
        """
        rows = self.query(sql, *values)
        if len(rows) != 1:
            raise self.damaged("a row is missing, or there twice")
        return rows[0]

    def batches(self, sql: str, *values: object, last: Any) -> Iterator[list[Any]]:
        """The rows of a statement in batches.

        Args:
            sql: gives some rows behind a value of its first column, in order of that.
            values: those of the statement, but for the last.
            last: its last value: what the first column is behind, at the beginning.

        Raises:
            IndexDamaged: they are not in order, so that they may have no end; those of `query`.
        """
        while rows := self.query(sql, *values, last):
            if rows[-1][0] <= last:
                raise self.damaged("its rows are not in order")
            yield rows
            last = rows[-1][0]

    def damaged(self, why: str) -> IndexDamaged:
        """The error of a file that holds what this program would not have written."""
        return IndexDamaged(self.folder, f"{self._file} cannot be read: {why}")

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
            raise self._explained(error) from error

    def _explained(self, error: sqlite3.Error) -> UserError:
        try:
            sqlite_guard.raise_interrupt(getattr(self, "connection", None), error)
        except sqlite_guard.ForeignFile as endless:
            error = endless
        return from_sqlite(self.folder, self._file, error)


def _connected(path: Path) -> sqlite3.Connection:
    """A connection that works, the first of: to write, to read beside a writer, to read alone."""
    wal = path.with_name(f"{path.name}-wal")
    ways = ["", "?mode=ro"]
    if path.exists() and not (wal.exists() and wal.stat().st_size):
        # Without a log there is nothing to agree on with a writer, and no file of SQLite's to make.
        ways.append("?mode=ro&immutable=1")
    for query in ways:
        connection = sqlite_guard.connect(path, timeout=_BUSY, query=query)
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("SELECT count(*) FROM sqlite_master")
        except sqlite3.OperationalError as error:
            connection.close()
            sqlite_guard.raise_interrupt(connection, error)
            if query == ways[-1] or error.sqlite_errorcode & 0xFF not in _NO_WRITING:
                raise
        else:
            return connection
    raise AssertionError("the last way raises")
