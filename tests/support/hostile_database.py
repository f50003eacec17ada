"""Hostile databases: values in an index's tables that this program would never write there."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

VALUES = (
    *(None, "", "abc", "a\0b", "\x1b]0;title\x07", "٣", "../../precious.txt", "/etc/passwd"),
    *(b"", b"\xff\0\xfe", -1, 0, 1, 2**62, -(2**63), 1.5, 1e300, float("inf"), "1e999"),
    *("[" * 100_000, "[[1e999, 2]]", "[[0, 1], 2]", '{"a": [1]}', "9" * 5000, "x" * 100_000),
)
INVALID = "CAST(x'61ff' AS TEXT)"  # a text that is no UTF-8

_CONSTRAINT = re.compile(r"\b(?:NOT NULL|TEXT|BLOB|REAL|INTEGER(?! PRIMARY))\b")


def columns(file: Path) -> list[tuple[str, str]]:
    """Each table with each of its columns, those of FTS5 among them."""
    with closing(sqlite3.connect(file)) as connection:
        tables = connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 ORDER BY name"
        ).fetchall()
        return [
            (table, row[1])
            for (table,) in tables
            for row in connection.execute(f"PRAGMA table_info({table})")
        ]


def plant(file: Path, table: str, column: str, value: object) -> bool:
    """Set a column of one row, whatever the table's declaration says; false where SQLite cannot."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        key = connection.execute(f"SELECT name FROM pragma_table_info('{table}') WHERE pk = 1")
        key = (key.fetchone() or ["rowid"])[0]
        with _undeclared(connection, table):
            sql = f"UPDATE {table} SET {column} = {INVALID if value is INVALID else '?'}"
            where = f" WHERE {key} IS (SELECT {key} FROM {table} LIMIT 1)"
            try:
                connection.execute(sql + where, () if value is INVALID else (value,))
            except sqlite3.Error:
                return False
    return True


@contextmanager
def _undeclared(connection: sqlite3.Connection, table: str) -> Iterator[None]:
    """Have a table take any value; its declaration is as before in the end."""
    where = "WHERE type = 'table' AND name = ?"
    (was,) = connection.execute(f"SELECT sql FROM sqlite_schema {where}", (table,)).fetchone()
    _declare(connection, table, _CONSTRAINT.sub("", was))
    yield
    _declare(connection, table, was)


def _declare(connection: sqlite3.Connection, table: str, sql: str) -> None:
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute("UPDATE sqlite_schema SET sql = ? WHERE name = ?", (sql, table))
    connection.execute("PRAGMA writable_schema = RESET")
