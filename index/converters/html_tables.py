"""HTML's tables -> lists whose items name their columns; layout tables stay as they are."""

from typing import Any

from index.converters.html_marks import words
from index.converters.table_header import may_be_pairs
from index.converters.tables import MAX_COLUMNS, joined, table

_CELL_LENGTH = 100  # code points: a layout table has longer cells, a data table has not
_LONG_CELL = 400  # of a remark in a data table, beside short cells
_MAX_CELLS = 1_000_000  # of a table whose cells span rows and columns
_LAYOUT = ("presentation", "none")


def unfold(tree: Any) -> None:
    """Replace each data table by a list, and the other ones by blocks."""
    for found in reversed(list(tree.iter("table"))):
        _unfold(found)
    for found in tree.iter("table", "tbody", "thead", "tfoot", "tr", "td", "th", "caption"):
        found.tag = "div"  # layout


def _unfold(found: Any) -> None:
    if found.find(".//table") is not None or found.get("role") in _LAYOUT:
        return
    rows = [list(row.iterchildren("td", "th")) for row in _rows(found)]
    cells, tags = _grid([row for row in rows if row])
    headed = any(tag == "th" for row in tags for tag in row)
    if max(map(len, cells), default=0) < 2 or not (headed or _is_data(cells)):
        return
    block = found.makeelement("ul")
    block.tail = found.tail
    for line in _list(tags, cells).split("\n"):
        if line:
            item = found.makeelement("li")
            item.text = line.removeprefix("- ")
            block.append(item)
    caption = found.find("caption")
    found.getparent().replace(found, block)
    if caption is not None and words(caption):
        caption.tag, caption.tail = "p", None
        block.addprevious(caption)


def _rows(found: Any) -> list[Any]:
    """The rows as they are shown: those of a footer that stands first come last."""
    rows = list(found.iter("tr"))
    return sorted(rows, key=lambda row: row.getparent().tag == "tfoot")


def _is_data(cells: list[list[str]]) -> bool:
    """Whether cells without a header are data: short, or a long remark in some of many rows."""
    lengths = [len(text) for row in cells for text in row if text]
    long = [length for length in lengths if length > _CELL_LENGTH]
    if not long:
        return True
    even = len(cells) > 2 and len({len(row) for row in cells}) == 1
    return even and max(long) <= _LONG_CELL and len(long) * 3 <= len(lengths)


def _grid(rows: list[list[Any]]) -> tuple[list[list[str]], list[list[str]]]:
    """(texts, tags) of every cell; one that spans rows is repeated in each.

    One that spans columns is repeated in a header, where it names them all, and nowhere else.
    """
    grid: list[dict[int, tuple[str, str]]] = [{} for _ in rows]
    left = _MAX_CELLS
    for number, row in enumerate(rows):
        heading = len(row) > 1 and (not number or all(cell.tag == "th" for cell in row))
        column = 0
        for cell in row:
            while column in grid[number]:
                column += 1
            text = " ".join(" ".join(cell.itertext()).split())
            tag = "th" if _is_head(cell) else "td"
            wide, high = _span(cell, "colspan", MAX_COLUMNS), _span(cell, "rowspan", len(rows))
            if wide * high > max(1, left):
                wide = high = 1
            left -= wide * high
            for line in grid[number : number + high]:
                for step in range(wide):
                    shown = text if heading or not step else ""
                    line.setdefault(column + step, (shown, tag))
            column += wide
    lines = [[line.get(i, ("", "td")) for i in range(max(line, default=-1) + 1)] for line in grid]
    return [[text for text, _ in line] for line in lines], [
        [tag for _, tag in line] for line in lines
    ]


def _span(cell: Any, name: str, most: int) -> int:
    value = cell.get(name, "1").strip()
    number = int(value) if value.isascii() and value.isdecimal() and len(value) < 6 else 1
    # A rowspan of 0 reaches to the end of the table.
    return min(number, most) or (most if name == "rowspan" else 1)


def _is_head(cell: Any) -> bool:
    return bool(cell.tag == "th" or cell.getparent().getparent().tag == "thead")


def _list(tags: list[list[str]], cells: list[list[str]]) -> str:
    alone = [sum(map(bool, row)) < 2 for row in cells]
    pairs = [row for row, single in zip(tags, alone, strict=True) if not single]
    if pairs and all(row == ["th", "td"] for row in pairs):  # an infobox, with titles in it
        rows = zip(cells, alone, strict=True)
        return "\n".join(
            f"- {('' if single else ': ').join(row)}" for row, single in rows if any(row)
        )
    above = next((i for i, single in enumerate(alone) if not single), 0)
    titles = "".join(f"- {''.join(row)}\n" for row in cells[:above] if any(row))
    return titles + _named(tags[above:], cells[above:])


def _named(tags: list[list[str]], cells: list[list[str]]) -> str:
    heads = next((i for i, row in enumerate(tags) if set(row) != {"th"}), 1)
    if heads and len(set(cells[0])) > 1:
        return table([joined(cells[:heads]), *cells[heads:]], named=True)
    if len(cells) == 2 and may_be_pairs(cells):  # nothing says that the first row names columns
        return "\n".join(f"- {name}: {value}" for name, value in cells)
    return table(cells)
