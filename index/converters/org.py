"""Org -> Markdown: headings with their state, texts, lists and tables; only home of orgparse."""

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from index.converters import metadata
from index.converters.converted import Converted
from index.converters.literal import literal
from index.converters.org_words import words
from index.converters.tables import table
from index.errors import NotText
from index.text.normalise import decode

_KEYWORD = re.compile(r"[ \t]*#\+(\w+):[ \t]*(.*)")
_COMMENT = re.compile(r"[ \t]*#(?:[ \t].*)?")
_DRAWER = re.compile(r"[ \t]*:[\w-]{1,60}:[ \t]*")
_BLOCK = re.compile(r"[ \t]*#\+(begin|end)_(\w+)(.*)", re.IGNORECASE)
_RULE = re.compile(r"[ \t]*\|[-+|]+[ \t]*")
_ITEM = re.compile(r"([ \t]*)([-+]|[ \t]\*|\d{1,3}[.)]|[a-zA-Z][.)])[ \t]+(?:\[@\d+\][ \t]*)?(.*)")
_BOX = re.compile(r"\[([ Xx-])\][ \t]+")
_TERM = re.compile(r"(.{1,200}?)[ \t]+::[ \t]+")
_NOTE = re.compile(r"\[fn:([\w-]{1,60})\][ \t]+")
_BOXES = {" ": "☐ ", "-": "☐ ", "X": "☑ ", "x": "☑ "}
_SILENT_BLOCKS = ("comment",)
_MOST_HEADINGS = 100_000
_PLANNED = ("scheduled", "deadline", "closed")


def read(data: bytes) -> Converted:
    """Read an Org file.

    Raises:
        NotText: it holds no text.
    """
    import orgparse

    root = orgparse.loads(decode(data).replace("\r\n", "\n"))
    notices: dict[str, None] = {}
    blocks = list(_blocks(root.get_body("raw"), notices))
    left_below = 0  # the level of a heading that is left out with all below it
    for node in root[1:]:
        if left_below and node.level > left_below:
            continue
        left_below = 0
        if _is_left_out(node):
            left_below = node.level
            notices[f"“{words(node.get_heading('raw'))[:60]}” is marked as left out"] = None
        else:
            blocks += _section(node, notices)
    text = "\n\n".join(filter(None, blocks))
    if not text.strip():
        raise NotText("holds no text")
    told = {name: words(root.get_file_property(name) or "") for name in ("TITLE", "AUTHOR")}
    date = words(next(iter(root.get_file_property_list("DATE")), ""))
    return Converted(
        text,
        metadata.title(told["TITLE"]),
        next(iter(root.get_file_property_list("LANGUAGE")), ""),
        metadata.day(date),
        metadata.author(told["AUTHOR"]),
        notices=tuple(notices),
    )


def _is_left_out(node: Any) -> bool:
    return bool(re.match(r"COMMENT\b", node.heading)) or "noexport" in node.shallow_tags


def _section(node: Any, notices: dict[str, None]) -> Iterator[str]:
    heading = words(node.get_heading("raw"))
    tags = f" ({', '.join(sorted(node.shallow_tags))})" if node.shallow_tags else ""
    state = f"{node.todo} " if node.todo else ""
    yield f"{'#' * min(node.level, 6)} {state}{heading}{tags}"
    planned = [
        f"{name.capitalize()}: {_moment(date)}"
        for name in _PLANNED
        if (date := getattr(node, name)) and date.start
    ]
    yield f"- {'; '.join(planned)}" if planned else ""
    yield from _blocks(node.get_body("raw"), notices)


def _moment(date: Any) -> str:
    return f"{date.start:%Y-%m-%d %H:%M}" if date.has_time() else f"{date.start:%Y-%m-%d}"


def _blocks(body: str, notices: dict[str, None]) -> Iterator[str]:
    """The paragraphs, lists, tables and blocks of a section."""
    for kind, group in groupby(_kinds(body, notices), key=lambda line: line[0]):
        lines = [line for _, line in group]
        if kind == "table":
            yield _table(lines)
        elif kind == "code":
            yield "```\n" + "\n".join(lines) + "\n```"
        elif kind == "list":
            yield "\n".join(_items(lines))
        elif kind.startswith("text"):
            yield literal(words(" ".join(line.strip() for line in lines)))


def _kinds(body: str, notices: dict[str, None]) -> Iterator[tuple[str, str]]:
    """(what a line belongs to, the line); lines without a place on the page are left out."""
    block, drawer, before, paragraph = "", False, "", 0
    for line in body.split("\n"):
        mark = _BLOCK.fullmatch(line)
        if mark and mark[1].lower() == "begin" and not block:
            block, before = mark[2].lower(), ""
        elif mark and block == mark[2].lower():
            block, before = "", ""
            yield "", ""
        elif block in ("src", "example", "export"):
            yield "code", line
        elif block in _SILENT_BLOCKS:
            continue
        elif drawer or (_DRAWER.fullmatch(line) and line.strip().upper() != ":END:"):
            drawer = line.strip().upper() != ":END:"
            notices["drawers of its headings were left out"] = None
        else:
            paragraph += not line.strip()
            kind = _kind(line, before)
            before = kind
            if kind == "caption":
                yield f"text of {paragraph}", line.partition(":")[2]
            else:
                yield (f"text {paragraph}" if kind == "text" else kind), line


def _kind(line: str, before: str) -> str:
    if not line.strip() or _COMMENT.fullmatch(line) or _RULE.fullmatch(line):
        return "table" if before == "table" and _RULE.fullmatch(line) else ""
    if keyword := _KEYWORD.match(line):
        return "caption" if keyword[1].upper() == "CAPTION" else ""
    if line.lstrip().startswith("|"):
        return "table"
    if _ITEM.fullmatch(line) or (before == "list" and line.startswith(" ")):
        return "list"
    return "text"


def _table(lines: list[str]) -> str:
    rule = next((i for i, line in enumerate(lines) if _RULE.fullmatch(line)), 0)
    rows = [
        [words(cell.strip()) or None for cell in line.strip().strip("|").split("|")]
        for line in lines
        if not _RULE.fullmatch(line)
    ]
    return table(rows, named=True if rule == 1 else None)


def _items(lines: list[str]) -> Iterator[str]:
    """A list's items, their wrapped lines joined; numbers and ticks as they stand."""
    items: list[str] = []
    for line in lines:
        item = _ITEM.fullmatch(line)
        if not item:
            items[-1:] = [f"{items[-1] if items else '-'} {line.strip()}"]
            continue
        mark = item[2] if item[2][0].isalnum() else "-"
        text = item[3]
        if box := _BOX.match(text):
            text = _BOXES[box[1]] + text[box.end() :]
        text = _TERM.sub(r"\1: ", text, count=1)
        items.append(f"{item[1]}{mark} {text}")
    for line in items:
        inner = line.lstrip()
        yield line[: len(line) - len(inner)] + words(inner)
