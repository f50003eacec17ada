"""Page breaks of plain text: form feeds, and the running heads and page numbers around them. Pure.

As in RFCs and printed reports: a line at the foot, a form feed, a line at the head, in a sentence.
"""

import itertools
import re
from collections import Counter

_NUMBER = re.compile(r"\d+|\b[ivxlc]+\b")
_PAGE_NUMBER = re.compile(
    r"\W*(?:page|seite|p\.)?\W*(?:#|[ivxlc]+)\W*(?:(?:of|von|/)\W*#)?\W*", re.I
)
_ENDS = re.compile(r"[.!?…。！？।:：]\s*\Z")
_FEWEST = 3  # pages, of which two have the same line, before it is a running head


def without_page_breaks(text: str) -> tuple[str, tuple[str, ...]]:
    """(the text without form feeds and what runs at the edges of its pages, notices of that)."""
    pages = [page.split("\n") for page in text.split("\f")]
    if len(pages) == 1:
        return text, ()
    heads = _running(pages, 0)
    feet = _running(pages, -1)
    kept = [_trimmed(page, heads, feet) for page in pages]
    joined = [*kept[0]]
    for above, below in itertools.pairwise(kept):
        joined += ([] if _flows(above, below) else [""]) + below
    left = sum(map(_lines, pages)) - sum(map(_lines, kept))
    told = (f"{left} running heads and page numbers were left out",) if left else ()
    return "\n".join(joined), told


def _running(pages: list[list[str]], edge: int) -> set[str]:
    """The lines, without their numbers, that stand at an edge of most pages."""
    lines = [_masked(_edge(page, edge)) for page in pages if any(map(str.strip, page))]
    counts = Counter(filter(None, lines))
    often = {line for line, times in counts.items() if times * 2 >= len(lines) >= _FEWEST}
    return often | {line for line in counts if "#" in line and _PAGE_NUMBER.fullmatch(line)}


def _edge(page: list[str], edge: int) -> str:
    lines = [line for line in page if line.strip()]
    return lines[edge] if lines else ""


def _masked(line: str) -> str:
    return " ".join(_NUMBER.sub("#", line.casefold()).split())


def _trimmed(page: list[str], heads: set[str], feet: set[str]) -> list[str]:
    """A page without the blank lines and running lines at its edges."""
    filled = [i for i, line in enumerate(page) if line.strip()]
    if filled and _masked(page[filled[-1]]) in feet:
        filled.pop()
    if filled and _masked(page[filled[0]]) in heads:
        filled.pop(0)
    return page[filled[0] : filled[-1] + 1] if filled else []


def _flows(above: list[str], below: list[str]) -> bool:
    """Whether a sentence goes on over the page break."""
    if not above or not below or _ENDS.search(above[-1]):
        return False
    return below[0].lstrip()[:1].islower() or len(above[-1]) - len(above[-1].lstrip()) == len(
        below[0]
    ) - len(below[0].lstrip())


def _lines(page: list[str]) -> int:
    return sum(1 for line in page if line.strip())
