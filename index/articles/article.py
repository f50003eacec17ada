"""Article: one file's bytes -> its text, title, language, date and author.

Formats other than text are converted by index/converters/sandbox.py. Knows no folders, and nothing
of sentences, chunks or vectors.
"""

import hashlib
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path, PurePath

from index.articles.files import Found, too_large
from index.articles.formats import MAX_BYTES as MAX_BYTES
from index.articles.formats import PLAIN, Format, format_of, misnamed, not_read
from index.articles.page_breaks import without_page_breaks
from index.converters.converted import Converted
from index.errors import NotText as NotText
from index.errors import Unreadable
from index.passage import Page
from index.regular_file import NotRegular, open_regular
from index.scanned_page import ScannedPage
from index.text.languages import declared, detect
from index.text.normalise import decoded, normal_form, normalise

Progress = Callable[[int, int], None]
"""Told how many of how many pages were read from their pictures."""

_TRIES, _PAUSE_S = 5, 0.1  # to read a file that is being written
_LANGUAGE_SAMPLE = 10_000  # code points, enough to detect a language


@dataclass(frozen=True, slots=True)
class Article:
    """One file's text.

    `id` is the path relative to the indexed folder, with `/` between its parts.
    `text` is decoded, NFC (UAX #15) and LF only; every offset anywhere is a half-open range of
    Unicode code points into it. `sha256` is that of the file's bytes, in hexadecimal. `title`,
    `date` (ISO 8601, to the day) and `author` (`Ana Rao, Li Wei`) are the file's own metadata, or
    empty; `language` is an ISO 639 code, declared by the file or detected.
    `pages` are those of its text, in order; `notices` say what of the file was left out. `scans`
    has the words of pages that were read from their pictures, by the numbers of the pages.
    """

    id: str
    text: str
    sha256: str
    title: str = ""
    language: str = ""
    date: str = ""
    author: str = ""
    pages: tuple[Page, ...] = ()
    notices: tuple[str, ...] = ()
    scans: Mapping[int, ScannedPage] = field(default_factory=dict)

    @property
    def is_markdown(self) -> bool:
        """Whether line structure follows Markdown: a single line end does not end a paragraph.

        All but plain text does: other formats are converted to Markdown.
        """
        return PurePath(self.id).suffix.lower() not in PLAIN


@dataclass(frozen=True, slots=True)
class Source:
    """A file's bytes as they were at one moment; `sha256` is theirs, in hexadecimal."""

    id: str
    format: Format
    data: bytes
    sha256: str


def read(found: Found) -> Article:
    """Read one file.

    Raises:
        NotText: it cannot be read, is damaged, goes beyond a limit, or holds no text.
    """
    return parse(load(found))


def load(found: Found) -> Source:
    """Read a file's bytes, which tell whether it changed.

    Raises:
        NotText: it cannot be read, or is larger than its format may be.
    """
    format = format_of(found.path.name)
    if format is None:
        raise NotText(not_read(found.path.name))
    data = content(found.path, format)
    return Source(found.id, format, data, hashlib.sha256(data).hexdigest())


def parse(source: Source, progress: Progress | None = None) -> Article:
    """Make an article of a file's bytes; `progress` is told of pages read from their pictures.

    Raises:
        NotText: they are damaged, go beyond a limit, or hold no text.
    """
    if not source.data.strip(b"\0 \t\r\n"):
        raise NotText("holds no text")
    if reason := misnamed(source.data, source.format):
        raise NotText(reason)
    converted = _converted(source, progress).changed(normal_form)
    text = normalise(converted.text)
    sample = text[:_LANGUAGE_SAMPLE]
    language = declared(converted.language, sample) if converted.language else detect(sample)
    told = converted.title, language, converted.date, converted.author
    return Article(
        *(source.id, text, source.sha256, *told),
        pages=converted.pages,
        notices=converted.notices,
        scans=converted.scans,
    )


def content(path: Path, format: Format) -> bytes:
    """A file's bytes, as they are at this moment.

    Raises:
        NotText: it cannot be read, or is larger than its format may be.
        Unreadable: it keeps changing.
    """
    data = _at_rest(path, format)
    if len(data) > format.max_bytes:
        raise NotText(too_large(format))
    return data


def _at_rest(path: Path, format: Format) -> bytes:
    """A file's bytes, read while nobody wrote it: half of it may be no text, or another one."""
    for _ in range(_TRIES):
        with _opened(path, format) as file:
            before = os.fstat(file.fileno())
            data = file.read(format.max_bytes + 1)
            after = os.fstat(file.fileno())
        if (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns):
            return data
        time.sleep(_PAUSE_S)
    raise Unreadable("keeps changing while it is read; index again when it is whole")


@contextmanager
def _opened(path: Path, format: Format) -> Iterator[BufferedReader]:
    """The file as it is at this moment, whatever took its place since it was found."""
    try:
        with open_regular(path, follow=True) as file:
            if os.fstat(file.fileno()).st_size > format.max_bytes:
                raise NotText(too_large(format))
            yield file
    except NotRegular as error:
        raise NotText("not a regular file") from error
    except FileNotFoundError as error:
        raise NotText(f"cannot be read: {error.strerror}") from error
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}") from error


def _converted(source: Source, progress: Progress | None) -> Converted:
    if not source.format.reader:
        text, notices = decoded(source.data)
        text, left_out = without_page_breaks(text)
        return Converted(text, notices=(*notices, *left_out))
    if source.format.name == "Markdown":
        decoded(source.data)  # that a file is still being written is known here alone
    from index.converters.sandbox import converter

    told = (progress,) if progress else ()
    return converter().convert(source.format.reader, source.data, *told)
