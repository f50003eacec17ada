"""Table rows: how often the cell of a table that is asked for is found, in five languages.

And how often one is, where the row that is asked about is not in the table.

python -m tests.benchmarks.table_rows
"""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from index.converters.tables import table
from qa.cli import opening
from qa.extraction.reader import Reader
from qa.verification.table_cells import cell_by_cell
from qa.verification.thresholds import TOLD

_TABLES = Path(__file__).with_name("table_questions.json")


@dataclass(frozen=True, slots=True)
class Case:
    """A question in `language` about one cell of a table: `row` and `value` are wanted."""

    language: str
    question: str
    rows: tuple[str, ...]
    row: int
    value: str


def cases(tables: Path = _TABLES) -> Iterator[Case]:
    """The questions: every cell of every table in every language."""
    for each in json.loads(tables.read_text(encoding="utf-8")):
        rows = tuple(
            table([[each["name"], *each["columns"]], *each["rows"]], named=True).split("\n")
        )
        for language, called in each["called"].items():
            for column, asked in enumerate(each["questions"][language], 1):
                for row, name in enumerate(called):
                    value = each["rows"][row][column]
                    yield Case(language, asked.format(name), rows, row, value)


def chosen(case: Case, reader: Reader, *, alone: bool) -> tuple[bool, bool]:
    """Whether the right row was chosen, and only the right value of it was found.

    Args:
        case: what is asked.
        reader: finds it.
        alone: whether each row is read alone, too, as asking does.
    """
    text = "\n".join(case.rows)
    (reading,) = reader.read(case.question, [text])
    if alone:
        reading = cell_by_cell(case.question, text, reading, reader)
    row, found = text[: reading.start].count("\n"), text[reading.start : reading.end]
    others = {cell.rpartition(": ")[2] for cell in case.rows[case.row].split("; ")} - {case.value}
    right = row == case.row
    return right, right and case.value in found and not any(other in found for other in others)


def is_told(case: Case, reader: Reader, *, alone: bool, gone: bool) -> bool:
    """Whether the table is thought to tell.

    Args:
        case: what is asked.
        reader: reads the table.
        alone: whether each row is read alone, too, as asking does.
        gone: whether the row that is asked about is taken out.
    """
    text = "\n".join(row for i, row in enumerate(case.rows) if not gone or i != case.row)
    (reading,) = reader.read(case.question, [text])
    if alone:
        reading = cell_by_cell(case.question, text, reading, reader)
    return reading.probability >= TOLD


def main() -> None:
    """Print the shares by language."""
    reader = opening.reader()
    everything: Sequence[Case] = sorted(cases(), key=_language)
    for alone in (False, True):
        sys.stdout.write("each row alone, too\n" if alone else "all rows at once\n")
        for language, group in groupby(everything, _language):
            asked = list(group)
            found = [
                (*chosen(each, reader, alone=alone), *_told(each, reader, alone)) for each in asked
            ]
            shares = (f"{sum(side) / len(found):.2f}" for side in zip(*found, strict=True))
            told = ", ".join(map(" ".join, zip(_SHARES, shares, strict=True)))
            sys.stdout.write(f"  {language}: {told} (n {len(asked)})\n")


_SHARES = "row", "value", "told", "told though the row is gone"


def _told(case: Case, reader: Reader, alone: bool) -> tuple[bool, bool]:
    there, gone = (is_told(case, reader, alone=alone, gone=gone) for gone in (False, True))
    return there, gone


def _language(case: Case) -> str:
    return case.language


if __name__ == "__main__":
    main()
