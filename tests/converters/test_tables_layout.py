"""Several tables on a sheet: each row has the names of its own table, and its own title."""

import pytest

from index.converters.sheet_layout import areas, markdown

BOATS = "Boat|Length|Built\nHeron|12|1987\nTern|9|2004"
BOATS_SAID = "- Boat: Heron; Length: 12; Built: 1987\n- Boat: Tern; Length: 9; Built: 2004"


def said(text: str) -> str:
    """The Markdown of a sheet drawn with `|` between cells."""
    rows = []
    for line in text.split("\n"):
        row = [cell.strip() for cell in line.split("|")]
        while row and not row[-1]:
            row.pop()
        rows.append(row)
    return markdown(areas(rows, range(len(rows))), 3)


@pytest.mark.parametrize(
    ("sheet", "expected"),
    [
        pytest.param(
            f"{BOATS}\n\nKeeper|Wage|Since\nAna|41|2011\nLi|47|2015",
            f"{BOATS_SAID}\n\n- Keeper: Ana; Wage: 41; Since: 2011\n"
            "- Keeper: Li; Wage: 47; Since: 2015",
            id="below each other",
        ),
        pytest.param(
            f"{BOATS}\n\nGull|8|2005\nSkua|7|1999\n\nTotal|36",
            f"{BOATS_SAID}\n\n- Boat: Gull; Length: 8; Built: 2005\n"
            "- Boat: Skua; Length: 7; Built: 1999\n\n- Boat: Total; Length: 36",
            id="an empty row within a table",
        ),
        pytest.param(
            "Boat|Fee||Keeper|Wage\nHeron|14||Ana|41\nTern|12||Li|47\nGull|9",
            "- Boat: Heron; Fee: 14\n- Boat: Tern; Fee: 12\n- Boat: Gull; Fee: 9\n\n"
            "- Keeper: Ana; Wage: 41\n- Keeper: Li; Wage: 47",
            id="beside each other",
        ),
        pytest.param(
            "Region||Q1|Q2\nNorth||12|14\nSouth||9|8",
            "- Region: North; Q1: 12; Q2: 14\n- Region: South; Q1: 9; Q2: 8",
            id="an empty column makes room",
        ),
        pytest.param(
            "Name|Town\nRye|Oslo\n\nOat|Bergen\nBarley|Moss",
            "- Name: Rye; Town: Oslo\n\n- Oat; Bergen\n- Barley; Moss",
            id="words that may be names or data get no false names",
        ),
        pytest.param(
            f"Made by|Ana Rao\nPlace|Oslo\n\n{BOATS}",
            f"- Made by: Ana Rao\n- Place: Oslo\n\n{BOATS_SAID}",
            id="who made a table, above it",
        ),
        pytest.param(
            f"Report\nMade by:|Ana Rao\nOn|5 May 2024\n\n{BOATS}",
            "### Report\n\n- Made by: Ana Rao\n- On: 5 May 2024\n\n### Boat, Length, Built\n\n"
            f"{BOATS_SAID}",
            id="who made a table, and when, below a title",
        ),
        pytest.param(
            "Boat|Fee\nHeron|14\nTern|9\nFares\nFerry|Fare\nLark|12",
            "- Boat: Heron; Fee: 14\n- Boat: Tern; Fee: 9\n- Boat: Fares\n- Ferry: Lark; Fare: 12",
            id="a title and names of one column of numbers, without an empty row",
        ),
        pytest.param(
            "Fees|2024\n\nBoat|Fee\nHeron|14\nTern|12",
            "### Fees 2024\n\n- Boat: Heron; Fee: 14\n- Boat: Tern; Fee: 12",
            id="a title of two cells",
        ),
        pytest.param(
            "Boats\nBoat|Fee\nHeron|14\n\nKeeper|Wage\nAna|41",
            "### Boats\n\n- Boat: Heron; Fee: 14\n\n### Keeper, Wage\n\n- Keeper: Ana; Wage: 41",
            id="the second table does not stand under the first one's title",
        ),
        pytest.param("Rye\nOat\nBarley", "- Rye\n- Oat\n- Barley", id="a list"),
        pytest.param("Boats of 2026.", "Boats of 2026.", id="a sentence"),
    ],
)
def test_each_table_has_its_own_names(sheet: str, expected: str) -> None:
    assert said(sheet) == expected
