"""What a PDF hides, loses or keeps beside its pages: left out by name, or read at its place."""

from pathlib import Path
from typing import Any

import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont

from index.converters.converted import Converted
from index.converters.pdf_notices import nothing, notices
from index.converters.pdf_pages import Sheet
from index.converters.worker import convert
from index.errors import NotText
from tests.formats.golden_text import FILES
from tests.support.drawn_pdf import column, read

UNSEEN = ("text that cannot be seen was left out (page 1)",)

SCANS = "scans, perhaps; to read them: make ocr, then index --rebuild"


def of(name: str) -> Converted:
    return convert("pdf", (FILES / name).read_bytes())


def hidden(draw: Any) -> Converted:
    return read(column(40, 540, "The lock opens at six."), more=draw)


def white(canvas: Any) -> None:
    canvas.setFillGray(1)
    canvas.drawString(40, 500, "It opens at nine.")


def clear(canvas: Any) -> None:
    canvas.setFillAlpha(0)
    canvas.drawString(40, 500, "It opens at nine.")


def tiny(canvas: Any) -> None:
    canvas.setFont("Helvetica", 0.3)
    canvas.drawString(40, 500, "It opens at nine.")


def blacked(canvas: Any) -> None:
    canvas.drawString(40, 500, "It opens at nine.")
    canvas.rect(38, 495, 120, 18, stroke=0, fill=1)


@pytest.mark.parametrize("draw", [white, clear, tiny, blacked])
def test_what_nobody_sees_is_left_out_and_said(draw: Any) -> None:
    assert hidden(draw).text == "The lock opens at six."
    assert hidden(draw).notices == UNSEEN


def test_white_words_on_a_dark_ground_are_read() -> None:
    def draw(canvas: Any) -> None:
        canvas.setFillGray(0.1)
        canvas.rect(30, 490, 200, 30, stroke=0, fill=1)
        white(canvas)

    assert "It opens at nine." in hidden(draw).text


def test_only_the_words_under_a_cover_are_left_out() -> None:
    def draw(canvas: Any) -> None:
        canvas.drawString(40, 500, "The account is 5512 at Vell.")
        x = 40 + canvas.stringWidth("The account is ", "Helvetica", 11)
        canvas.rect(x - 1, 495, 26, 16, stroke=0, fill=1)

    assert hidden(draw).text.endswith("The account is at Vell.")


def test_words_beyond_the_page_are_left_out_and_said() -> None:
    found = read([(40, 540, "The lock opens at six."), (600, 540, "No.")])

    assert (found.text, found.notices) == (
        "The lock opens at six.",
        ("text beyond the page's edges was left out (page 1)",),
    )


def test_the_text_layer_of_a_scan_is_read_and_its_other_pages_are_named() -> None:
    found = of("scan_with_text_layer.pdf")

    assert found.text == "The mill was sold in 1912 to the miller of Vell for 900 crowns."
    assert found.notices == (
        "page 3 could not be read (damaged)",
        f"1 of 3 pages holds no text (2): {SCANS}",
    )


def test_pages_without_text_are_named_by_their_numbers() -> None:
    found = of("case_partly_scanned.pdf")

    assert found.notices == (f"5 of 6 pages hold no text (2-6): {SCANS}",)


def test_hidden_layers_are_left_out_and_comments_are_kept() -> None:
    found = of("layers_and_comments.pdf")

    assert "9 metres" not in found.text
    assert "Approved by the board in 2022." in found.text
    assert "hidden layers were left out: “Old drafts”" in found.notices
    assert "[Comment by Mira Lund: Ask whether the basin was dredged.]" in found.text
    assert "Seen by the harbour master." in found.text.split("\n\n")


def test_values_of_a_form_stand_behind_their_labels() -> None:
    assert of("reportlab_form.pdf").text.split("\n")[4:10] == [
        "- Draught in metres: 4.2",
        "- ☐ Dangerous cargo",
        "- ☑ Needs a tug",
        "- Berth: North mole",
        "- Side: ☑ port ☐ starboard",
        "",
    ]
    assert "- Name of the ship: Maid of Sund" in of("reportlab_form.pdf").text
    assert "- Name of the boat: Heron of Grey Cape" in of("case_form.pdf").text


def test_letters_of_a_font_that_is_nowhere_are_said() -> None:
    lost = Sheet(1, unread_fonts={"STSong-Light"})
    empty = "holds no font of its own for its letters (“STSong-Light”); save it with its fonts"

    assert nothing([lost]) == empty
    assert list(notices([lost, Sheet(2)], ())) == [
        "letters of fonts that are neither in the file nor on this machine were left out "
        "(“STSong-Light”; pages 1)",
        f"1 of 2 pages holds no text (2): {SCANS}",
    ]


def test_columns_of_ideographs_are_read_downwards_or_their_font_is_named() -> None:
    def draw(canvas: Any) -> None:
        pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
        canvas.setFont("STSong-Light", 12)
        for x, text in ((300, "灯塔建于一八九八年"), (280, "塔高三十米。")):
            for i, letter in enumerate(text):
                canvas.drawString(x, 500 - 14 * i, letter)

    # A machine without Chinese fonts cannot tell the letters: the file holds none.
    unknown = "holds no font of its own for its letters (“STSong-Light”); save it with its fonts"
    try:
        told = read([], more=draw).text
    except NotText as reason:
        told = str(reason)
    assert told in ("灯塔建于一八九八年塔高三十米。", unknown)


def test_files_within_a_file_are_named() -> None:
    assert of("fpdf2_indonesian.pdf").notices == ("attached files were left out: “harga.csv”",)


def test_lines_of_a_turned_page_come_in_order() -> None:
    def draw(canvas: Any) -> None:
        canvas.rotate(90)
        for i, text in enumerate(("The quay was built by masons", "who came over the winter.")):
            canvas.drawString(40, -100 - 14 * i, text)

    assert read([], more=draw).text == "The quay was built by masons who came over the winter."


def test_what_runs_up_the_margin_stands_apart() -> None:
    def draw(canvas: Any) -> None:
        canvas.rotate(90)
        canvas.drawString(100, -20, "Filed under 77-B")

    lines = column(40, 540, "The lock opens at six and it", "closes at nine, but not on Sundays.")
    assert read(lines, more=draw).text == (
        "The lock opens at six and it closes at nine, but not on Sundays.\n\nFiled under 77-B"
    )


def test_vertical_writing_runs_down_and_to_the_left() -> None:
    assert of("chromium_vertical_japanese.pdf").text.split("\n\n")[1:] == [
        "灯台は明治三十一年に建てられた。高さは三十メートルで、はじめは油で灯をともした。"
        "今は夏だけ公開され、一日に百二十人まで登ることができる。",
        "入場料は三百円である。",
    ]


def test_devanagari_of_a_browser_has_no_spaces_within_words() -> None:
    # PDFium alone gives "बंदरगा ह का प्रका शस्तंभ".
    assert of("chromium_hindi.pdf").text.startswith("# बंदरगाह का प्रकाशस्तंभ\n")


def test_each_page_begins_at_its_own_words() -> None:
    found = read(*(column(40, 540, text) for text in ("One.", "Two.", "Third.")))

    begun = [(page.name, found.text[page.start :][:3]) for page in found.pages]
    assert begun == [("1", "One"), ("2", "Two"), ("3", "Thi")]


def test_the_corpus_is_small() -> None:
    assert [path.name for path in Path(FILES).glob("*.pdf") if path.stat().st_size > 60_000] == []
