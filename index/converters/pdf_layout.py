"""Layout of a page of a PDF: rows of lines -> columns in reading order, and tables. Pure.

A run of rows that one gutter goes through is columns where both sides are filled with text, else a
table; everything between such runs is plain text across the page.
"""

import itertools
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from index.converters.pdf_lines import Line
from index.converters.pdf_stacked import Interval, across, new_tables, without_line_numbers

_DEEPEST = 6  # columns within columns
_MOST_GUTTERS = 12  # that parts of a page are looked through for, one after another
_MOST_COLUMNS = 60  # of a table on one page
_TEXT_LETTERS, _TEXT_FILL = 18, 0.6  # of a line of a column of text: code points, and its width
_TEXT_ROWS = 3
_MOST_OF = 0.8  # of the rows of a column that are columns of text themselves


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
    rows = rows if deep else without_line_numbers(list(rows))
    text: list[list[Line]] = []  # rows across the page that are still to be given
    runs = list(_runs(rows))
    for i, (run, union) in enumerate(runs):
        below = runs[i + 1][0][0] if i + 1 < len(runs) else []
        if len(union) < 2 or _is_justified(run, text[-1] if text else [], below):
            text += run
        elif deep < _DEEPEST and (parts := _columns(run, union)):
            if end := _table_over(run, union):
                yield from _given(text)
                yield from regions(run[:end], _DEEPEST)
                yield from regions(run[end:], deep)
                continue
            yield from _given(text)
            for part in parts:
                yield from regions(part, deep + 1)
        else:
            for part, filled in _tables(run, union):
                if _is_table(part, filled):
                    yield from _given(text)
                    yield Region(part, filled)
                else:
                    text += part
    yield from _given(text)


def _given(text: list[list[Line]]) -> Iterator[Region]:
    if text:
        yield Region(text[:])
        text.clear()


def _is_justified(run: list[list[Line]], above: list[Line], below: list[Line]) -> bool:
    """Whether gaps go through a few lines by chance, where words are spread to fill the line."""
    for beside in (above, below):
        if len(run) <= 4 and beside:
            left, right = beside[0].left, beside[-1].right
            flush = (abs(row[0].left - left) < 2 and abs(row[-1].right - right) < 2 for row in run)
            if all(flush):
                return True
    return False


def _runs(
    rows: Sequence[list[Line]], deep: int = 0
) -> Iterator[tuple[list[list[Line]], list[Interval]]]:
    """Rows that the same gutters go through, or that have none; each with what they fill."""
    gutter = _best_gutter(rows)
    run: list[list[Line]] = []
    parted = None
    for row in rows:
        crossed = gutter is None or any(line.left < gutter < line.right for line in row)
        if run and crossed != parted:
            yield from _settled(run, parted, deep)
            run = []
        run.append(row)
        parted = crossed
    if run:
        yield from _settled(run, parted, deep)


def _settled(
    run: list[list[Line]], crossed: bool | None, deep: int
) -> Iterator[tuple[list[list[Line]], list[Interval]]]:
    """Rows between which the best gutter of all rows changes; others may part some of them."""
    if not crossed:
        yield run, _filled(run)
    elif deep < _MOST_GUTTERS and _beside(run) > 1 and _best_gutter(run) is not None:
        yield from _runs(run, deep + 1)
    else:
        yield run, [(0.0, 0.0)]


def _filled(run: Sequence[list[Line]]) -> list[Interval]:
    return _union([(line.left, line.right) for row in run for line in row])


def _best_gutter(rows: Sequence[list[Line]]) -> float | None:
    """Where the most rows have lines on both sides and none across; None if not even two have."""
    edges = []
    for band in _bands(rows):
        filled = _union([(line.left, line.right) for line in band])
        for (_, end), (begin, _) in itertools.pairwise(filled):
            edges += [(end, 0, 1), (begin, 1, -1)]
    edges.sort()
    deepest = depth = 0
    best = None
    for (x, _, step), (after, _, _) in itertools.pairwise(edges):
        depth += step
        if depth > deepest and after > x:
            deepest, best = depth, (x + after) / 2
    return best if deepest > 1 else None


def _bands(rows: Sequence[list[Line]]) -> Iterator[list[Line]]:
    """The lines of rows that lie so close together that they stand beside each other."""
    band: list[Line] = []
    top = 0.0
    for row in rows:
        if band and top - row[0].base > 0.55 * row[0].size:
            yield band
            band = []
        if not band:
            top = row[0].base
        band = [*band, *row] if len(band) < _MOST_COLUMNS else band
    if band:
        yield band


def _tables(
    run: list[list[Line]], union: list[Interval]
) -> Iterator[tuple[list[list[Line]], list[Interval]]]:
    """The tables of a run, trimmed: one below another has names of its own over its numbers."""
    start = 0
    for end in (*sorted({*new_tables(run), *across(run, _columns_beside(run))}), len(run)):
        part = run[start:end]
        if part:
            yield from _trimmed(part, _filled(part) if len(part) < len(run) else union)
        start = end


def _columns_beside(run: list[list[Line]]) -> list[Interval]:
    """What the rows fill that hold several lines."""
    return _filled([row for row in run if len(row) > 1])


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
    if first:
        yield run[:first], _filled(run[:first])
        run, last = run[first:], last - first
    tail = run[last:]
    aside = tail and {_column(union, line) for row in tail for line in row} == {0}
    if aside and (_is_sentence(tail[0]) or not _alike(run[:last], tail)):
        yield run[:last], _filled(run[:last])
        yield tail, _filled(tail)
        return
    yield run, _filled(run)


def _is_sentence(row: list[Line]) -> bool:
    """Whether a line is a sentence, as what follows a table may be."""
    text = row[0].plain
    return len(row) == 1 and text.count(" ") > 2 and text.endswith((".", "!", "?", "。", "।"))


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


def _table_over(run: list[list[Line]], union: list[Interval]) -> int:
    """Where a table ends that stands over columns of text, and across them; 0 if there is none."""
    start = 0
    while start < len(run) and len(run[start]) == 1 and _column(union, run[start][0]) == 0:
        start += 1
    end = start
    while end < len(run) and len(run[end]) > 1 and all(_is_short(union, each) for each in run[end]):
        end += 1
    across = sum(len({_column(union, line) for line in row}) > 1 for row in run[start:end])
    left = any(len(row) > len({_column(union, line) for line in row}) for row in run[start:end])
    return end if end - start > 1 and across > 1 and left and start < _TEXT_ROWS else 0


def _is_short(union: Sequence[Interval], line: Line) -> bool:
    left, right = union[_column(union, line)]
    return line.right - line.left < 0.5 * (right - left)


def _columns(run: list[list[Line]], union: list[Interval]) -> list[list[list[Line]]]:
    """The rows of each column of text; none if they are no such columns."""
    union = _without_strays(run, union)
    if all(_is_text(run, union, i) or _is_parted(run, union, i) for i in range(len(union))):
        return [_within(run, union, {i}) for i in range(len(union))]
    if not _beside(run) or _ends_early(run, union):
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


def _is_parted(run: list[list[Line]], union: list[Interval], column: int) -> bool:
    """Whether a column is itself columns of text, which a title across them hides."""
    rows = _within(run, union, {column})
    if len(rows) < 2 * _TEXT_ROWS:
        return False
    part, filled = max(_runs(rows), key=lambda each: len(each[0]))
    return (
        len(filled) > 1
        and len(part) >= _MOST_OF * len(rows)
        and all(_is_text(part, filled, i) for i in range(len(filled)))
    )


def _without_strays(run: list[list[Line]], union: list[Interval]) -> list[Interval]:
    """The columns but for those of one line beside long ones, such as a page's number."""
    counts = [0] * len(union)
    for row in run:
        for line in row:
            counts[_column(union, line)] += 1
    kept = [union[i] for i, count in enumerate(counts) if count > 1 or max(counts) < 5]
    return kept if len(kept) > 1 else union


def _beside(run: list[list[Line]]) -> int:
    """How many rows have lines on more than one side."""
    return sum(len(row) > 1 for row in run)


def _ends_early(run: list[list[Line]], union: list[Interval]) -> bool:
    """Whether the second of two columns holds a few lines at its top, as a last page has."""
    if len(union) != 2 or len(run) < 8 or not _is_text(run, union, 0):
        return False
    last = [i for i, row in enumerate(run) if any(_column(union, line) for line in row)]
    return last[0] < 2 and last[-1] < len(run) / 2


def _within(run: list[list[Line]], union: list[Interval], columns: set[int]) -> list[list[Line]]:
    kept = ([line for line in row if _column(union, line) in columns] for row in run)
    return [row for row in kept if row]


def _is_text(run: list[list[Line]], union: list[Interval], column: int) -> bool:
    """Whether a column is filled with text, as the cells of a table seldom are."""
    width = max(union[column][1] - union[column][0], 1.0)
    letters, fills = [], []
    for row in _within(run, union, {column}):
        letters.append(sum(len(line.plain) for line in row))
        fills.append((row[-1].right - row[0].left) / width)
    return (
        len(letters) >= _TEXT_ROWS
        and statistics.median(letters) >= _TEXT_LETTERS
        and statistics.median(fills) >= _TEXT_FILL
    )


def _is_table(run: list[list[Line]], union: list[Interval]) -> bool:
    """Whether rows that gutters go through are a table's, and not a line with a gap."""
    beside = _beside(run)
    return len(union) > 1 and (beside >= 4 or (beside >= 2 and beside * 2 >= len(run)))
