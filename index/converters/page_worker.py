"""Page worker: the process that finds words on the pages of PDFs and pictures, and draws them.

It has no network and bounded memory. Run by index/converters/page_renderer.py. Receives what is
asked for as JSON and then the file's bytes, and answers with a line of JSON, behind which stand the
pixels of a picture. Ends when the connection does.
"""

import json
import sys
from dataclasses import asdict
from typing import Any

from index.child_process import READY, bounded, connected
from index.converters.page_places import picture, places
from index.converters.page_words import Quote
from index.converters.pixels import MOST_HEIGHT, MOST_WIDTH
from index.converters.worker import confine
from index.errors import NotText
from index.scanned_page import ScannedPage

MAX_ANSWER = 3 * MOST_WIDTH * MOST_HEIGHT + 2**20


def answer(asked: dict[str, Any], data: bytes) -> bytes:
    """The answer to what is asked of a file's bytes; what goes wrong is told in it."""
    try:
        reader, page = asked["reader"], asked["page"]
        if asked["do"] == "draw":
            drawn = picture(reader, data, page)
            return _line({"width": drawn.width, "height": drawn.height}) + drawn.data
        scans = {int(n): ScannedPage.from_fields(each) for n, each in asked["scans"].items()}
        return _line(asdict(places(reader, data, page, Quote(**asked["quote"]), scans)))
    except NotText as reason:
        return _line({"refused": str(reason)})
    except Exception as error:
        # Those who call PDFium and Pillow meet damage with errors of every kind.
        return _line({"refused": f"cannot be drawn ({type(error).__name__})"})


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value).encode() + b"\n"


def main(seconds: float, memory: int) -> None:
    """Answer until the connection ends; `memory` is in bytes of address space."""
    connection = connected()
    confine(memory)
    connection.send_bytes(READY)
    while True:
        try:
            asked, data = json.loads(connection.recv_bytes()), connection.recv_bytes()
        except (EOFError, ConnectionError):
            return
        with bounded(seconds):
            connection.send_bytes(answer(asked, data))


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]))
