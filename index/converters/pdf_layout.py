"""Layout of a page of a PDF: rows of lines -> columns in reading order, and tables. Pure.

A run of rows that one gutter goes through is columns where both sides are filled with text, else a
table; everything between such runs is plain text across the page.
"""

import itertools
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from index.converters.pdf_lines import Line

Interval = tuple[float, float]
_DEEPEST = 6  # columns within columns
_MOST_COLUMNS = 60  # of a table on one page
_TEXT_LETTERS, _TEXT_FILL = 18, 0.6  # of a line of a column of text: code points, and its width
_TEXT_ROWS = 3


@dataclass(slots=True)
class Region:
    """Lines that are read together; `columns` are the places of a table's, none if it is text."""

    rows: list[list[Line]]
    columns: list[Interval] = field(default_factory=list)


def regions(rows: Sequence[list[Line]], deep: int = 0) -> Iterator[Region]:
    """The regions of a page in the order they are read.

    Args:
        rows: lines from top to bottom, those of one height together.
        deep: how many columns this is within.
    """
    for run, union in _runs(rows):
        if len(union) < 2:
            yield Region(run)
        elif deep < _DEEPEST and (parts := _columns(run, union)):
            for part in parts:
                yield from regions(part, deep + 1)
        else:
            yield from _table_or_lines(run, union)


def _runs(rows: Sequence[list[Line]]) -> Iterator[tuple[list[list[Line]], list[Interval]]]:
    """Rows that the same gutters go through, or that have none; each with what they fill."""
    run: list[list[Line]] = []
    union: list[Interval] = []
    for row in rows:
        own = [(line.left, line.right) for line in row]
        together = _union([*union, *own])
        wide = len(_union(own)) > 1
        ends = len(together) < 2 and (len(union) > 1 or wide)
        if run and (ends or len(together) > _MOST_COLUMNS):
            yield from _trimmed(run, union)
            run, together = [], _union(own)
        elif run and len(union) == 1 and len(together) > 1 and len(run) > 1:
            # Lines that went across one column now have a neighbour: they may be its beginning.
            pass
        run.append(row)
        union = together
    if run:
        yield from _trimmed(run, union)


def _trimmed(
    run: list[list[Line]], union: list[Interval]
) -> Iterator[tuple[list[list[Line]], list[Interval]]]:
    """A run without the lines before and after it that have no neighbour on any side."""
    if len(union) < 2:
        yield run, union
        return
    sided = [i for i, row in enumerate(run) if len(row) > 1]
    if not sided:
        yield run, union
        return
    first, last = sided[0], sided[-1] + 1
    lefts = {_column(union, line) for row in run[:first] for line in row}
    if lefts == {0} and first:
        yield run[:first], _union([(line.left, line.right) for row in run[:first] for line in row])
        run, last = run[first:], last - first
    tail = run[last:]
    if tail and {_column(union, line) for row in tail for line in row} == {0}:
        inner = [(line.left, line.right) for row in run[:last] for line in row]
        if not _alike(run[:last], tail):
            yield run[:last], _union(inner)
            yield tail, _union([(line.left, line.right) for row in tail for line in row])
            return
    yield run, _union([(line.left, line.right) for row in run for line in row])


def _alike(body: list[list[Line]], tail: list[list[Line]]) -> bool:
    """Whether lines go on below a column of text as they did within it."""
    column = [row[0] for row in body]
    steps = [above.base - below.base for above, below in itertools.pairwise(column)]
    step = body[-1][0].base - tail[0][0].base
    return bool(steps) and step <= 1.3 * statistics.median(steps)


def _union(intervals: Sequence[Interval]) -> list[Interval]:
    """Intervals without overlaps, from left to right; those that nearly touch are one."""
    made: list[Interval] = []
    for left, right in sorted(intervals):
        if made and left <= made[-1][1] + 2.0:
            made[-1] = made[-1][0], max(made[-1][1], right)
        else:
            made.append((left, right))
    return made


def _column(union: Sequence[Interval], line: Line) -> int:
    middle = (line.left + line.right) / 2
    return min(
        range(len(union)), key=lambda i: max(union[i][0] - middle, middle - union[i][1], 0.0)
    )


def _columns(run: list[list[Line]], union: list[Interval]) -> list[list[list[Line]]]:
    """The rows of each column of text; none if they are no such columns."""
    if all(_is_text(run, union, i) for i in range(len(union))):
        return [_within(run, union, {i}) for i in range(len(union))]
    if not _beside(run):
        return [_within(run, union, {i}) for i in range(len(union))]
    # A table may stand in one column of a page.
    gutter = max(range(1, len(union)), key=lambda i: union[i][0] - union[i - 1][1])
    halves = [
        _within(run, union, set(range(gutter))),
        _within(run, union, set(range(gutter, len(union)))),
    ]
    alone = (gutter == 1 and _is_text(run, union, 0)) or (
        gutter == len(union) - 1 and _is_text(run, union, gutter)
    )
    dense = all(len(half) >= max(5, 0.7 * len(run)) for half in halves)
    return halves if alone and dense and len(union) > 2 else []


def _beside(run: list[list[Line]]) -> int:
    """How many rows have lines on more than one side."""
    return sum(len(row) > 1 for row in run)


def _within(run: list[list[Line]], union: list[Interval], columns: set[int]) -> list[list[Line]]:
    kept = ([line for line in row if _column(union, line) in columns] for row in run)
    return [row for row in kept if row]


def _is_text(run: list[list[Line]], union: list[Interval], column: int) -> bool:
    """Whether a column is filled with text, as the cells of a table seldom are."""
    lines = [line for row in run for line in row if _column(union, line) == column]
    width = max(union[column][1] - union[column][0], 1.0)
    return (
        len(lines) >= _TEXT_ROWS
        and statistics.median(len(line.plain) for line in lines) >= _TEXT_LETTERS
        and statistics.median((line.right - line.left) / width for line in lines) >= _TEXT_FILL
    )


def _table_or_lines(run: list[list[Line]], union: list[Interval]) -> Iterator[Region]:
    if _beside(run) >= 2 and _beside(run) * 2 >= len(run) or _beside(run) >= 4:
        yield Region(run, union)
    else:
        yield Region(run)
