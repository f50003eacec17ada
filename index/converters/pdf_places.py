"""PDF places: where words stand on the pages of a PDF, and the pages as pictures; by PDFium.

Runs in the process of index/converters/page_worker.py alone. Places are in shares of a page as it
is seen: turned, and cut to its crop box.
"""

import ctypes
import math
import time
from collections.abc import Iterator, Sequence
from typing import Any

from index.converters.page_words import Box, PageWord, Quote, letters, plain
from index.converters.pixels import MOST_HEIGHT, MOST_WIDTH, Pixels
from index.errors import NotText

_MOST_SCALE = 4.0  # pixels to a point: a page of a stamp's size is not blown up
MOST_CHARACTERS = 200_000
"""Of a page that is looked through; a dense one has 10,000."""

_MOST_CANDIDATES = 12  # pages that are looked through word by word
_MOST_WORDS = 0.6  # of a quote's words, which the page has that it begins on
_SEARCH_S = 8.0  # seconds for all pages, where it is not known which one holds the words
_GAP = 1.0  # of a character's height: what parts columns and cells
_UNIT = 1_000_000  # PDFium gives places on a device in whole numbers


def picture(data: bytes, page: int) -> Pixels:
    """A page as a picture; `page` is from 1.

    Raises:
        NotText: there is no such page, or it cannot be drawn.
    """
    import pypdfium2

    document = opened(data)
    if not 1 <= page <= len(document):
        raise NotText("has no such page")
    document.init_forms()  # what was filled in is drawn
    try:
        shown = document[page - 1]
        bitmap = shown.render(scale=_scale(*shown.get_size()), rev_byteorder=True)
    except (pypdfium2.PdfiumError, ValueError, OverflowError) as error:
        raise NotText("has a page that cannot be drawn") from error
    rows, used = memoryview(bitmap.buffer), 3 * bitmap.width
    if bitmap.n_channels != 3:
        raise NotText("has a page that cannot be drawn")
    begins = range(0, bitmap.height * bitmap.stride, bitmap.stride)
    data = b"".join(rows[begin : begin + used] for begin in begins)
    return Pixels(bitmap.width, bitmap.height, data)


def _scale(width: float, height: float) -> float:
    """Pixels to a point, such that the page fits."""
    if not (0 < width < math.inf and 0 < height < math.inf):
        raise ValueError("a page without a size")
    return min(MOST_WIDTH / width, MOST_HEIGHT / height, _MOST_SCALE)


def opened(data: bytes) -> Any:
    """A PDF as PDFium has it.

    Raises:
        NotText: it cannot be opened.
    """
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise NotText("is a damaged PDF") from error


def candidates(document: Any, quote: Quote) -> list[int]:
    """The pages that may hold a quote, each with the one after it, which it may go on to.

    All of a short document; of a longer one those that have all of the quote's words, or most of
    them where none has all. None where there are too many, or no time to look at all: others might
    hold the same words.
    """
    if len(document) <= _MOST_CANDIDATES:
        return list(range(1, len(document) + 1))
    sought, until = set(filter(None, map(plain, quote.words.split()))), time.monotonic() + _SEARCH_S
    held: dict[int, int] = {}
    for number in range(1, len(document) + 1):
        if time.monotonic() > until:
            return []
        text = _plain_text(document, number)
        held[number] = sum(word in text for word in sought)
    least = len(sought) if len(sought) in held.values() else _MOST_WORDS * len(sought)
    found = [number for number, count in held.items() if count >= least]
    around = {each for number in found for each in (number, number + 1)}
    return sorted(around) if len(found) <= _MOST_CANDIDATES else []


def _plain_text(document: Any, number: int) -> str:
    """The letters of a page; none of one that cannot be looked through."""
    import pypdfium2

    try:
        page = document[number - 1].get_textpage()
    except pypdfium2.PdfiumError:
        return ""
    return plain(page.get_text_range()) if page.count_chars() <= MOST_CHARACTERS else ""


def _codes(page: Any) -> list[int]:
    """The code point of each character; of a pair of UTF-16 units the first one has it."""
    from pypdfium2 import raw

    codes = [raw.FPDFText_GetUnicode(page, i) for i in range(page.count_chars())]
    for i in range(len(codes) - 1):
        if 0xD800 <= codes[i] < 0xDC00 <= codes[i + 1] < 0xE000:
            codes[i] = 0x10000 + ((codes[i] - 0xD800) << 10) + codes[i + 1] - 0xDC00
            codes[i + 1] = 0
    return [code if code <= 0x10FFFF else 0 for code in codes]


def sheet(document: Any, number: int) -> "Sheet | None":
    """A page to look through; None where it cannot be read, or holds too much."""
    import pypdfium2

    try:
        page = document[number - 1]
        text = page.get_textpage()
    except pypdfium2.PdfiumError:
        return None
    return Sheet(page, text, number) if text.count_chars() <= MOST_CHARACTERS else None


class Sheet:
    """A page, whose characters are cut into words."""

    lean = 0.0

    def __init__(self, page: Any, text: Any, number: int) -> None:
        self._text, self._number, self._runs = text, number, 0
        self._width, self._height = page.get_size()
        # Where three points are seen gives the map for all.
        zero, right, up = (_device(page, *at) for at in ((0, 0), (1000, 0), (0, 1000)))
        self._map = [
            (zero[i] * size, (right[i] - zero[i]) * size / 1000, (up[i] - zero[i]) * size / 1000)
            for i, size in enumerate((self._width, self._height))
        ]

    def words(self) -> Iterator[PageWord]:
        """Every word that has letters, as they are drawn."""
        text = "".join(map(chr, _codes(self._text)))
        held: dict[int, str] = {}
        for letter, i in letters(text):
            held[i] = held.get(i, "") + letter
        word: list[tuple[str, Box]] = []
        last: Box | None = None
        for i, character in enumerate(text):
            box = None if character == "\0" or character.isspace() else self._box(i)
            apart = box is not None and last is not None and _is_apart(last, box)
            if box is None or apart:
                yield from self._word(word)
                word = []
            self._runs += character in "\r\n" or apart
            if box:
                word += [(letter, box) for letter in held.get(i, "")]
                last = box
        yield from self._word(word)

    def share(self, box: Box) -> Box:
        """A box in shares of the page's width and height."""
        left, top, right, bottom = box
        width, height = self._width, self._height
        return left / width, top / height, right / width, bottom / height

    def _word(self, word: Sequence[tuple[str, Box]]) -> Iterator[PageWord]:
        if word:
            text, boxes = "".join(letter for letter, _ in word), tuple(box for _, box in word)
            # No page has as many runs as it may have characters.
            yield PageWord(text, boxes, self._number, self._number * MOST_CHARACTERS + self._runs)

    def _box(self, character: int) -> Box | None:
        """The box of a character, in points as it is seen; None where it lies outside."""
        import pypdfium2

        try:
            left, bottom, right, top = self._text.get_charbox(character, loose=True)
        except pypdfium2.PdfiumError:
            return None
        if not all(map(math.isfinite, (left, bottom, right, top))):
            return None
        corners = (left, bottom), (right, top)
        xs, ys = (sorted(o + a * x + b * y for x, y in corners) for o, a, b in self._map)
        box = max(0.0, xs[0]), max(0.0, ys[0]), min(self._width, xs[1]), min(self._height, ys[1])
        return box if box[0] < box[2] and box[1] < box[3] else None


def _device(page: Any, x: float, y: float) -> tuple[float, float]:
    """Where a point of a page is seen, in shares of its width and height."""
    from pypdfium2 import raw

    left, top = ctypes.c_int(), ctypes.c_int()
    raw.FPDF_PageToDevice(page, 0, 0, _UNIT, _UNIT, 0, x, y, left, top)
    return left.value / _UNIT, top.value / _UNIT


def _is_apart(one: Box, other: Box) -> bool:
    """Whether two characters stand on different lines, or in different columns or cells."""
    heights = one[3] - one[1], other[3] - other[1]
    overlap = min(one[3], other[3]) - max(one[1], other[1])
    gap = max(other[0] - one[2], one[0] - other[2])
    return overlap < min(heights) / 2 or gap > _GAP * max(heights)
