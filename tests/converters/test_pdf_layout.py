"""Columns, tables, headings, paragraphs and running heads of PDFs, told by their places."""

from typing import Any

import pytest
from reportlab.pdfbase.pdfmetrics import stringWidth

from index.converters.pdf_hyphens import Joiner
from index.passage import page_at
from tests.support.drawn_pdf import column, read

LEFT = (
    "The quay was built by forty",
    "masons who came over the",
    "winter of that same year",
    "and stayed.",
)
RIGHT = (
    "The lamp burned oil for long",
    "and gas for some years of",
    "the last of the wars, then",
    "nothing.",
)


@pytest.mark.parametrize("shift", [0, 5])
def test_columns_are_read_one_after_the_other(shift: float) -> None:
    left, right = column(40, 540, *LEFT), column(220, 540 - shift, *RIGHT)
    across = [line for pair in zip(left, right, strict=True) for line in pair]

    assert read(across).text == " ".join(LEFT) + "\n\n" + " ".join(RIGHT)


def test_rows_of_a_table_name_their_columns_and_an_empty_cell_moves_nothing() -> None:
    rows = (("Boat", "Cargo", "Tonnes"), ("Heron", "Oats", "12"), ("Wren", "", "7"))
    cells = [
        (40 + 110 * x, 540 - 18 * y, cell)
        for y, row in enumerate(rows)
        for x, cell in enumerate(row)
        if cell
    ]
    table = "- Boat: Heron; Cargo: Oats; Tonnes: 12\n- Boat: Wren; Tonnes: 7"

    assert read(cells).text == table
    assert read(sorted(cells)).text == table  # drawn column by column


def test_cells_of_a_ruled_table_hold_their_lines_together() -> None:
    def grid(canvas: Any) -> None:
        canvas.grid([38, 140, 300], [540, 500, 480, 460])

    cells = [
        *[(40, 520, "Berth"), (145, 526, "Remark of the"), (145, 512, "board")],
        *[(40, 487, "East"), (145, 487, "Deep"), (40, 467, "West"), (145, 467, "Shallow")],
    ]
    assert read(cells, more=grid).text == (
        "- Berth: Remark of the board\n- East: Deep\n- West: Shallow"
    )


def test_a_heading_is_told_by_its_weight_alone() -> None:
    def bold(canvas: Any) -> None:
        canvas.setFont("Helvetica-Bold", 11)
        canvas.drawString(40, 540, "Opening hours")

    lines = column(40, 526, "The office is open from eight to four.", "On Sundays it is shut.")
    assert read(lines, more=bold).text == (
        "### Opening hours\n\nThe office is open from eight to four. On Sundays it is shut."
    )


def test_a_drop_cap_begins_its_word() -> None:
    def cap(canvas: Any) -> None:
        canvas.setFont("Helvetica", 36)
        canvas.drawString(40, 512, "H")

    lines = [
        (70, 538, "arbours are built slowly, and most"),
        (70, 524, "of them are never done; this one"),
        (40, 510, "here was begun in the year of the storm."),
    ]
    assert read(lines, more=cap).text.startswith("Harbours are built slowly, and most of them")


def test_running_heads_and_page_numbers_break_no_sentence() -> None:
    words = (
        "The board decided that the crane",
        "would be sold and that the",
        "new one would stand on the quay",
    )
    pages = [
        [(40, 570, "Gazette of Vell"), *column(40, 530, text), (200, 20, f"Page {number} of 3")]
        for number, text in enumerate(words, 1)
    ]
    found = read(*pages)

    assert found.text == "Gazette of Vell\n\n" + " ".join(words)
    for number, text in enumerate(words, 1):
        begin = found.text.index(text)
        here, before = page_at(found.pages, begin), page_at(found.pages, begin - 1)
        assert here is not None
        assert here.name == str(number)
        assert number == 1 or (here.start, before) == (begin, found.pages[number - 2])


def test_a_few_lines_end_the_second_column() -> None:
    left = [f"The boat {i} came with rye for" for i in range(1, 11)]
    rows = [
        *column(40, 540, *left),
        *column(220, 540, "the mill.", "It was the last."),
    ]

    assert read(rows).text == " ".join(left) + " the mill. It was the last."


def test_a_sentence_below_a_table_is_none_of_its_rows() -> None:
    rows = [("Boat", "Fee"), ("Heron", "14"), ("Tern", "9"), ("Wren", "7")]
    cells = [
        (x, 540 - 14 * y, row[i]) for y, row in enumerate(rows) for i, x in ((0, 40), (1, 200))
    ]
    below = (40, 540 - 14 * 4, "No other boat came.")

    assert read([*cells, below]).text.endswith("- Boat: Wren; Fee: 7\n\nNo other boat came.")


def test_a_line_that_stands_twice_at_one_place_is_no_head_of_a_table_that_goes_on() -> None:
    rows = [[(40, 560, "Boat"), (200, 560, "Fee")], [(40, 546, "Heron"), (200, 546, "14")],
            [(40, 532, "Tern"), (200, 532, "9")], [(40, 518, "Wren"), (200, 518, "7")]]  # fmt: skip
    pages = [[line for row in rows for line in row] for _ in range(3)]

    assert read(*pages).text.count("- Boat: Tern; Fee: 9") == 3


@pytest.mark.parametrize(
    ("before", "after", "joined"),
    [
        pytest.param("the cli-", "mate", "the climate", id="a word of the list"),
        pytest.param("the light-", "house", "the lighthouse", id="a compound of the list"),
        pytest.param("the price-", "determining factor", "the price-determining factor", id="none"),
        pytest.param("some n-", "tridecanal", "some n-tridecanal", id="one letter"),
        pytest.param("in 2019-", "2020", "in 2019-2020", id="numbers"),
        pytest.param("the East-", "Quay company", "the East-Quay company", id="capitals"),
        pytest.param("a state-of-the-", "art dock", "a state-of-the-art dock", id="chain"),
        pytest.param("banyak anak-", "anak", "banyak anak-anak", id="doubled"),
        pytest.param("a soft\u00ad", "ened edge", "a softened edge", id="soft hyphen"),
        pytest.param("he went -", "and came", "he went - and came", id="dash"),
        pytest.param("the co-", "op", "the co-op", id="as elsewhere in the file"),
    ],
)
def test_a_hyphen_stays_where_the_word_has_one(before: str, after: str, joined: str) -> None:
    english = "the factor of the harbour is what they said of the old co-op in the town"

    assert Joiner([english]).joined(before, after) == joined


def test_a_hyphen_of_another_language_is_taken_for_the_lines() -> None:
    assert Joiner(["Der Hafen liegt hinter der Mole"]).joined("die Hafen-", "mauer") == (
        "die Hafenmauer"
    )


def touching(*texts: str, left: float, base: float) -> list[tuple[float, float, str]]:
    """Texts drawn each by itself, where the one before ends."""
    cells = []
    for text in texts:
        cells.append((left, base, text))
        left += stringWidth(text, "Helvetica", 11)
    return cells


def test_cells_that_touch_are_two_where_the_rows_beside_have_two() -> None:
    """As a spreadsheet is printed without rules: `Length (m)` fills its cell."""
    cells = [(40, 540, "Boat"), *touching("Length (m)", "Fee", left=140, base=540)]
    rows = (("Heron", "12", "3"), ("Wren", "7", "14"), ("Tern", "31", "9"))
    for i, row in enumerate(rows, 1):
        cells += [(40, 540 - 16 * i, row[0]), (160, 540 - 16 * i, row[1])]
        cells += [(196, 540 - 16 * i, row[2])]

    assert read(cells).text == (
        "- Boat: Heron; Length (m): 12; Fee: 3\n"
        "- Boat: Wren; Length (m): 7; Fee: 14\n"
        "- Boat: Tern; Length (m): 31; Fee: 9"
    )


@pytest.mark.parametrize("right", [False, True])
def test_a_name_that_is_drawn_in_two_parts_is_one_word(right: bool) -> None:
    """As Word draws some; the numbers below are narrower than either part."""
    cells = [(40, 540, "Boat"), *touching("Quan", "tity", left=140, base=540), (240, 540, "Fee")]
    for i, row in enumerate((("Heron", "12", "3"), ("Wren", "7", "4"), ("Tern", "31", "9")), 1):
        column = 181 - stringWidth(row[1], "Helvetica", 11) if right else 140
        cells += [(40, 540 - 16 * i, row[0]), (column, 540 - 16 * i, row[1])]
        cells += [(240, 540 - 16 * i, row[2])]

    assert read(cells).text == (
        "- Boat: Heron; Quantity: 12; Fee: 3\n"
        "- Boat: Wren; Quantity: 7; Fee: 4\n"
        "- Boat: Tern; Quantity: 31; Fee: 9"
    )
