"""Fences: where a Markdown text holds code, whose lines are no headings and no prose. Pure.

Code stands between lines of three or more backticks or tildes (CommonMark 0.31, 4.5), also within
lists and quotes. A fence that is never closed opens nothing: a text of another format may have one.
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass

import regex

_FENCE = regex.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?(`{3,}|~{3,})([^\n]*)")


@dataclass(frozen=True, slots=True)
class Fence:
    """The code between two fences, as a half-open range of code points.

    `outer_start` and `outer_end` take in the lines of the fences.
    """

    outer_start: int
    start: int
    end: int
    outer_end: int


@functools.lru_cache(maxsize=2)
def fences(text: str) -> tuple[Fence, ...]:
    """The fenced code of a Markdown text, in order."""
    return tuple(_fences(text)) if "```" in text or "~~~" in text else ()


def _fences(text: str) -> Iterator[Fence]:
    closers = _last_closers(text)
    opened, mark, start = -1, "", 0
    for begin, line in _lines(text):
        found = _FENCE.fullmatch(line)
        if not found:
            continue
        run, rest = found[1], found[2]
        if mark:
            if run[0] == mark[0] and len(run) >= len(mark) and not rest.strip():
                yield Fence(opened, start, max(start, begin - 1), begin + len(line))
                mark = ""
        elif not (run[0] == "`" and "`" in rest) and closers.get(run[0], -1) > begin:
            opened, mark, start = begin, run, begin + len(line) + 1


def _last_closers(text: str) -> dict[str, int]:
    """The last line that may close a fence of backticks, and of tildes."""
    last: dict[str, int] = {}
    for begin, line in _lines(text):
        found = _FENCE.fullmatch(line)
        if found and not found[2].strip():
            last[found[1][0]] = begin
    return last


def _lines(text: str) -> Iterator[tuple[int, str]]:
    begin = 0
    for line in text.split("\n"):
        yield begin, line
        begin += len(line) + 1
