import io
from typing import Any

import pytest

from index.converters.tables import MergedCell, unmerged
from index.converters.worker import convert


@pytest.mark.parametrize(
    ("rows", "spans", "expected"),
    [
        pytest.param(
            [("Town", "2023", None, "2024", None), (None, "Q1", "Q2", "Q1", "Q2"), ("Oslo", 1, 2)],
            [MergedCell(2, 1, 3, 1), MergedCell(4, 1, 5, 1)],
            [["Town", "2023 Q1", "2023 Q2", "2024 Q1", "2024 Q2"], ["Oslo", 1, 2]],
            id="header of two rows",
        ),
        pytest.param(
            [("Town", "Loaves", None), ("Oslo", "few", "many")],
            [MergedCell(2, 1, 3, 1)],
            [["Town", "Loaves", "Loaves"], ["Oslo", "few", "many"]],
            id="header of one row",
        ),
        pytest.param(
            [("Town", "Loaves", None), (None, "Rye", "Oat"), ("Oslo", 1, 2)],
            [MergedCell(1, 1, 1, 2), MergedCell(2, 1, 3, 1)],
            [["Town", "Loaves Rye", "Loaves Oat"], ["Oslo", 1, 2]],
            id="a name over both rows",
        ),
        pytest.param(
            [("Sales", None), ("Town", "Loaves"), ("Oslo", 1), (None, 2), ("all", None)],
            [MergedCell(1, 1, 2, 1), MergedCell(1, 3, 1, 4), MergedCell(1, 5, 2, 5)],
            [["Sales", None], ["Town", "Loaves"], ["Oslo", 1], ["Oslo", 2], ["all", None]],
            id="title, rows and a remark",
        ),
        pytest.param(
            [("a", None)], [MergedCell(9, 1, 16000, 9)], [["a", None]], id="out of the sheet"
        ),
        pytest.param(
            [("a", "b")],
            [MergedCell(2, 1, 4, 1)],
            [["a", "b", "b", "b"]],
            id="beyond what is written",
        ),
        pytest.param([("a", "b")], [], [["a", "b"]], id="none"),
        pytest.param([], [MergedCell(1, 1, 2, 1)], [], id="nothing"),
    ],
)
def test_a_merged_cell_is_said_where_it_counts(
    rows: list[tuple[object, ...]], spans: list[MergedCell], expected: list[list[object]]
) -> None:
    assert [list(row) for row in unmerged(rows, spans)] == expected


def test_a_workbook_tells_its_merged_cells() -> None:
    import openpyxl

    book, file = openpyxl.Workbook(), io.BytesIO()
    sheet: Any = book.active
    for row in (("Town", "Loaves", None), ("Oslo", 1, 2), (None, 3, 4)):
        sheet.append(row)
    sheet.merge_cells("B1:C1")
    sheet.merge_cells("A2:A3")
    book.save(file)

    assert convert("xlsx", file.getvalue()).text == (
        "## Sheet\n\n- Town: Oslo; Loaves: 1; Loaves: 2\n- Town: Oslo; Loaves: 3; Loaves: 4"
    )
