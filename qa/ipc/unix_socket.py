"""Unix socket: its address in an index's folder, the check of the peer's user, and its lines."""

import os
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from index.layout import SOCKET
from qa.ipc.protocol import LONGEST

NAME = SOCKET
_PEER = struct.Struct("3i")  # Linux's struct ucred: process, user, group


@contextmanager
def opened(folder: Path) -> Iterator[int]:
    """Open a folder as a file descriptor.

    Raises:
        OSError: it is no folder, or may not be read.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def address(folder: Path, descriptor: int) -> str:
    """The path of the socket in an open folder.

    The system takes about a hundred bytes at most, so the path goes by the descriptor where that is
    possible (Linux); elsewhere a folder with a longer path has no socket.
    """
    short = Path(f"/proc/self/fd/{descriptor}")
    return str((short if short.exists() else folder) / NAME)


@contextmanager
def connected(index: Path, seconds: float) -> Iterator[socket.socket]:
    """Connect to the server of an index, within `seconds`.

    Raises:
        OSError: there is no server, or it is another user's.
    """
    with opened(index) as folder, socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(seconds)
        connection.connect(address(index, folder))
        if not is_own(connection):
            raise PermissionError("the server is another user's")
        yield connection


def is_own(connection: socket.socket) -> bool:
    """Whether the process at the other end runs as this user, as far as the system knows."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True  # the socket's mode has kept out the others
    found = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
    return bool(_PEER.unpack(found)[1] == os.geteuid())


class Lines:
    """Reads lines from a connection; one that is too long is an error."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection, self._rest = connection, bytearray()

    def next(self, seconds: float) -> bytes:
        """The next line, within `seconds`.

        Raises:
            OSError: none came, it was too long, or the other end has hung up.
        """
        until = time.monotonic() + seconds
        while (end := self._rest.find(b"\n")) < 0:
            if len(self._rest) > LONGEST:
                raise ConnectionError("too long a line")
            self._connection.settimeout(_left(until))
            more = self._connection.recv(65536)
            if not more:
                raise ConnectionError("the other end has hung up")
            self._rest += more
        found = bytes(self._rest[:end])
        del self._rest[: end + 1]
        return found


class Waker:
    """Wakes a thread that polls sockets: another thread writes a byte to a pair of sockets."""

    def __init__(self) -> None:
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)

    def fileno(self) -> int:
        """The descriptor to poll; it is readable after `wake`."""
        return self._reader.fileno()

    def wake(self) -> None:
        """End the poll that runs, or the next one; any thread may call it."""
        with suppress(BlockingIOError):  # the pair is full: it was woken often enough
            self._writer.send(b"\0")

    def clear(self) -> None:
        """Undo every `wake` so far."""
        with suppress(BlockingIOError):
            while self._reader.recv(4096):
                pass

    def close(self) -> None:
        """Close both sockets; no thread may call `wake` any more."""
        self._reader.close()
        self._writer.close()


def _left(until: float) -> float:
    """The seconds left until then.

    Raises:
        TimeoutError: there are none.
    """
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
