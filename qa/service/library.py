"""Library: lists, adds and removes the articles of an index, by the indexing job itself.

Knows nothing of the page. Only uploads can be removed one by one; all other articles are read from
the folders that people indexed, and no file there is touched.
"""

import shlex
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from index.articles.files import Skipped
from index.articles.roots import exists, plain
from index.build import Progress, Report, sync
from index.embedding.embedder import Embedder
from index.errors import IndexMissing, UserError
from index.file_states import FileStates
from index.health import problems
from index.layout import UPLOADS
from index.passage import Page
from index.scanned_page import ScannedPage
from index.storage.catalog import Catalog, Entry
from index.storage.places import Place, Places
from index.storage.shelf import Shelf
from index.text.characters import as_unicode
from qa.cancellation import StopFlag
from qa.errors import ReadOnly
from qa.service.uploads import Batch, Uploads

WAITING = "waiting for another change"

# Code points of a search: nobody types more, and every word is looked for in every title.
_MAX_SEARCH = 200


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """One article as the page lists it.

    `language` is an ISO 639 code, `date` ISO 8601 and `author` who wrote it, or empty; `size` is in
    code points. `root` is the file, folder or pattern it was indexed from; `uploaded` is true where
    it was added here. `copies` are the ids of its near duplicates. `address` is that of a web page
    that was fetched, or "".
    """

    id: str
    title: str
    language: str
    date: str
    size: int
    root: str
    uploaded: bool
    copies: tuple[str, ...] = ()
    author: str = ""
    address: str = ""
    notices: tuple[str, ...] = ()


def _silent(done: int, total: int, what: str) -> None:
    pass


class _ChangeLock:
    """Lets one thread at a time change the index, until it is closed.

    Other processes are kept out by the index's own lock.
    """

    def __init__(self) -> None:
        self._lock, self._closed = threading.Lock(), StopFlag()

    def close(self) -> None:
        """Cancel the change that runs, at its next report of progress, and begin no other."""
        self._closed.set()

    @contextmanager
    def held(self, progress: Progress) -> Iterator[Progress]:
        """Hold the lock; yields the progress callback that cancels the change once it is closed.

        Raises:
            Cancelled: it is closed.
        """
        if not self._lock.acquire(blocking=False):
            progress(0, 0, WAITING)
            self._lock.acquire()

        def report(done: int, total: int, what: str) -> None:
            self._closed.raise_if_set()
            progress(done, total, what)

        try:
            self._closed.raise_if_set()
            yield report
        finally:
            self._lock.release()


class Library:
    """The articles of one index. Threads may share it; changes wait for each other."""

    def __init__(
        self,
        folder: Path,
        embedder: Embedder,
        uploads: Path | None = None,
        read_only: bool = False,
    ) -> None:
        """Nothing is opened yet; there may be no index before the first file is added.

        Args:
            folder: the folder of the index.
            embedder: makes the vectors.
            uploads: a folder for uploads alone; default `uploads` in the index.
            read_only: whether every change is refused.
        """
        self._folder, self._embedder, self.read_only = folder, embedder, read_only
        self._uploads = Uploads(uploads or folder / UPLOADS)
        self._changes = _ChangeLock()
        self._skipped: list[Skipped] = []

    def articles(self, search: str = "", first: int = 0, limit: int = 100) -> list[ArticleRow]:
        """Articles by id that name every word of `search`: `limit` of them, after `first`."""
        with self._catalog() as catalog:
            if catalog is None:
                return []
            shelf = Shelf(catalog)
            found = shelf.articles(_search_text(search), first, limit)
            ids = [entry.id for entry, _ in found]
            copies, notices = shelf.duplicates_of(ids), shelf.notices_of(ids)
        return [
            self._row(entry, size, copies.get(entry.id, []), notices.get(entry.id, []))
            for entry, size in found
        ]

    def is_open(self) -> bool:
        """Whether there is an index that can be opened and read.

        Raises:
            UserError: it is damaged, or of another program.
        """
        with self._catalog() as catalog:
            return catalog is not None

    def count(self, search: str = "") -> int:
        """The number of articles that name every word of `search`."""
        with self._catalog() as catalog:
            return Shelf(catalog).count(_search_text(search)) if catalog else 0

    def problems(self) -> list[str]:
        """Each reason why the index cannot be searched, with its remedy."""
        try:
            with Catalog.open(self._folder) as catalog, catalog.snapshot():
                return problems(catalog)
        except UserError as error:
            return [str(error)]

    def skipped(self) -> list[tuple[str, str]]:
        """(name, reason) of the files that are not in the index and why.

        They are those that the last change from here refused, and those that were skipped when
        their folders were read last, whoever read them.
        """
        named = {self._name(skipped.path): skipped.reason for skipped in self._skipped}
        with self._catalog() as catalog:
            known = catalog.skipped() if catalog else []
        for path, reason in known:
            # An upload that was refused was deleted.
            if not path.is_relative_to(self._uploads.folder) or path.exists():
                named.setdefault(self._name(path), reason)
        return list(named.items())

    def page(self, id: str, offset: int) -> Page | None:
        """The page, slide or sheet of an article that holds a code point of its text."""
        with self._catalog() as catalog:
            return catalog.page(as_unicode(id), offset) if catalog else None

    def scans(self, id: str, numbers: Iterable[int]) -> dict[int, ScannedPage]:
        """The words of an article's pages that were read from their pictures, by their numbers."""
        with self._catalog() as catalog:
            return catalog.scans(as_unicode(id), numbers) if catalog else {}

    def text(self, id: str) -> str:
        """An article's whole text, as it was indexed.

        Raises:
            KeyError: there is no such article.
        """
        with self._catalog() as catalog:
            if catalog is None:
                raise KeyError(id)
            return catalog.text(as_unicode(id))

    def entry(self, id: str) -> Entry | None:
        """The catalog's entry of an article, None where there is no such article."""
        with self._catalog() as catalog:
            return catalog.entry(as_unicode(id)) if catalog else None

    def matching(self, part: str, limit: int) -> list[Place]:
        """The articles and folders whose title or path holds what is typed, the nearest first."""
        with self._catalog() as catalog:
            return Places(catalog).matching(part, limit) if catalog else []

    def folders(self, part: str, limit: int) -> list[Place]:
        """The folders that articles lie in whose path holds `part`, in order."""
        with self._catalog() as catalog:
            return Places(catalog).folders(part, limit) if catalog else []

    def place(self, path: str) -> Place | None:
        """An article by its id or a folder by its path; None where it is not indexed."""
        with self._catalog() as catalog:
            return Places(catalog).get(as_unicode(path)) if catalog else None

    def add(self, files: Sequence[tuple[str, Path]], progress: Progress = _silent) -> Report:
        """Copy files to the uploads and index them; one that is refused stops no other.

        Returns the report of the uploads: `unchanged` counts those of `files` that were there
        before, and `skipped` names each refused file as the person named it.

        Args:
            files: (name given by the person, path of the bytes), at most MAX_FILES.
            progress: called with the progress of the work.

        Raises:
            UserError: nothing was added: `ReadOnly`, `IndexBusy`, `IndexUnwritable` and others of
                `sync`, or the folder of uploads holds other files.
        """
        with self._changing(progress) as progress:
            batch, report = Batch(), Report()
            try:
                with self._catalog() as catalog:
                    self._uploads.keep_all(files, batch, partial(self._is_taken, catalog))
                if batch.new or batch.same:
                    report = sync([self._uploads.folder], self._folder, self._embedder, progress)
            finally:
                for path in batch.new:  # those not indexed; all when the run was cancelled
                    if not self._is_upload(path.name):
                        path.unlink(missing_ok=True)
            named = [_renamed(skipped, batch.new) for skipped in report.skipped]
            report.skipped, report.unchanged = batch.refused + named, batch.same
            return self._done(report)

    def remove(self, id: str, progress: Progress = _silent) -> Report:
        """Remove an upload from the index, and delete its file.

        Raises:
            UserError: there is no such article, or it is no upload; also those of `sync`, after
                which file and article are there as before.
        """
        with self._changing(progress) as progress:
            entry = self.entry(id)
            if entry is None:
                raise UserError(f"There is no article {id} any more.")
            if not self._uploaded(entry):
                raise self._not_uploaded(entry)
            name = entry.file or id
            aside = self._uploads.put_aside(name)
            try:
                report = sync(
                    [self._uploads.folder],
                    self._folder,
                    self._embedder,
                    progress,
                    expected=frozenset({entry.path}),
                )
            finally:
                if self._is_upload(id) is not False:
                    self._uploads.put_back(name, aside)
                aside.unlink(missing_ok=True)
            return self._done(report)

    def reread(self, progress: Progress = _silent) -> Report:
        """Bring the index up to date with all its folders, uploads among them.

        Raises:
            UserError: those of `sync`.
        """
        with self._changing(progress) as progress:
            first = Report()
            if self._uploads.stands and not self._is_root():
                # The index was moved, or its first run was killed.
                first = sync([self._uploads.folder], self._folder, self._embedder, progress)
            return self._done(_joined(first, sync([], self._folder, self._embedder, progress)))

    def follow(
        self, roots: Sequence[Path], states: FileStates, *, allow_empty: bool = False
    ) -> Report:
        """Bring the index up to date with some of its roots, for a watcher.

        It may do so where the library is read only to visitors.

        Raises:
            UserError: those of `sync`.
        """
        with self._changes.held(_silent) as progress:
            return self._done(
                sync(
                    roots,
                    self._folder,
                    self._embedder,
                    progress,
                    allow_empty=allow_empty,
                    states=states,
                )
            )

    @property
    def version(self) -> int:
        """A number that grows whenever the index changes; 0 before there is one."""
        with self._catalog() as catalog:
            return (catalog.generation or 0) if catalog else 0

    def close(self) -> None:
        """Cancel the change that runs, at its next report of progress, and begin no other."""
        self._changes.close()

    @contextmanager
    def _changing(self, progress: Progress) -> Iterator[Progress]:
        """One change at a time; yields the progress callback of the change.

        Raises:
            ReadOnly: changes are refused.
            Cancelled: the library was closed.
        """
        if self.read_only:
            raise ReadOnly(self._folder)
        with self._changes.held(progress) as report:
            yield report

    @contextmanager
    def _catalog(self) -> Iterator[Catalog | None]:
        """The catalog at one moment; None before there is an index."""
        catalog = None
        with suppress(IndexMissing):
            catalog = Catalog.open(self._folder)
        if catalog is None:
            yield None
            return
        with catalog, catalog.snapshot():
            yield catalog

    def _is_taken(self, catalog: Catalog | None, name: str) -> bool:
        """Whether another folder has an article of this name, so that an upload would be skipped.

        A folder that is gone does not count where the upload lies here already: the index was
        moved, and its uploads with it.
        """
        entry = catalog.entry(name) if catalog else None
        if entry is None or entry.root == self._uploads.root:
            return False
        return exists(Path(entry.root)) or not (self._uploads.folder / name).exists()

    def _is_upload(self, id: str) -> bool | None:
        """Whether the index holds an article as an upload; None if it cannot be read."""
        try:
            entry = self.entry(id)
        except UserError:
            return None
        return entry is not None and self._uploaded(entry)

    def _uploaded(self, entry: Entry) -> bool:
        return entry.root == self._uploads.root and self._uploads.stands

    def _is_root(self) -> bool:
        with self._catalog() as catalog:
            return catalog is not None and Path(self._uploads.root) in catalog.roots()

    def _row(
        self, entry: Entry, size: int, copies: Sequence[str], notices: Sequence[str]
    ) -> ArticleRow:
        return ArticleRow(
            entry.id,
            entry.title,
            entry.language,
            entry.date,
            size,
            str(plain(Path(entry.root))),
            self._uploaded(entry),
            tuple(copies),
            entry.author,
            entry.address,
            tuple(notices),
        )

    def _not_uploaded(self, entry: Entry) -> UserError:
        root = plain(Path(entry.root))
        forget = f"article-qa index --forget {shlex.quote(str(root))} --index {self._folder}"
        return UserError(
            f"{entry.id} was not added here: its file lies in {root}, where nothing is deleted for "
            f"you. Delete it there and read the folders again, or take out all that was indexed "
            f"from {root} with: {forget}"
        )

    def _done(self, report: Report) -> Report:
        self._skipped = list(report.skipped)
        return report

    def _name(self, path: Path) -> str:
        folder = self._uploads.folder
        shown = path.relative_to(folder) if path.is_relative_to(folder) else path
        return as_unicode(str(shown), None)  # as the catalog keeps it


def _renamed(skipped: Skipped, names: dict[Path, str]) -> Skipped:
    """A skipped file under the name that the person gave it."""
    name = names.get(skipped.path)
    return skipped if name is None else Skipped(Path(name), skipped.reason)


def _joined(first: Report, last: Report) -> Report:
    """One report of two runs; the second one counts the work of the first as unchanged."""
    recounted = len(first.added) + len(first.changed)
    return Report(
        first.added + last.added,
        first.changed + last.changed,
        first.removed + last.removed,
        last.unchanged - recounted,
        first.embedded + last.embedded,
        last.skipped,
        first.copies + last.copies,
    )


def _search_text(search: str) -> str:
    return as_unicode(search[:_MAX_SEARCH])
