"""Seal: says that Chroma's files are whole; it is off while they are written.

Chroma writes its graph of neighbours in place. A process killed amid that, or a full disk, leaves
half a graph, which Chroma may refuse, search wrongly or crash on; and a reader's Chroma may write
too. So whoever reads holds the seal shared, and whoever writes takes it off first and puts a new
one on when done: files without a seal are never opened, and files that differ from what the seal
says are damage that is told before Chroma sees them.
"""

import contextlib
import fcntl
import json
import os
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.atomic_file import write_atomically
from index.layout import SEAL

_BLOCK = 1 << 20


class Seal:
    """The seal on the folder of Chroma's files, a file beside it."""

    def __init__(self, sealed: Path) -> None:
        """`sealed` is the folder; nothing is read yet."""
        self._sealed, self._file = sealed, sealed.parent / SEAL

    @property
    def is_on(self) -> bool:
        """Whether there is a seal, right or wrong."""
        return self._file.exists()

    @contextmanager
    def shared(self) -> Iterator[str | None]:
        """Keep writers away; gives what the seal says, or None when it is off."""
        try:
            file = self._file.open(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            yield None
            return
        with file:
            fcntl.flock(file, fcntl.LOCK_SH)
            yield file.read() if os.fstat(file.fileno()).st_nlink else None

    def mark_dirty(self) -> None:
        """Wait until nobody reads, then let the files be written."""
        with contextlib.suppress(FileNotFoundError), self._file.open(encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self._file.unlink()

    def mark_clean(self) -> None:
        """Say that the files are whole as they are now, and on the disk."""
        files = {name: self._look(name, flush=True) for name in self._names()}
        write_atomically(self._file, json.dumps({"sealed": time.time_ns(), "files": files}))

    def broken(self, said: str) -> str | None:
        """The first thing that is not as the seal says; None when all is.

        Contents are read only where a file's time differs, as in a copy of the index.
        """
        try:
            sums = dict(json.loads(said)["files"])
            files = {
                name: (int(size), int(at), int(sum_)) for name, (size, at, sum_) in sums.items()
            }
        except (ValueError, KeyError, TypeError):
            return f"{SEAL} cannot be read"
        for name, (size, changed, crc) in files.items():
            try:
                status = (self._sealed / name).stat()
                as_said = (status.st_size, status.st_mtime_ns) == (size, changed)
                if not as_said and self._look(name)[::2] != [size, crc]:
                    return f"{name} is not as it was written"
            except OSError:
                return f"{name} is missing"
        return None

    def _names(self) -> list[str]:
        """The files of each graph.

        Chroma's SQLite tells its own damage, and readers touch it. A graph is on the disk once it
        has a pickle, from 1,000 vectors on; before, readers make its files anew and go by SQLite.
        """
        graphs = (file.parent for file in self._sealed.glob("*/index_metadata.pickle"))
        files = (file for graph in graphs for file in graph.iterdir())
        return sorted(file.relative_to(self._sealed).as_posix() for file in files)

    def _look(self, name: str, *, flush: bool = False) -> list[int]:
        """Size in bytes, time of change in ns and checksum of a file."""
        with (self._sealed / name).open("rb+" if flush else "rb") as file:
            if flush:
                os.fsync(file.fileno())
            total = 0
            while block := file.read(_BLOCK):
                total = zlib.crc32(block, total)
            status = os.fstat(file.fileno())
        return [status.st_size, status.st_mtime_ns, total]
