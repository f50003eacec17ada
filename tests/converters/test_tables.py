import datetime

import pytest

from index.converters.tables import cell_text, table
from index.errors import NotText


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(
            [("Name", "Price"), ("Rye", 3)], ["- Name: Rye; Price: 3"], id="names and values"
        ),
        pytest.param(
            [("Sales in May",), (), (None, "Name", "Price"), (1, "Rye", 3)],
            ["Sales in May", "", "- 1; Name: Rye; Price: 3"],
            id="title above",
        ),
        pytest.param(
            [("Town", "2023", "2024"), ("Oslo", 4, None)], ["- Town: Oslo; 2023: 4"], id="years"
        ),
        pytest.param([("Rye", 3), ("Oat", 2)], ["- Rye; 3", "- Oat; 2"], id="no names"),
        pytest.param([("Rye",), ("Oat",)], ["- Rye", "- Oat"], id="one column"),
        pytest.param([("Name", "Price")], ["- Name; Price"], id="names alone"),
        pytest.param(
            [("A", "B"), ("1", "2", "3")], ["- A: 1; B: 2; 3"], id="more values than names"
        ),
        pytest.param([("A", "B"), ("x\ny", " ")], ["- A: x y"], id="lines in a cell"),
        pytest.param([], [""], id="nothing"),
        pytest.param([(None, " ")], [""], id="empty cells"),
    ],
)
def test_each_row_names_its_values(rows: list[tuple[object, ...]], expected: list[str]) -> None:
    assert table(rows).split("\n") == expected


def test_the_first_row_is_a_header_when_that_is_known() -> None:
    assert table([("2023", "7.5"), ("a", "b")], named=True) == "- 2023: a; 7.5: b"


def test_a_row_wider_than_anyone_reads_is_refused() -> None:
    with pytest.raises(NotText, match="more than 1000 columns"):
        table([("a",), ("",) * 1000 + ("b",)])


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (3.0, "3"),
        (2.5, "2.5"),
        (1e20, "1e+20"),
        (float("inf"), "inf"),
        (datetime.datetime(2024, 5, 6), "2024-05-06"),
        (datetime.datetime(2024, 5, 6, 8), "2024-05-06 08:00:00"),
        (None, ""),
    ],
)
def test_a_cell_is_said_as_people_write_it(cell: object, expected: str) -> None:
    assert cell_text(cell) == expected
