"""Tables of Word name the columns of each row."""

from index.converters.worker import convert
from tests.support.office_files import paragraph, word


def read(body: str, **parts: str) -> str:
    return convert("docx", word(body, parts)).text


def notices(body: str, **parts: str) -> tuple[str, ...]:
    return convert("docx", word(body, parts)).notices


def test_a_row_of_names_that_is_bold_or_repeated_names_what_is_below() -> None:
    def cell(text: str, properties: str = "") -> str:
        inside = f"<w:tcPr>{properties}</w:tcPr>" if properties else ""
        return f"<w:tc>{inside}{paragraph(text)}</w:tc>"

    wide, start, goes_on = '<w:gridSpan w:val="2"/>', '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    rows = [
        "<w:trPr><w:tblHeader/></w:trPr>" + cell("Boat", start) + cell("2024", wide),
        "<w:trPr><w:tblHeader/></w:trPr>" + cell("", goes_on) + cell("Q1") + cell("Q2"),
        cell("Heron") + cell("laid up", wide),
        cell("Otter", start) + cell("3") + cell("4"),
        cell("", goes_on) + cell("5") + cell("6"),
    ]
    table = "".join(f"<w:tr>{row}</w:tr>" for row in rows)

    assert read(f"<w:tbl>{table}</w:tbl>").split("\n") == [
        "- Boat: Heron; 2024 Q1: laid up; 2024 Q2: laid up",
        "- Boat: Otter; 2024 Q1: 3; 2024 Q2: 4",
        "- Boat: Otter; 2024 Q1: 5; 2024 Q2: 6",
    ]


def test_a_cell_that_continues_nothing_is_kept() -> None:
    cells = (f"<w:tc><w:tcPr><w:vMerge/></w:tcPr>{paragraph(x)}</w:tc>" for x in ("Heron", "Nine"))

    assert read(f"<w:tbl><w:tr>{''.join(cells)}</w:tr></w:tbl>") == "- Heron; Nine"


def test_hidden_rows_are_left_out_and_named() -> None:
    row = f"<w:tc>{paragraph('Boat')}</w:tc><w:tc>{paragraph('Berth')}</w:tc>"
    hidden = f"<w:tr><w:trPr><w:hidden/></w:trPr>{row}</w:tr>"
    body = f"<w:tbl><w:tr>{row}</w:tr>{hidden}</w:tbl>"

    assert read(body) == "- Boat; Berth"
    assert notices(body) == ("hidden table rows were left out",)
