"""Piece: letters of one style that stand side by side on a page of a PDF. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of letters of one size and weight on one line, turned upright.

    `left`, `right` and `base` (the line that letters stand on) are in points, x to the right and y
    up; `size` is that of the font as it is drawn. `order` is its place in PDFium's reading,
    `spaced` whether white space or a line's end stands before it there. `mark` is the number of its
    marked content in a tagged file, -1 if it has none.
    """

    text: str
    left: float
    right: float
    base: float
    size: float
    bold: bool = False
    order: int = 0
    spaced: bool = False
    mark: int = -1

    @property
    def top(self) -> float:
        """Where capital letters end, about."""
        return self.base + 0.75 * self.size

    @property
    def bottom(self) -> float:
        """Where letters such as g end, about."""
        return self.base - 0.25 * self.size
