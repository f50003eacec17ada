"""Page words: finds a quote among the words of pages, whatever became of their lines. Pure.

The text of an index is not what stands on a page: lines were joined, hyphens dropped, columns put
in order, raised numbers set apart. Letters and digits stay. So these alone are compared, first as
they follow each other; then line by line, where a line may go on wherever another line, column or
cell begins. What can be read in two ways counts as not found: no other words are ever marked.
"""

import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate

from index.text.normal_forms import nfd, nfkc

Box = tuple[float, float, float, float]
"""Left, top, right and bottom, from the upper left of a page as it is seen."""

_CONTEXT = 200  # letters on either side by which two places of the same words are told apart
_MOST_PATHS = 64  # ways to read a quote that are followed at a time; with more none is certain
_MOST_STEPS = 200_000
_BESIDE = 40  # letters on either side that are read along where the quote alone is uncertain
_PROSE = 3  # words of a line that is followed by the one below it
_BELOW = 2.5  # of a line's height: the farthest that the next line of a paragraph begins
_JUMP, _NEXT_LINE = 3, 1  # what it costs to go on elsewhere, and on the line below


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


@dataclass(frozen=True, slots=True)
class _Path:
    """A way to read the begin of a quote; `rows` are the numbers of the lines it goes through."""

    pieces: tuple[Piece, ...]
    cost: int
    rows: frozenset[int]


def letters(text: str) -> list[tuple[str, int]]:
    """The letters, marks and digits of a text, each with the number of its character.

    Compatible characters are the same (NFKD), so that `³` is `3` and a ligature its letters. A point
    or comma between two digits stays: 1.5 is not 15.
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


def find(
    words: Sequence[PageWord], quote: Quote, first: int | None = None
) -> list[Piece] | None:
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
    starts = list(page.places(sought, first))
    if len(starts) > 1:
        starts = _likeliest(page.text, starts, len(sought), quote)
    if starts:
        return page.pieces(starts[0], starts[0] + len(sought)) if len(starts) == 1 else None
    is_row = _is_row(quote.words)
    before, after = plain(quote.before)[-_BESIDE:], plain(quote.after)[:_BESIDE]
    found = _Lines(words, sought, first, is_row=is_row).best()
    if found or not (before or after):
        return found
    longer = _Lines(words, before + sought + after, first, is_row=is_row).best()
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


class _Lines:
    """Reads a quote from lines that may go on wherever a line, column or cell begins."""

    def __init__(
        self, words: Sequence[PageWord], sought: str, first: int | None, *, is_row: bool
    ) -> None:
        self._words, self._sought, self._first, self._is_row = words, sought, first, is_row
        self._rows = _rows(words)
        self._heads: dict[int, int] = {}
        self._sizes: dict[int, int] = {}
        self._begins: dict[str, list[int]] = {}
        for number, word in enumerate(words):
            if word.run not in self._heads:
                self._heads[word.run] = number
                self._begins.setdefault(word.letters[0], []).append(number)
            self._sizes[word.run] = self._sizes.get(word.run, 0) + 1

    def best(self) -> list[Piece] | None:
        """The one way to read it that needs the fewest turns; None where there is not one."""
        ranked = sorted(self._whole(), key=self._rank)
        if not ranked or (len(ranked) > 1 and self._rank(ranked[0]) == self._rank(ranked[1])):
            return None
        return list(ranked[0].pieces)

    def _rank(self, path: _Path) -> tuple[int, int]:
        return (len(path.rows) if self._is_row else 0), path.cost

    def _whole(self) -> list[_Path]:
        """Every way to read the quote; none where there are too many."""
        reached: dict[int, list[_Path]] = {}
        steps = 0
        for path, size in self._begun():
            reached.setdefault(size, []).append(path)
        for at in range(1, len(self._sought)):
            paths = reached.pop(at, [])
            for path in paths:
                for piece, cost in self._following(path.pieces[-1], at):
                    end = at + piece.end - piece.start
                    reached.setdefault(end, []).append(self._longer(path, piece, cost))
                    steps += len(path.pieces)
            if len(paths) > _MOST_PATHS or steps > _MOST_STEPS:
                return []
        whole = reached.get(len(self._sought), [])
        return whole if len(whole) <= _MOST_PATHS else []

    def _begun(self) -> Iterator[tuple[_Path, int]]:
        """Each word that the quote may begin in, and how many letters of it that holds."""
        for number, word in enumerate(self._words):
            if self._first not in (None, word.page):
                continue
            for start in range(len(word.letters)):
                if self._sought.startswith(word.letters[start:]):
                    piece = Piece(number, start, len(word.letters))
                    path = _Path((piece,), 0, frozenset([self._rows[number]]))
                    yield path, len(word.letters) - start

    def _following(self, last: Piece, at: int) -> Iterator[tuple[Piece, int]]:
        """The words that may stand next, and what it costs to go there."""
        words, next = self._words, last.word + 1
        if next < len(words) and (piece := self._piece(next, at)):
            yield piece, 0
        if next < len(words) and words[next].run == words[last.word].run:
            return
        for number in self._begins.get(self._sought[at], ()):
            if number != next and (piece := self._piece(number, at)):
                yield piece, self._turn(last.word, number)

    def _piece(self, number: int, at: int) -> Piece | None:
        """The part of a word that the quote goes on with; None where it does not."""
        its, rest = self._words[number].letters, len(self._sought) - at
        if self._sought.startswith(its, at):
            return Piece(number, 0, len(its))
        if rest < len(its) and its.startswith(self._sought[at:]):
            return Piece(number, 0, rest)
        return None

    def _longer(self, path: _Path, piece: Piece, cost: int) -> _Path:
        rows = path.rows | {self._rows[piece.word]}
        return _Path((*path.pieces, piece), path.cost + cost, rows)

    def _turn(self, here: int, there: int) -> int:
        """What it costs to go from the end of one line to the begin of another."""
        word, other = self._words[here], self._words[there]
        head, box, its = self._words[self._heads[word.run]].box, word.box, other.box
        height = box[3] - box[1]
        is_prose = min(self._sizes[word.run], self._sizes[other.run]) >= _PROSE
        is_below = 0 < its[1] - box[1] <= _BELOW * height
        is_under = abs(its[0] - head[0]) <= 2 * height
        is_next = is_prose and is_below and is_under and word.page == other.page
        return _NEXT_LINE if is_next else _JUMP


def _rows(words: Sequence[PageWord]) -> list[int]:
    """The number of the line that each word stands on, over all columns of its page."""
    rows, number = [0] * len(words), 0
    last: tuple[int, float, float] | None = None  # a page, the foot of a word, and its height
    for foot, i in sorted(((w.page, w.box[3], w.box[3] - w.box[1]), i) for i, w in enumerate(words)):
        if last and (foot[0] != last[0] or foot[1] - last[1] > min(foot[2], last[2]) / 2):
            number += 1
        rows[i], last = number, foot
    return rows
