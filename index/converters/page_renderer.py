"""Page renderer: pages of PDFs and pictures as pictures of ours, and where words stand on them.

The work is done in a process of its own, within limits of time, memory and pixels. All that comes
back are numbers and pixels, which are checked and made a picture here: whatever a file does to that
process, no byte of its making reaches a browser but as the colour of a point.
"""

import atexit
import io
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from index.child_process import ChildProcess, NotStarted
from index.converters.page_places import MOST_BOXES, Places
from index.converters.page_words import Box, Quote
from index.converters.page_worker import MAX_ANSWER
from index.converters.pixels import MOST_HEIGHT, MOST_WIDTH
from index.errors import NotText, UserError
from index.scanned_page import ScannedPage

# A page of a scan takes a second, one of dense maps five.
SECONDS = 15.0
MEMORY = 2 * 2**30  # bytes of address space
NO_SCANS: Mapping[int, ScannedPage] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as a picture; `width` and `height` are in pixels."""

    width: int
    height: int
    png: bytes


class PageRenderer:
    """Draws pages and finds words on them, one at a time; any thread may call it."""

    def __init__(self, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        """No process is started yet; `seconds` are for one answer, `memory` is in bytes."""
        self._seconds = seconds
        self.process = ChildProcess("index.converters.page_worker", str(seconds), str(memory))

    def places(
        self,
        data: bytes,
        page: int | None,
        quote: Quote,
        scans: Mapping[int, ScannedPage] = NO_SCANS,
        reader: str = "pdf",
    ) -> Places:
        """Where a quote stands on the pages of a file, as `index.converters.page_places` has it.

        Raises:
            NotText: the file is damaged, or goes beyond a limit.
            UserError: the process cannot start, whatever the file.
        """
        words = {"words": quote.words, "before": quote.before, "after": quote.after}
        asked = {"do": "find", "reader": reader, "page": page, "quote": words}
        told, _ = self._ask(asked | {"scans": {n: scan.fields for n, scan in scans.items()}}, data)
        try:
            return _places(told)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            self.close()
            raise _damaged() from error

    def picture(self, data: bytes, page: int, reader: str = "pdf") -> Picture:
        """A page of a file; `page` is from 1, and `reader` what reads it, `pdf` or `picture`.

        Raises:
            NotText: there is no such page, it cannot be drawn, or it goes beyond a limit.
            UserError: the process cannot start, whatever the file.
        """
        told, pixels = self._ask({"do": "draw", "reader": reader, "page": page}, data)
        width: Any = told.get("width")
        height: Any = told.get("height")
        if not _fits(width, MOST_WIDTH) or not _fits(height, MOST_HEIGHT):
            self.close()
            raise _damaged()
        if len(pixels) != 3 * width * height:
            self.close()
            raise _damaged()
        return Picture(width, height, _png(width, height, pixels))

    def close(self) -> None:
        """End the process, at once."""
        self.process.close()

    def _ask(self, asked: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
        request = json.dumps(asked).encode(), data
        try:
            answer = self.process.ask(*request, seconds=self._seconds, most=MAX_ANSWER)
            line, _, rest = answer.partition(b"\n")
            told = json.loads(line)
        except NotStarted as error:
            raise UserError(error.advice("draws pages")) from error
        except TimeoutError as error:
            raise NotText(f"takes more than {self._seconds:g} seconds to draw") from error
        except (EOFError, OSError, ValueError, RecursionError) as error:
            self.close()
            raise _damaged() from error
        if not isinstance(told, dict):
            self.close()
            raise _damaged()
        if "refused" in told:
            raise NotText(str(told["refused"])[:200])
        return told, rest


def _damaged() -> NotText:
    return NotText("cannot be drawn: it is damaged or needs too much memory")


def _fits(value: object, most: int) -> bool:
    return type(value) is int and 1 <= value <= most


def _places(told: dict[str, Any]) -> Places:
    """What the process says, which any file may have harmed.

    Raises:
        ValueError: it is not what it should be.
    """
    count = told["pages"]
    if not _fits(count, 2**31):
        raise ValueError("not a number of pages")
    boxes = {int(page): [_box(box) for box in its] for page, its in told["boxes"].items()}
    if not all(1 <= page <= count and 0 < len(its) <= MOST_BOXES for page, its in boxes.items()):
        raise ValueError("boxes on no page")
    leans = {int(page): float(lean) for page, lean in told["leans"].items()}
    if not leans.keys() <= boxes.keys() or not all(-45 <= lean <= 45 for lean in leans.values()):
        raise ValueError("pages that lean and are none")
    return Places(boxes, count, leans)


def _box(values: Any) -> Box:
    left, top, right, bottom = map(float, values)
    if not all(map(math.isfinite, (left, top, right, bottom))):
        raise ValueError("a box that is none")
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        raise ValueError("a box beyond the page")
    return left, top, right, bottom


def _png(width: int, height: int, pixels: bytes) -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.frombytes("RGB", (width, height), pixels).save(file, "PNG")
    return file.getvalue()


@cache
def renderer() -> PageRenderer:
    """The one for this process; it ends with it."""
    one = PageRenderer()
    atexit.register(one.close)
    return one
