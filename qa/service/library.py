"""Library: the articles of an index as a page shows and changes them, by the indexing job itself.

Knows nothing of the page. Only what was added here can be removed one by one; all else is taken
over as it stands in the folders that people indexed, and no file there is touched.
"""

import shlex
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from index.articles.files import Skipped
from index.articles.roots import plain, stands
from index.build import Progress, Report, sync
from index.characters import as_unicode
from index.embedding.embedder import Embedder
from index.errors import IndexMissing, UserError
from index.health import problems
from index.storage.catalog import Catalog, Entry
from index.storage.shelf import Shelf
from qa.cancellation import StopFlag
from qa.errors import ReadOnly
from qa.service.uploads import MAX_FILES as MAX_FILES
from qa.service.uploads import Batch, Uploads

WAITING = "waiting for another change"

# Beyond it nobody types, and every word is looked for in every title.
_MAX_SEARCH = 200


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """One article as the page lists it.

    `language` is an ISO 639 code and `date` ISO 8601, or empty; `size` is in code points. `root`
    is the file, folder or pattern it was indexed from; `uploaded` says that it was added here.
    `copies` are the ids of the articles it nearly repeats, or that nearly repeat it.
    """

    id: str
    title: str
    language: str
    date: str
    size: int
    root: str
    uploaded: bool
    copies: tuple[str, ...] = ()


def _silent(done: int, total: int, what: str) -> None:
    pass


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
            folder: where the index lies.
            embedder: what makes the vectors.
            uploads: a folder for added files and nothing else; default `uploads` in the index.
            read_only: whether every change is refused.
        """
        self._folder, self._embedder, self.read_only = folder, embedder, read_only
        self._uploads = Uploads(uploads or folder / "uploads")
        self._changes, self._closed = threading.Lock(), StopFlag()
        self._skipped: list[Skipped] = []

    def articles(self, search: str = "", first: int = 0, limit: int = 100) -> list[ArticleRow]:
        """Some articles by id, `first` passed over: those that name every word of `search`."""
        with self._catalog() as catalog:
            if catalog is None:
                return []
            shelf = Shelf(catalog)
            found = shelf.articles(_typed(search), first, limit)
            copies = shelf.duplicates_of(entry.id for entry, _ in found)
        return [self._shelved(entry, size, copies.get(entry.id, [])) for entry, size in found]

    def count(self, search: str = "") -> int:
        """How many articles there are that name every word of `search`."""
        with self._catalog() as catalog:
            return Shelf(catalog).count(_typed(search)) if catalog else 0

    def problems(self) -> list[str]:
        """Each thing that keeps the index from being searched, with what mends it."""
        try:
            with Catalog.open(self._folder) as catalog, catalog.snapshot():
                return problems(catalog)
        except UserError as error:
            return [str(error)]

    def skipped(self) -> list[tuple[str, str]]:
        """(name, reason) of the files that the last change made here did not take in."""
        return [(self._name(skipped.path), skipped.reason) for skipped in self._skipped]

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
        """What is known of one article."""
        with self._catalog() as catalog:
            return catalog.entry(as_unicode(id)) if catalog else None

    def add(self, files: Sequence[tuple[str, Path]], progress: Progress = _silent) -> Report:
        """Keep copies of files and index them: all that can be, whatever is wrong with others.

        Gives the report of the uploads; `unchanged` counts those of `files` that were there
        before, and `skipped` names each refused one as its person calls it.

        Args:
            files: (what the person calls it, where its bytes lie), at most MAX_FILES.
            progress: told how far the work is.

        Raises:
            UserError: nothing was added: `ReadOnly`, `IndexBusy`, `IndexUnwritable` and what else
                `sync` raises, or the folder of uploads holds files of other kinds.
        """
        with self._alone(progress) as progress:
            batch, report = Batch(), Report()
            try:
                with self._catalog() as catalog:
                    self._uploads.keep_all(files, batch, partial(self._is_taken, catalog))
                if batch.new or batch.same:
                    report = sync([self._uploads.folder], self._folder, self._embedder, progress)
            finally:
                for path in batch.new:  # what cannot be read, or all when the run was stopped
                    if not self._is_upload(path.name):
                        path.unlink(missing_ok=True)
            named = [_renamed(skipped, batch.new) for skipped in report.skipped]
            report.skipped, report.unchanged = batch.refused + named, batch.same
            return self._done(report)

    def remove(self, id: str, progress: Progress = _silent) -> Report:
        """Take an article that was added here out of the index, and delete its file.

        Raises:
            UserError: there is no such article, or its file is a person's own; and what `sync`
                raises, after which file and article are there as before.
        """
        with self._alone(progress) as progress:
            entry = self.entry(id)
            if entry is None:
                raise UserError(f"There is no article {id} any more.")
            if not self._uploaded(entry):
                raise self._not_ours(entry)
            aside = self._uploads.put_aside(id)
            try:
                report = sync([self._uploads.folder], self._folder, self._embedder, progress)
            finally:
                if self._is_upload(id) is not False:
                    self._uploads.put_back(id, aside)
                aside.unlink(missing_ok=True)
            return self._done(report)

    def reread(self, progress: Progress = _silent) -> Report:
        """Make the index hold what all its folders hold now, uploads among them.

        Raises:
            UserError: what `sync` raises.
        """
        with self._alone(progress) as progress:
            first = Report()
            if self._uploads.stands and not self._is_root():
                # The index was moved, or its first run was killed.
                first = sync([self._uploads.folder], self._folder, self._embedder, progress)
            return self._done(_joined(first, sync([], self._folder, self._embedder, progress)))

    def close(self) -> None:
        """Give up what is being changed, as soon as it tells how far it is; no change is begun."""
        self._closed.set()

    @contextmanager
    def _alone(self, progress: Progress) -> Iterator[Progress]:
        """One change at a time; other processes are told by the index's own lock.

        Gives what is to be told how far the change is.

        Raises:
            Cancelled: the library was closed.
        """
        if self.read_only:
            raise ReadOnly(self._folder)
        if not self._changes.acquire(blocking=False):
            progress(0, 0, WAITING)
            self._changes.acquire()

        def told(done: int, total: int, what: str) -> None:
            self._closed.raise_if_set()
            progress(done, total, what)

        try:
            self._closed.raise_if_set()
            yield told
        finally:
            self._changes.release()

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
        """Whether another folder gives an article of this name, so that an upload would be skipped.

        One that is gone holds nothing against an upload that lies here already: the index was
        moved, and its uploads with it.
        """
        entry = catalog.entry(name) if catalog else None
        if entry is None or entry.root == self._uploads.root:
            return False
        return stands(Path(entry.root)) or not (self._uploads.folder / name).exists()

    def _is_upload(self, id: str) -> bool | None:
        """Whether the index holds an article as one of the uploads; None if it cannot be told."""
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

    def _shelved(self, entry: Entry, size: int, copies: Sequence[str]) -> ArticleRow:
        return ArticleRow(
            entry.id,
            entry.title,
            entry.language,
            entry.date,
            size,
            str(plain(Path(entry.root))),
            self._uploaded(entry),
            tuple(copies),
        )

    def _not_ours(self, entry: Entry) -> UserError:
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
        return str(path.relative_to(folder) if path.is_relative_to(folder) else path)


def _renamed(skipped: Skipped, names: dict[Path, str]) -> Skipped:
    """A file that was not read, as the person who added it calls it."""
    name = names.get(skipped.path)
    return skipped if name is None else Skipped(Path(name), skipped.reason)


def _joined(first: Report, last: Report) -> Report:
    """One report of two runs, of which the second saw all that the first did."""
    fresh = len(first.added) + len(first.changed)
    return Report(
        first.added + last.added,
        first.changed + last.changed,
        first.removed + last.removed,
        last.unchanged - fresh,
        first.embedded + last.embedded,
        last.skipped,
        first.copies + last.copies,
    )


def _typed(search: str) -> str:
    return as_unicode(search[:_MAX_SEARCH])
