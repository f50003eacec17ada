"""Checksums: the SHA-256 of weights, cached on disk, and the verification of fetched models."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from index.atomic_file import write_atomically
from index.user_cache import cache_folder
from qa.weights.manifest import ModelSpec
from qa.weights.paths import is_present, path_of, source_of


def verify(model: ModelSpec) -> list[str]:
    """The problems of a model on this machine, a plain sentence each; reads every byte of it."""
    path = path_of(model)
    if not path.exists():
        return [f"{model.name} is not here. Get it with: article-qa models fetch {model.name}"]
    if model.kind == "llm":
        expected = {path: model.sha256}
    else:
        expected = {path / name: sha for name, sha in source_of(path).get("files", {}).items()}
    problems = [problem for file, sha in expected.items() for problem in _damage(file, sha)]
    if not is_present(model) and not problems:
        problems = [f"{path} was not made from the file that the manifest lists."]
    if problems:
        problems.append(f"Remove {path} and run: article-qa models fetch {model.name}")
    return problems


def sha256_of(path: Path) -> str:
    """The file's SHA-256, from the cache while the file's size and time of change stay the same."""
    sha = known_sha256(path)
    if sha is None:
        sha = hash_file(path)
        remember_sha256(path, sha)
    return sha


def known_sha256(path: Path) -> str | None:
    """The file's SHA-256 if it is cached, as that of every file is that was loaded before."""
    try:
        note = json.loads(_note(path).read_text(encoding="utf-8"))
        if _stamp(path).items() <= note.items():
            return str(note["sha256"])
    except (OSError, ValueError, AttributeError, KeyError):
        pass
    return None


def remember_sha256(path: Path, sha: str) -> None:
    """Note the SHA-256 of a file as it is now; a cache that cannot be written is no matter."""
    note = _note(path)
    try:
        note.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(note, json.dumps({"sha256": sha, **_stamp(path)}) + "\n")
    except OSError:
        return


def hash_file(path: Path) -> str:
    """The SHA-256 of all the file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _damage(path: Path, expected: str) -> Iterator[str]:
    if not path.is_file():
        yield f"{path} is missing."
    elif (got := hash_file(path)) != expected:
        yield f"{path} has SHA-256 {got}, not {expected}."


def _note(path: Path) -> Path:
    """The file of the cache that holds a file's checksum."""
    key = hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:32]
    return cache_folder() / "hashes" / f"{key}.json"


def _stamp(path: Path) -> dict[str, Any]:
    """What is compared to see that a file has not changed."""
    status = path.stat()
    size, changed = status.st_size, status.st_mtime_ns
    return {"path": str(path.resolve()), "bytes": size, "mtime_ns": changed}
