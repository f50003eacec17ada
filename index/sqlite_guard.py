"""SQLite guard: opens a SQLite file that anybody may have made, as data and nothing more.

Such a file may hold views, triggers or virtual tables where a program expects plain tables, trees
of pages that never end, and beside it a journal that names another file to be deleted. So it is
opened only where it is a file itself and no link, it is read only where its tables are those that
this program makes, and no statement goes on without end.
"""

import math
import sqlite3
import stat
from collections.abc import Iterable, Mapping
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

_BESIDE = ("", "-journal", "-wal", "-shm")  # the database's own files, by the end of their names
_STEPS = 1_000_000  # of SQLite's machine between two looks at Ctrl-C: some 20 ms
# Looks at one statement. What this program asks takes less than a step for each byte of the file;
# ten times that is allowed, and some more for a small one.
_LEAST_LOOKS, _LOOKS_A_BYTE = 20, 10 / _STEPS
# Bytes of one value. An article has five million code points at most, and each four bytes.
_LONGEST = 64 * 2**20
# The last bytes of a journal that names a super-journal, which SQLite deletes when it rolls back.
_JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")


class ForeignFile(sqlite3.DatabaseError):
    """A file that this program did not make, or not so."""


class GuardedConnection(sqlite3.Connection):
    """A connection of which each statement ends, by itself or by Ctrl-C. Use `connect`."""

    looks: "_Looks"

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        """Run a statement, whose steps count anew."""
        self.looks.taken = 0
        return super().execute(sql, parameters)

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> sqlite3.Cursor:
        """Run a statement for each row of what this program writes, however many there are."""
        self.looks.taken = -math.inf
        return super().executemany(sql, parameters)


class _Looks:
    """Counts the looks at one statement; apart from the connection, which it would keep alive."""

    def __init__(self, path: Path) -> None:
        self._files = [path, path.with_name(f"{path.name}-wal")]
        self.taken: float = 0
        self.endless = False

    def look(self) -> bool:
        """Whether SQLite must stop. In the main thread, Ctrl-C is raised before this begins."""
        self.taken += 1
        self.endless = self.taken > _LEAST_LOOKS and self.taken > self._size() * _LOOKS_A_BYTE
        return self.endless

    def _size(self) -> int:
        """Bytes on the disk: a hole takes none."""
        return sum(512 * file.stat().st_blocks for file in self._files if file.exists())


def connect(path: Path, *, timeout: float, query: str = "") -> GuardedConnection:
    """Connect to a file; statements commit by themselves, and threads may share the connection.

    Args:
        path: the file, made when missing.
        timeout: seconds to wait for another process's transaction.
        query: of the URI, such as `?mode=ro`.

    Raises:
        ForeignFile: it is a link or none of SQLite's, or the file beside it would delete another.
        sqlite3.Error: it cannot be opened.
    """
    for end in _BESIDE:
        _check_file(path.with_name(path.name + end))
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}{query}",
        uri=True,
        isolation_level=None,
        timeout=timeout,
        check_same_thread=False,
        factory=GuardedConnection,
    )
    connection.looks = looks = _Looks(path.absolute())
    connection.set_progress_handler(looks.look, _STEPS)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    return connection


def check_tables(connection: sqlite3.Connection, script: str) -> None:
    """See that a file holds what a script makes, and nothing else.

    Raises:
        ForeignFile: it names the first table, view, index or trigger that differs.
    """
    found, wanted = _objects(connection), _made_by(script)
    for kind, name in sorted(found.keys() | wanted.keys(), key=_tables_first):
        if (kind, name) not in wanted:
            raise ForeignFile(f"it holds the {kind} {name}, which is none of its own")
        if (kind, name) not in found:
            raise ForeignFile(f"its {kind} {name} is missing")
        if found[kind, name] != wanted[kind, name]:
            raise ForeignFile(f"its {kind} {name} is another than this program makes")
    connection.execute("PRAGMA trusted_schema = ON")  # older FTS5 takes part in no trigger without


def _tables_first(one: tuple[str, str]) -> tuple[bool, str]:
    return one[0] != "table", one[1]


def raise_interrupt(connection: sqlite3.Connection | None, error: sqlite3.Error) -> None:
    """Raise what stopped a statement amid its work, if that is what an error tells.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed.
        ForeignFile: it would not end.
    """
    if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_INTERRUPT:
        return
    if isinstance(connection, GuardedConnection) and connection.looks.endless:
        raise ForeignFile("reading it does not end") from error
    raise KeyboardInterrupt from error


def _check_file(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
    except OSError:  # it is not there, or SQLite tells what is wrong
        return
    if stat.S_ISLNK(mode):
        raise ForeignFile(f"{path.name} is a link")
    if not stat.S_ISREG(mode):
        raise ForeignFile(f"{path.name} is no file")
    if path.name.endswith("-journal") and _names_another(path):
        raise ForeignFile(f"{path.name} names another file")


def _names_another(journal: Path) -> bool:
    """Whether a journal is of a transaction over several files, as this program makes none."""
    with journal.open("rb") as file:
        file.seek(max(0, journal.stat().st_size - len(_JOURNAL_MAGIC)))
        return file.read() == _JOURNAL_MAGIC


def _objects(connection: sqlite3.Connection) -> Mapping[tuple[str, str], tuple[str, str]]:
    """What a file declares: kind and name to table and SQL, however that is spaced."""
    sql = "SELECT type, name, tbl_name, sql FROM sqlite_schema LIMIT 99"
    return {
        (str(kind), str(name)): (str(table), " ".join(str(made).split()))
        for kind, name, table, made in connection.execute(sql).fetchall()
    }


@cache
def _made_by(script: str) -> Mapping[tuple[str, str], tuple[str, str]]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(script)
        return _objects(connection)
