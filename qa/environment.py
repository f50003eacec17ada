"""Code: the program itself as a hash, by which processes and runs know that it is the same."""

import hashlib
import os
import platform
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parent.parent
_ROOMS = ("index", "qa", "prompts")


def source_hash() -> str:
    """The SHA-256 of the program as it lies on the disk now, prompts and thresholds included."""
    return digest(_parts())


def digest(parts: Iterable[bytes]) -> str:
    """The SHA-256 of parts, each told from the next, in hexadecimal."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8))
        whole.update(part)
    return whole.hexdigest()


def _parts() -> Iterator[bytes]:
    for room in _ROOMS:
        for file in sorted((_ROOT / room).rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                yield file.relative_to(_ROOT).as_posix().encode()
                yield file.read_bytes()


# Libraries whose version may change a figure.
_LIBRARIES = ("chromadb", "llama-cpp-python", "numpy", "sentence-transformers", "torch")


def surroundings() -> dict[str, Any]:
    """The versions and the machine of this process; they change times more than answers."""
    libraries = {name: version(name) for name in _LIBRARIES}
    return {
        "versions": {
            "article-qa": version("article-qa"),
            "python": platform.python_version(),
            **libraries,
        },
        "machine": {
            "system": platform.platform(),
            "processor": processor(),
            "cores": len(os.sched_getaffinity(0)),
            "memory_gb": round(_memory() / 1e9, 1),
        },
    }


def processor() -> str:
    """What the processor is called."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
