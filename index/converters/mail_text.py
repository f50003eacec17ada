"""Plain text of e-mail -> paragraphs: wrapped lines joined, quotes and signatures marked. Pure.

`format=flowed` is RFC 3676; the mark of a signature, `-- `, is its section 4.3.
"""

import re
from collections.abc import Iterator
from itertools import groupby

from index.converters.literal import literal

# Shorter lines ended where their writer ended them: programs wrap mail at 65 to 80.
_WRAPPED_FROM = 55
_QUOTED = re.compile(r"(?:>[ ]?)+")
_ITEM = re.compile(r"[ \t]*(?:[-*+•]|\d{1,3}[.)])[ \t]+\S")
_SIGNATURE = "--"
_DEEPEST = 20  # quotes of quotes
_SEPARATOR = re.compile(r"[ \t]*[-_=*]{5,}[ \t]*")


def paragraphs(text: str, *, flowed: bool = False, delete_space: bool = False) -> str:
    """The body of a message as Markdown.

    Args:
        text: the body.
        flowed: whether a space at the end of a line says that it goes on.
        delete_space: whether that space is no part of the text (`delsp=yes`).
    """
    lines = [_split(line) for line in text.splitlines()]
    body, signature = _signed(lines)
    runs: list[str] = []
    for depth, group in groupby(body, key=lambda line: line[0]):
        texts = [line for _, line in group]
        joined = _flowed(texts, delete_space) if flowed else _unwrapped(texts)
        runs += _marked(joined, "> " if depth else "", depth)
    if shown := "; ".join(line.strip() for _, line in signature if line.strip()):
        runs.append(f"[Signature: {shown}]")
    return "\n\n".join(runs)


def _split(line: str) -> tuple[int, str]:
    """(depth of quotation, the line without its marks)."""
    marks = _QUOTED.match(line)
    if not marks:
        return 0, line.removeprefix(" ") if line.startswith((" From ", " >")) else line
    return min(marks[0].count(">"), _DEEPEST), line[marks.end() :]


def _signed(
    lines: list[tuple[int, str]],
) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """The lines, and those of the signature below the last mark of one."""
    for number in range(len(lines) - 1, -1, -1):
        if lines[number][0] == 0 and lines[number][1].rstrip() == _SIGNATURE:
            below = lines[number + 1 :]
            if not any(depth for depth, _ in below):
                return lines[:number], below
    return lines, []


def _flowed(lines: list[str], delete_space: bool) -> Iterator[str]:
    """Lines of flowed text; "" between paragraphs."""
    pieces: list[str] = []
    for line in lines:
        soft = line.endswith(" ") and line != "-- "
        pieces.append(line[:-1] if soft and delete_space else line)
        if not soft:
            yield "".join(pieces).strip()
            pieces = []
    yield "".join(pieces).strip()


def _unwrapped(lines: list[str]) -> Iterator[str]:
    """Lines of fixed text, those that a program broke joined; "" between paragraphs."""
    pieces: list[str] = []
    before = ""
    for line in lines:
        goes_on = len(before.rstrip()) >= _WRAPPED_FROM and line.strip() and not _ITEM.match(line)
        if not goes_on:
            yield " ".join(pieces)
            pieces = []
        pieces.append(line.strip())
        before = line
    yield " ".join(pieces)


def _marked(lines: Iterator[str], mark: str, depth: int) -> Iterator[str]:
    """Each line as a paragraph, items of a list together, with the mark of a quotation."""
    marks = mark * depth
    for is_item, group in groupby(lines, key=lambda line: bool(_ITEM.match(line))):
        shown = [
            marks + literal(line)
            for line in group
            if line.strip() and not _SEPARATOR.fullmatch(line)
        ]
        yield from ["\n".join(shown)] if is_item else shown
