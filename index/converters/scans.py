"""Scans: pages of the file that is being read whose words stand in a picture alone.

Each page takes seconds, so the process that converts files is asked for them one at a time, with a
limit of its own (index/converters/sandbox.py); here it says which ones, and is told what was read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from index.converters import ocr_packs


@dataclass(slots=True)
class _Scans:
    read: Mapping[int, tuple[str, float]] = field(default_factory=dict)
    wanted: list[int] = field(default_factory=list)


_now = _Scans()


def begin(read: Mapping[int, tuple[str, float]]) -> None:
    """Begin a file; `read` has what was read already of its pages, by their numbers from 1."""
    _now.read, _now.wanted = read, []


def words(number: int) -> tuple[str, float] | None:
    """The words of a page and how sure they are, 0 to 1; None where there are none yet, or none."""
    if number in _now.read:
        text, sure = _now.read[number]
        return (text, sure) if text.strip() else None
    if ocr_packs.installed():
        _now.wanted.append(number)
    return None


def wanted() -> list[int]:
    """The pages of this file that are still to be read, in order."""
    return sorted(set(_now.wanted))


def advice() -> str:
    """What to say of pages that hold no text."""
    if ocr_packs.installed():
        return "no words could be read from their pictures"
    return "scans, perhaps; to read them: make ocr, then index --rebuild"
