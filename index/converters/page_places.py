"""Page places: where a quote stands on the pages of a PDF or a picture, and each page as pixels.

Runs in the process of index/converters/page_worker.py alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from index.converters import pdf_places, pictures
from index.converters.line_boxes import boxes
from index.converters.page_words import Box, Quote
from index.converters.pixels import Pixels
from index.converters.quote_search import find
from index.converters.scan_places import ScanSheet
from index.errors import NotText
from index.scanned_page import ScannedPage

MOST_BOXES = 500  # on one page
READERS = "pdf", "picture"
"""Those of the files that have pages which can be drawn."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where words stand: boxes by the number of the page, and how many pages there are.

    `leans` has the pages whose boxes lean: degrees by which each is turned about its own middle
    with the clock, as a page is that lay askew when it was scanned.
    """

    boxes: dict[int, list[Box]]
    pages: int
    leans: dict[int, float] = field(default_factory=dict)


def places(
    reader: str, data: bytes, page: int | None, quote: Quote, scans: Mapping[int, ScannedPage]
) -> Places:
    """Where a quote stands, on a page or the one after it; no boxes where that is not certain.

    Args:
        reader: what reads the file, `pdf` or `picture`.
        data: its bytes.
        page: from 1; None to look through all.
        quote: what is looked for.
        scans: the words of pages that were read from their pictures.

    Raises:
        NotText: the file cannot be opened, or has no pages.
    """
    document = pdf_places.opened(data) if _is_pdf(reader) else None
    count = len(document) if document else pictures.count(data)
    numbers = [page, page + 1] if page else _all(document, count, quote)
    found = {number: _sheet(document, number, scans) for number in numbers if 1 <= number <= count}
    sheets = {number: sheet for number, sheet in found.items() if sheet}
    words = [word for sheet in sheets.values() for word in sheet.words()]
    marks: dict[int, list[Box]] = {}
    for number, box in boxes(words, find(words, quote, page) or []):
        mark = sheets[number].share(box)
        if mark[0] < mark[2] and mark[1] < mark[3]:
            marks.setdefault(number, []).append(mark)
    leans = {number: sheets[number].lean for number in marks if sheets[number].lean}
    return Places({number: its[:MOST_BOXES] for number, its in marks.items()}, count, leans)


def picture(reader: str, data: bytes, page: int) -> Pixels:
    """A page as a picture; `page` is from 1.

    Raises:
        NotText: there is no such page, or it cannot be drawn.
    """
    return pdf_places.picture(data, page) if _is_pdf(reader) else pictures.pixels(data, page)


def _is_pdf(reader: str) -> bool:
    if reader not in READERS:
        raise NotText("has no pages that can be drawn")
    return reader == "pdf"


def _all(document: Any, count: int, quote: Quote) -> list[int]:
    return pdf_places.candidates(document, quote) if document else list(range(1, count + 1))


def _sheet(
    document: Any, number: int, scans: Mapping[int, ScannedPage]
) -> pdf_places.Sheet | ScanSheet | None:
    if number in scans:
        return ScanSheet(scans[number], number)
    return pdf_places.sheet(document, number) if document else None
