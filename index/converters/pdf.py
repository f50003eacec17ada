"""PDF -> Markdown: lines, paragraphs and headings by their place and size; only home of pypdfium2.

PDFium gives the characters in reading order; a PDF has no paragraphs, so gaps between lines show
them.
"""

import ctypes
import itertools
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import regex

from index.converters import metadata
from index.converters.converted import Converted
from index.errors import NotText
from index.text.scripts import UNSPACED

_MAX_PAGES = 5_000
# Of the usual distance between lines, and of the usual size of letters.
_PARAGRAPH_GAP = 1.4
_HEADING_SIZE = 1.15
_HEADING_LENGTH = 120  # code points, as index/articles/blocks.py has it
# Letters and punctuation that have no space between them where a line ends.
_UNSPACED = regex.compile(rf"[{UNSPACED}、-〟！-～]{{2}}")
_SOFT_HYPHENS = ("\x02", "\ufffe", "\u00ad")


@dataclass(frozen=True, slots=True)
class _Line:
    """`top` and `bottom` are in points from the page's bottom; `size` is that of the letters."""

    text: str
    size: float
    top: float
    bottom: float


def read(data: bytes) -> Converted:
    """Read a PDF.

    Raises:
        NotText: it is damaged, needs a password, or holds pictures only.
    """
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD:
            raise NotText("is encrypted; save it without a password") from error
        raise NotText("is a damaged PDF") from error
    if len(document) > _MAX_PAGES:
        raise NotText(f"has more than {_MAX_PAGES} pages; split it")
    pages = [list(_lines(document, number)) for number in range(len(document))]
    text = _markdown(pages)
    if not text:
        raise NotText("is a scan or holds no text; run OCR on it first")
    return Converted(
        text,
        metadata.title(document.get_metadata_value("Title")),
        _language(document),
        metadata.day(document.get_metadata_value("CreationDate")),
        metadata.author(document.get_metadata_value("Author")),
    )


def _language(document: Any) -> str:
    from pypdfium2 import raw

    size = raw.FPDFCatalog_GetLanguage(document, None, 0)
    buffer = (ctypes.c_ushort * (size // 2 + 1))()
    raw.FPDFCatalog_GetLanguage(document, buffer, size)
    return bytes(buffer).decode("utf-16-le", "ignore").rstrip("\0")


def _lines(document: Any, number: int) -> Iterator[_Line]:
    import pypdfium2

    try:
        page = document[number].get_textpage()
    except pypdfium2.PdfiumError:
        return  # the other pages are still read
    begun = 0
    codes = [pypdfium2.raw.FPDFText_GetUnicode(page, i) for i in range(page.count_chars())]
    for i in range(len(codes) + 1):
        if i == len(codes) or codes[i] in (10, 13):
            line = _line(page, codes, begun, i)
            if line:
                yield line
            begun = i + 1


def _line(page: Any, codes: list[int], start: int, end: int) -> _Line | None:
    from pypdfium2 import raw

    # A letter that its font does not name has the code 0, and no place.
    inked = [i for i in range(start, end) if codes[i] and not chr(codes[i]).isspace()]
    if not inked:
        return None
    # Code points beyond the first plane may come as two UTF-16 units.
    units = b"".join(
        chr(code).encode("utf-16-le", "surrogatepass") for code in codes[start:end] if code
    )
    samples = (inked[0], inked[len(inked) // 2], inked[-1])
    boxes = [box for i in samples if (box := _box(page, i))]
    sizes = [top - bottom for _, bottom, _, top in boxes]
    return _Line(
        units.decode("utf-16-le", "replace").strip(),
        statistics.median(sizes) if sizes else raw.FPDFText_GetFontSize(page, inked[0]),
        max((box[3] for box in boxes), default=0.0),
        min((box[1] for box in boxes), default=0.0),
    )


def _box(page: Any, character: int) -> tuple[float, float, float, float] | None:
    """(left, bottom, right, top) of a character; None if PDFium has none."""
    import pypdfium2

    try:
        box: tuple[float, float, float, float] = page.get_charbox(character, loose=True)
    except pypdfium2.PdfiumError:
        return None
    return box


def _markdown(pages: list[list[_Line]]) -> str:
    lines = [line for page in pages for line in page]
    if not lines:
        return ""
    usual = statistics.median_low([line.size for line in lines for _ in line.text])
    gap = _usual_gap(pages)
    parts: list[str] = []
    for page in pages:
        above: _Line | None = None
        for line in page:
            level = _level(line, usual)
            same = (
                above is not None and _continues(above, line, gap) and _level(above, usual) == level
            )
            if not same and not (above is None and parts and _broken_off(parts[-1], line, level)):
                parts.append("#" * level + " " if level else "")
            parts[-1] = _join(parts[-1], line.text)
            above = line
    return "\n\n".join(parts)


def _usual_gap(pages: list[list[_Line]]) -> float:
    """The distance between the tops of lines that follow each other within a paragraph."""
    steps = [a.top - b.top for page in pages for a, b in itertools.pairwise(page) if a.top > b.top]
    return statistics.median_low(steps) if steps else 0.0


def _continues(above: _Line, line: _Line, gap: float) -> bool:
    """Whether a line continues the paragraph of the one above it."""
    step = above.top - line.top
    return -line.size / 2 < step <= max(gap, line.size) * _PARAGRAPH_GAP


def _broken_off(part: str, line: _Line, level: int) -> bool:
    """Whether a page begins in the middle of the previous page's sentence."""
    return (
        not level and not part.startswith("#") and part[-1:].isalpha() and line.text[:1].islower()
    )


def _level(line: _Line, usual: float) -> int:
    """1 or 2 for a heading, by its size; 0 for text."""
    if line.size < usual * _HEADING_SIZE or len(line.text) > _HEADING_LENGTH:
        return 0
    return 1 if line.size >= usual * 1.5 else 2


def _join(part: str, line: str) -> str:
    """Append a line to a paragraph; a word hyphenated at the line's end is joined."""
    if part.endswith(_SOFT_HYPHENS):
        return part[:-1] + line
    unspaced = not part or part.endswith(" ") or _UNSPACED.fullmatch(part[-1] + line[0])
    return part + line if unspaced else f"{part} {line}"
