"""Which row of a table names its columns: no data row is taken for one, and no row is lost."""

import pytest

from index.converters.cell_shape import Cell
from index.converters.table_header import header, pairs
from index.converters.tables import table


def cells(text: str) -> list[list[str]]:
    """A table of lines with `|` between cells."""
    return [[cell.strip() for cell in line.split("|")] for line in text.split("\n")]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param("Region|Q1 2024|Q2 2024\nNorth|120|135", "Region|Q1 2024|Q2 2024", id="Q1"),
        pytest.param("Of|FY21|FY22\nStaff|8|7\nLoaves|1200|1350", "Of|FY21|FY22", id="FY21"),
        pytest.param("Boat|Jan-24|Feb-24\nHeron|n/a|4", "Boat|Jan-24|Feb-24", id="months"),
        pytest.param("Boat|2024-05-01|2024-05-02\nHeron|12|4", "Boat|2024-05-01|2024-05-02",
                     id="days"),
        pytest.param("Crop|t/ha|€\nRye|3.2|14\nOat|2.8|12", "Crop|t/ha|€", id="units"),
        pytest.param("Of|2019|2020|2021\nsold|1200|1350|1500", "Of|2019|2020|2021",
                     id="years over numbers that could be years"),
        pytest.param("Town|2019|2020\nOslo|1200|1350", "Town|2019|2020", id="two years"),
        pytest.param("|1|2|3\nA|5|7|8\nB|2|9|1", "|1|2|3", id="numbers that go up"),
        pytest.param("|2023||2024\n|Q3|Q4|Q1\nCod|5|6|7\nHake|1|2|3", "|2023 Q3|2023 Q4|2024 Q1",
                     id="years over quarters of which none is named twice"),
        pytest.param("Year|Boats\n2019|4\n2020|5", "Year|Boats", id="years below"),
        pytest.param("年|売上\n2019|4\n2020|5", "年|売上", id="Japanese"),
        pytest.param("Name|Town\nRye|Oslo\nOat|Moss", "Name|Town", id="words over words"),
        pytest.param("Boat|Length|Weight\n|m|t\nHeron|12|4\nTern|9|2",
                     "Boat|Length m|Weight t", id="a row of units"),
        pytest.param("Boat|Length\n(name)|(m)\nHeron|12\nTern|9", "Boat (name)|Length (m)",
                     id="units in brackets"),
        pytest.param("Town|2023||2024|\n|Q1|Q2|Q1|Q2\nOslo|1|2|3|4\nMoss|3|2|2|2",
                     "Town|2023 Q1|2023 Q2|2024 Q1|2024 Q2", id="groups of columns"),
        pytest.param("Fees|2024\nBoat|Fee\nHeron|14\nTern|12", "Boat|Fee", id="title and year"),
        pytest.param("Day|2024-05-06\nBoat|Fee|Built\nHeron|14|1987\nTern|12|2004",
                     "Boat|Fee|Built", id="a day above"),
    ],
)  # fmt: skip
def test_names_differ_from_the_cells_below(text: str, names: str) -> None:
    found = header(cells(text))

    assert found is not None
    assert "|".join(found.names) == names


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Rye|3\nOat|2", id="numbers below numbers"),
        pytest.param("Heron|1987|1990\nTern|2004|2011", id="years in the data"),
        pytest.param("Heron|red\nTern|blue\nGull|red", id="a word that comes again"),
        pytest.param("2024-05-01|12\n2024-05-02|13", id="days below days"),
        pytest.param("Pier 7|open\nPier 9|closed", id="places"),
        pytest.param("Heron|12 m\nTern|9 m 30", id="lengths"),
        pytest.param("12|13|14\n5|7|9", id="numbers alone"),
        pytest.param("Name|Price", id="a row alone"),
    ],
)
def test_a_row_of_data_is_no_header(text: str) -> None:
    assert header(cells(text)) is None


@pytest.mark.parametrize(
    "text",
    [
        "Name|Heron\nLength|12 m\nBuilt|1987\nOwner|Harbour Board",
        "Boat:|Heron\nOwner:|Ana Rao",
        "Name|Heron\nLength|12 m\nOwner|Harbour Board",
    ],
)
def test_names_and_values_below_each_other_are_pairs(text: str) -> None:
    assert pairs(cells(text))
    assert table(cells(text)).split("\n")[0].endswith(": Heron")


def test_bold_tells_a_header_of_names_from_pairs() -> None:
    bold = [[Cell("Item", bold=True), Cell("Value", bold=True)]]

    assert table([*bold, *cells("Share|7.5%\nPlaced|1987\nDay|5 May 2024")]).startswith(
        "- Item: Share; Value: 7.5%"
    )


def test_a_header_amid_the_rows_names_those_below_it() -> None:
    rows = cells("Boat|Length|Built\nHeron|12|1987\nKeeper|Wage|Since\nAna|41|2011")

    assert table(rows).split("\n") == [
        "- Boat: Heron; Length: 12; Built: 1987",
        "- Keeper: Ana; Wage: 41; Since: 2011",
    ]


def test_a_repeated_header_is_read_once_and_one_at_the_end_is_kept() -> None:
    rows = cells("Boat|Length|Built\nHeron|12|1987\nBoat|Length|Built\nGull|9|2005")
    last = cells("Keeper|Wage|Since")

    assert table([*rows, *last]).split("\n") == [
        "- Boat: Heron; Length: 12; Built: 1987",
        "- Boat: Gull; Length: 9; Built: 2005",
        "- Keeper; Wage; Since",
    ]


@pytest.mark.parametrize("missing", ["unknown", "lost"])
def test_missing_values_do_not_begin_a_table(missing: str) -> None:
    rows = cells(f"Boat|Length|Built\nHeron|12|1987\nTern|{missing}|{missing}\nGull|9|2005")

    assert f"- Boat: Tern; Length: {missing}; Built: {missing}" in table(rows)


def test_remarks_below_a_table_get_no_name() -> None:
    rows = cells("Boat|Fee\nHeron|14\nTern|12")

    assert table([*rows, ["* estimated"], ["Source: Harbour Board"]]).split("\n") == [
        *("- Boat: Heron; Fee: 14", "- Boat: Tern; Fee: 12", "", "* estimated", "", ""),
        *("Source: Harbour Board", ""),
    ]


def test_a_remark_on_a_cell_stands_behind_its_row() -> None:
    rows = [["Boat", "Fee"], [Cell("Heron", remark="[Comment: new]"), "14"]]

    assert table(rows) == "- Boat: Heron; Fee: 14 [Comment: new]"
