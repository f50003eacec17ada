"""Atomic files: write a file whole or not at all, whatever is killed and when power fails.

A draft beside the file takes its place in one step (rename, POSIX), once it is on the disk.
"""

import contextlib
import os
import time
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

DRAFT = ".draft"
"""How the name of a draft ends, by which what a killed process left is known."""

PRIVATE = 0o600
"""Mode of a file for its owner alone."""


def write_atomically(
    path: Path,
    *blocks: bytes | bytearray | str,
    mode: int = 0o666,
    suffix: str = DRAFT,
    flush: bool = True,
) -> None:
    """Write a file, or leave the one that is there as it is; text as UTF-8, lines as given.

    Args:
        path: where; its folder is there.
        blocks: the content, one after the other.
        mode: who may read and write it, less what the process's umask takes away.
        suffix: how the draft's name ends; a dot begins it, so that it is hidden.
        flush: whether it is on the disk when this returns; not needed in a cache whose files
            hold a checksum.

    Raises:
        OSError: it cannot be written. No draft is left.
    """
    draft = path.with_name(f".{uuid.uuid4().hex}{suffix}")
    try:
        with naming(path):
            _write(draft, blocks, mode, flush)
            draft.replace(path)
            if flush:
                flush_folder(path.parent)
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise


@contextlib.contextmanager
def naming(path: Path) -> Iterator[None]:
    """Have an error of the system name the file that is written: many name none, or a draft.

    Raises:
        OSError: with `path` as its `filename`.
    """
    try:
        yield
    except OSError as error:
        error.filename, error.filename2 = os.fspath(path), None
        raise


def is_stale(status: os.stat_result, seconds: float) -> bool:
    """Whether a file was written more than so many seconds ago.

    One that is from as far in the future was written before the clock was set back.
    """
    return abs(time.time() - status.st_mtime) > seconds


def _write(draft: Path, blocks: Sequence[bytes | bytearray | str], mode: int, flush: bool) -> None:
    opened = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with os.fdopen(opened, "wb") as file:
        for block in blocks:
            file.write(block.encode() if isinstance(block, str) else block)
        if flush:
            file.flush()
            os.fsync(file.fileno())


def flush_folder(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
