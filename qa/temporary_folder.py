"""Temporary folder: private, deleted at the end; what a killed process left, the next one deletes.

A process holds a lock on its folder as long as it lives, by which it is told from one that is gone.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# Folders of this program that began otherwise had no lock.
_PREFIX = "article-qa-run-"


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder for this process's user alone, until the end of the block."""
    _sweep(Path(tempfile.gettempdir()))
    path, lock = _made()
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        os.close(lock)


def _made() -> tuple[Path, int]:
    """A new folder, and a descriptor that holds its lock."""
    while True:
        path = Path(tempfile.mkdtemp(prefix=_PREFIX))
        with suppress(FileNotFoundError):
            lock = _opened(path)
            with suppress(OSError):  # a disk without locks: nobody else gets it either
                fcntl.flock(lock, fcntl.LOCK_EX)
            if path.exists():
                return path, lock
            os.close(lock)  # another process swept it before it was locked


def _sweep(above: Path) -> None:
    """Delete the folders whose process is gone; of this user alone, and through no link."""
    for path in above.glob(f"{_PREFIX}*"):
        with suppress(OSError):  # no folder, a link, not ours to delete
            lock = _opened(path)
            try:
                if os.fstat(lock).st_uid == os.geteuid():
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(path)
            finally:
                os.close(lock)


def _opened(path: Path) -> int:
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
