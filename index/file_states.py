"""File states: what files looked like when they were read, so that a watcher reads few again.

A file is taken for the same while its size, its times and its place on the disk are; one that was
written a moment before it was read may have been written again within one tick of its times, and is
read once more.
"""

import os
import time
from dataclasses import dataclass, field
from pathlib import Path

QUIET_S = 1.0  # seconds for which nobody wrote to a file that is whole
_TICK_S = 2.0  # of a file's times where they are coarsest (FAT)

Look = tuple[int, ...]
"""Size, times, and place on the disk."""


@dataclass(slots=True)
class FileStates:
    """The files of one watcher, by their paths."""

    _read: dict[Path, tuple[Look, str]] = field(default_factory=dict)
    _refused: dict[Path, tuple[Look, str]] = field(default_factory=dict)
    _written: dict[Path, float] = field(default_factory=dict)

    def touch(self, path: Path) -> None:
        """Note that a file was written just now."""
        self._written[path] = time.monotonic()
        self._read.pop(path, None)
        self._refused.pop(path, None)

    def settle(self) -> None:
        """Forget what was written so long ago that it does not matter."""
        now = time.monotonic()
        self._written = {p: at for p, at in self._written.items() if now - at < QUIET_S}

    def is_being_written(self, path: Path) -> bool:
        """Whether somebody wrote to a file a moment ago and may go on."""
        if time.monotonic() - self._written.get(path, -QUIET_S) < QUIET_S:
            return True
        try:
            return _age(path.stat()) < QUIET_S
        except OSError:
            return False

    def look(self, path: Path) -> Look | None:
        """What a file looks like now, before it is read; None if that tells nothing."""
        try:
            status = path.stat()
        except OSError:
            return None
        if _age(status) < _TICK_S:
            return None
        times = status.st_mtime_ns, status.st_ctime_ns
        return (status.st_size, *times, status.st_ino, status.st_dev)

    def note(self, path: Path, look: Look | None, sha256: str) -> None:
        """Remember the checksum of a file that looked so before it was read."""
        if look:
            self._read[path] = look, sha256

    def note_refusal(self, path: Path, look: Look | None, reason: str) -> None:
        """Remember why a file that looked so holds no article."""
        if look:
            self._refused[path] = look, reason

    def is_same(self, path: Path, sha256: str) -> bool:
        """Whether a file looks as it did when it had this checksum."""
        look, known = self._read.get(path, (None, ""))
        return known == sha256 and look is not None and look == self.look(path)

    def refusal(self, path: Path) -> str:
        """Why a file that looks as it did holds no article; empty if it may hold one."""
        look, reason = self._refused.get(path, (None, ""))
        return reason if look is not None and look == self.look(path) else ""


def _age(status: os.stat_result) -> float:
    """Seconds since a file was written, by the clock of the wall, whichever way that was set."""
    return abs(time.time() - status.st_mtime)
