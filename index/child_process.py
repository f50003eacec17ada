"""Child process: a module of ours that answers requests in a process of its own, and may die there.

It starts with the first request, stays for the next, and is ended when it takes too long. Only
bytes go either way, and nothing of an answer is unpickled. The child's side is `connected`.
"""

import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path

READY = b"ready"  # sent once, before the first request is received
# Seconds for Python itself to start, on a machine that swaps.
_STARTING = 60.0
# Seconds beyond the time limit: by then the parent has ended the process, unless it is gone.
_GRACE = 5


class NotStarted(Exception):
    """The process cannot start, whatever it would be asked."""

    def advice(self, work: str) -> str:
        """What to tell people; `work` is what the process does."""
        return (
            f"The process that {work} cannot start. "
            "See that there is 1 GB of memory for it, and that ulimit -v allows it."
        )


class ChildProcess:
    """Answers one request at a time; any thread may ask."""

    def __init__(self, module: str, *arguments: str, **environment: str) -> None:
        """No process is started yet."""
        # -P: a json.py in the folder where the command was typed must not be imported.
        self.command = [sys.executable, "-P", "-m", module, *arguments]
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None
        self._ready = False
        self._lock = threading.Lock()
        self.ended = 0
        """What the last process that is gone ended with, as `Popen.returncode`."""

    @property
    def pid(self) -> int | None:
        """The process that waits for the next request, if there is one."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the process, if there is none, and do not wait for it."""
        with self._lock:
            self._started()

    def ask(self, *request: bytes, seconds: float, most: int) -> bytes:
        """Send the parts of a request, and receive the answer. After an error the process is gone.

        Args:
            request: its parts, as the child receives them.
            seconds: that it may take.
            most: bytes that the answer may have.

        Raises:
            NotStarted: there is no process.
            TimeoutError: it took too long.
            EOFError, OSError: it died, or answered what is no answer.
        """
        with self._lock:
            try:
                connection = self._started()
                self._await(connection)
                with self._deadline(seconds):
                    for part in request:
                        connection.send_bytes(part)
                    return connection.recv_bytes(most)
            except BaseException:  # Ctrl-C leaves no process behind
                self.close()
                raise

    def close(self) -> None:
        """End the process, at once."""
        process, connection = self._process, self._connection
        self._process = self._connection = None
        self._ready = False
        if connection:
            connection.close()
        if process:
            process.kill()
            self.ended = process.wait()

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

    def _started(self) -> Connection:
        if self._process and self._process.poll() is not None:
            self.close()
        if self._connection is None:
            self._connection, theirs = Pipe()
            with theirs:
                self._process = subprocess.Popen[bytes](
                    self.command,
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env=os.environ
                    | self._environment
                    | {"PYTHONPATH": str(Path(__file__).parents[1])},
                )
        return self._connection

    def _await(self, connection: Connection) -> None:
        if self._ready:
            return
        try:
            with self._deadline(_STARTING):
                connection.recv_bytes(len(READY))
        except (EOFError, OSError) as error:
            raise NotStarted from error
        self._ready = True


def connected() -> Connection:
    """In the child: the connection to the parent. Ctrl-C is for the parent, and no core is left."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return Connection(os.dup(0))


@contextmanager
def bounded(seconds: float) -> Iterator[None]:
    """In the child: have the system end this process if the parent is gone and did not."""
    signal.alarm(int(seconds) + _GRACE)
    yield
    signal.alarm(0)
