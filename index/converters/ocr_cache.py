"""OCR cache: what was read of each page, so that a long scan goes on where it was stopped.

In the user's own cache, by the file's SHA-256, the page and the engine; a checksum that is keyed by
the user's secret says that this user's processes wrote it.
"""

import hashlib
import json
import logging
import math
from pathlib import Path

from index.atomic_file import PRIVATE, write_atomically
from index.regular_file import open_regular
from index.user_cache import CHECKSUM, cache_folder, keyed_checksum

_USE = b"ocr-page"
_MOST_PAGES = 50_000  # that are kept; some 3 KB each
_MOST_BYTES = 2**20
_LOG = logging.getLogger(__name__)


def load(sha256: str, page: int, engine: str) -> tuple[str, float] | None:
    """What was read of a page, with how sure it is, 0 to 1; None if it was not, or is not whole."""
    path = _path(sha256, page, engine)
    try:
        with open_regular(path) as file:
            data = file.read(_MOST_BYTES)
    except OSError:
        return None
    checksum, content = data[:CHECKSUM], data[CHECKSUM:]
    if checksum != keyed_checksum(path.name.encode(), content, use=_USE):
        return None
    return valid(json.loads(content))


def save(sha256: str, page: int, engine: str, text: str, sure: float) -> None:
    """Keep what was read of a page; a cache that cannot be written is none."""
    path = _path(sha256, page, engine)
    content = json.dumps([text, sure]).encode()
    checksum = keyed_checksum(path.name.encode(), content, use=_USE)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, checksum + content, mode=PRIVATE)
        _prune(path.parent)
    except OSError as error:
        _LOG.debug("What was read of page %d is not kept: %s", page, error)


def valid(value: object) -> tuple[str, float] | None:
    """A text with how sure it is, as JSON has it; None if it is none."""
    if not isinstance(value, list) or len(value) != 2:
        return None
    text, sure = value
    if not isinstance(text, str) or not isinstance(sure, float) or not math.isfinite(sure):
        return None
    return text, min(max(sure, 0.0), 1.0)


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
