"""What an error of SQLite is, and what it means for an index."""

import sqlite3
from pathlib import Path

import pytest

from index.errors import (
    IndexBusy,
    IndexDamaged,
    IndexUnwritable,
    SqliteFault,
    UserError,
    from_sqlite,
    sqlite_fault,
)


def error(code: int | None) -> sqlite3.Error:
    made = sqlite3.OperationalError("it failed")
    if code is not None:
        made.sqlite_errorcode = code
    return made


@pytest.mark.parametrize(
    ("code", "fault", "told"),
    [
        (sqlite3.SQLITE_BUSY, "busy", IndexBusy),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "busy", IndexBusy),
        (sqlite3.SQLITE_LOCKED, "locked", IndexUnwritable),
        (sqlite3.SQLITE_FULL, "full", IndexUnwritable),
        (sqlite3.SQLITE_READONLY, "unwritable", IndexUnwritable),
        (sqlite3.SQLITE_READONLY_DBMOVED, "unwritable", IndexUnwritable),
        (sqlite3.SQLITE_IOERR_WRITE, "unwritable", IndexUnwritable),
        (sqlite3.SQLITE_CANTOPEN, "unwritable", IndexUnwritable),
        (sqlite3.SQLITE_PERM, "unwritable", IndexUnwritable),
        (sqlite3.SQLITE_IOERR_READ, "damaged", IndexDamaged),
        (sqlite3.SQLITE_IOERR_SHORT_READ, "damaged", IndexDamaged),
        (sqlite3.SQLITE_CORRUPT, "damaged", IndexDamaged),
        (sqlite3.SQLITE_NOTADB, "damaged", IndexDamaged),
        (sqlite3.SQLITE_ERROR, "damaged", IndexDamaged),
        (None, "damaged", IndexDamaged),
    ],
)
def test_error_of_sqlite_is_of_one_kind(
    code: int | None, fault: SqliteFault, told: type[UserError]
) -> None:
    assert sqlite_fault(error(code)) == fault
    assert type(from_sqlite(Path("index"), "catalog.sqlite", error(code))) is told


def test_message_names_the_file_and_the_reason() -> None:
    made = from_sqlite(Path("index"), "words.sqlite", error(sqlite3.SQLITE_FULL))

    assert "index (words.sqlite: it failed)" in str(made)
