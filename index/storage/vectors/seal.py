"""Integrity seal: checksums of Chroma's files, which say that they are whole and this user's.

Chroma writes its graph of neighbours in place. A process killed amid that, or a full disk, leaves
half a graph, which Chroma may refuse, search wrongly or crash on; and a reader's Chroma may write
too. So a reader holds the seal shared, and a writer removes it first and makes a new one when done:
files without a seal are never opened, and files that differ from it are reported as damage before
Chroma opens them. Nor are files that came from elsewhere, whose seal is another's or made by hand:
Chroma reads a graph as it is, links of it that lead nowhere too. Such an index is searched exactly
until it is indexed here.
"""

import contextlib
import fcntl
import hmac
import json
import os
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.atomic_file import write_atomically
from index.layout import SEAL
from index.regular_file import open_regular
from index.storage.vectors.chroma import graph_files
from index.user_cache import keyed_checksum

_BLOCK = 1 << 20  # bytes read at once
_LONGEST = 1 << 20  # bytes of a seal: some hundred for each file of a graph, one graph a language


class IntegritySeal:
    """The seal on the folder of Chroma's files, a file beside it."""

    def __init__(self, sealed: Path) -> None:
        """`sealed` is the folder; nothing is read yet."""
        self._sealed, self._file = sealed, sealed.parent / SEAL

    @property
    def stands(self) -> bool:
        """Whether there is a seal, whoever made it."""
        return self._file.exists()

    @property
    def is_clean(self) -> bool:
        """Whether there is a seal of this user, whether or not the files are as it says."""
        with self.reading() as recorded:
            return recorded is not None

    @contextmanager
    def reading(self) -> Iterator[str | None]:
        """Keep writers away; gives what is recorded, or None when there is no seal of this user."""
        try:
            file = open_regular(self._file)
        except FileNotFoundError:
            yield None
            return
        with file:
            fcntl.flock(file, fcntl.LOCK_SH)
            yield _own(file.read(_LONGEST)) if os.fstat(file.fileno()).st_nlink else None

    def mark_dirty(self) -> None:
        """Wait until nobody reads, then let the files be written."""
        with contextlib.suppress(FileNotFoundError), open_regular(self._file) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self._file.unlink()

    def mark_clean(self) -> None:
        """Record that the files are whole as they are now, and on the disk."""
        names = [file.as_posix() for file in graph_files(self._sealed)]
        files = {name: self._stat(name, flush=True) for name in names}
        recorded = json.dumps({"sealed": time.time_ns(), "files": files})
        write_atomically(self._file, _signed(recorded))

    def first_mismatch(self, recorded: str) -> str | None:
        """The first file that is not as recorded; None when all are.

        Contents are read only where a file's time differs, as in a copy of the index.
        """
        try:
            sums = dict(json.loads(recorded)["files"])
            files = {name: (int(size), int(at), int(crc)) for name, (size, at, crc) in sums.items()}
        except (ValueError, KeyError, TypeError):
            return f"{SEAL} cannot be read"
        for name, (size, changed, crc) in files.items():
            try:
                status = (self._sealed / name).stat()
                same = (status.st_size, status.st_mtime_ns) == (size, changed)
                if not same and self._stat(name)[::2] != [size, crc]:
                    return f"{name} is not as it was written"
            except OSError:
                return f"{name} is missing"
        return None

    def _stat(self, name: str, *, flush: bool = False) -> list[int]:
        """Size in bytes, time of change in ns and checksum of a file."""
        with (self._sealed / name).open("rb+" if flush else "rb") as file:
            if flush:
                os.fsync(file.fileno())
            total = 0
            while block := file.read(_BLOCK):
                total = zlib.crc32(block, total)
            status = os.fstat(file.fileno())
        return [status.st_size, status.st_mtime_ns, total]


def _signed(recorded: str) -> str:
    """What is recorded, behind a line that only this user can write."""
    return f"{keyed_checksum(recorded.encode(), use=b'seal').hex()}\n{recorded}"


def _own(seal: bytes) -> str | None:
    """What is recorded in a seal of this user."""
    recorded = seal.partition(b"\n")[2].decode(errors="replace")
    return recorded if hmac.compare_digest(_signed(recorded).encode(), seal) else None
