"""Code: the program itself as a hash, by which processes and runs know that it is the same."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

_ROOT = Path(__file__).parent.parent
_ROOMS = ("index", "qa", "prompts")


def code() -> str:
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
