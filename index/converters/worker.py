"""Worker: the process that converts files; bytes in, Markdown out, no network, bounded memory.

Run by index/converters/sandbox.py, so that no file can end the indexing. Receives what to read it
with and then the file's bytes on the connection that is its standard input, and answers with JSON.
Ends when the connection does.
"""

import contextlib
import ctypes
import importlib
import json
import mmap
import resource
import signal
import sys
from typing import Any

from index.child_process import READY, bounded, connected
from index.converters import scans
from index.converters.converted import Converted
from index.converters.page_reading import PageReading
from index.errors import NotText
from index.text.normalise import MAX_CODE_POINTS, clean, too_long

# The function that reads each format, imported when the first such file comes.
READERS = {
    "html": ("index.converters.html", "read"),
    "mhtml": ("index.converters.html", "read_mhtml"),
    "markdown": ("index.converters.markdown_file", "read"),
    "pdf": ("index.converters.pdf", "read"),
    "docx": ("index.converters.word", "read"),
    "pptx": ("index.converters.powerpoint", "read"),
    "xlsx": ("index.converters.excel", "read"),
    "epub": ("index.converters.epub", "read"),
    "odt": ("index.converters.odt", "read"),
    "ods": ("index.converters.ods", "read"),
    "odp": ("index.converters.odp", "read"),
    "rtf": ("index.converters.rtf", "read"),
    "eml": ("index.converters.mail", "read"),
    "mbox": ("index.converters.mbox", "read"),
    "rst": ("index.converters.rst", "read"),
    "org": ("index.converters.org", "read"),
    "srt": ("index.converters.subtitles", "read_srt"),
    "vtt": ("index.converters.subtitles", "read_vtt"),
    "picture": ("index.converters.pictures", "read"),
    "csv": ("index.converters.delimited", "read"),
    "tsv": ("index.converters.delimited", "read_tabs"),
    "json": ("index.converters.records", "read_json"),
    "jsonl": ("index.converters.records", "read_jsonl"),
    "links": ("index.converters.links", "read"),
}
# Bytes: JSON takes up to twelve for a code point.
MAX_ANSWER = 12 * MAX_CODE_POINTS + 2**20
_MIN_MEMORY = 2**28  # bytes of address space: what the parsers take before they read anything
_PR_SET_PDEATHSIG = 1  # prctl(2)
_FORBIDDEN = (
    "socket.",
    "subprocess.",
    "os.exec",
    "os.fork",
    "os.system",
    "os.posix_spawn",
    "urllib.",
)


def convert(reader: str, data: bytes) -> Converted:
    """Convert the bytes of a file.

    Raises:
        NotText: there is nothing to read in it, or a parser failed in any way.
    """
    module, function = READERS[reader]
    try:
        converted: Converted = getattr(importlib.import_module(module), function)(data)
    except NotText:
        raise
    except ImportError as error:
        raise NotText(f"needs a library that cannot be loaded ({error})"[:200]) from error
    except RecursionError as error:
        raise NotText("is nested too deeply") from error
    except MemoryError as error:
        raise NotText("needs too much memory; split it") from error
    except Exception as error:
        # Parsers meet damage with errors of every kind.
        message = " ".join(str(error).split())[:100]
        reason = message or type(error).__name__
        raise NotText(f"is damaged or cannot be read ({reason})") from error
    if len(converted.text) > MAX_CODE_POINTS:
        raise too_long()
    return converted.changed(clean)


def main(seconds: float, memory: int) -> None:
    """Convert files until the connection ends; `memory` is in bytes of address space."""
    connection = connected()
    confine(memory)
    connection.send_bytes(READY)
    while True:
        try:
            request, data = connection.recv_bytes(), connection.recv_bytes()
        except (EOFError, ConnectionError):
            return
        with bounded(seconds):
            connection.send_bytes(json.dumps(_answer(request, data)).encode())


def confine(memory: int) -> None:
    """Bound this process's memory, forbid it the network, and have it end with its parent."""
    _end_with_parent()
    _, hard_limit = resource.getrlimit(resource.RLIMIT_AS)
    memory = memory if hard_limit == resource.RLIM_INFINITY else min(memory, hard_limit)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    mmap.mmap(-1, _MIN_MEMORY).close()  # with less no parser can be loaded, so this cannot start
    sys.addaudithook(_forbid)


def _end_with_parent() -> None:
    """Have the system end this process even amid a file when its parent is killed."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _answer(request: bytes, data: bytes) -> dict[str, Any]:
    """Answer a request: a reader's name in a line, then JSON.

    It may have

    - `page`: the number of a page whose words are to be read from its picture,
    - `read`: what was read so of pages, by their numbers: a text and how sure it is.
    """
    reader, _, asked = request.decode().partition("\n")
    wishes = json.loads(asked or "{}")
    if "page" in wishes:
        return _page(reader, data, int(wishes["page"]))
    read = {int(number): (text, sure) for number, (text, sure) in wishes.get("read", {}).items()}
    scans.begin(read)
    try:
        found = convert(reader, data).fields
    except NotText as reason:
        found = {"refused": str(reason)}
    return found | _wanted()


def _wanted() -> dict[str, Any]:
    """Which pages are to be read from their pictures, and by what."""
    pages = scans.wanted()
    if not pages:
        return {}
    from index.converters.ocr import engine

    return {"wanted": {"pages": pages, "engine": engine()}}


def _page(reader: str, data: bytes, number: int) -> dict[str, Any]:
    from index.converters import ocr, pictures

    try:
        found = ocr.read(pictures.page(reader, data, number))
        placed = found.page and found.page.changed(clean)
        return {"read": PageReading(clean(found.text), found.sure, placed).fields}
    except NotText as reason:
        return {"refused": str(reason)}
    except Exception as error:  # as of a parser
        return {"refused": f"cannot be read ({type(error).__name__})"}


def _forbid(event: str, arguments: tuple[object, ...]) -> None:
    """No parser reaches the network or starts a program."""
    if event.startswith(_FORBIDDEN):
        raise PermissionError(f"{event} is not for files")


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]))
