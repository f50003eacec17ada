"""Line search: reads a quote from lines that may go on where a line or column begins. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.converters.page_words import Box, PageWord, Piece

_MOST_WAYS = 64  # to read a whole quote; with more none is certain
_MOST_STEPS = 50_000  # words that are tried; a page of prose takes 500
_LONGEST = 300  # letters of a word in which a quote may begin
_PROSE = 3  # words of a line that is followed by the one below it
_BELOW = 2.5  # of a line's height: the farthest that the next line of a paragraph begins
_JUMP, _NEXT_LINE = 3, 1  # what it costs to go on elsewhere, and on the line below


@dataclass(frozen=True, slots=True)
class _Path:
    """A way to read the begin of a quote; `rows` are the numbers of the lines it goes through."""

    pieces: tuple[Piece, ...]
    cost: int
    rows: frozenset[int]


class LineSearch:
    """The search for one quote among some words."""

    def __init__(
        self, words: Sequence[PageWord], sought: str, first: int | None, *, is_row: bool
    ) -> None:
        self._words, self._sought, self._first, self._is_row = words, sought, first, is_row
        self._boxes = [word.box for word in words]
        self._rows = _rows(words, self._boxes)
        self._steps = 0
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
        for path, size in self._begun():
            reached.setdefault(size, []).append(path)
        for at in range(1, len(self._sought)):
            for path in reached.pop(at, ()):
                for piece, cost in self._following(path.pieces[-1], at):
                    end = at + piece.end - piece.start
                    reached.setdefault(end, []).append(self._longer(path, piece, cost))
                    self._steps += len(path.pieces)
                if self._steps > _MOST_STEPS:
                    return []
        whole = reached.get(len(self._sought), [])
        return whole if len(whole) <= _MOST_WAYS else []

    def _begun(self) -> Iterator[tuple[_Path, int]]:
        """Each word that the quote may begin in, and how many letters of it that holds."""
        for number, word in enumerate(self._words):
            if self._first not in (None, word.page):
                continue
            for start in range(max(0, len(word.letters) - _LONGEST), len(word.letters)):
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
        begins = self._begins.get(self._sought[at], ())
        self._steps += len(begins)
        for number in begins:
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
        head, box, its = (self._boxes[i] for i in (self._heads[word.run], here, there))
        height = box[3] - box[1]
        is_prose = min(self._sizes[word.run], self._sizes[other.run]) >= _PROSE
        is_below = 0 < its[1] - box[1] <= _BELOW * height
        is_under = abs(its[0] - head[0]) <= 2 * height
        is_next = is_prose and is_below and is_under and word.page == other.page
        return _NEXT_LINE if is_next else _JUMP


def _rows(words: Sequence[PageWord], boxes: Sequence[Box]) -> list[int]:
    """The number of the line that each word stands on, over all columns of its page."""
    rows, number = [0] * len(words), 0
    last: tuple[int, float, float] | None = None  # a page, the foot of a word, and its height
    pages = (word.page for word in words)
    feet = [(page, box[3], box[3] - box[1]) for page, box in zip(pages, boxes, strict=True)]
    for foot, i in sorted((foot, i) for i, foot in enumerate(feet)):
        if last and (foot[0] != last[0] or foot[1] - last[1] > min(foot[2], last[2]) / 2):
            number += 1
        rows[i], last = number, foot
    return rows
