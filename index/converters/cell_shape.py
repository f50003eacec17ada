"""Cell shapes: what a cell of a table looks like, and what else is known of it. Pure."""

from collections.abc import Sequence
from functools import lru_cache

import regex

_NUMBER = regex.compile(r"\d(?:[\d.,'’\s\u00a0\u202f]*\d)?")
_WORD = regex.compile(r"[\p{L}\p{M}]+(?:[\s\p{L}\p{M}]*[\p{L}\p{M}])?")
_BESIDE_NUMBER = regex.compile(r"[\p{Sc}%‰°+\-−–()<>≈~\s]+")


class Cell(str):
    """A cell's text with what is known of it: whether it is set off in bold, and a remark on it."""

    __slots__ = ("bold", "remark")
    bold: bool
    remark: str

    def __new__(cls, text: str, *, bold: bool = False, remark: str = "") -> "Cell":
        """A cell of this text."""
        cell = super().__new__(cls, text)
        cell.bold, cell.remark = bold, remark
        return cell


Row = Sequence[str]


@lru_cache(maxsize=10_000)
def shape(text: str) -> str:
    """What a cell looks like: `a` for words, `9` for a number, `a9 9` for `Q1 2024`."""
    rough = str(_WORD.sub("a", _NUMBER.sub("9", " ".join(text.split()))))
    bare = str(_BESIDE_NUMBER.sub("", rough))
    return bare if bare in ("9", "") else rough


def is_word(text: str) -> bool:
    """Whether a cell is without digits, and not a mere dash."""
    return "9" not in (found := shape(text)) and found != ""


def is_bold(cell: str) -> bool:
    """Whether a cell is set off from others."""
    return isinstance(cell, Cell) and cell.bold


def has_number(cell: str) -> bool:
    """Whether a cell has a digit."""
    return "9" in shape(cell)
