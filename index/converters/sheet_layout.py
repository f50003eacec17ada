"""Sheet layout: cells at their places -> the tables, titles and remarks that stand there. Pure.

Several tables may stand on a sheet. They are told apart by empty rows and empty columns, and by
rows that name columns anew. A row above a table that is none of its own is its title.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from index.converters.cell_shape import is_bold, is_word, shape
from index.converters.table_header import SAMPLE, Header, header, may_be_pairs, pairs, resembles
from index.converters.tables import items, line, list_of, remarks

_TITLE_LENGTH = 120  # code points of a heading
_ENDS_SENTENCE = ".!?。！？।:：;"
_DEPTH = 4  # tables beside tables below tables; a deeper layout is a form
_LIST = 3  # rows of one column that are a list; fewer are lines of text
_SEEN = 200  # rows by which tables beside each other are known
_MOST_GAPS = 30
_FEW_PAIRS = 6  # rows beside a table that tell who made it, and when
_NAMES_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Area:
    """A part of a sheet without an empty row: rows of cells, from its first column on.

    `names` are known where the file itself says that this is a table.
    """

    rows: list[list[str]]
    top: int
    left: int = 0
    names: tuple[str, ...] | None = None


@dataclass(slots=True)
class _Page:
    """A sheet's Markdown as it grows, and the last table on it."""

    level: int
    parts: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)  # lines that may be a table's title
    titled: bool = False
    names: Sequence[str] = ()
    body: Sequence[Sequence[str]] = ()
    left: int = 0


def markdown(areas: Sequence[Area], level: int) -> str:
    """The tables of a sheet, each row a line with its names, titles as headings of a level.

    Args:
        areas: of the sheet, in any order.
        level: 1 to 6.
    """
    page = _Page(level)
    blocks = [block for area in areas for block in _blocks(area, 0)]
    blocks.sort(key=lambda block: (block.top, block.left))
    among = len(blocks) > 1 and any(map(_is_sure, blocks))
    for number, block in enumerate(blocks):
        following = blocks[number + 1] if number + 1 < len(blocks) else None
        _add(page, block, following, among=among)
    _let_go(page)
    return "\n\n".join(filter(None, (part.strip("\n") for part in page.parts)))


def areas(rows: Sequence[list[str]], numbers: Sequence[int]) -> list[Area]:
    """Rows cut where one is missing or empty.

    Args:
        rows: cells from the first column on.
        numbers: of the rows, rising.
    """
    found: list[Area] = []
    after = -1  # the number that continues the last area
    for number, row in zip(numbers, rows, strict=True):
        if not row:
            continue
        if number > after or not found:
            found.append(Area([], number))
        found[-1].rows.append(row)
        after = number + 1
    return found


def _blocks(area: Area, depth: int) -> Iterator[Area]:
    """An area, or the tables beside each other in it."""
    beside = None if area.names is not None or depth > _DEPTH else _beside(area)
    if not beside:
        yield _from_first_column(area)
        return
    for part in beside:
        for inner in areas(part.rows, range(part.top, part.top + len(part.rows))):
            yield from _blocks(replace(inner, left=part.left), depth + 1)


def _from_first_column(area: Area) -> Area:
    """The same without the empty columns at its left."""
    empty = len(area.rows[0])
    for row in area.rows:
        if not empty:
            return area
        empty = next((i for i, cell in enumerate(row[:empty]) if cell), empty)
    return replace(area, rows=[row[empty:] for row in area.rows], left=area.left + empty)


def _beside(area: Area) -> list[Area]:
    """The tables left and right of an empty column; none where that only makes room."""
    rows, seen = area.rows, area.rows[:_SEEN]
    for begin, end in _gaps(rows)[:_MOST_GAPS]:
        left, right = [row[:begin] for row in seen], [row[end:] for row in seen]
        if _is_table(left) and _is_table(right):
            return [
                replace(area, rows=[_trimmed(row[:begin]) for row in rows]),
                replace(area, rows=[row[end:] for row in rows], left=area.left + end),
            ]
    return []


def _gaps(rows: Sequence[Sequence[str]]) -> list[tuple[int, int]]:
    """Runs of empty columns between filled ones, half-open."""
    gaps: list[tuple[int, int]] = []
    for column in sorted(_empty_columns(rows)):
        if gaps and gaps[-1][1] == column:
            gaps[-1] = gaps[-1][0], column + 1
        else:
            gaps.append((column, column + 1))
    return [gap for gap in gaps if gap[0]]


def _empty_columns(rows: Sequence[Sequence[str]]) -> set[int]:
    empty, width = set[int](), 0
    for row in rows:
        if len(row) > width:
            empty |= set(range(width, len(row)))
            width = len(row)
        if empty:
            empty = {i for i in empty if i >= len(row) or not row[i]}
    return empty


def _trimmed(row: list[str]) -> list[str]:
    end = next((i for i in range(len(row), 0, -1) if row[i - 1]), 0)
    return row[:end]


def _is_table(rows: Sequence[Sequence[str]]) -> bool:
    """Whether a part can stand alone: several columns, of which the first says what a row is."""
    filled = [row for row in rows if any(row)]
    wide = [row for row in filled if sum(map(bool, row)) > 1]
    if len(wide) < 2:
        return False
    begin = min(next(i for i, cell in enumerate(row) if cell) for row in wide)
    keys = [row[begin] for row in wide[:SAMPLE] if row[begin]]
    cut = [row[begin:] for row in wide[:SAMPLE]]
    labelled = sum(map(is_word, keys)) * 2 > len(keys)
    return (labelled and header(cut) is not None) or pairs(cut)


def _add(page: _Page, block: Area, after: Area | None, *, among: bool) -> None:
    if block.names is not None:
        _begin(page, [], block.names, block)
        page.parts.append("\n".join(items(block.names, block.rows, block.rows[:SAMPLE])))
    elif all(sum(map(bool, row)) == 1 for row in block.rows):
        _add_lines(page, block, alone=after is None and not page.parts)
    elif len(block.rows) == 1:
        _add_row(page, block, after)
    elif among and _may_be_pairs(block):
        _add_pairs(page, block)
    else:
        _add_table(page, block)


def _add_lines(page: _Page, block: Area, *, alone: bool) -> None:
    """Rows of one cell: a list, or lines of which the first may be the next table's title."""
    cells = [line((), row) for row in block.rows]
    if len(cells) >= _LIST or (alone and len(cells) > 1):
        _let_go(page)
        page.parts.append("\n".join(f"- {cell}" for cell in cells))
    else:
        page.waiting += cells


def _add_row(page: _Page, block: Area, after: Area | None) -> None:
    """A row by itself: one of the table above, as a sum is, or the title of the one below."""
    row = block.rows[0]
    if _continues(page, block) and any(map(str.isdigit, "".join(row[1:]))):
        page.parts.append(f"- {line(page.names, row)}")
    elif after is not None:
        page.waiting.append(" ".join(filter(None, row)))
    else:
        _let_go(page)
        page.parts.append(f"- {line((), row)}")


def _add_table(page: _Page, block: Area) -> None:
    found = header(block.rows[:SAMPLE])
    if _continues(page, block):
        if found is None:
            page.parts.append("\n".join(items(page.names, block.rows, page.body)))
            return
        if not found.sure:  # names of its own or more rows of the table above: nobody can tell
            _let_go(page)
            page.parts.append("\n".join(f"- {line((), row)}" for row in block.rows))
            return
    above, lines = list_of(block.rows)
    begun = found or Header(0, 0, (), sure=False)
    _begin(page, above, begun.names, replace(block, rows=block.rows[begun.body :]))
    page.parts.append("\n".join(lines))


def _is_sure(block: Area) -> bool:
    """Whether a part is a table beyond doubt, and not a few names and values beside one."""
    found = header(block.rows[:SAMPLE]) if block.names is None else None
    large = len(_untitled(block.rows)) > 2 or max(map(len, block.rows), default=0) > 2
    return block.names is not None or (found is not None and found.sure and large)


def _may_be_pairs(block: Area) -> bool:
    """Whether a few rows beside other tables may be names and values: `Prepared by | Ana`."""
    lines = _untitled(block.rows)
    if len(lines) > _FEW_PAIRS or not may_be_pairs(lines) or all(map(is_bold, lines[0])):
        return False
    found = header(lines)
    return found is None or not found.sure or (len(lines) == 2 and shape(lines[1][1]) != "9")


def _untitled(rows: list[list[str]]) -> list[list[str]]:
    """The rows below those of one cell that may be a title."""
    first = next((i for i, row in enumerate(rows) if sum(map(bool, row)) > 1), 0)
    return rows[first:]


def _add_pairs(page: _Page, block: Area) -> None:
    lines = _untitled(block.rows)
    above = [" ".join(filter(None, row)) for row in block.rows[: len(block.rows) - len(lines)]]
    _begin(page, above, (), replace(block, rows=lines))
    said = (f"- {line([key.rstrip(':：')], [value])}{remarks([key])}" for key, value in lines)
    page.parts.append("\n".join(said))


def _continues(page: _Page, block: Area) -> bool:
    """Whether rows may belong to the table above: at its columns, with its kinds of cells."""
    if not page.names or page.waiting or block.left != page.left:
        return False
    return all(resembles(row, page.body) for row in block.rows[:SAMPLE])


def _begin(page: _Page, above: list[str], names: Sequence[str], block: Area) -> None:
    """Begin a table, under its title where it has one."""
    told = [*page.waiting, *above]
    page.waiting = []
    title = told[0] if told and _is_title(told[0]) else ""
    if not title and page.titled:  # it must not stand under the title of another one
        title = ", ".join(list(filter(None, names))[:_NAMES_SHOWN])[:_TITLE_LENGTH]
        told = ["", *told]
    if title:
        page.parts.append(f"{'#' * page.level} {title}")
        page.titled = True
        told = told[1:]
    page.parts += told
    page.names, page.body, page.left = names, block.rows[:SAMPLE], block.left


def _is_title(text: str) -> bool:
    return len(text) <= _TITLE_LENGTH and text[-1] not in _ENDS_SENTENCE


def _let_go(page: _Page) -> None:
    """Lines that are no table's title are text."""
    page.parts += page.waiting
    page.waiting = []
