"""Mounts: small disks, and folders that may only be read, where a test may mount any."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def disk(place: Path, size: str) -> Iterator[Path]:
    """A disk of its own at a new folder, of a size such as `4m`; a test may take it away."""
    with _mounted(place, "-t", "tmpfs", "-o", f"size={size}", "tmpfs"):
        yield place


@contextmanager
def read_only(place: Path, folder: Path) -> Iterator[Path]:
    """Another folder, at a new one, where it may only be read."""
    with _mounted(place, "--bind", str(folder)):
        subprocess.run(["mount", "-o", "remount,ro,bind", str(place)], check=True)
        yield place


@contextmanager
def _mounted(place: Path, *options: str) -> Iterator[None]:
    place.mkdir()
    mount = ["mount", *options, str(place)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("may not mount anything here")
    try:
        yield
    finally:
        # A test may have taken it away; a folder bound to its own disk looks like none to Python.
        subprocess.run(["umount", "--lazy", str(place)], capture_output=True)
