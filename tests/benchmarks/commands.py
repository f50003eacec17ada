"""Commands: runs article-qa as people do, and says how long it took and how much memory."""

import ctypes
import ctypes.util
import mmap
import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from qa.llm.cache.files import FOLDER as STATES
from qa.weights.paths import embedder_path, llm_path

COMMAND = str(Path(sys.executable).parent / "article-qa")
_ESCAPES = re.compile(rb"\x1b(?:[78D]|\[[0-9;?]*[A-Za-z])")  # those that qa/cli/output.py writes
_OURS_ALONE = shutil.ignore_patterns(STATES, "conversations.sqlite*", "*.lock", "*.sock")


@dataclass(frozen=True, slots=True)
class Ran:
    """Seconds from the start of a process to the first word on a terminal and to its end, and MB.

    The memory is the most it held at once, pages of files among it.
    """

    first: float
    total: float
    memory: float


def ran(*arguments: str) -> Ran:
    """Run a command on a terminal of its own.

    Raises:
        RuntimeError: it failed; the message holds what it said.
    """
    reading, writing = pty.openpty()
    begun = time.perf_counter()
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [COMMAND, *arguments], stdin=subprocess.DEVNULL, stdout=writing, stderr=errors
        )
        os.close(writing)
        first = _first_word(reading, begun)
        _, status, usage = os.wait4(process.pid, 0)
        total = time.perf_counter() - begun
        os.close(reading)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            raise RuntimeError(f"{' '.join(arguments)}: {errors.read().decode()}")
    return Ran(first, total, usage.ru_maxrss / 1024)


def _first_word(reading: int, begun: float) -> float:
    """Seconds until something can be seen; reads on until the end."""
    first, said = 0.0, b""
    with suppress(OSError):  # Linux's way to say that nobody writes any more
        while fresh := os.read(reading, 65536):
            said = said[-32:] + fresh if first else said + fresh
            if not first and _ESCAPES.sub(b"", said).strip():
                first = time.perf_counter() - begun
    return first


@dataclass(slots=True)
class Served:
    """A chat page that runs; `memory` is the most it held in MB, once it has ended."""

    started: float
    memory: float = 0.0


@contextmanager
def serving(index: Path, *arguments: str) -> Iterator[Served]:
    """A chat page on any free port, from when it is there."""
    begun = time.perf_counter()
    command = [COMMAND, "chat", "--index", str(index), "--port", "0", *arguments]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said
        )
        try:
            while b"The page is at" not in _all(said.fileno()):
                if process.poll() is not None:
                    raise RuntimeError(f"chat: {_all(said.fileno()).decode()}")
                time.sleep(0.05)
            served = Served(time.perf_counter() - begun)
            yield served
        finally:
            if process.returncode is None:
                process.terminate()
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
    served.memory = usage.ru_maxrss / 1024


def _all(file: int) -> bytes:
    return os.pread(file, 10**6, 0)


def knows(command: str, flag: str) -> bool:
    """Whether a command has a flag."""
    shown = subprocess.run([COMMAND, command, "--help"], capture_output=True, text=True, check=True)
    return flag in shown.stdout


@contextmanager
def copied(index: Path) -> Iterator[Path]:
    """An index like this one that nothing was asked of."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(shutil.copytree(index, Path(folder) / "index", ignore=_OURS_ALONE))


def files(index: Path) -> list[Path]:
    """What a question is answered from: the weights and the index, with what is kept in it."""
    found = [*Path(embedder_path(None)).rglob("*"), *index.rglob("*")]
    return [llm_path(), *(path for path in found if path.is_file())]


def forget(paths: Iterable[Path]) -> float:
    """Have the system read files from the disk anew; the share that stayed in memory all the same.

    Pages that a running process has mapped stay.
    """
    size = left = 0
    for path in paths:
        with path.open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            length = os.fstat(file.fileno()).st_size
            size += length
            left += _in_memory(file.fileno(), length)
    return left / max(1, size)


def _in_memory(file: int, length: int) -> int:
    """Bytes of a file that are in memory, by Linux's mincore."""
    if not length:
        return 0
    pages = -(-length // mmap.PAGESIZE)
    seen = (ctypes.c_ubyte * pages)()
    with mmap.mmap(file, length, flags=mmap.MAP_PRIVATE) as mapped:
        start = (ctypes.c_char * length).from_buffer(mapped)
        libc = ctypes.CDLL(None)
        libc.mincore(ctypes.byref(start), ctypes.c_size_t(length), seen)
        del start
    return sum(page & 1 for page in seen) * mmap.PAGESIZE
