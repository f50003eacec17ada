"""OpenDocument rows: cells as people see them, repeated and merged ones at their places."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from index.converters.odf_package import below, number
from index.converters.tables import MAX_COLUMNS, MergedCell, unmerged
from index.converters.xml_names import attribute, local
from index.errors import NotText

_MOST_REPEATED = 1_000  # times the same row is read; a sheet ends with a million empty ones
_MOST_ROWS = 1_000_000
_VALUES = ("string-value", "date-value", "time-value", "boolean-value", "value")
_GROUPS = ("table-rows", "table-row-group", "table-header-rows")


class Reads(Protocol):
    """What reads the letters of a cell."""

    def paragraph(self, element: Any) -> str:
        """The text of a paragraph in one line."""

    def comment(self, element: Any) -> str:
        """A comment, with who made it."""


@dataclass(slots=True)
class Rows:
    """A table's rows, from the top; an empty cell is None."""

    rows: list[list[str | None]] = field(default_factory=list)
    spans: list[MergedCell] = field(default_factory=list)
    reaching: dict[int, int] = field(default_factory=dict)  # the last of `spans` by column
    headed: bool = False
    hidden: int = 0
    hidden_columns: frozenset[int] = frozenset()  # from 0
    columns_left: set[int] = field(default_factory=set)  # those of them that held text
    repeated: int = 0
    unvalued: int = 0  # formulas
    comments: list[str] = field(default_factory=list)

    def unmerged(self) -> Iterator[Sequence[object]]:
        """The rows with merged cells in each of theirs."""
        return unmerged(self.rows, self.spans)


def rows(element: Any, words: Reads) -> Rows:
    """Read a table.

    Raises:
        NotText: it has too many columns or rows.
    """
    found = Rows(hidden_columns=frozenset(_hidden_columns(element)))
    for row, header in _each(element):
        if attribute(row, "visibility") in ("collapse", "filter"):
            found.hidden += number(row, "number-rows-repeated")
            continue
        found.headed |= header and not any(map(any, found.rows))
        _add(found, row, words)
    return found


def _each(element: Any, header: bool = False) -> Iterator[tuple[Any, bool]]:
    """(row, whether it is of the header) of a table, those in groups among them."""
    for each in element:
        name = local(each)
        if name == "table-row":
            yield each, header
        elif name in _GROUPS:
            yield from _each(each, header or name == "table-header-rows")


def _hidden_columns(element: Any) -> Iterator[int]:
    at = 0
    for column in element.iter("{*}table-column"):
        count = number(column, "number-columns-repeated")
        if attribute(column, "visibility") in ("collapse", "filter"):
            yield from range(at, min(at + count, MAX_COLUMNS))
        at += count


def _add(found: Rows, row: Any, words: Reads) -> None:
    cells = _cells(found, row, words)
    count = number(row, "number-rows-repeated")
    if count > _MOST_REPEATED and any(cells):
        found.repeated += 1
        count = 1
    elif not any(cells):
        count = min(count, 2)
    found.rows += [cells] * count
    if len(found.rows) > _MOST_ROWS:
        raise NotText(f"has a table of more than {_MOST_ROWS} rows")


def _cells(found: Rows, row: Any, words: Reads) -> list[str | None]:
    cells: list[str | None] = []
    pending = 0  # empty cells, which end most rows
    for cell in row:
        if local(cell) not in ("table-cell", "covered-table-cell"):
            continue
        count = number(cell, "number-columns-repeated")
        text = _text(found, cell, words) if local(cell) == "table-cell" else ""
        if not text:
            pending += count
            continue
        if len(cells) + pending + count > MAX_COLUMNS:
            raise NotText(f"has a table of more than {MAX_COLUMNS} columns")
        cells += [None] * pending
        pending = 0
        _span(found, cell, len(cells) + 1)
        shown = [
            column not in found.hidden_columns for column in range(len(cells), len(cells) + count)
        ]
        found.columns_left |= {len(cells) + i for i in range(count) if not shown[i]}
        cells += [text if each else None for each in shown]
    # A merged cell that reaches further names the columns that are empty here.
    return cells + [None] * min(pending, MAX_COLUMNS - len(cells), _reach(found) - len(cells))


def _reach(found: Rows) -> int:
    return max((span.right for span in found.spans[-20:]), default=0)


def _span(found: Rows, cell: Any, column: int) -> None:
    wide = min(number(cell, "number-columns-spanned"), MAX_COLUMNS)
    high = min(number(cell, "number-rows-spanned"), _MOST_ROWS)
    if wide > 1 or high > 1:
        top = len(found.rows) + 1
        # Below a cell that reaches here stands none, whatever a made-up file says.
        if (above := found.reaching.get(column)) is not None and found.spans[above].bottom >= top:
            found.spans[above] = replace(found.spans[above], bottom=top - 1)
        found.reaching[column] = len(found.spans)
        found.spans.append(MergedCell(column, top, column + wide - 1, top + high - 1))


def _text(found: Rows, cell: Any, words: Reads) -> str:
    """What a cell shows; its value where no program wrote what it shows."""
    shown = []
    for each in cell:
        name = local(each)
        if name == "annotation":
            found.comments.append(words.comment(each))
        elif name in ("p", "h"):
            shown.append(words.paragraph(each))
        elif name:  # lists, tables in a cell, boxes
            shown += [words.paragraph(inner) for inner in below(each, "p", "h")]
    text = " ".join(filter(None, shown))
    if not text and len(cell.attrib):
        text = next(filter(None, (attribute(cell, name) for name in _VALUES)), "")
        found.unvalued += bool(attribute(cell, "formula")) and not text
    return text
