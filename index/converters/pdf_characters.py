"""Characters of a page of a PDF -> pieces: runs of one style, each turned upright.

PDFium is asked as seldom as can be, by the word, since each question costs half a microsecond.
"""

import ctypes
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import regex

from index.converters.pdf_piece import Piece
from index.converters.pdf_seams import Stretch, between_cells
from index.converters.pdf_style import Style, style_of
from index.converters.pdf_vertical import upright

# Of the letters' size: what parts cells or columns, and not words of a line.
WIDE_GAP = 0.9
_RTL = regex.compile(r"[\p{Hebrew}\p{Arabic}\p{Syriac}\p{Thaana}\p{Nko}]")
_RTL_WORD = regex.compile(
    r"(?:[\p{Hebrew}\p{Arabic}\p{Syriac}\p{Thaana}\p{Nko}--\p{N}]\p{M}*)+", regex.V1
)
_LETTERS = regex.compile(r"\X")
_WORD = regex.compile(r"\S+")
_HYPHEN = "\x02"  # what PDFium gives for a hyphen at a line's end
# Letters of TeX's fonts that have no names but their places (Cork encoding, 0x10 to 0x1F).
_PLACES = dict(
    zip(
        "\x10\x11\x12\x13\x14\x15\x16\x1b\x1c\x1d\x1e\x1f",
        "“”„«»–— ﬀ ﬁ ﬂ ﬃ ﬄ".replace(" ", ""),
        strict=True,
    )
)
_UNNAMED = regex.compile(r"[\x10-\x16\x1b-\x1f]")
_DOUBTFUL = "\ufffe"  # and for it and for letters without a name, in a whole page's text


@dataclass(slots=True)
class _Run:
    """Letters of one style and line that are being gathered, in their own upright directions."""

    style: Style
    left: float
    right: float
    base: float
    first: int
    end: int
    spaced: bool
    last: int = 0  # the address of its last object
    # Where another object touches: its first character, the right of the one before, and its left.
    seams: list[tuple[int, float, float]] = field(default_factory=list)


@dataclass(slots=True)
class Characters:
    """The characters of a page; `page` and `text_page` are pypdfium2's, and stay open with it.

    `stretched` tells how far to the right objects go whose letters PDFium gives only the first
    object of (with /ActualText, as Chromium writes Devanagari), by the addresses of these.
    """

    page: Any
    text_page: Any
    text: str = ""
    styles: dict[int, Style] = field(default_factory=dict)
    fonts: dict[int, tuple[str, bool]] = field(default_factory=dict)
    stretched: dict[int, float] = field(default_factory=dict)
    _dropped: set[int] = field(default_factory=set)
    _found: list[_Run] = field(default_factory=list)

    def pieces(self) -> list[tuple[Style, Piece]]:
        """The page's pieces, in PDFium's order."""
        self.text = _text(self.text_page)
        self._dropped.clear()
        self._found = _cells(list(self._runs()))
        found = [
            (run.style, _piece(run, self._said(run), number))
            for number, run in enumerate(self._found)
        ]
        return upright(found)

    def words(self, piece: Piece) -> Iterator[Piece]:
        """A piece's words, each with its own place."""
        run = self._found[piece.order]
        for word in _WORD.finditer(self.text, run.first, run.end):
            for start, stop in self._same_object(*word.span()):
                if placed := self._placed(start, stop):
                    yield _piece(placed, self._said(placed), piece.order)

    def _said(self, run: _Run) -> str:
        text = self.text[run.first : run.end]
        if not text.isascii() and _RTL.search(text):
            text = _RTL_WORD.sub(lambda word: self._turned(word, run), text)
        if not self._dropped:
            return text
        return "".join(letter for i, letter in enumerate(text, run.first) if i not in self._dropped)

    def _turned(self, word: regex.Match[str], run: _Run) -> str:
        """A word of a script that runs to the left, turned if its letters come from the left."""
        if run.style.turn or len(word[0]) < 2:
            return str(word[0])
        first = self._box(run.first + word.start(), run.style)
        last = self._box(run.first + word.end() - 1, run.style)
        if not first or not last or first[0] >= last[0]:
            return str(word[0])
        return "".join(reversed(_LETTERS.findall(word[0])))

    def _runs(self) -> Iterator[_Run]:
        """Runs of words that follow each other in one style without a wide gap."""
        now: _Run | None = None
        for word in _WORD.finditer(self.text):
            first, end = word.span()
            if now and self._goes_on(now, first, end):
                continue
            for start, stop in self._same_object(first, end):
                placed = self._placed(start, stop)
                if placed is None:
                    continue
                right = now.right if now else 0.0
                if now and self._follows(now, placed):
                    if placed.first == now.end:
                        now.seams.append((placed.first, right, placed.left))
                    now.right, now.end, now.last = placed.right, placed.end, placed.last
                    continue
                if now:
                    yield now
                now = placed
        if now:
            yield now

    def _goes_on(self, run: _Run, first: int, end: int) -> bool:
        """Let a run go on with a word of its own object, as nearly all words do."""
        calls, page, style = _calls(), self.text_page.raw, run.style
        if style.turn or calls.object_at(page, end - 1) != style.address:
            return False
        box, reference = calls.box, calls.box_reference
        if not calls.box_at(page, first, reference):
            return False
        gap = box.left - run.right
        if not -0.4 * style.size < gap < WIDE_GAP * style.size or self.text[run.end] == "\r":
            return False
        if not calls.box_at(page, end - 1, reference):
            return False
        run.right, run.end = box.right, end
        return True

    def _same_object(self, first: int, end: int) -> Iterator[tuple[int, int]]:
        """A word's parts that are drawn by one object each."""
        object_at, page = _calls().object_at, self.text_page.raw
        start, address = first, object_at(page, first)
        if object_at(page, end - 1) == address:
            yield first, end
            return
        for i in range(first + 1, end):
            other = object_at(page, i)
            if other != address:
                yield start, i
                start, address = i, other
        yield start, end

    def _placed(self, first: int, end: int) -> _Run | None:
        style = self._style(first)
        begin = style and self._box(first, style)
        last = begin if end == first + 1 else style and self._box(end - 1, style)
        if not style or not begin or not last:
            return None
        if style.turn == 0 and abs(begin[2] - last[2]) > 0.5 * style.size:
            # A font of vertical writing: its lines run down the page.
            self.styles[style.address] = style = replace(style, turn=270)
            begin, last = self._box(first, style) or begin, self._box(end - 1, style) or last
        spaced = first == 0 or self.text[first - 1].isspace()
        left, right = min(begin[0], last[0]), max(begin[1], last[1])
        return _Run(style, left, right, begin[2], first, end, spaced, style.address)

    def _follows(self, run: _Run, placed: _Run) -> bool:
        """Whether a word stands in the line of the run before it, in the same style."""
        old, new = run.style, placed.style
        if old is not new and (
            (old.font, old.size, old.turn, old.bold, old.mark, old.doubtful)
            != (new.font, new.size, new.turn, new.bold, new.mark, new.doubtful)
        ):
            return False
        if self.stretched and self.stretched.get(run.last, run.right) > run.right:
            run.right = self.stretched[run.last]
            if placed.left - run.right < 0.1 * new.size and self._is_made_up(run.end):
                self._dropped.add(run.end)
        gap = placed.left - run.right
        if abs(placed.base - run.base) > 0.05 * new.size or not (
            -0.4 * new.size < gap < WIDE_GAP * new.size
        ):
            return False
        between = self.text[run.end : placed.first]
        # Without white space between them, what is far apart is two words.
        return "\n" not in between and (bool(between) or gap < 0.2 * new.size)

    def _is_made_up(self, i: int) -> bool:
        """Whether a space is none of the file's, but was put in by PDFium."""
        from pypdfium2 import raw

        return self.text[i] == " " and raw.FPDFText_IsGenerated(self.text_page.raw, i) == 1

    def _style(self, i: int) -> Style | None:
        address = _calls().object_at(self.text_page.raw, i)
        if not address:
            return None
        if address not in self.styles:
            self.styles[address] = style_of(self.text_page.raw, i, address, self.fonts)
        return self.styles[address]

    def _box(self, i: int, style: Style) -> tuple[float, float, float] | None:
        """(left, right, base) of a character, along its line; None if it has no place."""
        calls, page = _calls(), self.text_page.raw
        box = calls.box
        if not calls.box_at(page, i, calls.box_reference):
            return None
        if not calls.origin_at(page, i, calls.x_reference, calls.y_reference):
            return None
        x, y = calls.x.value, calls.y.value
        match style.turn:
            case 0:
                return box.left, box.right, y
            case 90:
                return box.bottom, box.top, -x
            case 180:
                return -box.right, -box.left, -y
            case 270:
                return -box.top, -box.bottom, x
        angle = math.radians(style.turn)
        along = x * math.cos(angle) + y * math.sin(angle)
        return along, along + style.size / 2, y * math.cos(angle) - x * math.sin(angle)


def _cells(runs: list[_Run]) -> list[_Run]:
    """The runs, cut where they hold cells that touch, which a wide gap parts then."""
    if not any(run.seams for run in runs):
        return runs
    cut = between_cells([_stretch(run) for run in runs])
    return [part for run, seams in zip(runs, cut, strict=True) for part in _parts(run, seams)]


def _stretch(run: _Run) -> Stretch:
    seams = tuple((end, begin) for _, end, begin in run.seams) if run.style.turn == 0 else ()
    return Stretch(run.left, run.right, run.base, run.style.size, seams)


def _parts(run: _Run, seams: list[int]) -> Iterator[_Run]:
    for at, end, begin in (run.seams[seam] for seam in seams):
        right = max(run.left, min(end, begin - 1.1 * WIDE_GAP * run.style.size))
        yield replace(run, right=right, end=at)
        run = replace(run, left=begin, first=at, spaced=True)
    yield run


@dataclass(slots=True)
class _Calls:
    """PDFium's functions that are called most, without pypdfium2's checks of their arguments."""

    object_at: Callable[..., int | None]
    box_at: Callable[..., int]
    origin_at: Callable[..., int]
    box: Any
    x: Any
    y: Any
    box_reference: Any
    x_reference: Any
    y_reference: Any


@cache
def _calls() -> _Calls:
    from pypdfium2 import raw

    def plain(function: Any, result: Any, *arguments: Any) -> Any:
        address = ctypes.cast(function, ctypes.c_void_p).value or 0
        return ctypes.PYFUNCTYPE(result, ctypes.c_void_p, ctypes.c_int, *arguments)(address)

    pointer = ctypes.c_void_p
    box, x, y = raw.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    return _Calls(
        plain(raw.FPDFText_GetTextObject, pointer),
        plain(raw.FPDFText_GetLooseCharBox, ctypes.c_int, pointer),
        plain(raw.FPDFText_GetCharOrigin, ctypes.c_int, pointer, pointer),
        *(box, x, y, ctypes.byref(box), ctypes.byref(x), ctypes.byref(y)),
    )


def _text(text_page: Any) -> str:
    """One unit for each of PDFium's characters; half a pair where it gives halves."""
    from pypdfium2 import raw

    count = raw.FPDFText_CountChars(text_page)
    if count <= 0:
        return ""
    units = (ctypes.c_ushort * (count + 1))()
    if raw.FPDFText_GetText(text_page, 0, count, units) != count + 1:
        return "".join(_letter(text_page, i) for i in range(count))
    text = "".join(map(chr, units[:count]))
    if _DOUBTFUL not in text:
        return text
    return "".join(
        _letter(text_page, i) if letter == _DOUBTFUL else letter for i, letter in enumerate(text)
    )


def _letter(text_page: Any, i: int) -> str:
    """A character by its number; a space for one that its font does not name."""
    from pypdfium2 import raw

    return chr(raw.FPDFText_GetUnicode(text_page, i) or 32)


def _piece(run: _Run, text: str, number: int) -> Piece:
    text = text.replace(_HYPHEN, "-")
    if not text.isprintable():
        text = _UNNAMED.sub(lambda found: _PLACES[found[0]], text)
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    style = run.style
    place = run.left, run.right, run.base, style.size
    return Piece(text, *place, style.bold, number, run.spaced, style.mark)
