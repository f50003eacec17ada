"""Spreadsheets as people see them: what is hidden is left out and named, all else is kept."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.worksheet.table import Table

from index.converters.converted import Converted
from index.converters.worker import convert
from index.errors import NotText
from tests.support import sample_files

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
STRICT = 'xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main"'
ROWS = (("Boat", "Fee", "Since"), ("Heron", 14, 2011), ("Tern", 12, 2015), ("Gull", 9, 2018))


def read(change: Callable[[Any], None], rows: tuple[tuple[object, ...], ...] = ROWS) -> Converted:
    """A workbook with a sheet of rows, changed and then read."""
    book, file = openpyxl.Workbook(), io.BytesIO()
    sheet: Any = book.active
    sheet.title = "Boats"
    for row in rows:
        sheet.append(row)
    change(sheet)
    book.save(file)
    return convert("xlsx", file.getvalue())


def raw(sheet: str) -> Converted:
    """A workbook whose only sheet is this XML."""
    return convert(
        "xlsx",
        sample_files.replaced(sample_files.xlsx(), "xl/worksheets/sheet1.xml", sheet.encode()),
    )


def hide(sheet: Any) -> None:
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["C"].hidden = True
    sheet.parent.create_sheet("Old").sheet_state = "veryHidden"


def test_hidden_rows_columns_and_sheets_are_left_out_and_named() -> None:
    found = read(hide)

    assert found.text == "## Boats\n\n- Boat: Heron; Fee: 14\n- Boat: Gull; Fee: 9"
    assert found.notices == (
        "sheet “Old” is hidden and was left out",
        "sheet “Boats”: row 3 is hidden and was left out",
        "sheet “Boats”: column C is hidden and was left out",
    )


def test_formulas_without_values_and_errors_are_named() -> None:
    rows = (("Boat", "Fee"), ("Heron", "=1+1"), ("Tern", "=2+1"), ("Gull", "#DIV/0!"))
    found = read(lambda sheet: None, rows)

    assert found.text.endswith("- Boat: Gull; Fee: #DIV/0!")
    assert found.notices == (
        "2 formulas have no values; open and save it in a spreadsheet program",
        "sheet “Boats”: cell B4 shows an error such as #DIV/0!",
    )


def test_a_workbook_that_shows_nothing_says_why() -> None:
    with pytest.raises(NotText, match="holds no text: 1 formula has no value; open and save it"):
        read(lambda sheet: None, (("=1+1",),))


def test_a_sheet_that_the_file_lacks_is_named() -> None:
    book = sample_files.xlsx()
    with zipfile.ZipFile(io.BytesIO(book)) as file:
        listed = file.read("xl/workbook.xml")
    more = listed.replace(b"</sheets>", b'<sheet name="Lost" sheetId="9" r:id="none"/></sheets>')
    more = more.replace(
        b"<sheets>",
        b'<sheets xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">',
    )

    assert convert("xlsx", sample_files.replaced(book, "xl/workbook.xml", more)).notices == (
        "sheet “Lost” is missing from the file",
    )


def comment(sheet: Any) -> None:
    sheet["B2"].comment = Comment("Ana Rao:\nPaid in March.", "Ana Rao")


def test_a_comment_stands_behind_its_row() -> None:
    assert "- Boat: Heron; Fee: 14; Since: 2011 [Comment by Ana Rao: Paid in March.]\n" in (
        read(comment).text
    )


def known_table(sheet: Any) -> None:
    sheet.add_table(Table(displayName="Fees", ref="A1:B4"))


def test_a_table_that_the_file_names_has_the_names_of_its_first_row() -> None:
    rows = (("10", "20"), (1, 2), (3, 4), (5, 6))

    assert read(known_table, rows).text.split("\n")[2] == "- 10: 1; 20: 2"


def merge(sheet: Any) -> None:
    sheet.merge_cells("A2:A3")
    sheet.merge_cells("A5:C5")


def test_merged_cells_are_repeated_and_wide_ones_name_what_follows() -> None:
    rows = (*ROWS[:2], (None, 12, 2015), ROWS[3], ("South coast",), ("Skua", 7, 1999))

    assert read(merge, rows).text.split("\n\n") == [
        "## Boats",
        "- Boat: Heron; Fee: 14; Since: 2011\n- Boat: Heron; Fee: 12; Since: 2015\n"
        "- Boat: Gull; Fee: 9; Since: 2018",
        "South coast",
        "- Boat: Skua; Fee: 7; Since: 1999",
    ]


@pytest.mark.parametrize("namespace", [MAIN, STRICT])
def test_cells_without_references_inline_texts_and_iso_days_are_read(namespace: str) -> None:
    cells = (
        '<row><c t="inlineStr"><is><t>Boat</t></is></c><c t="str"><v>Day</v></c></row>'
        '<row><c t="inlineStr"><is><r><t>10</t></r><r><rPr><vertAlign val="superscript"/></rPr>'
        '<t>3</t></r></is></c><c t="d"><v>2024-05-06</v></c></row>'
        '<row><c t="b"><v>1</v></c><c t="str"><v>a_x000D_b</v></c></row>'
    )
    found = raw(f"<worksheet {namespace}><sheetData>{cells}</sheetData></worksheet>")

    assert found.text.split("\n")[2:] == [
        "- Boat: 10³; Day: 2024-05-06",
        "- Boat: TRUE; Day: a b",
    ]


def test_a_workbook_with_macros_is_read_without_them() -> None:
    with zipfile.ZipFile(io.BytesIO(sample_files.xlsx())) as book:
        members: dict[str, str | bytes] = {name: book.read(name) for name in book.namelist()}
    found = convert("xlsx", sample_files.zipped({**members, "xl/vbaProject.bin": b"\xd0\xcf\x11"}))

    assert found == convert("xlsx", sample_files.xlsx())
