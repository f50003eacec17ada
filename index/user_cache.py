"""User cache: the folder of what a user keeps for all indexes, and the secret in it.

A checksum says that a file is whole; one that is keyed by the secret also says that this user's
processes wrote it. So what came from elsewhere is not taken for what was computed here.
"""

import hashlib
import logging
import os
from functools import cache
from pathlib import Path

from index.atomic_file import PRIVATE, write_atomically
from index.regular_file import open_regular

CHECKSUM = 32
"""Bytes of a keyed checksum."""

_NAME = "secret"
_BYTES = 32
_WAIT_S = 5.0  # for another process that makes it at this moment
_LOG = logging.getLogger(__name__)


def cache_folder() -> Path:
    """The folder of what is kept for all indexes, the weights among it; it need not exist yet.

    `ARTICLE_QA_CACHE`, or the user's own cache.
    """
    chosen = os.environ.get("ARTICLE_QA_CACHE")
    if chosen:
        return Path(chosen).expanduser().absolute()
    from platformdirs import user_cache_path

    return user_cache_path("article-qa")


def keyed_checksum(*parts: bytes | bytearray, use: bytes) -> bytes:
    """A checksum of the parts, one after the other, that only this user's processes can make.

    BLAKE2b with a key, which costs what it costs without. Where no secret can be kept, one of this
    process is used: then nothing that it wrote is known to another.

    Args:
        parts: what is checked.
        use: what for, at most 16 bytes; the checksum of one use is none of another.
    """
    digest = hashlib.blake2b(key=_secret(cache_folder()), person=use, digest_size=CHECKSUM)
    for part in parts:
        digest.update(part)
    return digest.digest()


@cache
def _secret(folder: Path) -> bytes:
    try:
        return _kept(folder / _NAME)
    except OSError as error:  # a Timeout of the lock is one too
        _LOG.debug("No secret is kept in %s: %s", folder, error)
        return os.urandom(_BYTES)


def _kept(path: Path) -> bytes:
    """The secret in a file for its owner alone, made when there is none that is whole."""
    if found := _read(path):
        return found
    from filelock import FileLock

    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_name(f".{_NAME}.lock"), timeout=_WAIT_S):
        if not (found := _read(path)):
            found = os.urandom(_BYTES)
            write_atomically(path, found, mode=PRIVATE)
    return found


def _read(path: Path) -> bytes | None:
    try:
        with open_regular(path) as file:
            found = file.read(_BYTES + 1)
    except FileNotFoundError:
        return None
    return found if len(found) == _BYTES else None
