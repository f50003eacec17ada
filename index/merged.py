"""Merged: a sheet whose merged cells say what they hold in each row they reach over. Pure.

A cell over several columns names them all where it stands in the header; elsewhere it is one value.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from index.converters.tables import MAX_COLUMNS, cell_text, joined


@dataclass(frozen=True, slots=True)
class Span:
    """The place of a merged cell: rows and columns counted from 1, the last ones included."""

    left: int
    top: int
    right: int
    bottom: int


def unmerged(rows: Iterable[Sequence[object]], spans: Sequence[Span]) -> Iterator[Sequence[object]]:
    """The rows, with the header of several rows in one, and each cell said in all of its rows."""
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
    names: list[list[str]], above: list[Span], rows: Iterator[tuple[list[object], list[Span]]]
) -> Iterator[Sequence[object]]:
    """The header's names in one row, then the data."""
    under = {column for span in above for column in range(span.left, span.right + 1)}
    for cells, wide in rows:
        texts = _named(cells, wide)
        told = {i for i, text in enumerate(texts, 1) if text and text not in names[-1][i - 1 : i]}
        if not told or not told <= under:
            yield joined(names)
            yield cells
            break
        names.append(texts)
    else:
        yield joined(names)
    yield from (cells for cells, _ in rows)


def _named(cells: Sequence[object], wide: Sequence[Span]) -> list[str]:
    texts = [cell_text(cell) for cell in cells]
    for span in wide:
        right = min(span.right, MAX_COLUMNS)
        texts += [""] * (right - len(texts))
        texts[span.left : right] = [texts[span.left - 1]] * (right - span.left)
    return texts


def _filled(
    rows: Iterable[Sequence[object]], spans: list[Span]
) -> Iterator[tuple[list[object], list[Span]]]:
    """Each row with what reaches down into it, and the cells that begin in it and are wide."""
    waiting, reaching = spans[::-1], dict[Span, object]()
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
