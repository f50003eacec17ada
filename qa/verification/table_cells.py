"""Table cells: which row and column of a table a question asks for, each read alone."""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

import regex

from index.articles.chunks import sentences_in
from qa.extraction.reader import Reader, Reading

# Of the reader's score of a row or cell, for one of the cosine with the question. Of 160 questions
# in five languages about tables of four rows .91 then come to the right row, .84 by the score
# alone, .90 by the cosine alone, .39 where all rows are read at once; and of those in the right row
# .99 to the right column (tests/benchmarks/CALIBRATION.md).
_NEARNESS = 25.0
# How much more one row must be worth than the next, and how likely its passage must tell when it is
# read as a whole. Of 100 of these questions .79 are then told, all of them rightly; of the same
# with the row that is asked about taken out of the table .07, where .43 were told of another row.
_LEAD, _MAY_TELL = 2.0, 0.3
_ROW = regex.compile(r"- [^;]+(?:; [^;]+)+")
_BETWEEN = "; "


def is_row(text: str) -> bool:
    """Whether a sentence is a row of a table, as index/converters/tables.py writes it."""
    return bool(_ROW.match(text))


def column_of(text: str, offset: int) -> str:
    """The name of the column that a code point of a row stands in; "" in any other sentence."""
    if not is_row(text):
        return ""
    begin = text.rfind(_BETWEEN, 0, offset + 1) + len(_BETWEEN)
    name, colon, _ = text[max(begin, len(_BETWEEN)) :].partition(": ")
    return name.casefold() if colon and _BETWEEN not in name else ""


def cell_by_cell(question: str, text: str, reading: Reading, reader: Reader) -> Reading:
    """A reading of a passage, moved to the cell of its table that answers when each is read alone.

    Rows say nearly the same, and so do the cells of one. Among them the reader finds words of the
    right kind, and those that are asked about when it reads them one at a time: first each row,
    then each cell of the row, behind the row's first cell. A row that is not clearly nearer to the
    question than every other is not the one that is asked about, and does not tell.

    Args:
        question: what was asked.
        text: the passage.
        reading: what the reader found in it.
        reader: reads the rows and cells.
    """
    if reading.probability < _MAY_TELL:
        return reading
    rows = [span for span in sentences_in(text, 0, len(text)) if is_row(text[slice(*span)])]
    if not any(a < reading.end and reading.start < b for a, b in rows):
        return reading
    best, found, lead = _surest(question, [text[start:end] for start, end in rows], reader)
    if lead < _LEAD:
        return replace(reading, probability=0.0)
    start, end = rows[best]
    cell = _in_row(question, text[start:end], found, reader)
    told = max(reading.probability, found.probability)
    return replace(reading, start=start + cell.start, end=start + cell.end, probability=told)


def _surest(question: str, texts: Sequence[str], reader: Reader) -> tuple[int, Reading, float]:
    """(its position, what was found in it, its lead over the next) of the text that answers best.

    One alone leads by an endless lot.
    """
    alone = reader.read(question, texts)
    if len(texts) == 1:
        return 0, alone[0], math.inf
    near = reader.nearness_to_each(question, texts)
    worth = [read.score + _NEARNESS * cosine for read, cosine in zip(alone, near, strict=True)]
    order = sorted(range(len(texts)), key=lambda i: -worth[i])
    return order[0], alone[order[0]], worth[order[0]] - worth[order[1]]


def _in_row(question: str, row: str, reading: Reading, reader: Reader) -> Reading:
    """What is found in a row, by its cells; places are those in the row."""
    first, *others = row.split(_BETWEEN)
    if len(others) < 2:
        return reading
    pairs = [f"{first}{_BETWEEN}{other}" for other in others]
    best, found, _ = _surest(question, pairs, reader)
    lead = len(first) + len(_BETWEEN)  # what stands there is the same in pair and row
    if found.start < lead - len(_BETWEEN):
        return replace(found, end=min(found.end, len(first)))
    # The cells before the one that was chosen are not in its pair.
    skipped = list(accumulate((len(other) + len(_BETWEEN) for other in others), initial=0))[best]
    return replace(found, start=max(found.start, lead) + skipped, end=found.end + skipped)
