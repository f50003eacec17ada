"""Excel -> Markdown: each sheet under a heading, each row with its columns' names."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from index.converters.archive import Archive
from index.converters.converted import Converted, paged
from index.converters.office_properties import with_properties
from index.converters.sheet_cells import Cells, area_of
from index.converters.sheet_cells import read as read_cells
from index.converters.sheet_drawings import drawings
from index.converters.sheet_layout import Area, areas, markdown
from index.converters.sheet_merged import unmerged
from index.converters.sheet_notices import SheetLeft, notices
from index.converters.sheet_remarks import remarks
from index.converters.tables import MergedCell
from index.converters.workbook import MAIN, Sheet, Workbook, related, whole
from index.errors import NotText

_MOST_TABLES = 1_000  # of a sheet


def read(data: bytes) -> Converted:
    """Read a workbook as people see it: hidden sheets, rows and columns are left out.

    Raises:
        NotText: it is damaged or too large, or shows nothing.
    """
    with Archive(data) as file:
        file.require(MAIN, "Excel")
        book = Workbook.of(file)
        texts, left = [], []
        for sheet in book.sheets:
            if sheet.part and not sheet.hidden:
                text, found = _sheet(file, sheet, book)
                texts.append((sheet.name, f"## {sheet.name}\n\n{text}" if text else ""))
                left.append(found)
        hidden = [sheet.name for sheet in book.sheets if sheet.hidden]
        lost = [sheet.name for sheet in book.sheets if not sheet.part and not sheet.hidden]
        text, pages = paged("sheet", texts)
        said = notices(hidden, lost, left)
        if not text and said:
            raise NotText(f"holds no text: {said[0]}")
        return with_properties(text, pages, file, said)


def _sheet(file: Archive, sheet: Sheet, book: Workbook) -> tuple[str, SheetLeft]:
    said = remarks(file, sheet.part)
    cells = read_cells(file, sheet.part, book, said)
    known = list(_tables(file, sheet.part, cells))
    unmerged(cells)
    tables = [*known, *areas(cells.rows, cells.numbers)]
    boxes, pictures = drawings(file, sheet.part)
    # What is left are remarks on empty cells that the sheet does not list.
    text = "\n\n".join(filter(None, [markdown(tables, 3), *boxes, *said.values()]))
    return text, SheetLeft(sheet.name, cells, pictures)


def _tables(file: Archive, part: str, cells: Cells) -> Iterator[Area]:
    """The tables that the file itself names (18.5), whose cells are taken out of the others."""
    parts = [name for kind, name in related(file, part).values() if kind == "table"]
    for name in parts[:_MOST_TABLES]:
        tree = file.xml(name)
        span = area_of(tree.get("ref", ""))
        if span and whole(tree.get("headerRowCount"), 1) == 1:
            area = _taken(cells, span)
            if area:
                yield area


def _taken(cells: Cells, span: MergedCell) -> Area | None:
    left, right = cells.column(span.left) - 1, cells.column(span.right + 1) - 1
    begin, end = _between(cells.numbers, cells.row(span.top), cells.row(span.bottom + 1))
    if begin == end or cells.numbers[begin] != cells.row(span.top):
        return None
    rows = [_cut(cells.rows[i], left, right) for i in range(begin, end)]
    if not any(rows[0]) or not any(map(any, rows[1:])):
        return None
    for row in cells.rows[begin:end]:
        row[left:right] = [""] * len(row[left:right])
        while row and not row[-1]:
            row.pop()
    body = [row for row in rows[1:] if row]
    return Area(body, cells.numbers[begin], left, tuple(rows[0]))


def _between(numbers: Sequence[int], first: int, after: int) -> tuple[int, int]:
    return bisect_left(numbers, first), bisect_left(numbers, after)


def _cut(row: list[str], left: int, right: int) -> list[str]:
    part = row[left:right]
    while part and not part[-1]:
        part.pop()
    return part
