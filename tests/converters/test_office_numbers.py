"""Lists, headings and clauses of Word have the numbers that people see."""

import pytest

from index.converters.number_formats import formatted, padded
from index.converters.worker import convert
from tests.support.office_files import element, paragraph, word


def level(place: int, format: str, text: str, more: str = "", start: int = 1) -> str:
    return (
        f'<w:lvl w:ilvl="{place}"><w:start w:val="{start}"/><w:numFmt w:val="{format}"/>{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def read(levels: str, places: list[tuple[str, int]], uses: str = "") -> list[str]:
    """The paragraphs of a list, each by (its number, its level)."""
    numbering = element(
        "w:numbering",
        f'<w:abstractNum w:abstractNumId="1">{levels}</w:abstractNum>'
        f'<w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num>{uses}',
    )
    body = "".join(
        paragraph(
            "x", f'<w:numPr><w:ilvl w:val="{place}"/><w:numId w:val="{number}"/></w:numPr>'
        )
        for number, place in places
    )  # fmt: skip
    text = convert("docx", word(body, {"numbering": numbering})).text
    return [line.strip().removesuffix(" x") for line in text.split("\n") if line]


def test_a_clause_has_the_numbers_of_all_its_levels() -> None:
    levels = (
        level(0, "decimal", "%1.") + level(1, "decimal", "%1.%2") + level(2, "lowerLetter", "(%3)")
    )
    places = [("1", 0), ("1", 1), ("1", 1), ("1", 2), ("1", 2), ("1", 0), ("1", 1), ("1", 2)]

    assert read(levels, places) == [
        "1.", "1.1", "1.2", "- (a)", "- (b)", "2.", "2.1", "- (a)",
    ]  # fmt: skip


def test_a_legal_level_writes_roman_numbers_as_digits() -> None:
    levels = level(0, "upperRoman", "Article %1") + level(1, "decimal", "%1.%2", "<w:isLgl/>")

    assert read(levels, [("1", 0), ("1", 0), ("1", 1)]) == ["Article I", "Article II", "2.1"]


def test_a_level_may_start_elsewhere_and_never_anew() -> None:
    levels = level(0, "decimal", "%1.", start=4) + level(
        1, "decimal", "%2)", '<w:lvlRestart w:val="0"/>'
    )

    assert read(levels, [("1", 0), ("1", 1), ("1", 0), ("1", 1)]) == ["4.", "1)", "5.", "2)"]


def test_another_use_of_a_list_goes_on_unless_it_starts_anew() -> None:
    uses = (
        '<w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>'
        '<w:num w:numId="3"><w:abstractNumId w:val="1"/><w:lvlOverride w:ilvl="0">'
        '<w:startOverride w:val="7"/></w:lvlOverride></w:num>'
    )
    places = [("1", 0), ("2", 0), ("3", 0), ("3", 0)]

    assert read(level(0, "decimal", "%1."), places, uses) == ["1.", "2.", "7.", "8."]


def test_a_use_may_write_a_level_otherwise() -> None:
    uses = (
        '<w:num w:numId="2"><w:abstractNumId w:val="1"/><w:lvlOverride w:ilvl="0">'
        f"{level(0, 'upperLetter', 'Annex %1')}</w:lvlOverride></w:num>"
    )

    assert read(level(0, "decimal", "%1."), [("2", 0), ("2", 0)], uses) == ["Annex A", "Annex B"]


def test_bullets_are_dashes_and_boxes_stay_boxes() -> None:
    levels = level(0, "bullet", "•") + level(1, "bullet", "☐")

    assert read(levels, [("1", 0), ("1", 1)]) == ["-", "- ☐"]


def test_no_list_and_an_unknown_one_have_no_number() -> None:
    assert read(level(0, "decimal", "%1."), [("0", 0), ("99", 0)]) == ["x", "x"]


def test_a_number_comes_from_a_style_and_its_level_from_the_list() -> None:
    styles = element(
        "w:styles",
        '<w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/><w:pPr><w:numPr>'
        '<w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="H2"><w:name w:val="heading 2"/><w:pPr><w:numPr>'
        '<w:numId w:val="1"/></w:numPr></w:pPr></w:style>',
    )
    levels = level(0, "decimal", "%1", '<w:pStyle w:val="H1"/>') + level(
        1, "decimal", "%1.%2", '<w:pStyle w:val="H2"/>'
    )
    numbering = element(
        "w:numbering",
        f'<w:abstractNum w:abstractNumId="1">{levels}</w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num>',
    )
    body = paragraph("Scope", '<w:pStyle w:val="H1"/>') + paragraph(
        "Dues", '<w:pStyle w:val="H2"/>'
    )
    text = convert("docx", word(body, {"styles": styles, "numbering": numbering})).text

    assert text == "# 1 Scope\n\n## 1.1 Dues"


@pytest.mark.parametrize(
    ("format", "expected"),
    [
        ("decimal", "27"), ("lowerRoman", "xxvii"), ("upperLetter", "AA"), ("ordinal", "27th"),
        ("cardinalText", "Twenty-seven"), ("ordinalText", "Twenty-seventh"), ("chicago", "‡" * 7),
        ("chineseCounting", "二十七"), ("decimalZero", "27"), ("none", ""), ("unheard of", "27"),
        ("hex", "1B"), ("decimalEnclosedCircle", "27"), ("numberInDash", "- 27 -"),
    ],
)  # fmt: skip
def test_a_number_in_each_format(format: str, expected: str) -> None:
    assert formatted(27, format) == expected


@pytest.mark.parametrize(
    ("number", "expected"), [(1, "1st"), (2, "2nd"), (11, "11th"), (112, "112th"), (23, "23rd")]
)
def test_ordinals_end_as_they_are_said(number: int, expected: str) -> None:
    assert formatted(number, "ordinal") == expected


def test_a_format_of_somebodys_own_has_leading_zeros() -> None:
    assert padded(7, "001, 002, 003, ...") == "007"
