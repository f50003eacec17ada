"""Local socket: where in an index's folder a server is reached, and who may be at the other end."""

import os
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from qa.ipc.protocol import LONGEST

NAME = "ask.sock"
_PEER = struct.Struct("3i")  # Linux's struct ucred: process, user, group


@contextmanager
def opened(folder: Path) -> Iterator[int]:
    """A folder as a file descriptor.

    Raises:
        OSError: it is none, or may not be read.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def address(folder: Path, descriptor: int) -> str:
    """The path of the socket in a folder that is open.

    The system takes some hundred bytes at most, so that it is reached by the descriptor where that
    can be (Linux); elsewhere a folder with a longer path goes without.
    """
    short = Path(f"/proc/self/fd/{descriptor}")
    return str((short if short.exists() else folder) / NAME)


@contextmanager
def connected(index: Path, seconds: float) -> Iterator[socket.socket]:
    """A connection to the server of an index, which has `seconds` to take it.

    Raises:
        OSError: there is no server, or it is another user's.
    """
    with opened(index) as folder, socket.socket(socket.AF_UNIX) as made:
        made.settimeout(seconds)
        made.connect(address(index, folder))
        if not is_own(made):
            raise PermissionError("the server is another user's")
        yield made


def is_own(connection: socket.socket) -> bool:
    """Whether the process at the other end is of this user, as far as the system tells."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True  # the socket's mode has kept out the others
    found = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
    return bool(_PEER.unpack(found)[1] == os.geteuid())


class Lines:
    """The lines that come by a connection, none of them too long."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection, self._rest = connection, bytearray()

    def next(self, seconds: float) -> bytes:
        """The next line, waited for so long.

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
    """Wakes a thread that polls sockets: another one writes a byte to a pair of them."""

    def __init__(self) -> None:
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)

    def fileno(self) -> int:
        """What is to be polled; it can be read once it was woken."""
        return self._reader.fileno()

    def wake(self) -> None:
        """Wake who polls, now or when it polls next; any thread may."""
        with suppress(BlockingIOError):  # it was woken often enough
            self._writer.send(b"\0")

    def clear(self) -> None:
        """Forget that it was woken."""
        with suppress(BlockingIOError):
            while self._reader.recv(4096):
                pass

    def close(self) -> None:
        """Free both sockets; nobody wakes it any more."""
        self._reader.close()
        self._writer.close()


def _left(until: float) -> float:
    """The seconds that are left, more than none."""
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
