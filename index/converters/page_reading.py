"""Page reading: what was read of a page from its picture, and how surely. Pure."""

import math
from dataclasses import dataclass
from typing import Any, Self

from index.scanned_page import ScannedPage


@dataclass(frozen=True, slots=True)
class PageReading:
    """What was read: paragraphs parted by empty lines, and how sure, 0 to 1.

    `page` tells where its words stand; None where nothing was read.
    """

    text: str
    sure: float
    page: ScannedPage | None = None

    @property
    def fields(self) -> list[Any]:
        """As JSON has it; `from_fields` reads it."""
        return [self.text, self.sure, self.page and self.page.fields]

    @classmethod
    def from_fields(cls, fields: object) -> Self:
        """Read `fields`, which come from a process that any file may have harmed.

        Raises:
            ValueError: a value is not what it should be.
        """
        if not isinstance(fields, list) or len(fields) != 3:
            raise ValueError("not what was read of a page")
        text, sure, page = fields
        if not isinstance(text, str) or not isinstance(sure, float) or not math.isfinite(sure):
            raise ValueError("a page without a text")
        found = None if page is None else ScannedPage.from_fields(page)
        return cls(text, min(max(sure, 0.0), 1.0), found)
