"""DiskCache: KV states of a model on disk, shared by every process that asks of an index.

A cache that gives a state as it was put in by this user, or none. One file a state, written in one
step and checked when it is read; what is damaged, or came from elsewhere, is removed and read anew:
llama.cpp believes what a state says. Where nothing can be written nothing is kept, and nobody is
troubled.
"""

import logging
import os
import shutil
import struct
from contextlib import suppress
from io import BufferedReader
from pathlib import Path

from index.atomic_file import DRAFT, PRIVATE, is_stale, write_atomically
from index.layout import STATES
from index.regular_file import open_regular
from index.user_cache import CHECKSUM, keyed_checksum
from qa.llm.cache.ledger import SUFFIX, Ledger, Tally

FOLDER = STATES

# Of the space that is free, and at most. A passage takes 2 to 16 MB with the default model, 29 KB a
# token: 4 GB hold the two shipped articles five times, or some 600 passages.
_SHARE, _MOST = 0.1, 4 * 10**9
_MAGIC = b"aqstate\x01"  # the last byte is the version
# What stands before a state: magic, key, how many tokens it holds, how many bytes it has.
_HEAD = struct.Struct("<8s32sIQ")
_ABANDONED_S = 600.0  # seconds after which a draft is one of a process that was killed
_LOG = logging.getLogger(__name__)


class DiskCache:
    """The states in one folder, within a budget of bytes. Threads may share it."""

    def __init__(self, folder: Path, budget: int) -> None:
        """Use a folder, and have it hold no more than `budget` bytes; made if there is none."""
        self.folder, self.budget = folder, budget
        self._ledger = Ledger(folder)
        with suppress(OSError):
            folder.mkdir(mode=0o700, exist_ok=True)
        self._sweep()
        self._unlink(self._ledger.settle(budget))

    def __contains__(self, key: str) -> bool:
        return self._path(key).is_file()

    def get(self, key: str) -> bytearray | None:
        """A state that a question needs; None where there is none, or none that is whole.

        Args:
            key: 64 hexadecimal digits, of all that decides what the state is.
        """
        state = self._read(key)
        self._ledger.count(key, found=state is not None)
        return state

    def put(self, key: str, tokens: int, state: bytearray, *, asked: bool = True) -> int:
        """Keep a state of so many tokens; the bytes it takes, 0 when it could not be kept.

        `asked` says that a question needed it: others go first when there is no more room.
        """
        size = _HEAD.size + CHECKSUM + len(state)
        if size > self.budget:
            return 0
        try:
            self._write(key, _head(key, tokens, state), state)
        except OSError as error:
            _LOG.debug("No state is kept in %s: %s", self.folder, error)
            return 0
        gone = self._ledger.add(key, size, self.budget, asked=asked)
        self._unlink([key] if gone is None else gone)
        return 0 if gone is None else size

    def remove(self, key: str) -> None:
        """Keep a state no longer."""
        self._unlink([key])
        self._ledger.remove(key)

    def touch(self, key: str) -> int:
        """Say that a state is of use, asked for or not; the bytes it takes, 0 if there is none."""
        try:
            size = self._path(key).stat().st_size
        except OSError:
            return 0
        self._ledger.use(key, asked=False)
        return size

    def now(self) -> int:
        """A moment in the order of uses."""
        return self._ledger.now()

    def room(self, since: int) -> int:
        """Bytes for states nobody has asked for: for them, only such may go as were not used since.

        `since` is a moment that `now` gave.
        """
        return self.budget - self._ledger.protected_bytes(since)

    def tally(self) -> Tally:
        """What is kept."""
        return self._ledger.tally()

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}{SUFFIX}"

    def _read(self, key: str) -> bytearray | None:
        try:
            with open_regular(self._path(key)) as file:
                state = _checked(file, key)
        except FileNotFoundError:
            return None
        except OSError as error:
            _LOG.debug("A state in %s cannot be read: %s", self.folder, error)
            return None
        if state is None:
            self.remove(key)
        return state

    def _write(self, key: str, head: bytes, state: bytearray) -> None:
        """Write a file for its owner alone; its checksum tells whether it reached the disk."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        write_atomically(self._path(key), head, state, mode=PRIVATE, flush=False)

    def _unlink(self, keys: list[str]) -> None:
        for key in keys:
            with suppress(OSError):
                self._path(key).unlink(missing_ok=True)

    def _sweep(self) -> None:
        """Remove what killed processes left half written."""
        for path in self.folder.glob(f"*{DRAFT}"):
            with suppress(OSError):
                if is_stale(path.stat(), _ABANDONED_S):
                    path.unlink()


def default_budget(index: Path) -> int:
    """Bytes that states may take in an index's folder when nobody says how many."""
    return min(_MOST, int(_SHARE * (shutil.disk_usage(index).free + tally(index).size)))


def tally(index: Path) -> Tally:
    """What is kept in an index's folder, for whatever model."""
    return Ledger(index / FOLDER).tally()


def _head(key: str, tokens: int, state: bytearray) -> bytes:
    head = _HEAD.pack(_MAGIC, bytes.fromhex(key), tokens, len(state))
    return head + _checksum(head, state)


def _checked(file: BufferedReader, key: str) -> bytearray | None:
    """The state in a file; None unless it is all there, of this key, and as it was written."""
    head, checksum = file.read(_HEAD.size), file.read(CHECKSUM)
    if len(head) + len(checksum) < _HEAD.size + CHECKSUM:
        return None
    magic, its_key, _, size = _HEAD.unpack(head)
    there = os.fstat(file.fileno()).st_size - _HEAD.size - CHECKSUM
    if (magic, its_key, size) != (_MAGIC, bytes.fromhex(key), there):
        return None
    state = bytearray(size)
    whole = file.readinto(state) == size
    return state if whole and _checksum(head, state) == checksum else None


def _checksum(head: bytes, state: bytearray) -> bytes:
    """Of a head and what follows it.

    10 MB take 7 ms where reading them as text takes the model seconds; SHA-256 takes 5 to 25, by
    processor.
    """
    return keyed_checksum(head, state, use=b"state")
