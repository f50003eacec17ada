"""CSV and TSV: delimiters, quotes, remarks, lines that are no rows."""

import pytest

from index.converters.converted import Converted
from index.converters.worker import convert


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Boot;Fee\nMöwe;14,50\nTern;9,00\n",
                     "- Boot: Möwe; Fee: 14,50\n- Boot: Tern; Fee: 9,00", id="decimal commas"),
        pytest.param("1,5;2,5\n2,5;3,5\n", "- 1,5; 2,5\n- 2,5; 3,5", id="nothing but numbers"),
        pytest.param("Item,Price,Left\nTea,9,3\nOil,₹1,200.00,3\nRye,7,4,old\n",
                     "- Item: Tea; Price: 9; Left: 3\n- Oil; ₹1; 200.00; 3\n"
                     "- Item: Rye; Price: 7; Left: 4; old", id="a number cut at its comma"),
        pytest.param("sep=|\nBoat|Fee\nTern|9\n", "- Boat: Tern; Fee: 9", id="declared"),
        pytest.param("Boat,Note\nTern,\"a, b\n c\"\n", "- Boat: Tern; Note: a, b c", id="quotes"),
        pytest.param("Boat,Fee\nTern,\"1,204\"\n", "- Boat: Tern; Fee: 1,204", id="thousands"),
        pytest.param("# Of 2026\n# by Ana, Bo\nBoat,Fee\nTern,9\n",
                     "Of 2026\n\nby Ana, Bo\n\n- Boat: Tern; Fee: 9", id="remarks"),
        pytest.param("#Boat,Fee\nTern,9\nGull,8\n", "- Boat: Tern; Fee: 9\n- Boat: Gull; Fee: 8",
                     id="a header like a remark"),
        pytest.param("#1,9\n#2,8\n", "- #1; 9\n- #2; 8", id="numbers with #"),
        pytest.param("Of May\n\nBoat,Fee\nTern,9\n", "## Of May\n\n- Boat: Tern; Fee: 9",
                     id="title"),
        pytest.param("A,B\n1,2\n3\n4,5,6\n", "- A: 1; B: 2\n- A: 3\n- A: 4; B: 5; 6", id="ragged"),
    ],
)  # fmt: skip
def test_csv_as_people_write_it(text: str, expected: str) -> None:
    assert convert("csv", text.encode()).text == expected


def test_tabs_alone_divide_a_tsv_file() -> None:
    assert convert("tsv", b"Boat\tFee, coins\nTern; old\t9\n").text == (
        "- Boat: Tern; old; Fee, coins: 9"
    )


def test_a_quotation_mark_that_nothing_closes_swallows_no_rows() -> None:
    assert convert("csv", b'Pipe,Length\n"Main,12\nSide,9\nDrain,4\n') == Converted(
        '- Pipe: "Main; Length: 12\n- Pipe: Side; Length: 9\n- Pipe: Drain; Length: 4',
        notices=("a quotation mark is never closed; quotation marks were read as text",),
    )
