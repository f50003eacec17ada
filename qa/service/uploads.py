"""Uploads: the folder of the files that people add on the page, each under a safe name of its own.

Knows names and bytes, nothing of the index. A marker file identifies such a folder, and nothing is
written to or removed from one without it: a person's own files are never changed or deleted.
"""

import itertools
import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from index.articles.article import content
from index.articles.files import Skipped
from index.articles.formats import format_of, not_read
from index.articles.roots import escaped
from index.atomic_file import is_stale, write_atomically
from index.errors import IndexUnwritable, NotText, UserError
from index.layout import UPLOADS_MARK
from qa.service import file_names

MAX_FILES = 20  # added at once
MAX_BYTES = 256 * 2**20  # of all that is added at once

_PART = ".part"
_STALE_S = 24 * 3600  # seconds after which the process that wrote a part must have been killed
_MARK_TEXT = (
    "Files that were added on the page of article-qa. This mark tells that they may be removed.\n"
)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in the folder, its size in bytes; not `new` if the same bytes lay there before."""

    path: Path
    size: int
    new: bool


@dataclass(slots=True)
class Batch:
    """The outcome of files added together: the names of new ones by path, and the refused ones.

    `same` counts the files that were there before; `room` is the number of bytes still allowed.
    """

    new: dict[Path, str] = field(default_factory=dict)
    same: int = 0
    refused: list[Skipped] = field(default_factory=list)
    room: int = MAX_BYTES


class Uploads:
    """A folder of uploads; made with the first file."""

    def __init__(self, folder: Path) -> None:
        """Nothing is read or made yet."""
        self.folder = Path(os.path.normpath(folder.absolute()))

    @property
    def root(self) -> str:
        """The folder's name as a root of the index."""
        return str(escaped(self.folder))

    @property
    def stands(self) -> bool:
        """Whether the folder is there, with its marker file."""
        return (self.folder / UPLOADS_MARK).is_file()

    def keep_all(
        self, files: Sequence[tuple[str, Path]], batch: Batch, taken: Callable[[str], bool]
    ) -> None:
        """Store files, and note the outcome of each in `batch`; one that is refused stops no other.

        Args:
            files: (name given by the person, path of the bytes).
            batch: filled in; after an error it names the files that are new.
            taken: whether a name may not be used, whatever lies there.

        Raises:
            UserError: as `keep`, but for files that are refused.
        """
        for number, (name, source) in enumerate(files):
            try:
                if number >= MAX_FILES:
                    raise NotText(f"is beyond {MAX_FILES} files at once; add it by itself")
                stored = self.keep(name, source, batch.room, taken)
            except NotText as reason:
                batch.refused.append(Skipped(Path(name), str(reason)))
                continue
            batch.room -= stored.size
            if stored.new:
                batch.new[stored.path] = name
            else:
                batch.same += 1

    def keep(self, name: str, source: Path, room: int, taken: Callable[[str], bool]) -> StoredFile:
        """Store a copy of a file; where its name has other bytes, beside them as `name (2)`.

        Args:
            name: the name given by the person.
            source: path of the bytes.
            room: number of bytes allowed, beside the format's own limit.
            taken: whether a name may not be used, whatever lies there.

        Raises:
            NotText: the file is refused; the message is the reason alone.
            UserError: the folder holds files that are no uploads.
            IndexUnwritable: the disk is full, or writing is not permitted.
        """
        safe = file_names.of_upload(name)
        format = format_of(safe)
        if format is None:
            raise NotText(not_read(safe))
        data = content(source, format)
        if len(data) > room:
            raise NotText("is too much at once; add it by itself")
        self._make()
        return next(filter(None, (self._at(path, data, taken) for path in self._candidates(safe))))

    def put_aside(self, id: str) -> Path:
        """Rename an upload to a hidden file, if it is there; gives that file's path.

        Raises:
            UserError: it would lie elsewhere.
        """
        path, aside = self._upload(id), self._part()
        if self.stands:
            with self._writing(), suppress(FileNotFoundError):
                path.rename(aside)
        return aside

    def put_back(self, id: str, aside: Path) -> None:
        """Undo `put_aside`."""
        with self._writing(), suppress(FileNotFoundError):
            aside.rename(self._upload(id))

    def _upload(self, id: str) -> Path:
        """The path of an upload.

        Raises:
            UserError: it would lie elsewhere, by its name or by a link on the way.
        """
        path = self.folder / id
        if not path.parent.resolve().is_relative_to(self.folder.resolve()):
            raise UserError(f"{id} does not lie in {self.folder}, so it is not removed.")
        return path

    def _make(self) -> None:
        with self._writing():
            self.folder.mkdir(parents=True, exist_ok=True)
            if not self.stands:
                if any(not path.name.startswith(".") for path in self.folder.iterdir()):
                    raise UserError(
                        f"{self.folder} is for files added on the page, and holds others. "
                        "Move them elsewhere, or give the index a folder of its own with --index."
                    )
                write_atomically(self.folder / UPLOADS_MARK, _MARK_TEXT, suffix=_PART)
            for part in self.folder.glob(f".*{_PART}"):  # of processes that were killed
                if is_stale(part.stat(), _STALE_S):
                    part.unlink(missing_ok=True)

    def _candidates(self, name: str) -> Iterator[Path]:
        yield self.folder / name
        for number in itertools.count(2):
            yield self.folder / file_names.numbered(name, number)

    def _at(self, path: Path, data: bytes, taken: Callable[[str], bool]) -> StoredFile | None:
        """Store the bytes at this path, unless they are there; None where other bytes are."""
        if taken(path.name):
            return None
        with self._writing():
            try:
                path.touch(exist_ok=False)  # no other process takes the name meanwhile
            except FileExistsError:
                return StoredFile(path, len(data), new=False) if _holds(path, data) else None
            self._write(path, data)
        return StoredFile(path, len(data), new=True)

    def _write(self, path: Path, data: bytes) -> None:
        try:
            write_atomically(path, data, suffix=_PART)
        except BaseException:
            path.unlink(missing_ok=True)  # `_at` had made it, empty
            raise

    def _part(self) -> Path:
        return self.folder / f".{uuid.uuid4().hex}{_PART}"

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise IndexUnwritable(self.folder, error.strerror or error) from error


def _holds(path: Path, data: bytes) -> bool:
    format = format_of(path.name)
    try:
        return format is not None and content(path, format) == data
    except NotText:
        return False
