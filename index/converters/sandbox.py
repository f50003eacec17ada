"""Sandbox: converts files in a process of their own, within limits of time and memory.

The process starts with the first file, stays for the next, and is ended when it takes too long. It
sees only the bytes it is given, and only bytes are taken from it: nothing of it is unpickled.
"""

import atexit
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from multiprocessing import Pipe
from pathlib import Path
from typing import TYPE_CHECKING

from index.converters.metadata import Converted
from index.converters.worker import MAX_ANSWER, READY
from index.errors import NotText, UserError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

# A book of 600 pages takes some 10 seconds on a core of 2021.
SECONDS = 60.0
# Seconds for Python itself to start, on a machine that swaps.
STARTING = 60.0
# Bytes of address space. The parsers themselves take 0.3 GB; a tree of XML ten times its text.
MEMORY = 3 * 2**30


class Converter:
    """Converts files, one at a time; any thread may call it."""

    def __init__(self, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        """No process is started yet; `seconds` are for one file, `memory` is in bytes."""
        self._seconds, self._memory = seconds, memory
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None
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
                answer = self._exchange(self._connected(), reader, data)
            except BaseException:  # Ctrl-C leaves no process behind
                self.close()
                raise
        if isinstance(answer, NotText):
            raise answer
        return answer

    def close(self) -> None:
        """End the process, at once."""
        process, connection = self._process, self._connection
        self._process = self._connection = None
        if connection:
            connection.close()
        if process:
            process.kill()
            process.wait()

    def _exchange(self, connection: "Connection", reader: str, data: bytes) -> Converted | NotText:
        try:
            with self._deadline(self._seconds):
                connection.send_bytes(reader.encode())
                connection.send_bytes(data)
                answer = json.loads(connection.recv_bytes(MAX_ANSWER))
            return NotText(answer["refused"]) if "refused" in answer else Converted(**answer)
        except TimeoutError as error:
            raise NotText(f"takes more than {self._seconds:g} seconds to read; split it") from error
        except (EOFError, OSError, ValueError, TypeError) as error:
            raise NotText("is damaged or needs too much memory; split it") from error

    @contextmanager
    def _deadline(self, seconds: float) -> Iterator[None]:
        """Kill the process once `seconds` have passed, however it behaves on the connection.

        Raises:
            TimeoutError: it was killed.
        """
        process, expired = self._process, threading.Event()

        def end() -> None:
            expired.set()
            if process:
                process.kill()

        timer = threading.Timer(seconds, end)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()
            if expired.is_set():
                raise TimeoutError

    def _connected(self) -> "Connection":
        if self._process and self._process.poll() is not None:
            self.close()
        if self._connection is None:
            self._connection, theirs = Pipe()
            with theirs:
                self._process = self._start(theirs)
            self._await(self._connection)
        return self._connection

    def _await(self, connection: "Connection") -> None:
        try:
            with self._deadline(STARTING):
                connection.recv_bytes(len(READY))
        except (EOFError, OSError) as error:
            raise UserError(
                "The process that reads .pdf, .docx, .html and the like cannot start. "
                "See that there is 1 GB of memory for it, and that ulimit -v allows it."
            ) from error

    def _start(self, theirs: "Connection") -> "subprocess.Popen[bytes]":
        limits = [str(self._seconds), str(self._memory)]
        # -P: a json.py in the folder where the command was typed must not be imported.
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
