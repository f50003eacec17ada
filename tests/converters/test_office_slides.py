"""Slides are read in the order of their places, with what is seen on them and nothing else."""

import io
import zipfile
from typing import Any

import pytest
from lxml import etree

from index.converters.diagrams import diagram
from index.converters.powerpoint_order import Box, reading_order
from index.converters.worker import convert
from index.errors import NotText
from tests.support.office_files import SPACES, element, strictly

CM = 360_000  # English Metric Units


@pytest.fixture
def show() -> Any:
    import pptx

    return pptx.Presentation()


def slide(show: Any, title: str = "", **boxes: tuple[int, int]) -> Any:
    """A slide with text boxes, whose texts are their names, at (left, top) in centimetres."""
    made = show.slides.add_slide(show.slide_layouts[5 if title else 6])
    if title:
        made.shapes.title.text = title
    for text, (left, top) in boxes.items():
        box = made.shapes.add_textbox(left * CM, top * CM, 4 * CM, CM)
        box.text_frame.text = text.replace("_", " ")
    return made


def read(show: Any) -> Any:
    file = io.BytesIO()
    show.save(file)
    return convert("pptx", file.getvalue())


def added(paragraph: Any, text: str, **settings: str) -> None:
    run = paragraph.add_run()
    run.text = text
    for name, value in settings.items():
        run.font._element.set(name, value)


def test_boxes_are_read_from_top_to_bottom_and_left_to_right(show: Any) -> None:
    slide(show, "Steps", Fourth=(12, 9), Third=(1, 9), Second=(12, 5), First=(1, 5))

    assert read(show).text == "## Steps\n\nFirst\n\nSecond\n\nThird\n\nFourth"


def test_a_group_is_kept_together(show: Any) -> None:
    made = slide(show, "Steps", Outside=(1, 8))
    group = made.shapes.add_group_shape()
    for text, top in (("Below", 12), ("Above", 5)):
        group.shapes.add_textbox(12 * CM, top * CM, 4 * CM, CM).text_frame.text = text

    assert read(show).text == "## Steps\n\nOutside\n\nAbove\n\nBelow"


def test_columns_beside_a_tall_box_are_read_one_after_another() -> None:
    tall, first, second = Box(0, 0, 10, 100), Box(20, 50, 10, 40), Box(21, 5, 10, 40)

    assert reading_order([first, second, tall]) == [2, 1, 0]


def test_a_title_alone_is_no_heading_without_words(show: Any) -> None:
    slide(show, "First", Words=(1, 5))
    slide(show, "Alone")

    assert read(show).text == "## First\n\nWords\n\n## Slide 2\n\nAlone"


def test_a_slide_without_title_does_not_stand_under_the_one_before(show: Any) -> None:
    slide(show, "First", Words=(1, 5))
    slide(show, Others=(1, 5))

    assert read(show).text.endswith("Words\n\n## Slide 2\n\nOthers")


def test_hidden_slides_are_left_out_and_the_others_keep_their_numbers(show: Any) -> None:
    show.element.set("firstSlideNum", "5")
    for number in range(5):
        made = slide(show, f"Title {number}", Words=(1, 5))
        if number in (1, 2, 4):
            made.element.set("show", "0")
    converted = read(show)

    assert [page.name for page in converted.pages] == ["5", "8"]
    assert converted.notices == ("slides 6-7, 9 are hidden and were left out",)


def test_hidden_shapes_and_those_outside_are_left_out_and_named(show: Any) -> None:
    made = slide(show, "Seen", Words=(1, 5), Hidden=(1, 8), Outside=(60, 5))
    made.shapes[2]._element.nvSpPr.cNvPr.set("hidden", "1")
    converted = read(show)

    assert converted.text == "## Seen\n\nWords"
    assert converted.notices == (
        "slide 1 has hidden shapes, which were left out",
        "slide 1 has shapes outside of it, which were left out",
    )


def test_a_show_of_hidden_slides_alone_holds_no_text(show: Any) -> None:
    slide(show, "Hidden", Words=(1, 5)).element.set("show", "0")

    with pytest.raises(NotText, match="holds no text"):
        read(show)


def test_raised_lowered_and_struck_letters(show: Any) -> None:
    frame = slide(show, "Depth").shapes.add_textbox(CM, 5 * CM, CM, CM).text_frame
    paragraph = frame.paragraphs[0]
    added(paragraph, "10")
    added(paragraph, "3", baseline="30000")
    added(paragraph, " m, H")
    added(paragraph, "2", baseline="-25000")
    added(paragraph, "O, ")
    added(paragraph, "9 ", strike="sngStrike")
    added(paragraph, "12 coins", strike="noStrike", baseline="0")
    converted = read(show)

    assert converted.text == "## Depth\n\n10³ m, H₂O, 12 coins"
    assert converted.notices == ("struck-out text was left out",)


def test_numbers_are_counted_as_they_are_shown(show: Any) -> None:
    frame = slide(show, "Steps").shapes.add_textbox(CM, 5 * CM, CM, CM).text_frame
    lines = [("Sign.", 0, "arabicPeriod"), ("ink", 1, "alphaLcParenR"), ("Pay.", 0, "arabicPeriod")]
    for place, (text, level, kind) in enumerate(lines):
        paragraph = frame.add_paragraph() if place else frame.paragraphs[0]
        paragraph.text, paragraph.level = text, level
        number = etree.SubElement(paragraph._p.get_or_add_pPr(), f"{{{SPACES['a']}}}buAutoNum")
        number.set("type", kind)
        number.set("startAt", "4" if kind == "arabicPeriod" else "1")

    assert read(show).text == "## Steps\n\n4. Sign.\n  - a) ink\n5. Pay."


def test_footers_dates_and_numbers_of_slides_are_left_out(show: Any) -> None:
    made = slide(show, "Title", Words=(1, 5))
    for text, kind in (("Footer", "ftr"), ("7", "sldNum"), ("May", "dt")):
        box = made.shapes.add_textbox(CM, 15 * CM, CM, CM)
        box.text_frame.text = text
        place = etree.SubElement(box._element.nvSpPr.nvPr, f"{{{SPACES['p']}}}ph")
        place.set("type", kind)

    assert read(show).text == "## Title\n\nWords"


def test_notes_are_marked_as_notes(show: Any) -> None:
    notes = slide(show, "Title", Words=(1, 5)).notes_slide
    notes.notes_text_frame.text = "Speak slowly."

    assert read(show).text == "## Title\n\nWords\n\nNotes: Speak slowly."


def test_merged_cells_of_a_table_name_what_they_span(show: Any) -> None:
    table = slide(show, "Catch").shapes.add_table(3, 3, CM, 5 * CM, 9 * CM, 3 * CM).table
    for row, texts in enumerate((("Region", "2024", ""), ("", "Q1", "Q2"), ("North", "10", "20"))):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text
    table.cell(0, 0).merge(table.cell(1, 0))
    table.cell(0, 1).merge(table.cell(0, 2))

    assert read(show).text == "## Catch\n\n- Region: North; 2024 Q1: 10; 2024 Q2: 20"


def _point(name: str, text: str, settings: str = "", **attributes: str) -> str:
    said = "".join(f' {key}="{value}"' for key, value in attributes.items())
    body = f"<dgm:t><a:p><a:r><a:t>{text}</a:t></a:r></a:p></dgm:t>"
    return f'<dgm:pt modelId="{name}"{said}><dgm:prSet {settings}/>{body}</dgm:pt>'


def _connection(above: str, below: str, order: int) -> str:
    return f'<dgm:cxn srcId="{above}" destId="{below}" srcOrd="{order}"/>'


def test_a_diagram_is_read_by_its_connections() -> None:
    points = [
        _point("0", "", type="doc"), _point("3", "Last"), _point("2", "Below"),
        _point("1", "First"), _point("4", "[Text]", 'phldr="1"'), _point("9", "First", type="pres"),
    ]  # fmt: skip
    connections = [_connection("0", "1", 0), _connection("1", "2", 0), _connection("0", "3", 1)]
    lists = f"<dgm:ptLst>{''.join(points)}</dgm:ptLst><dgm:cxnLst>{''.join(connections)}"
    data = element("dgm:dataModel", f"{lists}</dgm:cxnLst>")

    assert diagram(data.encode()) == ["- First", "  - Below", "- Last"]


def test_a_diagram_whose_points_turn_in_a_circle_ends() -> None:
    points = _point("1", "One") + _point("2", "Two")
    connections = _connection("1", "2", 0) + _connection("2", "1", 0)
    lists = f"<dgm:ptLst>{points}</dgm:ptLst><dgm:cxnLst>{connections}</dgm:cxnLst>"

    assert diagram(element("dgm:dataModel", lists).encode()) == ["- One", "  - Two"]


def test_the_strict_form_of_the_names_is_read_too(show: Any) -> None:
    slide(show, "Title", Words=(1, 5))
    file, strict = io.BytesIO(), io.BytesIO()
    show.save(file)
    with zipfile.ZipFile(file) as usual, zipfile.ZipFile(strict, "w") as archive:
        for name in usual.namelist():
            archive.writestr(name, strictly(usual.read(name).decode("latin-1")).encode("latin-1"))

    assert convert("pptx", strict.getvalue()).text == "## Title\n\nWords"
