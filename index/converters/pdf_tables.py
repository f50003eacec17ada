"""Tables of a PDF: rows of lines in columns -> rows of cells. Pure.

Ruled lines part the rows where there are any; else a line without a first cell goes on with the row
above it, where it stands closer than rows do.
"""

from collections.abc import Sequence

import regex

from index.converters import tables
from index.converters.pdf_hyphens import Joiner
from index.converters.pdf_layout import Region
from index.converters.pdf_lines import BOXES, BULLET, Line, Notes
from index.converters.pdf_paths import Box
from index.converters.pdf_stacked import Interval

_LEADERS = regex.compile(r"(?:\s*[.·…]){3,}\s*\Z")
_NUMBER = regex.compile(r"[\p{Sc}+−–-]?\s?\(?\d[\d.,\s]*\)?\s?(?:%|\p{Sc}|\p{L}{1,3})?")


def rows_of(
    region: Region, rules: Sequence[Box], notes: Notes, joiner: Joiner
) -> tuple[list[list[str]], bool | None]:
    """(the cells of each row, whether the first holds the columns' names; None where unsure).

    Args:
        region: its columns are the places of the table's.
        rules: ruled lines of the page, upright as the lines are.
        notes: those of the page.
        joiner: joins the lines of a cell.
    """
    grouped = _grouped(region, rules)
    cells = [_cells(lines, region.columns, notes, joiner) for lines in grouped]
    return cells, _is_named(grouped, cells, region, rules)


def text_of(region: Region, rules: Sequence[Box], notes: Notes, joiner: Joiner) -> str:
    """A table as the lines of a Markdown list, each naming its columns."""
    cells, named = rows_of(region, rules, notes, joiner)
    if len(region.columns) == 2 and named is not True:
        # A label and what it says.
        return "\n".join(f"- {_pair(*row)}" for row in cells)
    return tables.table(cells, named=named)


def _is_list(cells: list[list[str]]) -> bool:
    """Whether two columns are names with a number each, and not what is said of one thing."""
    below = [row[1] for row in cells[1:] if row[1]]
    return len(below) > 1 and all(map(_NUMBER.fullmatch, below))


def _is_amount(cell: str) -> bool:
    """Whether a cell holds a number that is no year, which may name a column."""
    return bool(_NUMBER.fullmatch(cell)) and not (len(cell) == 4 and cell.isdigit())


def _pair(label: str, value: str) -> str:
    label = _LEADERS.sub("", label)
    if not label or not value:
        return label or value
    if BULLET.fullmatch(label):
        return f"{label} {value}" if label in BOXES else value
    return f"{label} {value}" if label.endswith((":", "：", ".", ")")) else f"{label}: {value}"


def _grouped(region: Region, rules: Sequence[Box]) -> list[list[Line]]:
    """The lines of each row of the table."""
    bars = _bars(region, rules)
    steps = [
        above[0].base - below[0].base
        for above, below in zip(region.rows, region.rows[1:], strict=False)
    ]
    usual = max(steps, default=0.0)
    grouped: list[list[Line]] = []
    above: list[Line] | None = None
    for row in region.rows:
        if above is not None and _goes_on(above, row, region.columns, bars, usual):
            grouped[-1] += row
        else:
            grouped.append(list(row))
        above = row
    return grouped


def _bars(region: Region, rules: Sequence[Box]) -> list[float]:
    """The heights of the ruled lines that go across the table between its rows, from the top."""
    left, right = region.columns[0][0], region.columns[-1][1]
    top = region.rows[0][0].base + region.rows[0][0].size
    bottom = region.rows[-1][0].base - region.rows[-1][0].size
    spans: dict[int, float] = {}
    for rule in rules:
        if rule.top - rule.bottom <= 3 and bottom < rule.bottom < top:
            height = round(rule.bottom)
            shared = min(rule.right, right) - max(rule.left, left)
            spans[height] = spans.get(height, 0.0) + max(shared, 0.0)
    return sorted((y for y, wide in spans.items() if wide > 0.6 * (right - left)), reverse=True)


def _goes_on(
    above: list[Line],
    row: list[Line],
    columns: Sequence[Interval],
    bars: list[float],
    usual: float,
) -> bool:
    """Whether a row's lines belong to the cells of the row above."""
    between = any(row[0].base < bar < above[0].base for bar in bars)
    if len(bars) > 2:
        return not between
    first = min(line.left for line in row) > columns[0][1]
    step = above[0].base - row[0].base
    return first and not between and step < 0.85 * usual and step < 1.5 * row[0].size


def _cells(
    lines: list[Line], columns: Sequence[Interval], notes: Notes, joiner: Joiner
) -> list[str]:
    cells = [""] * len(columns)
    for line in sorted(lines, key=lambda line: (-line.base, line.left)):
        middle = (line.left + line.right) / 2
        place = min(
            range(len(columns)),
            key=lambda i: max(columns[i][0] - middle, middle - columns[i][1], 0.0),
        )
        text = line.text(notes)
        cells[place] = joiner.joined(cells[place], text) if cells[place] else text
    return cells


def _is_named(
    grouped: list[list[Line]], cells: list[list[str]], region: Region, rules: Sequence[Box]
) -> bool | None:
    """Whether the first row is told apart from the others, by its letters, a line, or numbers."""
    first, rest = grouped[0], [line for row in grouped[1:] for line in row]
    if len(grouped) < 2 or sum(map(bool, cells[0])) < 2:
        return None
    bold = all(line.bold for line in first) and sum(line.bold for line in rest) * 2 < len(rest)
    if bold and not any(map(_is_amount, cells[0])):
        return True
    bars = [bar for bar in _bars(region, rules) if bar < first[0].base]
    if len(bars) == 1 or (bars and len(bars) < len(grouped) // 2):
        below = sum(row[0].base > bars[0] for row in grouped)
        if below == 1:
            return True
    if len(region.columns) == 2 and not _is_list(cells):
        return None
    counted = [
        not _NUMBER.fullmatch(cells[0][i])
        and sum(bool(_NUMBER.fullmatch(row[i])) for row in cells[1:] if row[i]) * 2
        > sum(bool(row[i]) for row in cells[1:])
        for i in range(len(region.columns))
        if cells[0][i]
    ]
    if any(counted) and not any(map(_is_amount, cells[0])):
        return True
    return None
