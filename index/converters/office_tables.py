"""Tables of Word and PowerPoint: the grid of their cells -> rows that name their columns. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from index.converters.cell_shape import Cell as TableCell
from index.converters.tables import MergedCell, joined, table, unmerged

_LONG = 500  # code points of a cell: a table of such cells lays out a page
_DATA_ROWS = 3


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: where it begins, from 0, and how many columns it has.

    `continues` is set where it belongs to the cell above it. `blocks` says that it holds more than
    words: a table, or headings; `bold`, that all its words are.
    """

    column: int
    width: int
    text: str
    continues: bool = False
    blocks: bool = False
    bold: bool = False

    @property
    def value(self) -> str | None:
        """Its text as tables.py takes it; None for none."""
        return TableCell(self.text, bold=self.bold) if self.text else None


@dataclass(slots=True)
class Row:
    """One row; `heading` where it is repeated on each page."""

    heading: bool
    cells: list[Cell] = field(default_factory=list)


def is_layout(rows: Sequence[Row]) -> bool:
    """Whether a table only places paragraphs on the page: nothing in it names anything."""
    cells = [cell for row in rows for cell in row.cells]
    if any(cell.blocks for cell in cells) or all(len(row.cells) < 2 for row in rows):
        return True
    # A table of data has rows enough to be worth its names.
    return len(rows) < _DATA_ROWS and any(len(cell.text) > _LONG for cell in cells)


def as_list(rows: Sequence[Row]) -> str:
    """A table of data as a list: `- Name: X; Price: 3`."""
    rows = _whole(rows)
    heads = next((i for i, row in enumerate(rows) if not row.heading), len(rows))
    if 0 < heads < len(rows):
        names = joined([_across(row) for row in _filled_down(rows[:heads])])
        data = _shifted(_spans(rows[heads:]))
        return table([names, *_below(rows[heads:], data)], named=True)
    return table(unmerged([_values(row) for row in rows], _spans(rows)))


def _whole(rows: Sequence[Row]) -> list[Row]:
    """The rows without cells that continue what is not there."""
    above: set[int] = set()
    whole = []
    for row in rows:
        cells = [
            replace(each, continues=each.continues and each.column in above) for each in row.cells
        ]
        above = {each.column for each in cells}
        whole.append(Row(row.heading, cells))
    return whole


def _below(rows: Sequence[Row], spans: Sequence[MergedCell]) -> list[Sequence[object]]:
    """The rows of data below a header that is known: a cell says the same of all its columns."""
    # A row above them takes the place of the header, which is not looked for.
    values = (_values(row, repeated=len(row.cells) > 1) for row in rows)
    return list(unmerged([("\0", "\0"), *values], spans))[1:]


def _shifted(spans: Sequence[MergedCell]) -> list[MergedCell]:
    return [MergedCell(each.left, each.top + 1, each.right, each.bottom + 1) for each in spans]


def _values(row: Row, *, repeated: bool = False) -> list[object]:
    values: list[object] = []
    for cell in row.cells:
        value = None if cell.continues else cell.value
        values += [None] * (cell.column - len(values))
        values += [value, *[value if repeated else None] * (cell.width - 1)]
    return values


def _across(row: Row) -> list[str]:
    """A row of names, each over all the columns that it names."""
    names: list[str] = []
    for cell in row.cells:
        names += [""] * (cell.column - len(names)) + [cell.text] * cell.width
    return names


def _filled_down(rows: Sequence[Row]) -> list[Row]:
    above: dict[int, str] = {}
    filled = []
    for row in rows:
        cells = [
            replace(each, text=above.get(each.column, "")) if each.continues else each
            for each in row.cells
        ]
        above = {each.column: each.text for each in cells}
        filled.append(Row(True, cells))
    return filled


def _spans(rows: Sequence[Row]) -> list[MergedCell]:
    """The merged cells of the rows, counted from 1."""
    open_at: dict[int, tuple[int, int]] = {}  # column -> (first row, width)
    found = []
    for number, row in enumerate([*rows, Row(False)], 1):
        going_on = {cell.column for cell in row.cells if cell.continues}
        for column in [each for each in open_at if each not in going_on]:
            top, wide = open_at.pop(column)
            if wide > 1 or number - 1 > top:
                found.append(MergedCell(column + 1, top, column + wide, number - 1))
        for cell in row.cells:
            if not cell.continues:
                open_at[cell.column] = number, cell.width
    return found
