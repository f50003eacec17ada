"""Upload quota: how many bytes of uploaded files may wait in Gradio's folder until they are added.

Files that nobody adds, as when a browser goes away in the middle, are deleted after a while; until
then they count, so that nobody can fill the disk.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_SMALLEST = 2**16  # bytes that a file counts at least, or there could be millions of small ones
_STALE_S = 6 * 3600  # longer than a batch waits


class UploadQuota:
    """The quota of one folder, which holds nothing else and need not exist yet.

    Args:
        folder: where Gradio keeps uploads, in folders of its own.
        most: bytes of all that may be there or be received.
        batch_bytes: the most that is added at once.
    """

    def __init__(self, folder: Path, most: int, batch_bytes: int) -> None:
        self._folder, self._most, self._batch_bytes = folder, most, batch_bytes
        self._receiving = 0

    @contextmanager
    def reserve(self, size: int | None) -> Iterator[bool]:
        """Reserve `size` bytes while an upload is received; yields False when the quota is full.

        An upload of a size that is not known reserves a whole batch.
        """
        size = self._batch_bytes if size is None else size
        fits = self._sweep() + self._receiving + size <= self._most
        reserved = size * fits
        self._receiving += reserved
        try:
            yield fits
        finally:
            self._receiving -= reserved

    def _sweep(self) -> int:
        """Delete stale files; the bytes of those that stay."""
        taken, now = 0, time.time()
        for folder, _, names in os.walk(self._folder, topdown=False):
            for path in (Path(folder, name) for name in names):
                with suppress(OSError):  # it was added meanwhile
                    found = path.lstat()
                    # A file that is not yet whole lies beside the folders of those that are.
                    is_broken = path.parent == self._folder and not self._receiving
                    if is_broken or found.st_mtime < now - _STALE_S:
                        path.unlink()
                    else:
                        taken += max(found.st_size, _SMALLEST)
            if Path(folder) != self._folder:
                with suppress(OSError):  # it is not empty
                    Path(folder).rmdir()
        return taken
