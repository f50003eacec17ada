"""Scanned page: the words that were read from a page's picture, and where each stands. Pure."""

import json
import math
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

MOST_WORDS = 50_000
"""Of one page; a dense one has 2,000."""

_MOST_BYTES = 2**24  # of a page that is unpacked: some 300 for each word
_FAR = 10**6  # dots: no picture is as wide or high
_LONGEST = 2_000  # code points of one word


@dataclass(frozen=True, slots=True)
class ScanWord:
    """Letters that were read as one: a word, or a letter where a script has no spaces.

    `line` is the number of its line. `box` is left, top, right and bottom, in dots from the middle
    of the picture as it stood upright.
    """

    text: str
    line: int
    box: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class ScannedPage:
    """What was read from a page's picture, in the order of reading.

    `width` and `height` are those of the picture as the page is drawn, in dots. About its middle it
    was turned against the clock by `turn` degrees, so that its lines lay level and upright.
    """

    width: int
    height: int
    turn: float = 0.0
    words: tuple[ScanWord, ...] = ()

    def changed(self, change: Callable[[str], str]) -> Self:
        """The same with each of its words changed."""
        words = tuple(replace(word, text=change(word.text)) for word in self.words)
        return replace(self, words=words)

    @property
    def fields(self) -> dict[str, Any]:
        """As JSON has it; `from_fields` reads it."""
        words = [[word.text, word.line, *word.box] for word in self.words]
        return {"size": [self.width, self.height], "turn": self.turn, "words": words}

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Self:
        """Read `fields`, which come from a process or an index that anybody may have harmed.

        Raises:
            ValueError: a value is not what it should be.
        """
        if not isinstance(fields, Mapping) or fields.keys() != {"size", "turn", "words"}:
            raise ValueError("not the values of a page")
        size, turn, words = fields["size"], fields["turn"], fields["words"]
        if not _are_numbers(size, 2) or min(size) < 1:
            raise ValueError("a picture without a size")
        if not isinstance(turn, int | float) or not math.isfinite(turn) or abs(turn) > 360:
            raise ValueError("a turn that is none")
        if not isinstance(words, list) or len(words) > MOST_WORDS:
            raise ValueError("no words, or too many")
        return cls(size[0], size[1], float(turn), tuple(map(_word, words)))

    def packed(self) -> bytes:
        """As few bytes; `unpacked` reads them."""
        return zlib.compress(json.dumps(self.fields, ensure_ascii=False).encode())

    @classmethod
    def unpacked(cls, data: bytes) -> Self:
        """Read what was packed.

        Raises:
            ValueError: it was not, or not so.
        """
        opened = zlib.decompressobj()
        try:
            whole = opened.decompress(data, _MOST_BYTES)
        except zlib.error as error:
            raise ValueError("not packed") from error
        if not opened.eof:
            raise ValueError("too long, or cut off")
        try:
            return cls.from_fields(json.loads(whole))
        except RecursionError as error:
            raise ValueError("nested too deeply") from error


def _word(values: Any) -> ScanWord:
    if not isinstance(values, list) or len(values) != 6 or not _are_numbers(values[1:], 5):
        raise ValueError("a word that is none")
    text, line, left, top, right, bottom = values
    if not isinstance(text, str) or not 0 < len(text) <= _LONGEST:
        raise ValueError("a word without letters")
    if line < 0 or left >= right or top >= bottom:
        raise ValueError("a box that is none")
    return ScanWord(text, line, (left, top, right, bottom))


def _are_numbers(values: Any, count: int) -> bool:
    """Whether these are so many whole numbers that a place may have."""
    if not isinstance(values, list) or len(values) != count:
        return False
    return all(type(value) is int and abs(value) <= _FAR for value in values)
