"""CSV, TSV -> Markdown: each row as a line with the names of its columns.

RFC 4180, and what programs write instead: other delimiters, a line for Excel (`sep=;`), remarks
with `#`, titles above, several tables, quotation marks that nothing closes.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice, takewhile
from typing import Literal

from index.converters.converted import Converted
from index.converters.sheet_layout import areas, markdown
from index.converters.table_header import SAMPLE, header
from index.converters.tables import limited
from index.errors import NotText
from index.text.normalise import MAX_CODE_POINTS, decoded

_DECLARED = re.compile(r"sep=([,;\t|])\r?\n", re.IGNORECASE)  # a line for Excel, no row
# Where two divide all lines alike, the rarer one: `1,5;2,5` has decimal commas.
_DELIMITERS = "\t;|,"
_SAMPLED = 10_000  # code points of a file from which its delimiter is guessed
_REMARK = re.compile(r"#+\s*(?!\d)")
_UNCLOSED = "a quotation mark is never closed; quotation marks were read as text"


def read(data: bytes) -> Converted:
    """Read a CSV file with any delimiter: `,` `;` tab or `|`.

    Raises:
        NotText: it is no text, or no table.
    """
    text, notices = decoded(data)
    declared = _DECLARED.match(text)
    if declared:
        return _table(text[declared.end() :], declared[1], notices)
    return _table(text, _delimiter(text[:_SAMPLED]), notices)


def read_tabs(data: bytes) -> Converted:
    """Read a TSV file, whose cells stand between tabs.

    Raises:
        NotText: as of `read`.
    """
    text, notices = decoded(data)
    return _table(text, "\t", notices)


def _table(text: str, delimiter: str, notices: tuple[str, ...]) -> Converted:
    csv.field_size_limit(MAX_CODE_POINTS)
    try:
        rows = list(_rows(text, delimiter))
        if rows and _is_unclosed(text, rows[-1], delimiter):
            rows = list(_rows(text, delimiter, csv.QUOTE_NONE))
            notices = (*notices, _UNCLOSED)
    except csv.Error as error:
        raise NotText(f"is not a CSV table ({error})") from error
    texts = list(limited(_without_gaps(rows)))
    remarks, table = _without_remarks(texts, delimiter)
    said = markdown(areas(table, range(len(table))), 2)
    return Converted("\n\n".join(filter(None, [*remarks, said])), notices=notices)


def _rows(
    text: str, delimiter: str, quoting: Literal[0, 3] = csv.QUOTE_MINIMAL
) -> Iterator[list[str]]:
    # White space around cells is dropped; a quote after a space opens a quoted cell.
    return csv.reader(
        io.StringIO(text, newline=""),
        delimiter=delimiter,
        skipinitialspace=delimiter != "\t",
        quoting=quoting,
    )


def _without_gaps(rows: Sequence[list[str]]) -> Iterator[list[str]]:
    """The rows without an empty line before a last row of one value: `Oat;` is a row of data."""
    if [] not in rows:
        yield from rows
        return
    usual = max(map(len, rows[:SAMPLE]), default=0)
    for place, row in enumerate(rows):
        after = rows[place + 1] if place + 1 < len(rows) else []
        last = place + 2 >= len(rows) or not rows[place + 2]
        gap = not row and len(after) == usual > 1 and last and bool(after[0])
        if not gap or any(after[1:]):
            yield row


def _is_unclosed(text: str, last: Sequence[str], delimiter: str) -> bool:
    """Whether a quote opens a cell that swallowed the rest of the file."""
    ends = text.rstrip().rstrip(delimiter).endswith('"')
    return not ends and any("\n" in cell for cell in last[-1:])


def _delimiter(sample: str) -> str:
    """The one that cuts most lines into the same number of cells, of which there are several."""
    best, found = (0.0, 0), ","
    for delimiter in _DELIMITERS:
        share = _share(sample, delimiter)
        if share > best:
            best, found = share, delimiter
    return found


def _share(sample: str, delimiter: str) -> tuple[float, int]:
    """(the share of lines with the usual number of cells, whether they have several)."""
    try:
        widths = [len(row) for row in _rows(sample, delimiter) if row]
    except csv.Error:
        return 0.0, 0
    if len(widths) > 2:
        del widths[-1]  # cut off
    several = Counter(width for width in widths if width > 1)
    usual = several.most_common(1)[0][1] if several else 0
    return (round(usual / len(widths), 2), 1) if usual else (0.0, 0)


def _without_remarks(rows: list[list[str]], delimiter: str) -> tuple[list[str], list[list[str]]]:
    """(lines above the table that begin with `#`, the rows); a header may begin so too."""
    if sum(map(_is_remark, rows[:SAMPLE])) * 2 > len(rows[:SAMPLE]):
        return [], rows  # a column of such marks
    leading = list(takewhile(lambda row: not row or _is_remark(row), rows))
    rest = rows[len(leading) :]
    if leading and leading[-1] and _is_header(leading[-1], rest):
        first = leading.pop()
        rest = [[_REMARK.sub("", first[0], count=1), *first[1:]], *rest]
    separator = delimiter if delimiter == "\t" else f"{delimiter} "
    lines = [_REMARK.sub("", separator.join(row), count=1) for row in leading]
    below = [[separator.join(row)] if _is_remark(row) else row for row in rest]
    return list(filter(None, lines)), below


def _is_remark(row: Sequence[str]) -> bool:
    return bool(row) and row[0][:1] == "#" and _REMARK.match(row[0]) is not None


def _is_header(row: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    sample = list(islice(filter(None, below), SAMPLE))
    widths = Counter(map(len, sample))
    fits = bool(widths) and len(row) > 1 and len(row) == widths.most_common(1)[0][0]
    own = header(sample)
    return fits and (own is None or not own.sure)
