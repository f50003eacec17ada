"""Configuration: what the figures of a run depend on, by hashes; versions and machine beside it.

Two runs of one configuration may be put together; so may one that was stopped and its rest.
"""

import hashlib
import os
import platform
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from index.storage.catalog import Catalog
from qa.environment import code, digest

# Libraries whose version may change a figure.
_LIBRARIES = ("chromadb", "llama-cpp-python", "numpy", "sentence-transformers", "torch")


def configuration(
    questions: Path,
    corpus: Mapping[str, Any],
    models: Mapping[str, str],
    options: Mapping[str, Any],
) -> dict[str, Any]:
    """What decides the results: equal for two runs that ask the same of the same.

    Args:
        questions: the file asked.
        corpus: as `corpus` tells it.
        models: names and hashes.
        options: those of the command that change what is asked, or how.
    """
    return {
        "questions": hashlib.sha256(questions.read_bytes()).hexdigest(),
        "corpus": dict(corpus),
        "models": dict(models),
        "options": dict(options),
        "code": code(),
    }


def corpus(catalog: Catalog) -> dict[str, Any]:
    """What is indexed: how many articles, how they were cut, and a hash of all of it."""
    articles, passages, _ = catalog.counts()
    entries = (f"{entry.id}\0{entry.sha256}".encode() for entry in catalog.each())
    cut = catalog.setting("chunker")
    return {
        "articles": articles,
        "passages": passages,
        "cut_by": cut,
        "sha256": digest(entries),
        "embedder": catalog.setting("embedder"),
    }


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


def differences(
    one: Mapping[str, Any], other: Mapping[str, Any], path: str = ""
) -> Iterator[tuple[str, Any, Any]]:
    """What differs between two configurations: the name with dots, and both values."""
    for name in dict.fromkeys([*one, *other]):
        mine, theirs = one.get(name), other.get(name)
        if isinstance(mine, Mapping) and isinstance(theirs, Mapping):
            yield from differences(mine, theirs, f"{path}{name}.")
        elif mine != theirs:
            yield f"{path}{name}", mine, theirs


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
