"""Tables of Word: the rows and cells of `w:tbl`, and what is said of each. Pure.

ECMA-376, part 1, 17.4: cells over several columns (`w:gridSpan`), over several rows (`w:vMerge`),
and rows that begin within the table (`w:gridBefore`).
"""

from collections.abc import Iterator
from typing import Any

from index.converters.ooxml import W, on
from index.converters.word_styles import Styles, whole

_WIDEST = 63  # columns: no table of Word has more
_CONTAINERS = frozenset(
    f"{W}{name}" for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo")
)


def inner(element: Any, name: str) -> Iterator[Any]:
    """The rows of a table or the cells of a row, also those within content controls."""
    for child in element:
        if child.tag == f"{W}{name}":
            yield child
        elif child.tag in _CONTAINERS:
            yield from inner(child, name)


def row_setting(row: Any, name: str) -> Any:
    """One of the properties of a row; None where it is not there."""
    return row.find(f"{W}trPr/{W}{name}")


def is_heading(row: Any) -> bool:
    """Whether a row is repeated on each page, as the names of columns are."""
    return on(row_setting(row, "tblHeader"))


def before(row: Any) -> int:
    """The columns that a row leaves out at its beginning."""
    found = row_setting(row, "gridBefore")
    return min(_WIDEST, whole(found.get(f"{W}val"))) if found is not None else 0


def width(cell: Any) -> int:
    """The columns of a cell."""
    found = cell.find(f"{W}tcPr/{W}gridSpan")
    return max(1, min(_WIDEST, whole(found.get(f"{W}val"), 1))) if found is not None else 1


def is_bold(cell: Any, styles: Styles) -> bool:
    """Whether all words of a cell are bold, as names of columns are."""
    words = [run for run in cell.iter(f"{W}r") if run.find(f"{W}t") is not None]
    return bool(words) and all(_is_bold(run, styles) for run in words)


def _is_bold(run: Any, styles: Styles) -> bool:
    own = run.find(f"{W}rPr/{W}b")
    if own is not None:
        return on(own)
    found = (run.find(f"{W}rPr/{W}rStyle"), run.getparent().find(f"{W}pPr/{W}pStyle"))
    of_run, of_paragraph = ("" if each is None else each.get(f"{W}val", "") for each in found)
    return styles.toggled("b", of_paragraph, of_run)


def continues(cell: Any) -> bool:
    """Whether a cell belongs to the one above it."""
    found = cell.find(f"{W}tcPr/{W}vMerge")
    return found is not None and found.get(f"{W}val", "continue") == "continue"
