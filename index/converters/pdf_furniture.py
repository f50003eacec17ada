"""Furniture of a PDF: running heads and page numbers, told by where they come again. Pure.

They stand at the same height on several pages, apart from the text; what differs between the pages
is the number of the page.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import regex

from index.converters.pdf_lines import Line

_EDGE_ROWS = 3  # at the top and at the bottom of a page that may be furniture
_MOST_NUMBERS = 3  # of a line that are tried as the page's
_SAME_HEIGHT = 4.0  # points
_SMALLER = 0.8  # of the size of the letters beside: those of furniture that stands close to them
_APART = 1.2  # of the usual step of lines: how far furniture stands from the text
_ROMAN = regex.compile(r"[-–—\s|(\[]*([ivxlc]{1,7}|[IVXLC]{1,7})[-–—\s|)\]]*")
_ROMAN_DIGITS = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_PAGE_NUMBER = regex.compile(
    r"[-–—\s|(\[]*(?:p(?:age|\.)?|seite|página|halaman|hal\.?|पृष्ठ|第)?\s*"
    r"(?:\d{1,4}|[ivxlc]{1,7})\s*(?:(?:of|/|von|de|dari|का|\|)\s*\d{1,4}|页|頁|ページ)?[-–—\s|)\]]*",
    regex.IGNORECASE,
)


@dataclass(slots=True)
class Furniture:
    """What was taken from the top and foot of each page, by its number from 0; each text once."""

    heads: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    feet: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    _seen: set[str] = field(default_factory=set)

    def keep(self, page: int, line: str, *, is_head: bool) -> None:
        """Keep a running head's text where it is new and more than a page's number."""
        if line and line not in self._seen and not _PAGE_NUMBER.fullmatch(line):
            self._seen.add(line)
            (self.heads if is_head else self.feet)[page].append(line)

    def forget_titles(self, titles: Iterable[str]) -> None:
        """Leave out what the text has as a heading; `titles` are as `outline_key` has them."""
        if any(self.heads.values()) or any(self.feet.values()):
            known = set(titles)
            for kept in (*self.heads.values(), *self.feet.values()):
                kept[:] = [line for line in kept if outline_key(line) not in known]


def outline_key(text: str) -> str:
    """A heading's words alone, as bookmarks and pages may number and space them otherwise."""
    return " ".join(regex.findall(r"[\p{L}\p{M}]+", text.lower()))


def without_furniture(
    pages: Sequence[list[list[Line]]], step: float
) -> tuple[list[list[list[Line]]], Furniture]:
    """The rows of each page without running heads and page numbers, and what these were.

    Args:
        pages: the rows of each page from top to bottom.
        step: the usual distance of lines, in points.
    """
    counts: dict[tuple[str, int], set[int]] = defaultdict(set)
    for page, rows in enumerate(pages):
        for row in _edges(rows):
            for key in (*_keys(page, row), *_place(row, rows)):
                counts[key].add(page)
    enough = 2 if len(pages) < 4 else 3
    furniture, kept = Furniture(), []
    words: dict[str, str] = {}
    for page, rows in enumerate(pages):
        found = {
            id(row)
            for row in _edges(rows)
            if any(
                len(counts[key]) >= (2 if _is_small(row, rows) else enough)
                for key in _keys(page, row)
            )
            or any(len(counts[key]) > 2 for key in _place(row, rows))
        }
        rest, taken = _apart(rows, found, step)
        if not rest and (len(taken) > 2 or len(pages) < 4):
            rest, taken = rows, []  # a page that is printed again is no head
        for row in taken:
            if _PAGE_NUMBER.fullmatch(" ".join(line.plain for line in row)):
                continue
            line = _without_page(page, row, counts)
            shape = words.setdefault(regex.sub(r"\d+", "0", line), line)
            is_head = not rest or row[0].base > rest[0][0].base
            furniture.keep(page, shape, is_head=is_head)
        kept.append(_without_lone_number(rest, page, step))
    return kept, furniture


def _without_page(page: int, row: list[Line], counts: dict[tuple[str, int], set[int]]) -> str:
    """A head's text without the page's number."""
    text = " ".join(line.plain for line in row)
    height = round(row[0].base / _SAME_HEIGHT)
    for number in regex.findall(r"\d{1,4}", text):
        if len(counts[f"#{int(number) - page}", height]) > 1:
            text = regex.sub(rf"^{number}\b|\b{number}$", "", text).strip(" -–—|·•")
    return text


def _place(row: list[Line], rows: list[list[Line]]) -> Iterator[tuple[str, int]]:
    """Where the top line of a page stands, if it is a short one in small letters, as heads are."""
    if row is rows[0] and _is_small(row, rows) and sum(len(line.plain) for line in row) < 80:
        yield f"@{row[0].size:.0f}", round(row[0].base / _SAME_HEIGHT)


def _is_small(row: list[Line], rows: list[list[Line]]) -> bool:
    """Whether a row's letters are smaller than those of the page, as a head's are."""
    return row[0].size <= 0.92 * max(line.size for each in rows for line in each)


def _edges(rows: list[list[Line]]) -> list[list[Line]]:
    return rows if len(rows) <= 2 * _EDGE_ROWS else [*rows[:_EDGE_ROWS], *rows[-_EDGE_ROWS:]]


def _keys(page: int, row: list[Line]) -> Iterator[tuple[str, int]]:
    """What a row says, with each of its numbers as it is or counted from the page's, by height."""
    text = _in_digits(" ".join(line.plain for line in row))
    if len(text) > 200:
        return
    numbers = list(regex.finditer(r"\d{1,4}", text))[:_MOST_NUMBERS]
    height = round(row[0].base / _SAME_HEIGHT)
    if len(text) < 100:
        # Heads that differ between pages are told by the page's number in them.
        yield from {(f"#{int(number[0]) - page}", height) for number in numbers}
    for counted in itertools.product((False, True), repeat=len(numbers)):
        said, at = "", 0
        for number, is_page in zip(numbers, counted, strict=True):
            value = f"<{int(number[0]) - page}>" if is_page else number[0]
            said, at = said + text[at : number.start()] + value, number.end()
        yield said + text[at:], height


def _in_digits(text: str) -> str:
    """A line's text; a Roman number that stands alone in it, as page iv has one, in digits."""
    alone = _ROMAN.fullmatch(text)
    if not alone:
        return text
    values = [_ROMAN_DIGITS[letter] for letter in alone[1].lower()]
    pairs = zip(values, [*values[1:], 0], strict=True)
    return str(sum(-value if value < after else value for value, after in pairs))


def _apart(
    rows: list[list[Line]], found: set[int], step: float
) -> tuple[list[list[Line]], list[list[Line]]]:
    """(the rows that stay, the rows of `found` from the edges inwards that stand apart)."""
    first, last = 0, len(rows)
    while first < last and id(rows[first]) in found:
        first += 1
    while last > first and id(rows[last - 1]) in found:
        last -= 1
    while 0 < first < last and not (
        _smaller(rows[first - 1], rows[first]) or _gap(rows[first - 1], rows[first], step)
    ):
        first -= 1
    while first < last < len(rows) and not (
        _smaller(rows[last], rows[last - 1]) or _gap(rows[last - 1], rows[last], step)
    ):
        last += 1
    return rows[first:last], [*rows[:first], *rows[last:]]


def _smaller(row: list[Line], text: list[Line]) -> bool:
    """Whether a row's letters are much smaller than those of the text beside it."""
    return row[0].size < _SMALLER * text[0].size


def _gap(above: list[Line], below: list[Line], step: float) -> bool:
    """Whether two rows stand farther apart than lines do, or their letters differ in size."""
    sizes = above[0].size, below[0].size
    usual = max(min(step, 2 * max(sizes)), max(sizes))  # a page of two lines tells no step
    far = above[0].base - below[0].base > _APART * usual
    return far or bool(_PAGE_NUMBER.fullmatch(below[0].plain) and len(below) == 1)


def _without_lone_number(rows: list[list[Line]], page: int, step: float) -> list[list[Line]]:
    """A page's rows without its number, where it stands alone at the top or the bottom."""
    for at, beside in ((-1, -2), (0, 1)):
        if len(rows) < 3 or len(rows[at]) != 1:
            continue
        text = rows[at][0].plain.strip()
        if text in (str(page + 1), f"- {page + 1} -", f"– {page + 1} –"):
            above, below = (rows[beside], rows[at]) if at else (rows[at], rows[beside])
            if above[0].base - below[0].base > _APART * max(step, below[0].size):
                rows = rows[:-1] if at else rows[1:]
    return rows
