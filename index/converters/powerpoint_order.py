"""Order of boxes on a slide: rows from top to bottom, in each the columns from left to right. Pure.

A slide keeps its shapes in the order in which they were drawn. Here it is cut where nothing stands
in the way, across and then down, and each part again (a recursive X-Y cut: Nagy and Seth, 1984).
"""

from collections.abc import Sequence
from dataclasses import dataclass

_DEEPEST = 8  # cuts in cuts; what is left is read from top to bottom
_SHARE = 0.1  # of a box, at each side, that may reach into its neighbour


@dataclass(frozen=True, slots=True)
class Box:
    """Where a shape stands, in any unit, from the left and from the top."""

    left: int
    top: int
    width: int
    height: int


def reading_order(boxes: Sequence[Box]) -> list[int]:
    """The places of the boxes in `boxes`, in the order in which people read them."""
    return _cut(boxes, list(range(len(boxes))), across=True, depth=0)


def _cut(boxes: Sequence[Box], places: list[int], *, across: bool, depth: int) -> list[int]:
    if len(places) < 2:
        return places
    parts = _parts(boxes, places, across=across)
    if len(parts) == 1:
        across = not across
        parts = _parts(boxes, places, across=across)
    if len(parts) == 1 or depth == _DEEPEST:
        return sorted(places, key=lambda i: (boxes[i].top, boxes[i].left))
    ordered: list[int] = []
    for part in parts:
        ordered += _cut(boxes, part, across=not across, depth=depth + 1)
    return ordered


def _parts(boxes: Sequence[Box], places: list[int], *, across: bool) -> list[list[int]]:
    """The places parted where a line across, or down, meets no box."""
    spans = sorted((*_span(boxes[i], across=across), i) for i in places)
    parts: list[list[int]] = []
    reached = float("-inf")
    for start, end, place in spans:
        if start >= reached:
            parts.append([])
        parts[-1].append(place)
        reached = max(reached, end)
    return parts


def _span(box: Box, *, across: bool) -> tuple[float, float]:
    start, size = (box.top, box.height) if across else (box.left, box.width)
    return start + size * _SHARE, start + size * (1 - _SHARE)
