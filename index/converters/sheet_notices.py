"""Sheet notices: what of a workbook was left out, or stands in it without a value. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from index.converters.converted import listed
from index.converters.sheet_cells import Cells

_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class SheetLeft:
    """A sheet's name, its cells and its pictures that nothing describes."""

    name: str
    cells: Cells
    pictures: int


def notices(
    hidden: Sequence[str], lost: Sequence[str], sheets: Sequence[SheetLeft]
) -> tuple[str, ...]:
    """A line for each kind of thing that readers should know of, formulas first.

    Args:
        hidden: the names of hidden sheets.
        lost: of sheets that the file lists, but does not hold.
        sheets: the others.
    """
    return (
        *_formulas(sheets),
        *_sheets(lost, "is missing from the file", "are missing from the file"),
        *_sheets(hidden, "is hidden and was left out", "are hidden and were left out"),
        *(line for sheet in sheets for line in _hidden_cells(sheet)),
        *_errors(sheets),
        *_pictures(sheets),
    )


def _formulas(sheets: Sequence[SheetLeft]) -> list[str]:
    count = sum(sheet.cells.formulas for sheet in sheets)
    many = "1 formula has no value" if count == 1 else f"{count} formulas have no values"
    return [f"{many}; open and save it in a spreadsheet program"] if count else []


def _sheets(names: Sequence[str], one: str, several: str) -> list[str]:
    if not names:
        return []
    said = ", ".join(f"“{name}”" for name in names)
    return [f"sheet {said} {one}" if len(names) == 1 else f"sheets {said} {several}"]


def _hidden_cells(sheet: SheetLeft) -> list[str]:
    lines = []
    rows, columns = sheet.cells.hidden_rows, sheet.cells.hidden_columns
    if rows:
        lines.append(_left_out(sheet.name, "row", listed(rows), one=len(rows) == 1))
    if columns:
        names = ", ".join(map(_letters, sorted(columns)))
        lines.append(_left_out(sheet.name, "column", names, one=len(columns) == 1))
    if count := sheet.cells.invisible:
        cells = "1 cell shows" if count == 1 else f"{count} cells show"
        its = "its" if count == 1 else "their"
        lines.append(f"sheet “{sheet.name}”: {cells} nothing by {its} number format")
    return lines


def _left_out(sheet: str, kind: str, numbers: str, *, one: bool) -> str:
    said = (
        f"{kind} {numbers} is hidden and was" if one else f"{kind}s {numbers} are hidden and were"
    )
    return f"sheet “{sheet}”: {said} left out"


def _errors(sheets: Sequence[SheetLeft]) -> list[str]:
    return [
        f"sheet “{sheet.name}”: {_some(sheet.cells.errors)} an error such as #DIV/0!"
        for sheet in sheets
        if sheet.cells.errors
    ]


def _some(references: Sequence[str]) -> str:
    named = ", ".join(references[:_MOST_NAMED])
    if len(references) == 1:
        return f"cell {named} shows"
    more = len(references) - _MOST_NAMED
    return f"cells {named}{f' and {more} more' if more > 0 else ''} show"


def _pictures(sheets: Sequence[SheetLeft]) -> list[str]:
    count = sum(sheet.pictures for sheet in sheets)
    one = "1 picture without a description was not read"
    return (
        [one if count == 1 else f"{count} pictures without a description were not read"]
        if count
        else []
    )


def _letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
