"""Originals: the files that articles were made of, opened only while they are as they were indexed.

An article is named by its id; where its file lies is told by the index alone, and no path that
anybody sends is ever opened.
"""

import codecs
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from index.articles.formats import Format, known_format
from index.articles.roots import path_of
from index.regular_file import open_regular
from index.storage.catalog import Entry
from qa.errors import OriginalChanged, OriginalGone
from qa.service.library import Library

_PIECE = 2**18  # bytes that are read at a time

Signature = tuple[int, int, int, int, int]
"""What tells a file from what it was: device, inode, size, times of its bytes and of its status."""


@dataclass(frozen=True, slots=True)
class Original:
    """A file that is open, whose bytes were seen to be those that were indexed.

    `size` is in bytes; `is_utf8` says whether they are text in UTF-8.
    """

    id: str
    format: Format
    size: int
    is_utf8: bool
    file: BufferedReader
    signature: Signature

    def pieces(self) -> Iterator[bytes]:
        """All bytes, in pieces; then the file is closed.

        Raises:
            OriginalChanged: it changed meanwhile.
        """
        with self.file:
            self.file.seek(0)
            left = self.size
            while left:
                piece = self.file.read(min(_PIECE, left))
                if not piece or signature(self.file) != self.signature:
                    raise OriginalChanged
                left -= len(piece)
                yield piece


class Originals:
    """The files of a library's articles."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def opened(self, id: str) -> Original:
        """Open the file of an article.

        Raises:
            OriginalGone: there is no such article, or its file is gone or may not be read.
            OriginalChanged: it does not hold the bytes that were indexed.
        """
        entry = self.entry(id)
        file, format = self._open(entry)
        try:
            before = signature(file)
            if before[2] > format.max_bytes:
                raise OriginalChanged
            sha256, is_utf8 = _examined(file, format.max_bytes)
            if sha256 != entry.sha256 or signature(file) != before:
                raise OriginalChanged
        except OSError as error:
            file.close()
            raise OriginalGone from error
        except BaseException:
            file.close()
            raise
        return Original(id, format, before[2], is_utf8, file, before)

    def data(self, id: str) -> bytes:
        """All bytes of the file of an article; the same errors."""
        return b"".join(self.opened(id).pieces())

    def entry(self, id: str) -> Entry:
        """What the index knows of an article.

        Raises:
            OriginalGone: there is no such article.
        """
        if entry := self._library.entry(id):
            return entry
        raise OriginalGone

    def state(self, id: str) -> Signature:
        """What the file of an article is like now, without reading it.

        Raises:
            OriginalGone: it is gone.
        """
        file, _ = self._open(self.entry(id))
        with file:
            return signature(file)

    def _open(self, entry: Entry) -> tuple[BufferedReader, Format]:
        below = entry.file or entry.id
        path, format = path_of(Path(entry.root), below), known_format(below)
        if path is None or format is None:
            raise OriginalGone
        try:
            return open_regular(path, follow=True), format
        except OSError as error:
            raise OriginalGone from error


def signature(file: BufferedReader) -> Signature:
    """What an open file is like now."""
    status = os.fstat(file.fileno())
    times = status.st_mtime_ns, status.st_ctime_ns
    return status.st_dev, status.st_ino, status.st_size, *times


def _examined(file: BufferedReader, most: int) -> tuple[str, bool]:
    """The SHA-256 of a file's bytes, and whether they are UTF-8; no longer file is read whole."""
    digest, text, read = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")(), 0
    is_utf8, piece = True, b"-"
    while piece and read <= most:
        piece = file.read(_PIECE)
        digest.update(piece)
        read += len(piece)
        try:
            text.decode(piece if is_utf8 else b"", final=not piece)
        except UnicodeDecodeError:
            is_utf8 = False
            text.reset()
    return digest.hexdigest(), is_utf8
