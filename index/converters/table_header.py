"""Table headers: which row of a table, if any, names its columns. Pure.

One measurement decides, without lists of words: does a cell look like those below it? A name does
not: `Q1 2024` stands over 120 and 135, while `120` in a row of data does. Where a cell says
neither, as a word over words, a first row of different words is a header, as most tables have one.
A doubt about a single number is enough for none: a wrong header says something false in every row,
a missing one only leaves names out.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import regex

from index.converters.cell_shape import Row, has_number, is_bold, is_word, shape

SAMPLE = 50  # rows of a table that are compared
_WITHIN = 10  # rows; above the header are at most a title and a remark or two
_NAME_LENGTH = 80  # code points
_STEP = 10  # years, or other numbers, between names of columns
_NEAR = 100  # years: numbers of data this near to names that are years may be years themselves
_MARGIN = 0.75  # how much better a later, wider row must be than the first one
_DATED_MARGIN = 0.5
_YEAR = regex.compile(r"[12]\d\d\d")
_DAY = regex.compile(r"9([-/.])9\1?9?(?:\s?9:9.*)?")
_VETO = -1.0


@dataclass(frozen=True, slots=True)
class Header:
    """Where a table's names stand among its rows.

    `first` is the first row of names, behind titles and remarks; `body` the first row of data.
    `sure` says that the cells differ from those below; else they only may.
    """

    first: int
    body: int
    names: tuple[str, ...]
    sure: bool


def header(rows: Sequence[Row]) -> Header | None:
    """The names of a table's columns.

    Args:
        rows: the first SAMPLE rows; cells from left to right, "" for an empty one.
    """
    rows = rows[:SAMPLE]
    counts = [sum(map(bool, row)) for row in rows]
    first = next((i for i, count in enumerate(counts[:_WITHIN]) if count > 1), None)
    if first is None or first + 1 >= len(rows) or pairs(rows[first:]):
        return None
    place, score = first, _score(rows[first], rows[first + 1 :])
    for other in range(first + 1, min(_WITHIN, len(rows) - 1)):
        if counts[other] <= max(counts[first:other]) and not _is_dated(rows, first, other):
            continue
        typical = median(counts[other:])
        better = _score(rows[other], rows[other + 1 :])
        enough = counts[other] >= typical - (not rows[other][0])
        margin = _MARGIN if counts[other] > counts[first] else _DATED_MARGIN
        if enough and better and better >= (score or 0) + margin:
            place, score = other, better
    if score is None or (not score and not _may_name(rows[place])):
        return None
    return _with_more_rows(rows, place, sure=score > 0)


def _is_dated(rows: Sequence[Row], first: int, other: int) -> bool:
    """Whether a row above the names is a title and its year: `Fees | 2024`."""
    return other == first + 1 and any(map(_YEAR.fullmatch, rows[first]))


def pairs(rows: Sequence[Row]) -> bool:
    """Whether two columns are names and values: `Length | 12 m`, `Built | 1987`."""
    lines = [row for row in rows if sum(map(bool, row)) > 1]
    if len(lines) < 2 or any(len(row) != 2 or not all(row) for row in lines):
        return False
    if all(map(is_bold, lines[0])) and not any(map(is_bold, lines[1])):
        return False
    keys, values = [row[0] for row in lines], [row[1] for row in lines]
    if not all(map(is_word, keys)) or len(set(keys)) < len(keys):
        return False
    if all(key.endswith((":", "：")) for key in keys):
        return True
    if all(map(is_bold, keys)) and not any(map(is_bold, values)):
        return True
    numbers = Counter(shape(value) for value in values[1:] if "9" in shape(value))
    first = next((i for i, value in enumerate(values) if "9" in shape(value)), len(values))
    again = any(map(is_word, values[first + 1 :][:1])) and len(lines) == len(rows)
    if is_word(values[0]) and again:
        return True  # words, one number, words again: below names of columns come several
    return len(numbers) > 1 and max(numbers.values()) * 3 <= numbers.total() * 2


def may_be_pairs(rows: Sequence[Row]) -> bool:
    """Whether two columns of words may be names and values: `Owner | Ana`, `Harbour | Oss`."""
    keys = [row[0].casefold() for row in rows]
    both = all(len(row) == 2 and all(row) for row in rows)
    return both and all(map(is_word, keys)) and len(set(keys)) == len(keys)


def resembles(row: Row, body: Sequence[Row]) -> bool:
    """Whether a row may be one of a table's: its numbers stand where the table has numbers."""
    if len(row) > max(map(len, body), default=0):
        return False
    numbers = 0
    for cell, column in zip(row, _columns(body, len(row)), strict=True):
        share = _share(map(has_number, column))
        if not cell or not column or not shape(cell):
            continue
        if has_number(cell) != (share > 0.5) and min(share, 1 - share) <= 0.2:
            return False
        numbers += has_number(cell)
    return True


def columns_of_numbers(body: Sequence[Row]) -> list[int]:
    """The columns of a table that hold numbers in most rows."""
    columns = _columns(body, max(map(len, body), default=0))
    return [i for i, column in enumerate(columns) if _share(map(has_number, column)) >= 0.6]


def names_anew(
    row: Row, names: Row, body: Sequence[Row], numbers: Sequence[int], *, titled: bool = False
) -> bool:
    """Whether a row amid the data names other columns: words where the numbers stand.

    They must be different words, written as the first names are, and found nowhere below those.
    Over a single column of numbers they must be bold, or stand below a title.
    """
    if list(row) == list(names):  # repeated, as on each printed page
        return True
    under = [row[i] if i < len(row) else "" for i in numbers]
    marked = titled or all(map(is_bold, filter(None, row)))
    if (
        len(numbers) < 2 - marked
        or not numbers
        or not all(row[: len(names)])
        or not all(map(is_word, under))
    ):
        return False
    if len(set(row)) < len(row) or sum(map(bool, names)) > len(row):
        return False
    said = {cell.casefold() for line in body if list(line) != list(row) for cell in line}
    if any(cell.casefold() in said for cell in row):
        return False
    bold = all(is_bold(cell) for cell in row)
    return bold or all(map(_written_alike, row, names))


def _written_alike(cell: str, name: str) -> bool:
    return not name or cell[:1].isupper() == name[:1].isupper()


def _score(row: Row, below: Sequence[Row]) -> float | None:
    """How much a row differs from those below it; None where it looks like one of them."""
    below = [line for line in below if list(line) != list(row)]  # a header may be repeated
    if not below:
        return None
    regular = _are_names_by_step(row, below)
    shared = Counter(map(shape, filter(None, row)))
    columns = _columns(below, len(row))
    found = [
        _evidence(cell, column, regular=regular, shared=shared[shape(cell)] > 1)
        for cell, column in zip(row, columns, strict=True)
        if cell
    ]
    return None if min(found, default=_VETO) <= _VETO / 2 else sum(found)


def _evidence(cell: str, column: Sequence[str], *, regular: bool, shared: bool) -> float:
    """-1: one of its column; 0: cannot be told; 1: something else, as a name is."""
    if len(cell) > _NAME_LENGTH:
        return _VETO
    column = [each for each in column if shape(each)]
    if not column:
        return _VETO if shape(cell) == "9" and not regular and not _YEAR.fullmatch(cell) else 0.0
    bold = is_bold(cell) and _share(map(is_bold, column)) < 0.5
    look = shape(cell)
    if "9" not in look:
        if cell.casefold() in {each.casefold() for each in column}:
            return _VETO
        return bold + _share(map(has_number, column))
    same = _share(shape(each) == look for each in column)
    if look == "9":
        return 1.0 + bold if regular else _year_over(cell, column, bold=bold)
    if same:
        return _VETO
    if look[0] != "9" or shared or bold or _DAY.fullmatch(look):
        return 1.0 + bold
    return _VETO


def _year_over(cell: str, column: Sequence[str], *, bold: bool) -> float:
    """A single number names a column only where it is a year, and no number below is one."""
    if not _YEAR.fullmatch(cell) or any(map(_YEAR.fullmatch, column)):
        return _VETO
    return 0.5 + bold


def _are_names_by_step(row: Row, below: Sequence[Row]) -> bool:
    """Whether a row's numbers go up by the same small step, as those of no row below: years."""
    step = _step(row)
    if step is None or any(_step(line) == step for line in below):
        return False
    numbers = _numbers(row)
    if not all(map(_YEAR.fullmatch, map(str, numbers))):
        return len(numbers) > 2 and not (row[0].isascii() and row[0].isdecimal())
    data = [number for line in below for number in _numbers(line)]
    near = _share(min(abs(number - each) for number in numbers) < _NEAR for each in data)
    return near < 0.5 if len(numbers) < 3 else near < 0.9


def _step(row: Row) -> int | None:
    numbers = _numbers(row)
    steps = {b - a for a, b in pairwise(numbers)}
    step = steps.pop() if len(steps) == 1 else 0
    return step if 0 < abs(step) <= _STEP else None


def _numbers(row: Row) -> list[int]:
    """The whole numbers of a row, without the digits of a longer one."""
    return [int(cell) for cell in row if cell.isascii() and cell.isdecimal() and len(cell) < 10]


def _may_name(row: Row) -> bool:
    """Whether words over words are names: each its own."""
    named = [cell.casefold() for cell in row if cell]
    return len(set(named)) == len(named) and any(map(is_word, named))


def _with_more_rows(rows: Sequence[Row], place: int, *, sure: bool) -> Header:
    """The names with those of a row of units below, and of groups above or below."""
    names, body = list(rows[place]), place + 1
    second = rows[body] if body + 1 < len(rows) else ()
    if second and _goes_on(names, second, rows[body + 1 :]):
        names = _joined(_to_the_right(names, second), second)
        return Header(place, body + 1, tuple(names), sure)
    above = rows[place - 1] if place else ()
    if _groups(above, names):
        return Header(place - 1, body, tuple(_joined(_to_the_right(above, names), names)), sure)
    return Header(place, body, tuple(names), sure)


def _goes_on(names: Row, second: Row, below: Sequence[Row]) -> bool:
    """Whether a second row of names follows: nothing under words, and no data."""
    words = [
        i
        for i, column in enumerate(_columns(below, len(second)))
        if column and not any(map(has_number, column))
    ]
    bracketed = all(cell[0] in "([" for cell in second if cell)
    empty = not second[0] and not any(second[i] for i in words)
    if not (empty or bracketed) or sum(map(bool, second)) < 1:
        return False
    score = _score(second, below)
    return score is not None and score > 0


def _groups(above: Row, names: Row) -> bool:
    """Whether a row above names groups of columns: `2023` and `2024` over Q1, Q2, Q1, Q2."""
    named = [cell for cell in names if cell]
    places = [i for i, cell in enumerate(above) if cell]
    labelled = bool(places) and (places[0] > 0 or not names[0])
    years = all(_YEAR.fullmatch(above[i]) for i in places) and len(places) < len(named)
    years = years and not any(map(_YEAR.search, named))
    return len(places) > 1 and labelled and (years or len(set(named)) < len(named))


def _to_the_right(names: Row, below: Row) -> list[str]:
    """Names of groups over each of their columns, which have names of their own."""
    filled = [*names, *[""] * (len(below) - len(names))]
    for i in range(1, len(filled)):
        if not filled[i] and i < len(below) and below[i]:
            filled[i] = filled[i - 1]
    return filled


def _joined(above: Row, below: Row) -> list[str]:
    lower = [*below, *[""] * (len(above) - len(below))]
    return [" ".join(dict.fromkeys(filter(None, both))) for both in zip(above, lower, strict=True)]


def _columns(rows: Sequence[Row], width: int) -> list[list[str]]:
    """The filled cells of each column."""
    return [[row[i] for row in rows if i < len(row) and row[i]] for i in range(width)]


def _share(found: Iterable[bool]) -> float:
    values = list(found)
    return sum(values) / len(values) if values else 0.0
