"""Tables: rows -> a list whose lines name their columns: `- Name: X; Price: 3`. Pure.

A table's header would be lost where a long table is cut into chunks, so each row repeats it. Merged
cells are repeated in each of their rows.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from index.errors import NotText
from index.text.normalise import MAX_CODE_POINTS, too_long

MAX_COLUMNS = 1_000  # a row of more is longer than any passage
_HEADER_WITHIN = 10  # rows; above it are at most a title and a remark or two


def table(rows: Iterable[Sequence[object]], *, named: bool | None = None) -> str:
    """The rows as a Markdown list, after the lines above the header as paragraphs.

    Args:
        rows: cells from left to right; None and white space are empty.
        named: whether the first row holds the columns' names; None to guess.

    Raises:
        NotText: a row is wider than MAX_COLUMNS, or there is more than MAX_CODE_POINTS of text.
    """
    texts = _limited(rows)
    above, names, first = _header(texts, named)
    lines = [*above, *([""] if above else [])]
    lines += [f"- {line(names, row)}" for row in first]
    lines += [f"- {line(names, row)}" for row in texts]
    return "\n".join(lines)


def line(names: Sequence[str], row: Sequence[str]) -> str:
    """One row: `Name: X; Price: 3`, without its empty cells."""
    padded = [*names, *[""] * (len(row) - len(names))]
    return "; ".join(
        f"{name}: {cell}" if name else cell for name, cell in zip(padded, row, strict=False) if cell
    )


def joined(rows: Sequence[Sequence[str]]) -> list[str]:
    """The columns' names in a header of several rows: `2023 Q1`."""
    return [
        " ".join(dict.fromkeys(filter(None, names))) for names in zip_longest(*rows, fillvalue="")
    ]


def cell_text(cell: object) -> str:
    """A cell in one line: whole numbers without `.0`, days without midnight."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 10**15:
        return str(int(cell))
    return " ".join(str(cell).split()).removesuffix(" 00:00:00")


def _limited(rows: Iterable[Sequence[object]]) -> Iterator[list[str]]:
    """The rows that are not empty, as text."""
    total = 0
    for row in rows:
        end = max((i for i, cell in enumerate(row) if cell is not None), default=-1) + 1
        if end > MAX_COLUMNS:
            raise NotText(f"has a table of more than {MAX_COLUMNS} columns")
        cells = [cell_text(cell) for cell in row[:end]]
        total += sum(map(len, cells))
        if total > MAX_CODE_POINTS:
            raise too_long()
        if any(cells):
            yield cells


def _header(
    rows: Iterator[list[str]], named: bool | None
) -> tuple[list[str], list[str], list[list[str]]]:
    """(the lines above the header, the columns' names, the rows read beyond it)."""
    if named is not None:
        return [], next(rows, []) if named else [], []
    seen: list[list[str]] = []
    for row in rows:
        seen.append(row)
        if sum(map(bool, row)) > 1 or len(seen) == _HEADER_WITHIN:
            break
    if seen and sum(map(bool, seen[-1])) > 1 and all(map(_is_name, filter(None, seen[-1]))):
        follower = next(rows, None)
        if follower is not None:
            return [" ".join(filter(None, row)) for row in seen[:-1]], seen[-1], [follower]
    return [], [], seen


def _is_name(cell: str) -> bool:
    """Whether a cell may name a column: short, with words and not an amount or a day."""
    letters = sum(letter.isalpha() for letter in cell)
    digits = sum(letter.isdigit() for letter in cell)
    return len(cell) <= 80 and (letters > digits or (digits == 4 and cell.isdigit()))


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
