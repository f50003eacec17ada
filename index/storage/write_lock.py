"""Write lock: one process at a time changes an index; the others get an error that names it.

The lock is the system's and ends with its process; the owner's file beside it only explains it.
"""

import contextlib
import json
import os
import shlex
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from index.atomic_file import write_atomically
from index.errors import IndexBusy, IndexUnwritable
from index.layout import WRITER_LOCK, WRITER_OWNER
from index.regular_file import open_regular

_LONGEST = 1 << 16  # bytes of an owner's file: a command and its options


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Hold the write lock of the index in `folder`, which is made when missing.

    Raises:
        IndexBusy: another process holds it; the message names it.
        IndexUnwritable: the folder cannot be made or written to.
    """
    lock = FileLock(folder / WRITER_LOCK, timeout=0)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        raise IndexBusy(folder, _owner(folder)) from error
    except OSError as error:
        raise IndexUnwritable(folder, error) from error
    try:
        with contextlib.suppress(OSError):  # on a full disk the lock still holds
            write_atomically(folder / WRITER_OWNER, json.dumps(_this_process()), flush=False)
        yield
    finally:
        with contextlib.suppress(OSError):
            (folder / WRITER_OWNER).unlink()
        lock.release()


def _this_process() -> dict[str, str | int]:
    return {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "since": datetime.now().astimezone().isoformat(timespec="seconds"),
        "command": shlex.join(["article-qa", *sys.argv[1:]]),
    }


def _owner(folder: Path) -> str:
    try:
        with open_regular(folder / WRITER_OWNER) as file:
            owner = json.loads(file.read(_LONGEST))
        pid, host = int(owner["pid"]), str(owner["host"])
        since, command = str(owner["since"]), str(owner["command"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return "Another process"
    if host == socket.gethostname() and not _is_running(pid):  # left by a killed process
        return "Another process"
    return f"Process {pid} on {host} (since {since}: {command})"


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
