"""Arrivals: the folder that uploaded files come to first, which they leave when they are added.

What nobody adds, as when a browser goes away in the middle, is deleted after a while; until then
there is so much room and no more, so that nobody can fill the disk.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from qa.service.uploads import MAX_BYTES

# One batch is added, two wait for it, one comes.
_MOST = 4 * MAX_BYTES
_LEAST = 2**16  # bytes that a file is counted for, or there could be millions of small ones
_STALE_S = 6 * 3600  # longer than a batch waits


class UploadQuota:
    """A folder of nothing else; there may be none yet.

    Args:
        folder: where Gradio keeps what is uploaded, in folders of its own.
        most: bytes of all that may be there or come.
    """

    def __init__(self, folder: Path, most: int = _MOST) -> None:
        self._folder, self._most, self._coming = folder, most, 0

    @contextmanager
    def room(self, size: int) -> Iterator[bool]:
        """Whether there is room for so many bytes, which is theirs while they come."""
        fits = self._swept() + self._coming + size <= self._most
        kept = size * fits
        self._coming += kept
        try:
            yield fits
        finally:
            self._coming -= kept

    def _swept(self) -> int:
        """How many bytes are there, once what is stale is not."""
        taken, now = 0, time.time()
        for folder, _, names in os.walk(self._folder, topdown=False):
            for path in (Path(folder, name) for name in names):
                with suppress(OSError):  # it was added meanwhile
                    found = path.lstat()
                    # What has not come whole yet lies beside the folders of what has.
                    broken = path.parent == self._folder and not self._coming
                    if broken or found.st_mtime < now - _STALE_S:
                        path.unlink()
                    else:
                        taken += max(found.st_size, _LEAST)
            if Path(folder) != self._folder:
                with suppress(OSError):  # it is not empty
                    Path(folder).rmdir()
        return taken
