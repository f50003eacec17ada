"""Page words: letters and digits of a page with their places, and a quote that is sought. Pure."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from index.text.normal_forms import nfd, nfkc

Box = tuple[float, float, float, float]
"""Left, top, right and bottom, from the upper left of a page as it is seen."""


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of an article, and what stands before and after them there."""

    words: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class PageWord:
    """Letters and digits of a page with no space between them, as `letters` gives them.

    `boxes` are those of the characters that hold each of the letters, in points. `run` is the
    number of the piece of a line that it stands in, without a wide gap, unique among all pages.
    """

    letters: str
    boxes: tuple[Box, ...]
    page: int
    run: int

    @property
    def box(self) -> Box:
        """Where the word stands, in points."""
        return union(self.boxes)


def union(boxes: Sequence[Box]) -> Box:
    """The box about some boxes."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a word: its letters `[start, end)`; `word` is its number."""

    word: int
    start: int
    end: int


def letters(text: str) -> list[tuple[str, int]]:
    """The letters, marks and digits of a text, each with the number of its character.

    Compatible characters are the same (NFKD), so that `³` is `3` and a ligature its letters. A
    point or comma between two digits stays: 1.5 is not 15.
    """
    found = [(letter, i) for i, each in enumerate(text) for letter in _letters(each)]
    points = [
        (text[i], i)
        for i in range(1, len(text) - 1)
        if text[i] in ".," and text[i - 1].isdigit() and text[i + 1].isdigit()
    ]
    return sorted([*found, *points], key=lambda pair: pair[1]) if points else found


def plain(text: str) -> str:
    """The letters of a text as one string."""
    return "".join(letter for letter, _ in letters(text))


@lru_cache(10_000)
def _letters(character: str) -> str:
    whole = nfd(nfkc(character)) if character >= "\x80" else character
    return "".join(c for c in whole if c.isalnum() or unicodedata.category(c).startswith("M"))
