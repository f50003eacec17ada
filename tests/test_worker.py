"""Every format once for its text, title, language and date; every hostile file once."""

import subprocess
import sys
from pathlib import Path

import pytest

from index.errors import NotText
from index.told import Converted
from index.worker import READERS, convert
from tests import files
from tests.files import DATE, FIRST, HEADING, SECOND, TITLE

ROOT = Path(__file__).parent.parent
FACTS = "<table><tr><th>Built</th><td>2019</td></tr><tr><th>By</th><td>Kumar</td></tr></table>"
PRICES = "<table><tr><th>Name</th><th>Price</th></tr><tr><td>Rye</td><td>3</td></tr></table>"
LAUGHS = (
    '<!DOCTYPE l [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(c)} "{f"&{chr(c - 1)};" * 10}">' for c in range(98, 110))
    + "]>"
)
OUTSIDE = '<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
FAR_CELL = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    '<dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
    '<row r="9000"><c r="XFD9000"><v>2</v></c></row></sheetData></worksheet>'
)


def article(*parts: str) -> Converted:
    return Converted("\n\n".join(parts), TITLE, "en", DATE)


def reason(reader: str, data: bytes) -> str:
    with pytest.raises(NotText) as refused:
        convert(reader, data)
    return str(refused.value)


def test_a_web_page_gives_its_article_alone() -> None:
    assert convert("html", files.html(body=PRICES + FACTS)) == article(
        f"# {TITLE}",
        FIRST * 3,
        f"## {HEADING}",
        f"{SECOND} Hot ovens.",
        "- Name: Rye; Price: 3",
        "- Built: 2019\n- By: Kumar",
    )


def test_a_page_tells_title_and_day_in_its_data_for_machines() -> None:
    data = (
        '{"@context": "https://schema.org", "@type": "NewsArticle", '
        '"headline": "Bread of the north", "datePublished": "2023-01-02T00:00:00Z"}'
    )
    page = f"""<html><head><script type="application/ld+json">{data}</script></head>
    <body><article><p>{FIRST * 3} Posted 3 May 2018.</p></article></body></html>"""

    assert convert("html", page.encode()) == Converted(
        f"{FIRST * 3} Posted 3 May 2018.", TITLE, "", "2023-01-02"
    )


def test_a_page_of_one_file_is_unpacked() -> None:
    assert convert("mhtml", files.mhtml()) == article(
        f"# {TITLE}", FIRST * 3, f"## {HEADING}", f"{SECOND} Hot ovens."
    )


def test_a_pdf_keeps_its_headings_and_paragraphs() -> None:
    assert convert("pdf", files.pdf()) == Converted(
        "\n\n".join((f"# {TITLE}", FIRST, f"## {HEADING}", SECOND)), TITLE, "en", "2000-01-01"
    )


def test_lines_of_a_pdf_make_one_paragraph() -> None:
    long = " ".join([SECOND] * 60)

    assert convert("pdf", files.pdf(text=long)).text.split("\n\n")[3:] == [long]


def test_a_pdf_is_read_in_any_script() -> None:
    text = "यह एक है। 你好。 Привет 😀"

    assert convert("pdf", files.pdf_of_letters(text)).text == text


def test_a_word_file_keeps_headings_and_names_in_rows() -> None:
    assert convert("docx", files.docx()) == Converted(
        "\n\n".join(
            (f"# {TITLE}", FIRST, f"# {HEADING}", f"{SECOND} Hot ovens.", "- Name: Rye; Price: 3")
        ),
        TITLE,
        "en-GB",
        DATE,
    )


def test_slides_give_titles_points_and_notes() -> None:
    assert convert("pptx", files.pptx()) == article(
        f"## {HEADING}", f"- {FIRST}\n- {SECOND}", "Say it slowly."
    )


def test_each_row_of_a_sheet_names_its_values() -> None:
    assert convert("xlsx", files.xlsx()) == article(
        "## Loaves", "- Name: Rye; Price: 3; Baked: 2024-05-06\n- Name: Oat; Price: 2.5"
    )


def test_a_book_is_read_in_the_order_of_its_spine() -> None:
    assert convert("epub", files.epub()) == article(f"# {TITLE}", FIRST, f"## {HEADING}", SECOND)


def test_each_row_of_a_csv_file_names_its_values() -> None:
    assert convert("csv", "Név;Ár\nRozs;3\n\nZab;\n".encode()) == Converted(
        "- Név: Rozs; Ár: 3\n- Név: Zab"
    )


def test_an_object_with_a_text_is_an_article() -> None:
    assert convert("json", files.records()) == Converted(
        f"{FIRST}\n\n{SECOND}\n\n- author.name: Rao\n- tags: bread, north", TITLE, "eng", DATE
    )


def test_other_json_says_each_value_with_its_keys() -> None:
    data = b'{"city": {"name": "Oslo", "wet": true}, "loaves": [{"rye": 3}, {"rye": [1, null]}]}'

    assert convert("json", data) == Converted(
        "- city.name: Oslo; city.wet: yes\n\n## loaves\n\n- rye: 3\n- rye: 1"
    )


def test_lines_of_json_are_records_or_articles() -> None:
    assert (
        convert("jsonl", b'{"a": 1, "b": [2, 3]}\n\n{"a": 4}\n').text == "- a: 1; b: 2, 3\n- a: 4"
    )
    assert (
        convert("jsonl", b'{"title": "A", "text": "One."}\n{"text": "Two."}\n').text
        == "# A\n\nOne.\n\nTwo."
    )


def test_marks_of_markdown_in_a_text_get_no_backslash() -> None:
    text = "As shown [1] by snake_case, 2*3*4 and `x` # here."

    assert text in convert("html", files.html(body=f"<p>{text}</p>")).text


def test_an_old_encoding_of_a_page_is_known_by_what_it_says() -> None:
    page = files.html().decode().replace("utf-8", "windows-1252").encode("windows-1252")

    assert SECOND in convert("html", page).text


def test_halves_of_surrogates_and_nul_do_not_come_through() -> None:
    assert convert("json", rb'{"text": "a \ud800 b\u0000 \ud83d\ude00"}').text == "a \ufffd b 😀"


EMPTY_PAGE = files._pdf(
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] >>",
)
LOCKED = "<encryption><CipherReference URI='OEBPS/one%20two.xhtml'/></encryption>"


@pytest.mark.parametrize(
    ("reader", "data", "why"),
    [
        pytest.param("pdf", EMPTY_PAGE, "is a scan or holds no text; run OCR", id="scan"),
        pytest.param("pdf", files.pdf(password="x"), "is encrypted", id="PDF with password"),
        pytest.param("pdf", files.pdf()[:1500], "is a damaged PDF", id="half a PDF"),
        pytest.param("docx", files.docx()[:-5000], "was not saved whole", id="half a zip"),
        pytest.param(
            "docx",
            files.replaced(files.docx(), "word/x.xml", bytes(2**24)),
            "as a zip bomb does",
            id="zip bomb",
        ),
        pytest.param(
            "docx",
            files.zipped({"a.docx": files.zipped({"b": bytes(2**24)})}),
            "is not Word",
            id="nested zip bomb",
        ),
        pytest.param(
            "xlsx", files.zipped(dict.fromkeys(map(str, range(20_001)), "")), "parts", id="parts"
        ),
        pytest.param(
            "docx",
            files.replaced(files.docx(), "word/document.xml", f"{LAUGHS}<w>&m;</w>".encode()),
            "XML entities",
            id="laughs in Word",
        ),
        pytest.param(
            "xlsx",
            files.replaced(files.xlsx(), "xl/workbook.xml", OUTSIDE.encode("utf-16")),
            "XML entities",
            id="file entity in Excel, UTF-16",
        ),
        pytest.param("epub", files.epub(chapter=f"{LAUGHS}<p>&m;</p>"), "XML", id="laughs in EPUB"),
        pytest.param("epub", files.epub(encryption=LOCKED), "protected by DRM", id="DRM"),
        pytest.param(
            "xlsx",
            files.replaced(files.xlsx(), "xl/worksheets/sheet1.xml", FAR_CELL.encode()),
            "more than 1000 columns",
            id="far cell",
        ),
        pytest.param("html", b"<p>a" + b"<div>" * 100_000 + b"b", "too deeply", id="deep HTML"),
        pytest.param("html", b"<p>" + b"word " * 2_500_000, "too long a line", id="long line"),
        pytest.param("mhtml", b"hello", "is not MHTML", id="no MHTML"),
        pytest.param("csv", b"a," * 1_000_000, "more than 1000 columns", id="wide CSV"),
        pytest.param("csv", b'a,"' + b"x" * 200_000, "is not a CSV table", id="open quote"),
        pytest.param("csv", b"a,b\n1,x\0y\n", "NUL", id="NUL in CSV"),
        pytest.param("json", b"[" * 1_000_000, "is nested too deeply", id="deep JSON"),
        pytest.param("json", b"{'a': 1}", "is not JSON", id="no JSON"),
        pytest.param("jsonl", b'{"a": 1}\n{"a": \n', "line 2 is not JSON", id="broken line"),
        pytest.param("json", b'{"text": "' + b"a" * 5_000_001 + b'"}', "5 million", id="long"),
    ],
)
def test_a_hostile_file_costs_one_reason(reader: str, data: bytes, why: str) -> None:
    assert why in reason(reader, data)


def test_entities_of_a_web_page_stay_as_they_are() -> None:
    page = f"{LAUGHS}<html><body><p>Some &m; text.</p></body></html>".encode()

    assert "Some &m; text." in convert("html", page).text


def test_no_format_loads_a_model_or_reaches_out() -> None:
    code = """
import sys
seen = []
reach = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto")
sys.addaudithook(lambda event, _: seen.append(event) if event in reach else None)
from index.worker import convert
from tests import files
remote = '<img src="http://192.0.2.1/a"><link rel="stylesheet" href="http://192.0.2.1/a">'
link = '<Relationship Id="r" Type="x" Target="http://192.0.2.1/a" TargetMode="External"/>'
import io, zipfile
docx, name = files.docx(), "word/_rels/document.xml.rels"
rels = zipfile.ZipFile(io.BytesIO(docx)).read(name).decode()
docx = files.replaced(docx, name, rels.replace("</R", link + "</R").encode())
for reader, data in (("html", files.html(body=remote, head=remote)), ("mhtml", files.mhtml()),
                     ("pdf", files.pdf()), ("docx", docx), ("pptx", files.pptx()),
                     ("xlsx", files.xlsx()), ("epub", files.epub()), ("csv", b"a,b"),
                     ("json", files.records()), ("jsonl", b"1")):
    convert(reader, data)
    print(reader)
print("seen", *sorted({*seen} | {"torch", "chromadb"} & {*sys.modules}))
"""
    run = [sys.executable, "-c", code]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert done.split("\n") == [*READERS, "seen", ""]
