"""Article: reads files; one file in, one Article out.

Knows encodings and which files are text. Knows nothing of sentences, chunks or vectors.
"""

import contextlib
import hashlib
import os
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from index.errors import BadPath
from index.languages import detect

SUFFIXES = frozenset({".txt", ".text", ".md", ".markdown"})

# A news article is some 20 KB and a long book 5 MB; beyond this a file is data, not an article.
MAX_BYTES = 32 * 1024 * 1024

# Code points that are enough to tell a language by.
_TELLING = 10_000

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)


class NotText(BadPath):
    """A file that does not hold readable text; the message is the reason alone."""


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
        """Whether line structure follows Markdown: a single line end does not end a paragraph."""
        return self.id.lower().endswith((".md", ".markdown"))


@dataclass(frozen=True, slots=True)
class Found:
    """A file that stands in an indexed place: `root` is what the person named."""

    root: Path
    id: str
    path: Path


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was not read, and why."""

    path: Path
    reason: str


def find(root: Path) -> Iterator[Found | Skipped]:
    """Yield every file at or below `root`, in the order of their names.

    Hidden files and folders are passed over silently.

    Raises:
        BadPath: `root` does not exist, or is a folder that cannot be listed.
    """
    try:
        root.stat()
    except (OSError, ValueError) as error:
        raise BadPath(f"There is no file or folder at {root}. Check the path.") from error
    if root.is_dir():
        yield from _walk(root)
    else:
        yield _judge(root, root.name, root)


def _walk(root: Path) -> Iterator[Found | Skipped]:
    def refuse(error: OSError) -> None:
        # A sub-folder that cannot be listed must not look like one whose files were removed.
        raise BadPath(
            f"Cannot list {error.filename}: {error.strerror}. Check its permissions."
        ) from error

    for folder, folders, names in os.walk(root, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in folders:
            if Path(folder, name).is_symlink():
                yield Skipped(Path(folder, name), "a link to a folder; index that folder itself")
        for name in sorted(names):
            if not name.startswith("."):
                path = Path(folder, name)
                yield _judge(root, path.relative_to(root).as_posix(), path)


def _judge(root: Path, id: str, path: Path) -> Found | Skipped:
    reason = _reason_to_skip(root, path)
    return Skipped(path, reason) if reason else Found(root, id, path)


def _reason_to_skip(root: Path, path: Path) -> str | None:
    try:
        path.name.encode("utf-8")
    except UnicodeEncodeError:
        return "its name is not UTF-8; rename it"
    if path.suffix.lower() not in SUFFIXES:
        return f"{path.suffix or 'a file without suffix'} is not a format that is read"
    try:
        status = path.stat()
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    if not stat.S_ISREG(status.st_mode):
        return "not a regular file"
    if path.is_symlink() and not path.resolve().is_relative_to(root.resolve()):
        return "a link that leads out of the folder"
    if status.st_size > MAX_BYTES:
        return f"larger than {MAX_BYTES // 2**20} MB; split it"
    return None


def fingerprint(found: Found) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal, as `Article.sha256` has it.

    Raises:
        NotText: it cannot be read.
    """
    try:
        with found.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise NotText(f"cannot be read: {error.strerror}") from error


def read(found: Found) -> Article:
    """Read one file.

    Raises:
        NotText: it cannot be read, is not UTF-8 or UTF-16, or holds no text.
    """
    try:
        data = found.path.read_bytes()
    except OSError as error:
        raise NotText(f"cannot be read: {error.strerror}") from error
    text = unicodedata.normalize("NFC", _decode(data)).replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise NotText("holds no text")
    language = detect(text[:_TELLING])
    return Article(found.id, text, hashlib.sha256(data).hexdigest(), language=language)


def _decode(data: bytes) -> str:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _strict(data[len(bom) :], encoding)
    if guess := _guess_utf16(data):
        with contextlib.suppress(NotText):
            return _strict(data, guess)
    return _strict(data, "utf-8")


def _strict(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise NotText(
            f"is not {encoding.upper()} text (byte {error.start}); save it as UTF-8"
        ) from error
    if "\0" in text:
        raise NotText("is not text (it holds NUL characters)")
    return text


def _guess_utf16(data: bytes) -> str | None:
    """UTF-16 without a byte order mark: spaces and line ends show which byte comes first."""
    sample = data[:4096]
    little = sum(sample.count(unit) for unit in (b" \0", b"\n\0"))
    big = sum(sample.count(unit) for unit in (b"\0 ", b"\0\n"))
    if not little and not big:
        return None
    return "utf-16-le" if little >= big else "utf-16-be"
