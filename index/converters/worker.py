"""Worker: the process that converts files; bytes in, Markdown out, no network, bounded memory.

Run by index/converters/sandbox.py. Whatever a file makes of it, the indexing goes on. Reads a frame
with a reader's name and one with the file's bytes from the socket that is its standard input, and
answers with a frame of JSON. Ends when the socket does.
"""

import contextlib
import ctypes
import importlib
import json
import mmap
import os
import resource
import signal
import socket
import struct
import sys
import time
from dataclasses import asdict

from index.converters.metadata import Converted
from index.errors import NotText
from index.normalise import MAX_CODE_POINTS, clean, too_long

# What reads each format: loaded when the first such file comes.
READERS = {
    "html": ("index.converters.html", "read"),
    "mhtml": ("index.converters.html", "read_mhtml"),
    "pdf": ("index.converters.pdf", "read"),
    "docx": ("index.converters.office", "read_docx"),
    "pptx": ("index.converters.office", "read_pptx"),
    "xlsx": ("index.converters.office", "read_xlsx"),
    "epub": ("index.converters.epub", "read"),
    "csv": ("index.converters.records", "read_csv"),
    "json": ("index.converters.records", "read_json"),
    "jsonl": ("index.converters.records", "read_jsonl"),
}
READY = b"ready"  # said once, before the first file is asked for
_LENGTH = struct.Struct("!Q")
# In seconds: by then whoever started this has ended it, unless it was ended itself.
_GRACE = 5
_LEAST = 2**28  # bytes of address space: what the parsers take before they read anything
_PR_SET_PDEATHSIG = 1  # prctl(2)
_FORBIDDEN = (
    "socket.",
    "subprocess.",
    "os.exec",
    "os.fork",
    "os.system",
    "os.posix_spawn",
    "urllib.",
)


def convert(reader: str, data: bytes) -> Converted:
    """Convert the bytes of a file.

    Raises:
        NotText: there is nothing to read in it; any mishap of a parser is said as one too.
    """
    module, function = READERS[reader]
    try:
        converted: Converted = getattr(importlib.import_module(module), function)(data)
    except NotText:
        raise
    except ImportError as error:
        raise NotText(f"needs a library that cannot be loaded ({error})"[:200]) from error
    except RecursionError as error:
        raise NotText("is nested too deeply") from error
    except MemoryError as error:
        raise NotText("needs too much memory; split it") from error
    except Exception as error:
        # Parsers meet damage with errors of every kind.
        what = " ".join(str(error).split())[:100]
        raise NotText(f"is damaged or cannot be read ({what or type(error).__name__})") from error
    if len(converted.text) > MAX_CODE_POINTS:
        raise too_long()
    return Converted(**{name: clean(value) for name, value in asdict(converted).items()})


def send(connection: socket.socket, data: bytes) -> None:
    """Send one frame: its length, then the bytes."""
    connection.sendall(_LENGTH.pack(len(data)))
    connection.sendall(data)


def receive(connection: socket.socket, until: float | None = None) -> bytes:
    """Receive one frame, before `until` on the monotonic clock.

    Raises:
        EOFError: the other side is gone.
        TimeoutError: it is late.
    """
    (length,) = _LENGTH.unpack(_exactly(connection, _LENGTH.size, until))
    return bytes(_exactly(connection, length, until))


def main(seconds: float, memory: int) -> None:
    """Convert what comes until nobody asks any more; `memory` is in bytes of address space."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started this
    _end_with_parent()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    memory = memory if most == resource.RLIM_INFINITY else min(memory, most)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    mmap.mmap(-1, _LEAST).close()  # with less no parser can be loaded, so this cannot start
    connection = socket.socket(fileno=os.dup(0))
    sys.addaudithook(_forbid)
    send(connection, READY)
    while True:
        try:
            reader, data = receive(connection).decode(), receive(connection)
        except (EOFError, ConnectionError):
            return
        signal.alarm(int(seconds) + _GRACE)
        send(connection, json.dumps(_answer(reader, data)).encode())
        signal.alarm(0)


def _end_with_parent() -> None:
    """Have the system end this process in the middle of a file, if who started it is killed."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _answer(reader: str, data: bytes) -> dict[str, str]:
    try:
        return asdict(convert(reader, data))
    except NotText as reason:
        return {"refused": str(reason)}


def _exactly(connection: socket.socket, length: int, until: float | None) -> bytearray:
    data = bytearray()
    while len(data) < length:
        if until is not None:
            connection.settimeout(max(0.001, until - time.monotonic()))
        some = connection.recv(min(length - len(data), 2**20))
        if not some:
            raise EOFError
        data += some
    return data


def _forbid(event: str, arguments: tuple[object, ...]) -> None:
    """No parser reaches the network or starts a program."""
    if event.startswith(_FORBIDDEN):
        raise PermissionError(f"{event} is not for files")


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]))
