"""Quote search: finds a quote among the words of pages, whatever became of their lines. Pure.

The text of an index is not what stands on a page: lines were joined, hyphens dropped, columns put
in order, raised numbers set apart. Letters and digits stay. So these alone are compared, first as
they follow each other, then line by line. What can be read in two ways counts as not found: no
other words are ever marked.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, islice

from index.converters.line_search import LineSearch
from index.converters.page_words import PageWord, Piece, Quote, plain

_CONTEXT = 200  # letters on either side by which two places of the same words are told apart
_MOST_STARTS = 1000  # of the same words, among which one is chosen
_BESIDE = 40  # letters on either side that are read along where the quote alone is uncertain


def find(words: Sequence[PageWord], quote: Quote, first: int | None = None) -> list[Piece] | None:
    """Where the words of a quote stand; None where that is not certain.

    Args:
        words: of one page or several, in the order in which they are drawn.
        quote: what is looked for.
        first: the page that it begins on; None where that is not known.
    """
    sought = plain(quote.words)
    if not sought or not words:
        return None
    page = _Letters(words)
    starts = list(islice(page.places(sought, first), _MOST_STARTS + 1))
    if len(starts) > _MOST_STARTS:
        return None
    if len(starts) > 1:
        starts = _likeliest(page.text, starts, len(sought), quote)
    if starts:
        return page.pieces(starts[0], starts[0] + len(sought)) if len(starts) == 1 else None
    is_row = _is_row(quote.words)
    before, after = plain(quote.before)[-_BESIDE:], plain(quote.after)[:_BESIDE]
    found = LineSearch(words, sought, first, is_row=is_row).best()
    if found or not (before or after):
        return found
    longer = LineSearch(words, before + sought + after, first, is_row=is_row).best()
    return _cut(longer or [], len(before), len(before) + len(sought))


def _cut(pieces: Sequence[Piece], start: int, end: int) -> list[Piece] | None:
    """The letters `[start, end)` of some pieces; None where there are none."""
    found, at = [], 0
    for piece in pieces:
        size = piece.end - piece.start
        first, last = max(start - at, 0), min(end - at, size)
        if first < last:
            found.append(Piece(piece.word, piece.start + first, piece.start + last))
        at += size
    return found or None


@dataclass(frozen=True)
class _Letters:
    """All letters of some words, one after the other."""

    words: Sequence[PageWord]

    @cached_property
    def text(self) -> str:
        return "".join(word.letters for word in self.words)

    @cached_property
    def _begins(self) -> list[int]:
        return list(accumulate((len(word.letters) for word in self.words[:-1]), initial=0))

    def places(self, sought: str, first: int | None) -> Iterator[int]:
        place = self.text.find(sought)
        while place >= 0:
            if first in (None, self.words[bisect_right(self._begins, place) - 1].page):
                yield place
            place = self.text.find(sought, place + 1)

    def pieces(self, start: int, end: int) -> list[Piece]:
        first = bisect_right(self._begins, start) - 1
        found = []
        for number in range(first, len(self.words)):
            begin, size = self._begins[number], len(self.words[number].letters)
            if begin >= end:
                break
            found.append(Piece(number, max(0, start - begin), min(size, end - begin)))
        return found


def _likeliest(text: str, starts: Sequence[int], length: int, quote: Quote) -> list[int]:
    """The places about which the same stands as about the quote; several where that is equal."""
    before = plain(quote.before[-_CONTEXT:])
    after = plain(quote.after[:_CONTEXT])
    shared = {
        start: _common(before[::-1], text[max(0, start - _CONTEXT) : start][::-1])
        + _common(after, text[start + length : start + length + _CONTEXT])
        for start in starts
    }
    most = max(shared.values())
    return [start for start in starts if shared[start] == most]


def _common(one: str, other: str) -> int:
    """How many letters two texts have in common before they differ."""
    for i, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return i
    return min(len(one), len(other))


def _is_row(quote: str) -> bool:
    """Whether a quote is a row of a table, as index/converters/tables.py writes it."""
    return quote.lstrip().startswith("- ") and ": " in quote
