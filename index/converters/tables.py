"""Tables: rows -> a list whose lines name their columns: `- Name: X; Price: 3`. Pure.

A table's header would be lost where a long table is cut into chunks, so each row repeats it. Merged
cells are repeated in each of their rows. Which row is the header, table_header.py finds out.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, pairwise, zip_longest

from index.converters.cell_shape import Cell, is_bold
from index.converters.table_header import (
    SAMPLE,
    columns_of_numbers,
    header,
    names_anew,
    pairs,
)
from index.errors import NotText
from index.text.normalise import MAX_CODE_POINTS, too_long

MAX_COLUMNS = 1_000  # a row of more is longer than any passage
_MAX_CELLS = 20_000_000  # empty ones before filled ones among them
_MARKS = "*†‡§¹²³⁴⁵⁶⁷⁸⁹([#"  # a remark below a table begins with such a sign
_REST = re.compile(r"\d{2,3}(?:[.,]\d+)?\D{0,4}")  # of a number behind a comma
_REMARK_LENGTH = 40  # code points; a shorter cell alone in its row may be data


def table(rows: Iterable[Sequence[object]], *, named: bool | None = None) -> str:
    """The rows as a Markdown list, after the lines above the header as paragraphs.

    Args:
        rows: cells from left to right; None and white space are empty.
        named: whether the first row holds the columns' names; None to find out.

    Raises:
        NotText: a row is wider than MAX_COLUMNS, or there is more than MAX_CODE_POINTS of text.
    """
    above, lines = list_of(filter(None, limited(rows)), named=named)
    return "\n".join([*above, *([""] if above else []), *lines])


def list_of(
    rows: Iterable[Sequence[str]], *, named: bool | None = None
) -> tuple[list[str], Iterator[str]]:
    """The lines above a table's header, and then its rows as items of a list.

    Args:
        rows: cells in one line each; each row ends with a filled cell.
        named: as of `table`.
    """
    waiting = iter(rows)
    sample = list(islice(waiting, SAMPLE))
    everything = chain(sample, waiting)
    if named:
        return [], items(sample[0] if sample else (), islice(everything, 1, None), sample[1:])
    found = header(sample) if named is None else None
    if found is None:
        whole = named is None and len(sample) < SAMPLE and pairs(sample)
        return [], _unnamed(everything, ": " if whole else "; ")
    above = [" ".join(filter(None, row)) for row in sample[: found.first]]
    return above, items(found.names, islice(everything, found.body, None), sample[found.body :])


def items(
    names: Sequence[str], rows: Iterable[Sequence[str]], sample: Sequence[Sequence[str]]
) -> Iterator[str]:
    """A line for each row below a header; a remark between or below them is a paragraph.

    Args:
        names: of the columns.
        rows: all of them below the header.
        sample: the first ones of `rows`.
    """
    sample = [row for row in sample if list(row) != list(names)]  # repeated names
    numbers, anew = columns_of_numbers(sample), False
    probe = numbers[0] if numbers else MAX_COLUMNS
    titled = False  # by a row of one cell right above
    for row in rows:
        below, titled = titled, len(row) == 1
        if len(row) == 1 and len(names) > 1:
            yield from _alone(names, row[0], sample)
        elif (
            len(row) > probe
            and row[probe]
            and not any(map(str.isdigit, row[probe]))
            and names_anew(row, names, sample, numbers, titled=below)
        ):
            if anew:
                yield f"- {line((), names)}"
            names, anew = row, list(row) != list(names)
        else:
            anew = False
            yield f"- {line(() if len(row) > len(names) and _is_torn(row) else names, row)}"
    if anew:  # nothing followed
        yield f"- {line((), names)}"


def _is_torn(row: Sequence[str]) -> bool:
    """Whether a number was cut at its commas, `1,200` without quotes: later names are wrong."""
    return any(one[-1:].isdigit() and _REST.fullmatch(two) for one, two in pairwise(row))


def _unnamed(rows: Iterable[Sequence[str]], separator: str) -> Iterator[str]:
    for row in rows:
        yield f"- {separator.join(filter(None, row)).replace(':: ', ': ')}{remarks(row)}"


def _alone(names: Sequence[str], cell: str, sample: Sequence[Sequence[str]]) -> Iterator[str]:
    """A row of one cell, the first: a remark, the name of a group of rows, or data."""
    longest = max((len(row[0]) for row in sample if len(row) > 1), default=0)
    remark = cell[0] in _MARKS or len(cell) > max(_REMARK_LENGTH, 2 * longest) or ": " in cell
    if remark or is_bold(cell):
        yield from ("", f"{cell}{remarks([cell])}", "")
    elif len(names) > 2:  # what the other cells would say is not known: it may name a group
        yield f"- {line((), [cell])}"
    else:
        yield f"- {line(names, [cell])}"


def line(names: Sequence[str], row: Sequence[str]) -> str:
    """One row: `Name: X; Price: 3`, without its empty cells; remarks on cells stand behind."""
    if len(row) > len(names):
        names = [*names, *[""] * (len(row) - len(names))]
    said = "; ".join(
        [f"{name}: {cell}" if name else cell for name, cell in zip(names, row) if cell]  # noqa: B905
    )
    return said + remarks(row)


def remarks(row: Sequence[str]) -> str:
    """What is remarked on the cells of a row, to stand behind it."""
    if Cell not in map(type, row):
        return ""
    return "".join(f" {cell.remark}" for cell in row if isinstance(cell, Cell) and cell.remark)


def joined(rows: Sequence[Sequence[str]]) -> list[str]:
    """The columns' names in a header of several rows: `2023 Q1`."""
    return [
        " ".join(dict.fromkeys(filter(None, names))) for names in zip_longest(*rows, fillvalue="")
    ]


def cell_text(cell: object) -> str:
    """A cell in one line: whole numbers without `.0`, days without midnight."""
    if cell is None:
        return ""
    if isinstance(cell, Cell):
        return cell
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 10**15:
        return str(int(cell))
    return " ".join(str(cell).split()).removesuffix(" 00:00:00")


def limited(rows: Iterable[Sequence[object]]) -> Iterator[list[str]]:
    """The rows as text, without empty cells at their ends; an empty row is [].

    Raises:
        NotText: as of `table`.
    """
    total = cells = 0
    for row in rows:
        texts = [" ".join(cell.split()) if type(cell) is str else cell_text(cell) for cell in row]
        while texts and not texts[-1]:
            del texts[-1]
        if len(texts) > MAX_COLUMNS:
            raise NotText(f"has a table of more than {MAX_COLUMNS} columns")
        total += sum(map(len, texts))
        cells += len(texts)
        if total > MAX_CODE_POINTS or cells > _MAX_CELLS:
            raise too_long()
        yield texts


@dataclass(frozen=True, slots=True)
class MergedCell:
    """A merged cell's range: rows and columns counted from 1, the last ones included."""

    left: int
    top: int
    right: int
    bottom: int


def unmerged(
    rows: Iterable[Sequence[object]], spans: Sequence[MergedCell]
) -> Iterator[Sequence[object]]:
    """The rows, with the header of several rows in one, and merged cells in each of their rows."""
    filled = _filled(rows, sorted(spans, key=lambda span: span.top))
    names: list[list[str]] = []
    for cells, wide in filled:
        if not names and wide and sum(cell is not None for cell in cells) > 1:
            names = [_named(cells, wide)]
            break
        yield cells
        if sum(cell is not None for cell in cells) > 1:
            break  # what follows is data
    yield from _below(names, wide, filled) if names else (cells for cells, _ in filled)


def _below(
    names: list[list[str]],
    above: list[MergedCell],
    rows: Iterator[tuple[list[object], list[MergedCell]]],
) -> Iterator[Sequence[object]]:
    """The header's names in one row, then the data."""
    under = {column for span in above for column in range(span.left, span.right + 1)}
    for cells, wide in rows:
        texts = _named(cells, wide)
        named = {i for i, text in enumerate(texts, 1) if text and text not in names[-1][i - 1 : i]}
        if not named or not named <= under:
            yield joined(names)
            yield cells
            break
        names.append(texts)
    else:
        yield joined(names)
    yield from (cells for cells, _ in rows)


def _named(cells: Sequence[object], wide: Sequence[MergedCell]) -> list[str]:
    texts = [cell_text(cell) for cell in cells]
    for span in wide:
        right = min(span.right, MAX_COLUMNS)
        texts += [""] * (right - len(texts))
        texts[span.left : right] = [texts[span.left - 1]] * (right - span.left)
    return texts


def _filled(
    rows: Iterable[Sequence[object]], spans: list[MergedCell]
) -> Iterator[tuple[list[object], list[MergedCell]]]:
    """Each row with the merged cells that reach into it, and the wide ones that begin in it."""
    waiting, reaching = spans[::-1], dict[MergedCell, object]()
    for number, row in enumerate(rows, 1):
        cells, wide = list(row), []
        for span, value in reaching.items():
            if span.left <= len(cells) and cells[span.left - 1] is None:
                cells[span.left - 1] = value
        while waiting and waiting[-1].top <= number:
            span = waiting.pop()
            if span.left <= min(len(cells), MAX_COLUMNS):
                wide += [span] if span.right > span.left else []
                reaching[span] = cells[span.left - 1]
        reaching = {span: value for span, value in reaching.items() if span.bottom > number}
        yield cells, wide
