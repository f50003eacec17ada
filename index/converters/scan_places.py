"""Scan places: where the words that were read from a page's picture stand on the page. Pure.

They were read from the picture as it was turned, and are sought and joined to lines there; what is
marked is turned back.
"""

import math
from collections.abc import Iterator

from index.converters.page_words import Box, PageWord, letters
from index.converters.pdf_places import MOST_CHARACTERS
from index.scanned_page import ScannedPage

_ABOVE, _BESIDE = 0.12, 0.06  # of a line's height: paper that is marked about the ink


class ScanSheet:
    """A page that was read from its picture."""

    def __init__(self, page: ScannedPage, number: int) -> None:
        self._page, self._number = page, number
        quarters = round(page.turn / 90)
        self._is_on_its_side = quarters % 2 == 1
        self.lean = page.turn - 90 * quarters
        """Degrees by which its lines fall to the right, as the page is drawn."""

    def words(self) -> Iterator[PageWord]:
        """Every word that has letters, as they were read; each letter has its word's box."""
        for word in self._page.words:
            text = "".join(letter for letter, _ in letters(word.text))
            left, top, right, bottom = map(float, word.box)
            if text:
                boxes = ((left, top, right, bottom),) * len(text)
                run = self._number * MOST_CHARACTERS + word.line
                yield PageWord(text, boxes, self._number, run)

    def share(self, box: Box) -> Box:
        """A box in shares of the page's width and height, but for its lean about its middle."""
        width, height = box[2] - box[0], box[3] - box[1]
        width, height = width + 2 * _BESIDE * height, height + 2 * _ABOVE * height
        x, y = self._on_page((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        if self._is_on_its_side:
            width, height = height, width
        across, down = self._page.width, self._page.height
        left, right = ((x + side * width / 2) / across + 0.5 for side in (-1, 1))
        top, bottom = ((y + side * height / 2) / down + 0.5 for side in (-1, 1))
        return max(0.0, left), max(0.0, top), min(1.0, right), min(1.0, bottom)

    def _on_page(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the upright picture stands on the page, both from the middle."""
        turn = math.radians(self._page.turn)
        return x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn)
