"""What once came out false of PDFs of other makers: numbers moved, glued, or under other names."""

from dataclasses import replace
from typing import Any

import pytest

from index.converters.pdf_lines import rows
from index.converters.pdf_piece import Piece
from index.converters.worker import convert
from tests.support.drawn_pdf import column, read, written


def cells(rows: tuple[tuple[str, ...], ...], top: float) -> list[tuple[float, float, str]]:
    return [
        (40 + 110 * x, top - 18 * y, cell)
        for y, row in enumerate(rows)
        for x, cell in enumerate(row)
        if cell
    ]


def drawn(*parts: tuple[str, float, float]) -> str:
    lines = column(40, 540, "Of the harbour at Vell, in the words of its board:")
    return read(lines, more=lambda canvas: written(canvas, 40, 500, *parts)).text.split("\n\n")[1]


@pytest.mark.parametrize("size", [10, 11])
def test_a_mark_that_is_hardly_smaller_is_told_by_its_height(size: float) -> None:
    parts = (("At 10", 11, 0), ("5", size, 5), (" Pa the pipe burst", 11, 0))

    assert drawn(*parts) == "At 10⁵ Pa the pipe burst"


def test_a_raised_mark_behind_a_lowered_one_stays_with_its_word() -> None:
    parts = (("Some SO", 11, 0), ("4", 7, -3), ("2", 7, 4), ("-", 7, 4), (" is left", 11, 0))

    assert drawn(*parts) == "Some SO₄²⁻ is left"


def test_a_table_below_another_has_names_of_its_own() -> None:
    first = (("Month", "Catch"), ("May", "120"), ("June", "98"), ("July", "75"))
    second = (("Gate", "Opens", "Shuts"), ("West", "6", "21"), ("East", "", "22"))

    text = read([*cells(first, 540), *cells(second, 420)]).text

    assert "- Gate: West; Opens: 6; Shuts: 21\n- Gate: East; Shuts: 22" in text
    assert "Month: Gate" not in text


def test_a_lone_line_parts_two_tables() -> None:
    first = (("Boat", "Crew", "Fee"), ("Heron", "4", "14"), ("Gull", "", "22"))
    second = (("Port", "Low", "High"), ("Lund", "3.5", "7.5"), ("Orr", "", "6"))
    lone = [(40, 540 - 3 * 18, "Ports")]

    text = read([*cells(first, 540), *lone, *cells(second, 540 - 4 * 18)]).text

    assert text.endswith("Ports\n\n- Port: Lund; Low: 3.5; High: 7.5\n- Port: Orr; High: 6")


def test_a_decimal_number_in_a_table_is_no_number_of_a_list() -> None:
    rows = [(40.0, 540.0 - 18 * y, text) for y, text in enumerate(("Basin", "Lund", "Orr", "Fenn"))]
    rows += [(140, 540, "Depth"), (184, 540, "Year")]
    rows += [(153, 522, "7.5"), (184, 522, "1931"), (184, 504, "1954"), (153, 486, "9.2")]

    assert "- Basin: Orr; Year: 1954\n- Basin: Fenn; Depth: 9.2" in read(rows).text


def test_the_numbers_of_a_manuscripts_lines_are_left_out() -> None:
    said = [f"the harbour paid {9 * i} coins to the keeper of the lamp" for i in range(1, 13)]
    lines = [(60.0, 540.0 - 14 * i, text) for i, text in enumerate(said)]
    numbers = [(30.0, 540.0 - 14 * i, str(i + 1)) for i in range(12)]

    text = read([line for pair in zip(numbers, lines, strict=True) for line in pair]).text

    assert text == " ".join(said)


def test_roman_numbers_of_pages_are_left_out() -> None:
    pages = [
        [
            *column(40, 540, *(f"and page {i} line {j} says no more" for j in range(12))),
            (200, 30, i),
        ]
        for i in ("i", "ii", "iii", "iv")
    ]

    assert "more iii" not in read(*pages).text.replace("\n\n", " ")


def test_the_size_of_a_page_may_be_that_of_all_pages() -> None:
    """A page without a size of its own was taken for a letter, and its top was left out."""
    content = b"BT /F 12 Tf 60 820 Td (The mill was sold in 1844.) Tj ET"
    parts = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595 842]>>",
        b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F<</Type/Font"
        b"/Subtype/Type1/BaseFont/Helvetica>>>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
    )
    objects = b"".join(b"%d 0 obj%s endobj\n" % (i, part) for i, part in enumerate(parts, 1))

    found = convert("pdf", b"%PDF-1.4\n" + objects + b"trailer<</Root 1 0 R>>")

    assert (found.text, found.notices) == ("The mill was sold in 1844.", ())


def test_words_under_a_picture_are_left_out_and_those_upon_it_are_not() -> None:
    def draw(canvas: Any) -> None:
        canvas.drawString(60, 440, "Hidden 999")
        canvas.drawImage(_grey(), 40, 380, 300, 90)
        canvas.drawString(60, 390, "Upon it 555")

    text = read(column(40, 540, "The lock opens at six."), more=draw).text

    assert "555" in text
    assert "999" not in text


def test_a_scan_with_a_stamp_is_said_to_be_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TESSDATA_PREFIX", "/nowhere")

    def draw(canvas: Any) -> None:
        canvas.drawImage(_grey(), 0, 0, 420, 595)
        canvas.drawString(60, 20, "Archive of Lund, 4")

    found = read([], more=draw)

    assert found.text == "Archive of Lund, 4"
    assert any("page 1: a picture fills the page" in notice for notice in found.notices)


def _grey() -> Any:
    from PIL import Image
    from reportlab.lib.utils import ImageReader

    return ImageReader(Image.new("RGB", (40, 40), (200, 220, 240)))


@pytest.mark.parametrize(
    ("drawn", "said"),
    [
        pytest.param(".14 הוא המחיר", "המחיר הוא 14.", id="full stop"),
        pytest.param("14% הוא המחיר", "המחיר הוא 14%", id="per cent"),
        pytest.param("הוא ,1,890 בשנת", "בשנת 1,890, הוא", id="comma"),
        pytest.param(".3.5 السعر", "السعر 3.5.", id="Arabic, a decimal"),
        pytest.param("A bore of .22", "A bore of .22", id="English"),
    ],
)
def test_a_full_stop_left_of_a_number_ends_a_line_that_runs_left(drawn: str, said: str) -> None:
    """As Chromium draws it, here from the left: a price of 14 is no price of .14."""
    pieces, left = [], 40.0
    for text in drawn.split():
        pieces.append(Piece(text, left, left + 5 * len(text), 500, 10, spaced=True))
        left += 5 * len(text) + 3
    ordered = pieces if drawn.isascii() else pieces[::-1]
    ((line,),) = rows(replace(piece, order=order) for order, piece in enumerate(ordered))

    assert line.plain == said
