"""Errors: `UserError`, and what can go wrong with an index; each says what to do next.

UserError
  ├─ BadPath             a path that cannot be read
  │    └─ NotText        a file that holds no readable text
  ├─ BadModel            an embedder that cannot be loaded
  ├─ IndexMissing        no index where one is expected
  ├─ IndexMismatch       an index made with another embedder or chunker
  ├─ IndexDamaged        the store on disk cannot be read
  │    └─ OtherLayout    an index that another version of this program keeps otherwise
  ├─ IndexUnwritable     the store on disk cannot be written: no room, no permission
  ├─ LinkInIndex         a part of an index that lies elsewhere
  └─ IndexBusy           another process is writing

`qa/cli/main.py` turns every UserError into its message and exit code 2.
"""

import sqlite3
from pathlib import Path
from typing import Literal


class UserError(Exception):
    """An error that the user can fix; the message says how."""


class BadPath(UserError):
    """A path to index that does not exist or cannot be read."""


class NotText(BadPath):
    """A file that does not hold readable text; the message is the reason alone."""


class Unreadable(NotText):
    """A file that is there and cannot be read now; it may hold what it held before."""


class BadModel(UserError):
    """Model files that are missing, incomplete or of the wrong kind."""


class IndexMissing(UserError):
    """There is no index at the given path."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"No index at {path}. Build one with: article-qa index ARTICLES --index {path}"
        )


class IndexMismatch(UserError):
    """The index was made by another embedder, other prefixes or another chunker."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(
            f"The index at {path} was made with {what}. "
            f"Rebuild it with: article-qa index --rebuild --index {path}"
        )


class IndexDamaged(UserError):
    """The store on disk cannot be opened or lacks something it should hold."""

    said = "is damaged ({why}). Repair it with"

    def __init__(self, path: Path, why: str) -> None:
        self.why = why
        said = self.said.format(why=why)
        super().__init__(f"The index at {path} {said}: article-qa index --rebuild --index {path}")


class OtherLayout(IndexDamaged):
    """The store on disk is whole, and laid out as another version of this program does it."""

    said = "was made by another version of article-qa ({why}). Rebuild it with"


class IndexUnwritable(UserError):
    """The index's folder cannot be written to; its contents are unchanged."""

    def __init__(self, path: Path, why: object) -> None:
        super().__init__(
            f"Cannot write to the index at {path} ({why}). "
            "Free some disk space, check the permissions, or name another folder with --index."
        )


class LinkInIndex(UserError):
    """A part of an index is a link, which may lead anywhere."""

    def __init__(self, path: Path, name: str) -> None:
        super().__init__(
            f"In the index at {path}, {name} is a link, and an index is followed only within its "
            "own folder. Remove the link, or put in its place what it leads to."
        )


class IndexBusy(UserError):
    """Another process is writing to this index."""

    def __init__(self, path: Path, owner: str = "Another process") -> None:
        super().__init__(f"{owner} is writing to the index at {path}. Try again when it is done.")


SqliteFault = Literal["busy", "locked", "full", "unwritable", "damaged"]
# Primary result codes of SQLite, and before them two extended ones that differ from theirs. Where
# the disk is full or a file cannot be written, nothing is wrong with what it holds.
_FAULTS: dict[int, SqliteFault] = {
    sqlite3.SQLITE_IOERR_READ: "damaged",
    sqlite3.SQLITE_IOERR_SHORT_READ: "damaged",
    sqlite3.SQLITE_BUSY: "busy",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_READONLY: "unwritable",
    sqlite3.SQLITE_IOERR: "unwritable",
    sqlite3.SQLITE_CANTOPEN: "unwritable",
    sqlite3.SQLITE_PERM: "unwritable",
}


def sqlite_fault(error: sqlite3.Error) -> SqliteFault:
    """The kind of an error of SQLite; `busy` is by another process, `locked` by this one."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return _FAULTS.get(code) or _FAULTS.get(code & 0xFF, "damaged")


def from_sqlite(folder: Path, file: str, error: sqlite3.Error) -> UserError:
    """What an error of SQLite about one of an index's files means to the person."""
    fault = sqlite_fault(error)
    if fault == "busy":
        return IndexBusy(folder)
    if fault == "damaged":
        return IndexDamaged(folder, f"{file} cannot be read: {error}")
    return IndexUnwritable(folder, f"{file}: {error}")
