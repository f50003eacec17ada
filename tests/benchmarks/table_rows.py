"""Table rows: how often the row of a table that is asked about is chosen, in five languages.

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


def main() -> None:
    """Print the shares by language."""
    reader = opening.reader()
    everything: Sequence[Case] = list(cases())
    for alone in (False, True):
        sys.stdout.write("each row alone, too\n" if alone else "all rows at once\n")
        for language, group in groupby(sorted(everything, key=_language), _language):
            told = [chosen(case, reader, alone=alone) for case in group]
            row, value = (sum(side) / len(told) for side in zip(*told, strict=True))
            sys.stdout.write(f"  {language}: row {row:.2f}, value {value:.2f} (n {len(told)})\n")


def _language(case: Case) -> str:
    return case.language


if __name__ == "__main__":
    main()
