"""Merged cells of a sheet: repeated in each row, and over each column of a header. Pure."""

from bisect import bisect_right
from collections.abc import Iterator

from index.converters.cell_shape import Cell
from index.converters.sheet_cells import Cells
from index.converters.tables import MAX_COLUMNS, MergedCell, joined

_MAX_REPEATED = 1_000_000  # rows of merged cells
_HEADER_ROWS = 5


def unmerged(cells: Cells) -> None:
    """Repeat merged cells in each of their rows, and in a header over each of their columns.

    A header of several rows becomes one: `2023 Q1`.
    """
    wide: dict[int, list[MergedCell]] = {}
    places = {number: i for i, number in enumerate(cells.numbers)}
    left = _MAX_REPEATED
    for span in _shifted(cells):
        begin = places.get(span.top)
        row = cells.rows[begin] if begin is not None else []
        text = row[span.left - 1] if span.left <= len(row) else ""
        if begin is None or not text:
            continue
        if span.right > span.left:
            wide.setdefault(begin, []).append(span)
        last = bisect_right(cells.numbers, span.bottom, begin)
        for place in range(begin + 1, min(last, begin + 1 + left)):
            left -= 1
            _repeat(cells.rows[place], span.left - 1, text)
    _join_headers(cells, wide)


def _repeat(row: list[str], place: int, text: str) -> None:
    row += [""] * (min(place, MAX_COLUMNS) + 1 - len(row))
    if place < MAX_COLUMNS and not row[place]:
        row[place] = text


def _join_headers(cells: Cells, wide: dict[int, list[MergedCell]]) -> None:
    """Join each header whose names span columns with the rows of names below it."""
    gone = set[int]()
    for begin, spans in sorted(wide.items()):
        row = cells.rows[begin]
        if sum(map(bool, row)) == 1:  # a title, or the name of a group of rows
            cell = row[spans[0].left - 1]
            row[spans[0].left - 1] = Cell(cell, bold=True, remark=getattr(cell, "remark", ""))
        elif begin not in gone and _begins_area(cells, begin):
            gone |= _joined(cells, begin, spans, wide)
    cells.rows = [row for i, row in enumerate(cells.rows) if i not in gone]
    cells.numbers = [number for i, number in enumerate(cells.numbers) if i not in gone]


def _begins_area(cells: Cells, place: int) -> bool:
    """Whether nothing stands right above a row, or only a title."""
    if place == 0 or cells.numbers[place] - cells.numbers[place - 1] > 1:
        return True
    return sum(map(bool, cells.rows[place - 1])) == 1


def _joined(
    cells: Cells, begin: int, spans: list[MergedCell], wide: dict[int, list[MergedCell]]
) -> set[int]:
    """Put the names of a header into its last row; gives the other rows."""
    names = [_named(cells.rows[begin], spans)]
    under = {column for span in spans for column in range(span.left, span.right + 1)}
    last = begin
    for place in range(begin + 1, min(begin + _HEADER_ROWS, len(cells.rows) - 1)):
        texts = _named(cells.rows[place], wide.get(place, []))
        new = {i for i, text in enumerate(texts, 1) if text and text not in names[-1][i - 1 : i]}
        if not new or not new <= under or cells.numbers[place] - cells.numbers[last] > 1:
            break
        names.append(texts)
        last = place
    cells.rows[last] = joined(names)
    return set(range(begin, last))


def _named(row: list[str], spans: list[MergedCell]) -> list[str]:
    texts = list(row)
    for span in spans:
        right = min(span.right, MAX_COLUMNS)
        texts += [""] * (right - len(texts))
        texts[span.left : right] = [texts[span.left - 1]] * (right - span.left)
    return texts


def _shifted(cells: Cells) -> Iterator[MergedCell]:
    """Merged cells by the numbers that rows and columns have without the hidden ones."""
    for span in cells.spans:
        if not cells.left_rows and not cells.columns:
            yield span
            continue
        left, right = cells.column(span.left), cells.column(span.right + 1) - 1
        top, bottom = cells.row(span.top), cells.row(span.bottom + 1) - 1
        if left <= right and top <= bottom:
            yield MergedCell(left, top, right, bottom)
