"""Seams of a PDF's lines: where two objects touch, and whether they are cells of a table. Pure.

A spreadsheet that is printed without rules draws each cell by itself, and a full cell touches the
next: `Length (m)` and `Fee`. So may the parts of a word. They are cells where the rows above and
below have a wide gap at the same place, with a cell on either side of it.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

_WIDE = 0.9  # of the letters' size: a gap that parts cells
_NEAR = 0.2  # of the letters' size: by which edges may differ
_STEP = 2.5  # of the letters' size: the farthest that the next row of a table stands
_MOST_ROWS = 6  # that are looked at on either side
_LEAST_ROWS = 2  # that must have a gap


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of a line in points; `seams` has the ends and begins of objects that touch in it."""

    left: float
    right: float
    base: float
    size: float
    seams: tuple[tuple[float, float], ...] = ()


def between_cells(stretches: Sequence[Stretch]) -> list[list[int]]:
    """For each stretch of a page the numbers of its seams that part cells."""
    found: list[list[int]] = [[] for _ in stretches]
    rows = _rows(stretches)
    gaps = [_gaps([stretches[n] for n in row]) for row in rows]
    for number, row in enumerate(rows):
        first, end = max(0, number - _MOST_ROWS), number + _MOST_ROWS + 1
        near = sorted(gap for its in (*gaps[first:number], *gaps[number + 1 : end]) for gap in its)
        if len(near) < _LEAST_ROWS:
            continue  # prose
        beside = rows[:number][::-1], rows[number + 1 :]
        for i in row:
            found[i] = [
                seam
                for seam, (_, begin) in enumerate(stretches[i].seams)
                if _is_within(begin, near)
                and _parts_cells(stretches, i, seam, _next(stretches, i, row), beside)
            ]
    return found


def _gaps(row: Sequence[Stretch]) -> list[tuple[float, float]]:
    """The wide gaps of a row, a little longer than they are."""
    ordered = sorted(row, key=_left) if len(row) > 1 else ()
    return [
        (one.right - _NEAR * one.size, other.left + _NEAR * one.size)
        for one, other in itertools.pairwise(ordered)
        if other.left - one.right >= _WIDE * one.size
    ]


def _is_within(at: float, gaps: Sequence[tuple[float, float]]) -> bool:
    return sum(left <= at <= right for left, right in gaps) >= _LEAST_ROWS


def _rows(stretches: Sequence[Stretch]) -> list[list[int]]:
    """The numbers of stretches by their lines, from top to bottom."""
    rows: list[list[int]] = []
    for i in sorted(range(len(stretches)), key=lambda i: -stretches[i].base):
        last = stretches[rows[-1][-1]] if rows else None
        if last and last.base - stretches[i].base < 0.3 * stretches[i].size:
            rows[-1].append(i)
        else:
            rows.append([i])
    return rows


def _next(stretches: Sequence[Stretch], i: int, row: Sequence[int]) -> float:
    """Where the stretch behind another one begins in its row."""
    lefts = (stretches[n].left for n in row)
    return min((left for left in lefts if left > stretches[i].left), default=math.inf)


def _parts_cells(
    stretches: Sequence[Stretch],
    i: int,
    seam: int,
    next: float,
    beside: Sequence[Sequence[Sequence[int]]],
) -> bool:
    here, (end, begin) = stretches[i], stretches[i].seams[seam]
    lefts = [here.left, *(left for _, left in here.seams), next]
    one, other = (lefts[seam], end), (begin, lefts[seam + 2])
    gaps = 0
    for rows in beside:
        base = here.base
        for row in itertools.islice(rows, _MOST_ROWS):
            its = [stretches[n] for n in row]
            if abs(its[0].base - base) > _STEP * here.size or _is_crossed(its, begin, here.size):
                break
            base = its[0].base
            gaps += _has_cells(its, one, other, begin, here.size)
    return gaps >= _LEAST_ROWS


def _is_crossed(row: Sequence[Stretch], at: float, size: float) -> bool:
    """Whether words of a row stand across a place, and no seam is there."""
    near = _NEAR * size
    return any(
        each.left < at - near
        and each.right > at + near
        and not any(abs(begin - at) < near for _, begin in each.seams)
        for each in row
    )


def _has_cells(
    row: Sequence[Stretch],
    one: tuple[float, float],
    other: tuple[float, float],
    at: float,
    size: float,
) -> bool:
    """Whether a row has a wide gap at a place, and a cell of either column beside it."""
    before = max((each for each in row if each.left < at - _NEAR * size), key=_right, default=None)
    after = min((each for each in row if each.left >= at - _NEAR * size), key=_left, default=None)
    if not before or not after or after.left - before.right < _WIDE * size:
        return False
    if before.right > at + _NEAR * size:
        return False  # a seam is there
    is_below_one = before.right > one[0] and before.left < one[1]
    return is_below_one and after.right > other[0] and after.left < other[1]


def _right(stretch: Stretch) -> float:
    return stretch.right


def _left(stretch: Stretch) -> float:
    return stretch.left
