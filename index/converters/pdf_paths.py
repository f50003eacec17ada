"""Paths of a PDF: the straight lines that are drawn on a page, by the points of its shapes."""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

THIN = 3.0  # points: a ruled line, not a filled box
MOST_POINTS = 4_000  # of a page's shapes that are looked at
_STRAIGHT = 0.5  # points: how far a line may lean


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in points of the page, y up."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def area(self) -> float:
        """In square points."""
        return (self.right - self.left) * (self.top - self.bottom)

    @property
    def is_thin(self) -> bool:
        """Whether it is a line rather than a field."""
        return self.right - self.left <= THIN or self.top - self.bottom <= THIN

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies in it."""
        return self.left <= x <= self.right and self.bottom <= y <= self.top


Point = tuple[float, float]


def lines(path: Any, *, stroked: bool) -> Iterator[Box]:
    """The upright and flat lines of a shape that is more than one: those that are drawn, or filled.

    Args:
        path: PDFium's object.
        stroked: whether its edges are drawn; else thin parts that are filled count.
    """
    for part in _parts(path):
        if stroked:
            yield from (box for a, b in pairwise(part) if (box := _around(a, b)).is_thin)
        elif len(part) > 1 and (box := _around(*part)).is_thin:
            yield box


def _around(*points: Point) -> Box:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return Box(min(xs), min(ys), max(xs), max(ys))


def _parts(path: Any) -> Iterator[list[Point]]:
    """The points of each part of a shape, in points of the page; none of those with curves."""
    from pypdfium2 import raw

    matrix, x, y = raw.FS_MATRIX(), ctypes.c_float(), ctypes.c_float()
    raw.FPDFPageObj_GetMatrix(path, matrix)
    part: list[Point] = []
    for i in range(raw.FPDFPath_CountSegments(path)):
        segment = raw.FPDFPath_GetPathSegment(path, i)
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_MOVETO and part:
            yield part
            part = []
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        if kind == raw.FPDF_SEGMENT_BEZIERTO:
            part = []
            continue
        part.append(
            (
                matrix.a * x.value + matrix.c * y.value + matrix.e,
                matrix.b * x.value + matrix.d * y.value + matrix.f,
            )
        )
        if raw.FPDFPathSegment_GetClose(segment):
            part.append(part[0])
    if part:
        yield part
