"""OCR cache: what was read of each page, so that a long scan goes on where it was stopped.

In the user's own cache, by the file's SHA-256, the page and the engine; a checksum that is keyed by
the user's secret says that this user's processes wrote it.
"""

import hashlib
import json
import logging
import zlib
from pathlib import Path

from index.atomic_file import PRIVATE, write_atomically
from index.converters.page_reading import PageReading
from index.regular_file import open_regular
from index.user_cache import CHECKSUM, cache_folder, keyed_checksum

_USE = b"ocr-page"
_MOST_PAGES = 50_000  # that are kept; some 8 KB each
_MOST_BYTES = 2**22
_LOG = logging.getLogger(__name__)


def load(sha256: str, page: int, engine: str) -> PageReading | None:
    """What was read of a page; None if it was not, or is not whole."""
    path = _path(sha256, page, engine)
    try:
        with open_regular(path) as file:
            data = file.read(_MOST_BYTES)
    except OSError:
        return None
    checksum, content = data[:CHECKSUM], data[CHECKSUM:]
    if checksum != keyed_checksum(path.name.encode(), content, use=_USE):
        return None
    try:
        return PageReading.from_fields(json.loads(zlib.decompress(content)))
    except (zlib.error, ValueError):  # another version wrote it
        return None


def save(sha256: str, page: int, engine: str, read: PageReading) -> None:
    """Keep what was read of a page; a cache that cannot be written is none."""
    path = _path(sha256, page, engine)
    content = zlib.compress(json.dumps(read.fields).encode())
    checksum = keyed_checksum(path.name.encode(), content, use=_USE)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, checksum + content, mode=PRIVATE)
        _prune(path.parent)
    except OSError as error:
        _LOG.debug("What was read of page %d is not kept: %s", page, error)


def _path(sha256: str, page: int, engine: str) -> Path:
    by = hashlib.sha256(f"{sha256} {page} {engine}".encode()).hexdigest()
    return cache_folder() / "ocr" / by[:2] / by


def _prune(folder: Path) -> None:
    """Remove the oldest of a folder that holds more than its share."""
    kept = list(folder.iterdir())
    if len(kept) * 256 <= _MOST_PAGES * 2:
        return
    kept.sort(key=lambda path: path.stat().st_mtime)
    for path in kept[: len(kept) // 4]:
        path.unlink(missing_ok=True)
