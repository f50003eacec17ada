"""Style of a PDF's text: its font, size, weight, direction and colour. Asks PDFium."""

import ctypes
import math
from dataclasses import dataclass
from typing import Any

import regex

_BOLD = regex.compile(
    r"bold|black|heavy|demi|[a-z]bx\d|[-,]bd\b|semibd|extrabd|-medi(?:ital)?\b", regex.IGNORECASE
)
_FORCE_BOLD = 1 << 18  # ISO 32000-1, table 123
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


def style_of(text_page: Any, i: int, address: int, fonts: dict[int, tuple[str, bool]]) -> Style:
    """The style of a page's character; `fonts` are those that were looked at before."""
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
    return name, bool(_BOLD.search(name)) or (flags > 0 and bool(flags & _FORCE_BOLD))


def _colour(text_object: Any) -> tuple[int, int, int, int]:
    from pypdfium2 import raw

    parts = [ctypes.c_uint() for _ in range(4)]
    if not raw.FPDFPageObj_GetFillColor(text_object, *parts):
        return 0, 0, 0, 255  # a pattern
    red, green, blue, opacity = (part.value for part in parts)
    return red, green, blue, opacity
