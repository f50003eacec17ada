"""Sandbox: converts files in a process of their own, within limits of time and memory.

A page that is read from its picture has the time of a file for itself, and is kept in the cache.

It sees only the bytes it is given, and only bytes are taken from it: nothing of it is unpickled.
"""

import atexit
import hashlib
import json
import logging
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

from index.child_process import ChildProcess, NotStarted
from index.converters import ocr_cache
from index.converters.converted import Converted
from index.converters.page_reading import PageReading
from index.converters.worker import MAX_ANSWER
from index.errors import NotText, UserError

# A book of 600 pages takes some 10 seconds on a core of 2021.
SECONDS = 60.0
# Bytes of address space. The parsers themselves take 0.3 GB; a tree of XML ten times its text.
MEMORY = 3 * 2**30

Progress = Callable[[int, int], None]
"""Told how many of how many pages were read from their pictures."""

_FAILED = PageReading("", 0.0)
_MOST_PAGES = 5_000
_LOG = logging.getLogger(__name__)


def _untold(done: int, total: int) -> None:
    pass


class Converter:
    """Converts files, one at a time; any thread may call it."""

    def __init__(self, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        """No process is started yet; `seconds` are for one file, `memory` is in bytes."""
        self._seconds = seconds
        self.process = ChildProcess("index.converters.worker", str(seconds), str(memory))

    @property
    def pid(self) -> int | None:
        """The process that waits for the next file, if there is one."""
        return self.process.pid

    def convert(self, reader: str, data: bytes, progress: Progress = _untold) -> Converted:
        """Convert a file's bytes; `reader` is one of index/converters/worker.py.

        Pages that are pictures alone are read one at a time, each within the limits of a file, and
        kept; `progress` is told of them.

        Raises:
            NotText: it holds no text, is damaged, or goes beyond a limit.
            UserError: the process cannot start, whatever the file.
        """
        found = self._answer(reader, data)
        read: dict[int, PageReading] = {}
        if wanted := found.pop("wanted", None):
            read = self._read_pages(reader, data, wanted, progress)
            texts = {number: (each.text, each.sure) for number, each in read.items()}
            found = self._answer(reader, data, read=texts)
            found.pop("wanted", None)
        try:
            if "refused" not in found:
                scans = {number: each.page for number, each in read.items() if each.page}
                return replace(Converted.from_fields(found), scans=scans)
            reason = str(found["refused"])
        except (ValueError, TypeError, AttributeError) as error:
            self.close()
            raise _damaged() from error
        raise NotText(reason)

    def _read_pages(
        self, reader: str, data: bytes, wanted: Any, progress: Progress
    ) -> dict[int, PageReading]:
        """What stands on pictures of pages, by their numbers; nothing of those that fail."""
        try:
            pages, engine = [int(page) for page in wanted["pages"]], str(wanted["engine"])
            if len(pages) > _MOST_PAGES:
                raise ValueError("more pages than any file may have")
        except (ValueError, TypeError, KeyError) as error:
            self.close()
            raise _damaged() from error
        sha256 = hashlib.sha256(data).hexdigest()
        read: dict[int, PageReading] = {}
        for number, page in enumerate(pages):
            progress(number, len(pages))
            known = ocr_cache.load(sha256, page, engine)
            read[page] = known or self._read_page(reader, data, page)
            if not known and read[page] != _FAILED:
                ocr_cache.save(sha256, page, engine, read[page])
        return read

    def _read_page(self, reader: str, data: bytes, page: int) -> PageReading:
        try:
            return PageReading.from_fields(self._answer(reader, data, page=page).get("read"))
        except NotText as reason:
            _LOG.info("Page %d of %s: %s", page, reader, reason)
        except ValueError as error:
            _LOG.info("Page %d of %s: %s", page, reader, error)
        return _FAILED

    def close(self) -> None:
        """End the process, at once."""
        self.process.close()

    def _answer(self, reader: str, data: bytes, **wishes: object) -> dict[str, Any]:
        """What the process says, as JSON has it."""
        request = f"{reader}\n{json.dumps(wishes)}" if wishes else reader
        try:
            found = json.loads(self._ask(request, data))
        except ValueError as error:
            self.close()
            raise _damaged() from error
        if not isinstance(found, dict):
            self.close()
            raise _damaged()
        return found

    def _ask(self, request: str, data: bytes) -> bytes:
        try:
            return self.process.ask(request.encode(), data, seconds=self._seconds, most=MAX_ANSWER)
        except NotStarted as error:
            raise UserError(error.advice("reads .pdf, .docx, .html and the like")) from error
        except TimeoutError as error:
            raise NotText(f"takes more than {self._seconds:g} seconds to read; split it") from error
        except (EOFError, OSError) as error:
            raise _damaged() from error


def _damaged() -> NotText:
    return NotText("is damaged or needs too much memory; split it")


@cache
def converter() -> Converter:
    """The one for this process; it ends with it."""
    one = Converter()
    atexit.register(one.close)
    return one
