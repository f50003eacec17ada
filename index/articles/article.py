"""Article: reads files; one file in, one Article out.

Knows which files are read and where. Other formats than text are converted by
index/converters/sandbox.py. Knows nothing of sentences, chunks or vectors.
"""

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path, PurePath

import regex

from index.articles.files import Found, too_large
from index.articles.formats import MAX_BYTES as MAX_BYTES
from index.articles.formats import PLAIN, Format, format_of, misnamed, not_read
from index.converters import metadata
from index.converters.metadata import Converted
from index.errors import NotText as NotText
from index.languages import declared as told_language
from index.languages import detect
from index.normalise import clean, decode, normalise

# Code points that are enough to tell a language by.
_TELLING = 10_000


# Front matter holds a few lines; a parser of YAML takes its time over more.
_FRONT_MATTER = regex.compile(
    r"---[ \t]*\n(.{0,16384}?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", regex.DOTALL
)


@dataclass(frozen=True, slots=True)
class Article:
    """One file's text.

    `id` is the path relative to the indexed folder, with `/` between its parts.
    `text` is decoded, NFC (UAX #15) and LF only; every offset anywhere is a half-open range of
    Unicode code points into it. `sha256` is that of the file's bytes, in hexadecimal. `title` and
    `date` (ISO 8601, to the day) are what the file itself tells, or empty; `language` is an ISO
    639 code, told by the file or detected.
    """

    id: str
    text: str
    sha256: str
    title: str = ""
    language: str = ""
    date: str = ""

    @property
    def is_markdown(self) -> bool:
        """Whether line structure follows Markdown: a single line end does not end a paragraph.

        All but plain text does: other formats are converted to Markdown.
        """
        return PurePath(self.id).suffix.lower() not in PLAIN


def fingerprint(found: Found) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal, as `Article.sha256` has it.

    Raises:
        NotText: it cannot be read, or is larger than its format may be.
    """
    with _opened(found.path, _format(found)) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def content(path: Path, format: Format) -> bytes:
    """A file's bytes, as they are at this moment.

    Raises:
        NotText: it cannot be read, or is larger than its format may be.
    """
    with _opened(path, format) as file:
        data = file.read(format.max_bytes + 1)
    if len(data) > format.max_bytes:
        raise NotText(too_large(format))
    return data


def read(found: Found) -> Article:
    """Read one file.

    Raises:
        NotText: it cannot be read, is damaged, goes beyond a limit, or holds no text.
    """
    format = _format(found)
    data = content(found.path, format)
    if not data.strip(b"\0 \t\r\n"):
        raise NotText("holds no text")
    if reason := misnamed(data, format):
        raise NotText(reason)
    converted = _converted(data, format)
    text = normalise(converted.text)
    sample = text[:_TELLING]
    return Article(
        found.id,
        text,
        hashlib.sha256(data).hexdigest(),
        converted.title,
        told_language(converted.language, sample) if converted.language else detect(sample),
        converted.date,
    )


def _format(found: Found) -> Format:
    format = format_of(found.path.name)
    if format is None:
        raise NotText(not_read(found.path.name))
    return format


@contextmanager
def _opened(path: Path, format: Format) -> Iterator[BufferedReader]:
    """The file as it is at this moment; whatever took its place since it was found."""
    try:
        # A pipe without a writer would be waited for.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise NotText("not a regular file")
            if status.st_size > format.max_bytes:
                raise NotText(too_large(format))
            yield file
    except OSError as error:
        raise NotText(f"cannot be read: {error.strerror}") from error


def _converted(data: bytes, format: Format) -> Converted:
    if format.reader:
        from index.converters.sandbox import converter

        return converter().convert(format.reader, data)
    text = decode(data)
    return _front_matter(text) if format.name == "Markdown" else Converted(text)


def _front_matter(text: str) -> Converted:
    """Markdown without the settings above it, which tell title, language and date."""
    import yaml

    match = _FRONT_MATTER.match(text.replace("\r\n", "\n"))
    try:
        # BaseLoader makes text of every value, and nothing else of any.
        settings = yaml.load(match[1], Loader=yaml.BaseLoader) if match else None
    except (yaml.YAMLError, RecursionError, ValueError):
        settings = None
    if not match or not isinstance(settings, dict):
        return Converted(text)
    language = settings.get("language") or settings.get("lang")
    return Converted(
        text.replace("\r\n", "\n")[match.end() :],
        metadata.title(settings.get("title")),
        clean(language) if isinstance(language, str) else "",
        metadata.day(settings.get("date")),
    )
