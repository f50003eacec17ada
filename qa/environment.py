"""Environment: what this program runs in and as: libraries kept quiet, its hash, the machine."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

QUIET = {
    # No telemetry.
    "ANONYMIZED_TELEMETRY": "False",
    "DO_NOT_TRACK": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    # No warnings about forks, no progress bars.
    "TOKENIZERS_PARALLELISM": "false",
    "TRANSFORMERS_VERBOSITY": "error",
    # Threads of OpenMP wait by spinning, then asleep. On two cores of which another program holds
    # one, 10,000 turns write 4.8 tokens a second, 100,000 only 0.6; undisturbed they write 14.1 and
    # 15.6.
    "GOMP_SPINCOUNT": "10000",
    # The embedder on numpy has threads of its own; see index/embedding/bert.py.
    "OPENBLAS_NUM_THREADS": "1",
}
"""Environment variables that libraries read when they are imported."""

_ROOT = Path(__file__).parent.parent
_PACKAGES = ("index", "qa", "prompts")
# Libraries whose version may change a figure.
_LIBRARIES = ("chromadb", "llama-cpp-python", "numpy", "sentence-transformers", "torch")


def quiet() -> None:
    """Keep libraries from telemetry, chatter and long spinning; call it before they are imported.

    What the person has set in their environment stays.
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)


def source_hash() -> str:
    """The SHA-256 of the program as it lies on the disk now, prompts and thresholds included.

    By it processes and runs know that they are of the same program.
    """
    return digest(_sources())


def digest(parts: Iterable[bytes]) -> str:
    """The SHA-256 of several parts, each with its length, in hexadecimal."""
    import hashlib

    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8))
        whole.update(part)
    return whole.hexdigest()


def versions_and_machine() -> dict[str, Any]:
    """The versions and the machine of this process; they change times more than answers."""
    import platform
    from importlib.metadata import version  # 15 ms, which `--help` need not wait for

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
    """The name of the processor, such as `Intel(R) Xeon(R) CPU @ 2.20GHz`."""
    import platform

    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())


def _sources() -> Iterator[bytes]:
    """The name and the bytes of each file of the program."""
    for package in _PACKAGES:
        for file in sorted((_ROOT / package).rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                yield file.relative_to(_ROOT).as_posix().encode()
                yield file.read_bytes()


def _memory() -> int:
    """Bytes of the machine's memory."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
