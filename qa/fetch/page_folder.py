"""Page folder: the files of fetched pages, each written whole, and the journal that tells of them.

Knows files, nothing of the network. Nothing is written to or removed from a folder that is not
this program's own; see index/articles/web_pages.py.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from filelock import FileLock, Timeout

from index.articles.web_pages import NamedAddress, WebPage, WebPages, entry, journal
from index.atomic_file import write_atomically
from index.errors import IndexBusy, IndexUnwritable, LinkInIndex, UserError
from index.layout import WEB_MARK
from qa.fetch.outcome import Refused

_LOCK, _SOURCES = ".lock", ".sources"
_RESUMED = timedelta(days=1)  # a run that was stopped longer ago is not gone on with


def now() -> str:
    """The time in UTC, as the journal has it."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


class PageFolder:
    """A folder of fetched pages; made with the first change."""

    def __init__(self, folder: Path) -> None:
        """Read what is known of it; nothing is made yet."""
        self.folder = Path(os.path.normpath(folder.absolute()))
        self.known = WebPages.read(self.folder)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Let this process alone change the folder; afterwards its journal is made short.

        Raises:
            IndexBusy: another process is changing it.
            IndexUnwritable: the disk is full, or writing is not permitted.
            UserError: the folder holds files that are no pages.
        """
        lock = FileLock(self.folder / _LOCK, timeout=0)
        try:
            self._make()
            lock.acquire()
        except Timeout as error:
            raise IndexBusy(self.folder) from error
        except OSError as error:
            raise IndexUnwritable(self.folder, error.strerror or error) from error
        try:
            self.known = WebPages.read(self.folder)
            yield
            self.known.begun = ""
            write_atomically(self.folder / WEB_MARK, journal(self.known))
        except OSError as error:
            raise IndexUnwritable(self.folder, error.strerror or error) from error
        finally:
            lock.release()

    def begin(self) -> None:
        """Note when a run begins; one that was stopped less than a day ago goes on."""
        begun = self.known.begun
        with suppress(ValueError, TypeError):
            if begun and datetime.now(UTC) - datetime.fromisoformat(begun) < _RESUMED:
                return
        self.known.begun = now()
        self._append(entry({"begun": self.known.begun}))

    def note(self, change: WebPage | NamedAddress) -> None:
        """Remember a page or a named address as it is now."""
        if isinstance(change, WebPage):
            self.known.pages[change.address] = change
        else:
            self.known.named[change.address] = change
        self._append(entry(change))

    def unname(self, address: str) -> None:
        """Forget that an address was named; its pages stay."""
        self.known.named.pop(address, None)
        self._append(entry({"unnamed": address}))
        self._source(address).unlink(missing_ok=True)

    def holds(self, page: WebPage) -> bool:
        """Whether a page's file is there."""
        return bool(page.id) and (self.folder / page.id).is_file()

    def write(self, id: str, data: bytes) -> None:
        """Write a page's file, whole.

        Raises:
            Refused: it would lie elsewhere, by a link on the way.
        """
        path = self._inside(id)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(self._inside(id), data)

    def remove(self, id: str) -> None:
        """Delete a page's file and the folders that are empty then; nothing beyond a link."""
        if not id:
            return
        try:
            path = self._inside(id)
        except Refused:
            return
        path.unlink(missing_ok=True)
        for folder in path.parents:
            if folder == self.folder:
                break
            with suppress(OSError):
                folder.rmdir()

    def free(self, ids: Iterator[str], of: WebPage) -> str:
        """The first of some paths that is no other page's, and stands in no other's way."""
        others = {page.id: page.address for page in self.known.pages.values() if page.id}
        return next(id for id in ids if self._is_free(id, others, of))

    def source(self, address: str) -> bytes | None:
        """The bytes of a feed or sitemap as they came the last time."""
        try:
            return self._source(address).read_bytes()
        except OSError:
            return None

    def keep_source(self, address: str, data: bytes) -> None:
        """Keep the bytes of a feed or sitemap, for when its server says that they are the same."""
        self._inside(_SOURCES)
        (self.folder / _SOURCES).mkdir(exist_ok=True)
        write_atomically(self._source(address), data)

    def _source(self, address: str) -> Path:
        return self.folder / _SOURCES / hashlib.sha256(address.encode()).hexdigest()

    def _is_free(self, id: str, others: dict[str, str], of: WebPage) -> bool:
        if others.get(id, of.address) != of.address:
            return False
        path = self.folder / id
        above = (parent for parent in path.parents if parent.is_relative_to(self.folder))
        return not path.is_dir() and not any(parent.is_file() for parent in above)

    def _inside(self, id: str) -> Path:
        path = self.folder / id
        near = next(parent for parent in path.parents if parent.exists())
        if path.is_symlink() or not near.resolve().is_relative_to(self.folder.resolve()):
            raise Refused(f"would be written to {path}, which is a link to elsewhere; remove it")
        return path

    def _make(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in (WEB_MARK, _LOCK, _SOURCES):
            if (self.folder / name).is_symlink():
                raise LinkInIndex(self.folder, name)
        if (self.folder / WEB_MARK).is_file():
            return
        if any(not path.name.startswith(".") for path in self.folder.iterdir()):
            raise UserError(
                f"{self.folder} is for web pages that were fetched, and holds other files. "
                "Move them elsewhere, or give the index a folder of its own with --index."
            )
        write_atomically(self.folder / WEB_MARK, journal(WebPages(self.folder)))

    def _append(self, line: bytes) -> None:
        with (self.folder / WEB_MARK).open("ab") as file:
            file.write(b"\n" + line)  # the line before may be half of one, of a run that was killed
