"""Excerpt: an article's text around cited words, cut into plain and marked runs. Pure."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# Code points of an article that are shown whole, and on either side of the words in a longer one:
# some four screens up and down, and nothing that a phone could not lay out at once.
_WHOLE = 20_000
_AROUND = 8_000


@dataclass(frozen=True, slots=True)
class CitedText:
    """Cited text of an article, `[start, end)` in code points; `marker` is its number."""

    marker: int
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class ExcerptRun:
    """A run of an article's text; `marker` of the words it belongs to, 0 for plain text."""

    text: str
    marker: int = 0


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The part of an article that is shown: `pieces`, joined, are its text from `start` to `end`.

    `words` are where they stand now; None when the article does not hold them any more. `moved`
    says that they stood elsewhere when they were cited. `part` is how far into the article they
    begin, from 0 to 1.
    """

    pieces: tuple[ExcerptRun, ...]
    start: int
    end: int
    length: int
    words: CitedText | None
    moved: bool
    part: float


def excerpt(text: str, cited: CitedText, others: Sequence[CitedText] = ()) -> Excerpt:
    """Show `cited`, and those of `others` that stand near it, in an article's text as it is now."""
    words = _found(text, cited)
    shown = words or CitedText(cited.marker, 0, 0, "")
    start, end = _window(text, shown)
    marked = [
        w for w in (_found(text, other) for other in others) if w and w.marker != cited.marker
    ]
    pieces = tuple(_pieces(text, start, end, [*([words] if words else []), *marked]))
    moved = words is not None and words.start != cited.start
    part = shown.start / len(text) if text else 0.0
    return Excerpt(pieces, start, end, len(text), words, moved, part)


def _found(text: str, words: CitedText) -> CitedText | None:
    """The words where they were cited; else the same words nearest to there; else None."""
    if text[words.start : words.end] == words.quote:
        return words
    places = list(_places(text, words.quote)) if words.quote else []
    if not places:
        return None
    start = min(places, key=lambda place: abs(place - words.start))
    return CitedText(words.marker, start, start + len(words.quote), words.quote)


def _places(text: str, quote: str) -> Iterator[int]:
    place = text.find(quote)
    while place >= 0:
        yield place
        place = text.find(quote, place + 1)


def _window(text: str, words: CitedText) -> tuple[int, int]:
    """The range to show: everything, or whole lines up to some distance on both sides."""
    if len(text) <= _WHOLE:
        return 0, len(text)
    start, end = max(0, words.start - _AROUND), min(len(text), words.end + _AROUND)
    line = text.find("\n", start, words.start) if start else -1
    start = line + 1 if line >= 0 else start
    line = text.rfind("\n", words.end, end) if end < len(text) else -1
    return start, line if line >= 0 else end


def _pieces(text: str, start: int, end: int, marked: Sequence[CitedText]) -> Iterator[ExcerptRun]:
    """The text cut wherever words begin or end; where two overlap the first of them has it."""
    edges = {start, end}
    for words in marked:
        edges |= {place for place in (words.start, words.end) if start < place < end}
    places = sorted(edges)
    last = ExcerptRun("")
    for begin, stop in itertools.pairwise(places):
        over = (words.marker for words in marked if words.start <= begin and stop <= words.end)
        piece = ExcerptRun(text[begin:stop], next(over, 0))
        if piece.marker == last.marker:
            piece = ExcerptRun(last.text + piece.text, piece.marker)
        elif last.text:
            yield last
        last = piece
    if last.text:
        yield last
