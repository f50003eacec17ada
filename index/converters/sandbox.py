"""Converter: has files converted in a process of their own, within limits of time and memory.

The process starts with the first file, stays for the next, and is put away when it takes too long
or dies. It sees only the bytes it is given.
"""

import atexit
import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from functools import cache
from pathlib import Path

from index.converters.metadata import Converted
from index.converters.worker import receive, send
from index.errors import NotText, UserError

# A book of 600 pages takes some 10 seconds on a core of 2021.
SECONDS = 60.0
# Python itself, on a machine that swaps.
STARTING = 60.0
# Of address space. The parsers themselves take 0.3 GB; a tree of XML ten times its text.
MEMORY = 3 * 2**30


class Converter:
    """Converts files, one at a time; any thread may ask."""

    def __init__(self, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._seconds, self._memory = seconds, memory
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: socket.socket | None = None
        self._lock = threading.Lock()

    @property
    def pid(self) -> int | None:
        """The process that waits for the next file, if there is one."""
        return self._process.pid if self._process else None

    def convert(self, reader: str, data: bytes) -> Converted:
        """Convert a file's bytes; `reader` is one of index/converters/worker.py.

        Raises:
            NotText: it holds no text, is damaged, or goes beyond a limit.
            UserError: the process cannot start, whatever the file.
        """
        with self._lock:
            try:
                answer = json.loads(self._ask(reader, data))
            except TimeoutError as error:
                self.close()
                raise NotText(
                    f"takes more than {self._seconds:g} seconds to read; split it"
                ) from error
            except (EOFError, ConnectionError) as error:
                self.close()
                raise NotText("is damaged or needs too much memory; split it") from error
            except BaseException:  # Ctrl-C leaves no process behind
                self.close()
                raise
        if "refused" in answer:
            raise NotText(answer["refused"])
        return Converted(**answer)

    def close(self) -> None:
        """End the process, at once."""
        process, connection = self._process, self._connection
        self._process = self._connection = None
        if connection:
            connection.close()
        if process:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            process.wait()

    def _ask(self, reader: str, data: bytes) -> bytes:
        connection = self._connected()
        until = time.monotonic() + self._seconds
        connection.settimeout(self._seconds)
        send(connection, reader.encode())
        send(connection, data)
        return receive(connection, until)

    def _connected(self) -> socket.socket:
        if self._process and self._process.poll() is not None:
            self.close()
        if self._connection is None:
            self._connection, theirs = socket.socketpair()
            with theirs:
                self._process = self._start(theirs)
            self._await(self._connection)
        return self._connection

    def _await(self, connection: socket.socket) -> None:
        try:
            receive(connection, time.monotonic() + STARTING)
        except (EOFError, ConnectionError, TimeoutError) as error:
            self.close()
            raise UserError(
                "The process that reads .pdf, .docx, .html and the like cannot start. "
                "See that there is 1 GB of memory for it, and that ulimit -v allows it."
            ) from error

    def _start(self, theirs: socket.socket) -> "subprocess.Popen[bytes]":
        limits = [str(self._seconds), str(self._memory)]
        # -P: a json.py in the folder where the command was typed is nobody's business.
        return subprocess.Popen[bytes](
            [sys.executable, "-P", "-m", "index.converters.worker", *limits],
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        )


@cache
def converter() -> Converter:
    """The one for this process; it ends with it."""
    one = Converter()
    atexit.register(one.close)
    return one
