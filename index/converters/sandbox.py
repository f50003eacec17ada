"""Sandbox: converts files in a process of their own, within limits of time and memory.

It sees only the bytes it is given, and only bytes are taken from it: nothing of it is unpickled.
"""

import atexit
import json
from functools import cache

from index.child_process import ChildProcess, NotStarted
from index.converters.converted import Converted
from index.converters.worker import MAX_ANSWER
from index.errors import NotText, UserError

# A book of 600 pages takes some 10 seconds on a core of 2021.
SECONDS = 60.0
# Bytes of address space. The parsers themselves take 0.3 GB; a tree of XML ten times its text.
MEMORY = 3 * 2**30


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

    def convert(self, reader: str, data: bytes) -> Converted:
        """Convert a file's bytes; `reader` is one of index/converters/worker.py.

        Raises:
            NotText: it holds no text, is damaged, or goes beyond a limit.
            UserError: the process cannot start, whatever the file.
        """
        answer = self._ask(reader, data)
        try:
            found = json.loads(answer)
            if "refused" not in found:
                return Converted.from_fields(found)
            reason = str(found["refused"])
        except (ValueError, TypeError, AttributeError) as error:
            self.close()
            raise _damaged() from error
        raise NotText(reason)

    def close(self) -> None:
        """End the process, at once."""
        self.process.close()

    def _ask(self, reader: str, data: bytes) -> bytes:
        try:
            return self.process.ask(reader.encode(), data, seconds=self._seconds, most=MAX_ANSWER)
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
