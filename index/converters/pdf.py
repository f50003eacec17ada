"""PDF -> Markdown: pages in reading order, told by the places, sizes and weights of their letters.

PDFium gives characters with their places; a PDF has no paragraphs, columns or notes, so what stands
where shows them. The steps, each in its module: pdf_characters, pdf_pages, pdf_lines,
pdf_furniture, pdf_layout, pdf_tables, pdf_blocks, pdf_text.
"""

import ctypes
import itertools
import math
import statistics
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from index.converters import metadata, pdf_forms
from index.converters.converted import Converted
from index.converters.pdf_blocks import (
    Block,
    Manner,
    blocks,
    notes_of,
    usual_step,
    without_listing,
)
from index.converters.pdf_furniture import Furniture, outline_key, without_furniture
from index.converters.pdf_hyphens import Joiner
from index.converters.pdf_layout import Region, regions
from index.converters.pdf_lines import Line, Notes, references, rows
from index.converters.pdf_notices import nothing, notices
from index.converters.pdf_pages import Sheet, sheet
from index.converters.pdf_text import PageBlocks, joined, markdown
from index.errors import NotText
from index.text.normalise import MAX_CODE_POINTS, too_long

_MAX_PAGES = 5_000
_MOST_BOOKMARKS = 2_000


def read(data: bytes) -> Converted:
    """Read a PDF.

    Raises:
        NotText: it is damaged, needs a password, or holds pictures only.
    """
    document = _opened(data)
    if len(document) > _MAX_PAGES:
        raise NotText(f"has more than {_MAX_PAGES} pages; split it")
    sheets = _sheets(document)
    text, pages = _written(sheets, _outline(document))
    if not text:
        raise NotText(nothing(sheets))
    return Converted(
        text,
        metadata.title(document.get_metadata_value("Title")),
        _language(document),
        metadata.day(document.get_metadata_value("CreationDate")),
        metadata.author(document.get_metadata_value("Author")),
        pages,
        tuple(notices(sheets, [*pdf_forms.attachments(document)])),
    )


def _opened(data: bytes) -> Any:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD:
            raise NotText("is encrypted; save it without a password") from error
        raise NotText("is a damaged PDF") from error
    if document.get_formtype():
        document.init_forms()
    return document


def _sheets(document: Any) -> list[Sheet]:
    form = document.formenv.raw if document.formenv else None
    found, letters = [], 0
    for index in range(len(document)):
        found.append(sheet(document, index, form))
        letters += sum(len(piece.text) for group in found[-1].groups for piece in group)
        if letters > MAX_CODE_POINTS:
            raise too_long()
    return found


def _language(document: Any) -> str:
    from pypdfium2 import raw

    size = raw.FPDFCatalog_GetLanguage(document, None, 0)
    buffer = (ctypes.c_ushort * (size // 2 + 1))()
    raw.FPDFCatalog_GetLanguage(document, buffer, size)
    return bytes(buffer).decode("utf-16-le", "ignore").rstrip("\0")


def _outline(document: Any) -> dict[str, int]:
    """The level of each heading that the bookmarks name, 1 to 3."""
    found: dict[str, int] = {}
    for number, bookmark in enumerate(document.get_toc()):
        if number >= _MOST_BOOKMARKS:
            break
        if key := outline_key(bookmark.get_title() or ""):
            found.setdefault(key, min(bookmark.level + 1, 3))
    return found


def _written(sheets: Sequence[Sheet], outline: dict[str, int]) -> tuple[str, tuple[Any, ...]]:
    """The text of all pages, and where each begins."""
    all_rows = [rows(each.groups[0]) if each.groups else [] for each in sheets]
    lines = [line for page in all_rows for row in page for line in row]
    step = usual_step([Region(page) for page in all_rows])
    bodies, furniture = without_furniture(all_rows, step)
    laid = [list(regions(body)) for body in bodies]
    step = usual_step([region for page in laid for region in page])
    manner = Manner(_usual(lines), _mostly_bold(lines), step, outline)
    laid = [[without_listing(region, manner) for region in page] for page in laid]
    joiner = Joiner([line.plain for line in lines])
    bodied = (line for page in bodies for row in page for line in row)
    furniture.forget_titles(
        outline_key(line.plain) for line in bodied if line.bold or line.size > 1.1 * manner.size
    )
    pages = [
        _page(each, found, furniture, manner, joiner)
        for each, found in zip(sheets, laid, strict=True)
    ]
    sure = {each.number: each.read[1] for each in sheets if each.read}
    return markdown(joined(pages, joiner), sure)


def _usual(lines: Sequence[Line]) -> float:
    """The size of most letters, in points."""
    sizes: dict[float, int] = {}
    for line in lines:
        sizes[round(line.size, 1)] = sizes.get(round(line.size, 1), 0) + len(line.main.text)
    ordered, half = sorted(sizes), sum(sizes.values()) / 2
    for size in ordered:
        half -= sizes[size]
        if half <= 0:
            return size
    return statistics.median(ordered) if ordered else 0.0


def _mostly_bold(lines: Sequence[Line]) -> bool:
    bold = sum(len(line.main.text) for line in lines if line.bold)
    return bold * 2 > sum(len(line.main.text) for line in lines)


def _page(
    each: Sheet, found: list[Region], furniture: Furniture, manner: Manner, joiner: Joiner
) -> PageBlocks:
    number, notes = each.number, _notes(found, manner)
    flow = [
        block
        for region in found
        for block in blocks(number, region, notes, each.rules, manner, joiner, each.grids)
    ]
    if each.read:
        flow += [Block("text", [(number, text)]) for text in each.read[0].split("\n\n") if text]
    beside = [block for block in flow if block.kind == "note"]
    beside += [Block("item", [(number, f"- {text}")]) for text in each.items]
    beside += [Block("text", [(number, text)]) for text in furniture.feet[number - 1]]
    beside += [Block("text", [(number, text)]) for text in (*each.texts, *each.comments)]
    # What runs up the page or across it is no heading, however large it is.
    across = replace(manner, size=math.inf)
    for group in each.groups[1:]:
        for region in regions(rows(group)):
            beside += blocks(number, region, Notes(), (), across, joiner)
    heads = [Block("text", [(number, text)]) for text in furniture.heads[number - 1]]
    return PageBlocks([block for block in flow if block.kind != "note"], heads, beside)


def _notes(found: list[Region], manner: Manner) -> Notes:
    marks = frozenset[str]().union(*(notes_of(region, manner) for region in found))
    doubt = dict.fromkeys(marks, 2)
    for region in found if marks else ():
        for line in itertools.chain.from_iterable(region.rows):
            for mark, doubtful in references(line):
                if mark in doubt:
                    doubt[mark] = min(doubt[mark], doubtful)
    return Notes(doubt)
