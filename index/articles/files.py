"""Files: walks a folder or glob for articles, and says why other files are skipped."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from index.articles import roots
from index.articles.formats import MAX_BYTES as MAX_BYTES
from index.articles.formats import Format, format_of, not_read
from index.articles.web_pages import WebPages
from index.errors import BadPath
from index.errors import NotText as NotText
from index.layout import CATALOG, UPLOADS_MARK, WEB_MARK, WRITER_LOCK, WRITER_OWNER
from index.text.characters import is_unicode

_INDEX_MARKS = frozenset({CATALOG, WRITER_LOCK})  # a folder that holds one is an index
_OWN_ROOT_MARKS = frozenset({UPLOADS_MARK, WEB_MARK})  # and these, a root of its own


@dataclass(frozen=True, slots=True)
class Found:
    """A file to read; `root` is the path or pattern that was named.

    `id` is the path below its folder, unless other files have that name: then `file` is, and `id`
    is what tells them apart. Of a page that was fetched, `address` is its web address and `date`
    the day that a feed told.
    """

    root: Path
    id: str
    path: Path
    file: str = ""
    address: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was not read, and why."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class Unread(Skipped):
    """A folder that cannot be listed, or a file that cannot be looked at; its articles stay."""


def find(root: Path) -> Iterator[Found | Skipped]:
    """Yield every file at or below `root`, in the order of their names.

    `root` is a file, a folder or a glob. Hidden files and folders are skipped silently, and so are
    an index, a folder of uploads and one of web pages below it.

    Raises:
        BadPath: `root` does not exist, or is a folder that cannot be listed.
    """
    roots.check(root)
    path = roots.plain(root)
    if roots.is_glob(root):
        yield from _walk(root, *roots.split(root))
    elif path.is_dir():
        yield from _with_addresses(path, _walk(root, path, ("**",)))
    else:
        yield _judge(root, path.parent, path, path)


def _walk(root: Path, base: Path, pattern: tuple[str, ...]) -> Iterator[Found | Skipped]:
    """Every file below `base` whose path matches; folders that cannot hold one are not opened."""
    closed: list[OSError] = []
    for folder, folders, names in os.walk(base, onerror=closed.append):
        above = Path(folder).relative_to(base).parts
        if not _INDEX_MARKS.isdisjoint(names):
            names = [] if above else [name for name in names if name != WRITER_OWNER]
            folders[:] = [] if above else folders
        if above and not _OWN_ROOT_MARKS.isdisjoint(names):
            names, folders[:] = [], []
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and roots.leads((*above, name), pattern)
        )
        for name in folders:
            if Path(folder, name).is_symlink():
                yield Skipped(Path(folder, name), "a link to a folder; index that folder itself")
        for name in sorted(names):
            if not name.startswith(".") and roots.fits((*above, name), pattern):
                yield _judge(root, base, Path(folder, name), base)
    yield from _unlisted(base, closed)


def _with_addresses(folder: Path, files: Iterator[Found | Skipped]) -> Iterator[Found | Skipped]:
    """The same files, each that is a page that was fetched with its address and day."""
    pages = {page.id: page for page in WebPages.read(folder).held}
    for found in files:
        page = pages.get(found.id) if isinstance(found, Found) else None
        if page and isinstance(found, Found):
            yield replace(found, address=page.final, date=page.date)
        else:
            yield found


def _unlisted(base: Path, errors: list[OSError]) -> Iterator[Skipped]:
    """A sub-folder that cannot be listed must not look like one whose files were removed."""
    for error in errors:
        if Path(error.filename) == base:
            raise BadPath(f"Cannot list {base}: {error.strerror}. Check its permissions.")
        if not isinstance(error, FileNotFoundError):
            reason = f"cannot be listed: {error.strerror}; check its permissions"
            yield Unread(Path(error.filename), reason)


def _judge(root: Path, base: Path, path: Path, within: Path) -> Found | Skipped:
    try:
        reason = _reason_to_skip(within, path)
    except FileNotFoundError as error:
        reason = f"cannot be read: {error.strerror}"
    except OSError as error:
        return Unread(path, f"cannot be read: {error.strerror}")
    return Skipped(path, reason) if reason else Found(root, path.relative_to(base).as_posix(), path)


def _reason_to_skip(within: Path, path: Path) -> str | None:
    if not is_unicode(str(path)):
        return "its path is not UTF-8; rename it"
    status = path.stat()  # first: what cannot be looked at may be a folder of articles
    format = format_of(path.name)
    if format is None:
        return not_read(path.name)
    if not stat.S_ISREG(status.st_mode):
        return "not a regular file"
    if path.is_symlink() and not path.resolve().is_relative_to(within.resolve()):
        return "a link that leads out of the folder"
    return too_large(format) if status.st_size > format.max_bytes else None


def is_there(path: Path) -> bool:
    """Whether there is something at a path; true where nobody can tell."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    except OSError:
        return True
    return True


def too_large(format: Format) -> str:
    """The reason not to read a file that is larger than its format may be."""
    return f"larger than {format.max_bytes // 2**20} MB; split it"
