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
from index.text.scripts import CHINESE_JAPANESE

# Of the letters' size: what parts cells or columns, and not words of a line.
WIDE_GAP = 0.9
_WORD = regex.compile(r"\S+")
_BOLD = regex.compile(r"bold|black|heavy|demi|[a-z]bx\d|[-,]bd\b|semibd|extrabd", regex.IGNORECASE)
_FORCE_BOLD = 1 << 18  # ISO 32000-1, table 123
_IDEOGRAPH = regex.compile(rf"[{CHINESE_JAPANESE}、-〟！-～ー…—]")
_NO_HYPHEN_KNOWN = ("\x02", "\ufffe")  # what PDFium gives for a hyphen at a line's end
_STROKED, _INVISIBLE = (1, 2), (3, 7)  # text rendering modes, ISO 32000-1, table 106


@dataclass(frozen=True, slots=True)
class Style:
    """How one of PDFium's text objects is drawn.

    `turn` is the direction of its lines in degrees, 0 to 359; `colour` is (red, green, blue,
    opacity), each 0 to 255. `address` is that of the object, while the page is open.
    """

    address: int
    font: str
    size: float
    turn: int
    bold: bool
    mode: int
    colour: tuple[int, int, int, int]
    mark: int

    @property
    def doubtful(self) -> bool:
        """Whether it may be that nobody can see it: white, clear, tiny, or not drawn at all."""
        faint = min(self.colour[:3]) >= 225 or self.colour[3] <= 25
        return faint or self.mode in _INVISIBLE or self.size < 1

    @property
    def drawn(self) -> bool:
        """Whether it is meant to be seen; the text layer of a scan is not."""
        return self.mode not in _INVISIBLE


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

    def pieces(self) -> list[tuple[Style, Piece]]:
        """The page's pieces, in PDFium's order."""
        self.text = _text(self.text_page)
        self._dropped.clear()
        found = [
            (run.style, _piece(run, self._said(run), number))
            for number, run in enumerate(self._runs())
        ]
        return _with_loose_ideographs(_upright_columns(found))

    def _said(self, run: _Run) -> str:
        text = self.text[run.first : run.end]
        if not self._dropped:
            return text
        return "".join(
            letter for i, letter in enumerate(text, run.first) if i not in self._dropped
        )

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
                if now and self._follows(now, placed):
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
            self.styles[address] = _style(self.text_page.raw, i, address, self.fonts)
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
        address = ctypes.cast(function, ctypes.c_void_p).value
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
    if raw.FPDFText_GetText(text_page, 0, count, units) == count + 1:
        text = "".join(map(chr, units[:count]))
    else:
        # A letter that its font does not name has the code 0, and is left out above.
        text = "".join(chr(raw.FPDFText_GetUnicode(text_page, i) or 32) for i in range(count))
    return text


def _style(
    text_page: Any, i: int, address: int, fonts: dict[int, tuple[str, bool]]
) -> Style:
    from pypdfium2 import raw

    text_object = raw.FPDFText_GetTextObject(text_page, i)
    matrix = raw.FS_MATRIX(1, 0, 0, 1, 0, 0)
    raw.FPDFText_GetMatrix(text_page, i, matrix)
    size = raw.FPDFText_GetFontSize(text_page, i) * math.hypot(matrix.c, matrix.d)
    font = raw.FPDFTextObj_GetFont(text_object)
    mode = raw.FPDFTextObj_GetTextRenderMode(text_object)
    key = ctypes.cast(font, ctypes.c_void_p).value or 0
    if key not in fonts:
        fonts[key] = _font(font)
    name, bold = fonts[key]
    return Style(
        address,
        name,
        size if math.isfinite(size) and size > 0 else 1.0,
        _turn(matrix.a, matrix.b),
        bold or mode in _STROKED,
        mode,
        _colour(text_object),
        raw.FPDFPageObj_GetMarkedContentID(text_object),
    )


def _turn(a: float, b: float) -> int:
    """A direction in degrees; nearly straight is straight."""
    degrees = math.degrees(math.atan2(b, a)) if math.isfinite(a) and math.isfinite(b) else 0.0
    quarter = round(degrees / 90) * 90
    return (quarter if abs(degrees - quarter) < 8 else round(degrees)) % 360


def _font(font: Any) -> tuple[str, bool]:
    """(its name, whether it is bold)."""
    from pypdfium2 import raw

    if not font:
        return "", False
    buffer = ctypes.create_string_buffer(200)
    raw.FPDFFont_GetBaseFontName(font, buffer, len(buffer))
    name = buffer.value.decode("utf-8", "replace")
    flags = raw.FPDFFont_GetFlags(font)
    return name, bool(_BOLD.search(name)) or flags > 0 and bool(flags & _FORCE_BOLD)


def _colour(text_object: Any) -> tuple[int, int, int, int]:
    from pypdfium2 import raw

    parts = [ctypes.c_uint() for _ in range(4)]
    if not raw.FPDFPageObj_GetFillColor(text_object, *parts):
        return 0, 0, 0, 255  # a pattern
    red, green, blue, opacity = (part.value for part in parts)
    return red, green, blue, opacity


def _piece(run: _Run, text: str, number: int) -> Piece:
    if text.endswith(_NO_HYPHEN_KNOWN):
        text = text[:-1] + "-"
    for mark in _NO_HYPHEN_KNOWN:
        text = text.replace(mark, "-")
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    style = run.style
    place = run.left, run.right, run.base, style.size
    return Piece(text, *place, style.bold, number, run.spaced, style.mark)


def _upright_columns(found: list[tuple[Style, Piece]]) -> list[tuple[Style, Piece]]:
    """Ideographs that stand one below another become one piece that runs down the page."""
    made: list[tuple[Style, Piece]] = []
    column: list[tuple[Style, Piece]] = []
    for each in [*found, None]:
        if each and column and _below(column[-1], each):
            column.append(each)
            continue
        made += [_downwards(column)] if len(column) > 2 else column
        column = [each] if each else []
    return made


def _below(above: tuple[Style, Piece], each: tuple[Style, Piece]) -> bool:
    (style, piece), (other, below) = above, each
    if style.turn or other.turn or len(piece.text) != 1 or len(below.text) != 1:
        return False
    step = piece.base - below.base
    lone = _IDEOGRAPH.fullmatch(piece.text) and _IDEOGRAPH.fullmatch(below.text)
    near = abs(piece.left - below.left) < 0.3 * piece.size
    return bool(lone) and near and 0.7 * piece.size < step < 1.6 * piece.size


def _downwards(column: list[tuple[Style, Piece]]) -> tuple[Style, Piece]:
    (style, first), (_, last) = column[0], column[-1]
    text = "".join(piece.text for _, piece in column)
    piece = replace(first, text=text, left=-first.top, right=-last.bottom, base=first.left)
    return replace(style, turn=270), piece


def _with_loose_ideographs(found: list[tuple[Style, Piece]]) -> list[tuple[Style, Piece]]:
    """Signs between lines that run down the page, such as 。, become pieces that do so too."""
    made: list[tuple[Style, Piece]] = []
    for style, piece in found:
        before = made[-1] if made else None
        sign = style.turn == 0 and len(piece.text) == 1 and _IDEOGRAPH.fullmatch(piece.text)
        if sign and before and before[0].turn == 270 and not piece.spaced:
            above = before[1]
            place = {"left": above.right, "right": above.right + above.size, "base": above.base}
            style, piece = replace(style, turn=270), replace(piece, **place)
        made.append((style, piece))
    return made
