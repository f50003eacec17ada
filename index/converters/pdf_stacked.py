"""Tables of a PDF that stand one below another, and numbers of lines beside a text. Pure."""

import itertools
import statistics
from collections.abc import Iterator, Sequence

import regex

from index.converters.pdf_lines import Line

Interval = tuple[float, float]
_AMOUNT = regex.compile(r"[\p{Sc}+−–-]?\s?\(?\d[\d.,:\s]*\)?\s?(?:%|\p{Sc}|\p{L}{1,3})?")
_TABLES_APART = 1.5  # of the usual step of rows
_NUMBERED = 8  # lines that bear numbers one after another


def new_tables(run: list[list[Line]]) -> Iterator[int]:
    """Where another table begins: behind a gap or a lone line, with words over numbers."""
    steps = [above[0].base - below[0].base for above, below in itertools.pairwise(run)]
    usual = statistics.median(steps) if steps else 0.0
    started = 0
    for i in range(2, len(run) - 1):
        lone = len(run[i - 1]) == 1 and i - 1 > started + 1
        begin = i - 1 if lone else i
        apart = steps[begin - 1] > _TABLES_APART * usual
        if (lone or apart) and begin - started > 1 and _names(run[i], run[i + 1 :]):
            yield begin
            if lone:
                yield i
            started = i


def across(run: list[list[Line]], columns: Sequence[Interval]) -> Iterator[int]:
    """Where lines begin and end that go across columns of the other rows, as a heading does."""
    for i, row in enumerate(run):
        begins = len(row) == 1 and len(columns) > 2 and row[0].left < columns[0][1]
        if begins and sum(left < row[0].right - 2 for left, _ in columns) > 1:
            yield from (i, i + 1)


def _names(row: list[Line], below: Sequence[list[Line]]) -> bool:
    """Whether a row of cells names the columns of the numbers below it."""
    if len(row) < 2 or any(_is_amount(line.plain) for line in row):
        return False
    under = [line.plain for each in below[:4] for line in each[1:] or each]
    return any(map(_is_amount, under))


def _is_amount(text: str) -> bool:
    """Whether a cell holds a number that is no year, which may name a column."""
    is_year = len(text) == 4 and text.isdigit() and text[:2] in ("18", "19", "20")
    return bool(_AMOUNT.fullmatch(text)) and not is_year


def without_line_numbers(run: list[list[Line]]) -> list[list[Line]]:
    """The rows without the numbers of lines that a manuscript has at its left edge."""
    numbers = [row[0].plain for row in run if len(row) == 2]
    counted = [int(each) for each in numbers if each.isascii() and each.isdecimal()]
    if len(counted) < _NUMBERED or len(counted) < 0.9 * len(run):
        return run
    steps = [after - before for before, after in itertools.pairwise(counted)]
    if sum(step == 1 for step in steps) < 0.95 * len(steps):
        return run
    longest = max(row[-1].right for row in run)
    flush = sum(row[-1].right > 0.9 * longest and len(row[-1].plain) > 30 for row in run)
    return [row[-1:] for row in run] if flush > 0.7 * len(run) else run
