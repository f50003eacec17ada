"""Upload quota: how many bytes of uploaded files may wait in Gradio's folder until they are added.

Files that nobody adds, as when a browser goes away in the middle, are deleted after a while; until
then they count, so that nobody can fill the disk.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from index.atomic_file import is_stale

_SMALLEST = 2**16  # bytes that a file counts at least, or there could be millions of small ones
_STALE_S = 6 * 3600  # longer than a batch waits


class UploadQuota:
    """The quota of one folder, which holds nothing else and need not exist yet.

    An upload counts as it comes, not by the length that it claims: who claims much and sends
    nothing takes no room.

    Args:
        folder: where Gradio keeps uploads, in folders of its own.
        most: bytes of all that may be there or be received.
    """

    def __init__(self, folder: Path, most: int) -> None:
        self._folder, self._most = folder, most
        self._stored = self._receiving = self._uploads = 0

    @contextmanager
    def receive(self) -> Iterator["Upload"]:
        """Count an upload while it comes."""
        self._stored = self._sweep()
        self._uploads += 1
        upload = Upload(self)
        try:
            yield upload
        finally:
            self._uploads -= 1
            self._receiving -= upload.received
            self._stored += upload.received

    def fits(self, size: int) -> bool:
        """Whether so many bytes more are within the quota."""
        return self._stored + self._receiving + size <= self._most

    def count(self, size: int) -> None:
        """Count bytes that came."""
        self._receiving += size

    def _sweep(self) -> int:
        """Delete stale files; the bytes of those that stay."""
        taken = 0
        for folder, _, names in os.walk(self._folder, topdown=False):
            for path in (Path(folder, name) for name in names):
                with suppress(OSError):  # it was added meanwhile
                    found = path.lstat()
                    # A file that is not yet whole lies beside the folders of those that are.
                    is_part = path.parent == self._folder
                    is_broken = is_part and not self._uploads
                    if is_broken or is_stale(found, _STALE_S):
                        path.unlink()
                    elif not is_part:  # parts are counted as they come
                        taken += max(found.st_size, _SMALLEST)
            if Path(folder) != self._folder:
                with suppress(OSError):  # it is not empty
                    Path(folder).rmdir()
        return taken


class Upload:
    """What of one upload has come."""

    def __init__(self, quota: UploadQuota) -> None:
        self._quota = quota
        self.received = 0

    def add(self, size: int) -> bool:
        """Count bytes that came; whether they are within the quota."""
        self.received += size
        self._quota.count(size)
        return self._quota.fits(0)
