"""Every format once for its text, title, language, date and author; every hostile file once."""

import io
import subprocess
import sys
import zipfile
from dataclasses import replace

import pytest

from index.converters.converted import Converted
from index.converters.html import markdown
from index.converters.worker import READERS, convert
from index.errors import NotText
from index.passage import Page
from tests.support import sample_files
from tests.support.paths import ROOT
from tests.support.sample_files import AUTHOR, DATE, FIRST, HEADING, SECOND, TITLE

FACTS = "<table><tr><th>Built</th><td>2019</td></tr><tr><th>By</th><td>Kumar</td></tr></table>"
PRICES = "<table><tr><th>Name</th><th>Price</th></tr><tr><td>Rye</td><td>3</td></tr></table>"
LAUGHS = (
    '<!DOCTYPE l [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(c)} "{f"&{chr(c - 1)};" * 10}">' for c in range(98, 110))
    + "]>"
)
OUTSIDE = '<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


def article(*parts: str) -> Converted:
    return Converted("\n\n".join(parts), TITLE, "en", DATE, AUTHOR)


def reason(reader: str, data: bytes) -> str:
    with pytest.raises(NotText) as refused:
        convert(reader, data)
    return str(refused.value)


def test_a_web_page_gives_its_article_alone() -> None:
    assert convert("html", sample_files.html(body=PRICES + FACTS)) == article(
        f"# {TITLE}",
        FIRST * 3,
        f"## {HEADING}",
        f"{SECOND} Hot ovens.",
        "- Name: Rye; Price: 3",
        "- Built: 2019\n- By: Kumar",
    )


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        pytest.param(
            "<tr><th>Land</th><th>Year</th><th>GDP</th></tr><tr><td rowspan=2>India</td><td>2023"
            "</td><td>7.0</td></tr><tr><td>2024</td><td>7.2</td></tr>"
            "<tr><td colspan=2>China</td><td>5.3</td></tr>",
            "- Land: India; Year: 2023; GDP: 7.0\n- Land: India; Year: 2024; GDP: 7.2\n"
            "- Land: China; GDP: 5.3",
            id="rows and columns",
        ),
        pytest.param(
            "<tr><th rowspan=2>Town<th colspan=2>Loaves</tr><tr><th>2023<th>2024</tr>"
            "<tr><td>Oslo<td>3<td>4</tr>",
            "- Town: Oslo; Loaves 2023: 3; Loaves 2024: 4",
            id="header of two rows",
        ),
        pytest.param(
            "<tr><td>A<td>B</tr><tr><td rowspan=0>x<td colspan=99999999>y</tr><tr><td>z</tr>",
            "- A: x; B: y\n- A: x; B: z",
            id="spans beyond the table",
        ),
    ],
)
def test_a_merged_cell_is_said_where_it_counts(rows: str, lines: str) -> None:
    assert lines in convert("html", sample_files.html(body=f"<table>{rows}</table>")).text


def test_headings_and_loose_text_of_a_page_are_kept() -> None:
    long = "This is a paragraph of a real article with some words in it. " * 4
    page = (
        f"<html><body><header><p>The name of the site</p></header><h1>FAQ</h1><p>{long}</p>"
        "<h2>Bread</h2><ul><li>Rye<li>Oat</ul><p>Short.</p><div>Text without a paragraph that "
        "is somewhat long.</div><h3>Notes</h3><p>The end of it.</p></body></html>"
    )
    posts = "".join(
        f"<article><h2>Post {i}</h2><p>Body of post {i} which says several things.</p></article>"
        for i in range(5)
    )
    blog = f"<html><body><nav>Home</nav><h1>Blog</h1>{posts}</body></html>"

    text = convert("html", page.encode()).text
    lines = ["# FAQ", "## Bread", "- Rye", "- Oat", "Short.", "### Notes", "The end of it."]
    assert [line for line in lines if line not in text.split("\n")] == []
    assert convert("html", blog.encode()).text.split("\n\n") == ["# Blog"] + [
        part
        for i in range(5)
        for part in (f"## Post {i}", f"Body of post {i} which says several things.")
    ]


def test_an_old_page_that_closes_no_tag_is_read_whole() -> None:
    lines = [f"Paragraph {i} of an old page whose letters are marked." for i in range(400)]
    page = "".join(f"<center><p><font size=2>{line}" for line in lines)

    assert convert("html", f"<html><body>{page}".encode()).text.split("\n\n") == lines


def test_marks_of_a_page_become_plain_text() -> None:
    page = (
        "<p>It costs <del>5</del><s>4</s> 3, says <q>the <b>baker</b></q>; type <samp>ls</samp> "
        "or <kbd>Ctrl</kbd>.</p><hr><p>The <![CDATA[<end>]]>.</p>"
    )

    assert markdown(page) == "It costs 3, says “the baker”; type ls or Ctrl.\n\nThe <end>."


def test_a_few_nul_bytes_cost_nothing_of_a_page() -> None:
    assert convert("html", b"<p>Good text\0 of a page.</p>\0").text == "Good text of a page."


def test_a_white_picture_is_no_bomb() -> None:
    data = sample_files.replaced(sample_files.docx(), "word/media/image1.bmp", b"\xff" * 3_000_000)

    assert FIRST in convert("docx", data).text


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
    assert convert("mhtml", sample_files.mhtml()) == article(
        f"# {TITLE}", FIRST * 3, f"## {HEADING}", f"{SECOND} Hot ovens."
    )


def test_a_pdf_keeps_its_headings_and_paragraphs() -> None:
    assert convert("pdf", sample_files.pdf()) == Converted(
        "\n\n".join((f"# {TITLE}", FIRST, f"## {HEADING}", SECOND)),
        *(TITLE, "en", "2000-01-01", AUTHOR),
        pages=(Page(0, "page", "1"),),
    )


def test_lines_of_a_pdf_make_one_paragraph() -> None:
    long = " ".join([SECOND] * 60)

    assert convert("pdf", sample_files.pdf(text=long)).text.split("\n\n")[3:] == [long]


def test_a_pdf_is_read_in_any_script() -> None:
    text = "यह एक है। 你好。 Привет 😀"

    assert convert("pdf", sample_files.pdf_of_letters(text)).text == text


def test_letters_that_a_font_does_not_name_cost_only_themselves() -> None:
    unicode_map = (
        "begincmap 1 begincodespacerange <00> <ff> endcodespacerange "
        "1 beginbfchar <41> <0000> endbfchar endcmap"
    )
    page = "BT /F 12 Tf 50 700 Td (Hot) Tj 0 -14 Td (AA) Tj 0 -14 Td (ovens) Tj ET"
    data = sample_files._pdf(
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R "
        "/Resources << /Font << /F 5 0 R >> >> >>",
        f"<< /Length {len(page)} >> stream\n{page}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 6 0 R >>",
        f"<< /Length {len(unicode_map)} >> stream\n{unicode_map}\nendstream",
    )

    assert convert("pdf", data).text.split() == ["Hot", "ovens"]


def test_a_word_file_keeps_headings_and_names_in_rows() -> None:
    assert convert("docx", sample_files.docx()) == Converted(
        "\n\n".join(
            (f"# {TITLE}", FIRST, f"# {HEADING}", f"{SECOND} Hot ovens.", "- Name: Rye; Price: 3")
        ),
        *(TITLE, "en-GB", DATE, AUTHOR),
    )


def test_merged_cells_of_a_word_file_are_said_in_each_row() -> None:
    import docx

    document, file = docx.Document(), io.BytesIO()
    table = document.add_table(3, 2)
    for place, text in enumerate(("Land", "Year", "India", "2023", "", "2024")):
        table.cell(place // 2, place % 2).text = text
    table.cell(1, 0).merge(table.cell(2, 0)).text = "India"
    document.save(file)

    expected = "- Land: India; Year: 2023\n- Land: India; Year: 2024"
    assert convert("docx", file.getvalue()).text == expected


def test_slides_give_titles_points_and_notes() -> None:
    slide = article(f"## {HEADING}", f"- {FIRST}\n- {SECOND}", "Notes: Say it slowly.")
    assert convert("pptx", sample_files.pptx()) == replace(slide, pages=(Page(0, "slide", "1"),))


def test_a_shape_without_a_form_gives_its_text() -> None:
    with zipfile.ZipFile(io.BytesIO(sample_files.pptx())) as show:
        name = "ppt/slides/slide1.xml"
        slide = show.read(name)
    shape = (
        '<p:sp><p:nvSpPr><p:cNvPr id="9" name="x"/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr/>'
        "<p:txBody><a:bodyPr/><a:p><a:r><a:t>Odd shape.</a:t></a:r></a:p></p:txBody></p:sp>"
    )
    slide = slide.replace(b"</p:spTree>", f"{shape}</p:spTree>".encode())

    assert (
        "Odd shape."
        in convert("pptx", sample_files.replaced(sample_files.pptx(), name, slide)).text
    )


def test_each_row_of_a_sheet_names_its_values() -> None:
    sheet = article(
        "## Loaves", "- Name: Rye; Price: 3; Baked: 2024-05-06\n- Name: Oat; Price: 2.5"
    )
    named = replace(sheet, pages=(Page(0, "sheet", "Loaves"),))
    assert convert("xlsx", sample_files.xlsx()) == named


def test_a_book_is_read_in_the_order_of_its_spine() -> None:
    assert convert("epub", sample_files.epub()) == article(
        f"# {TITLE}", FIRST, f"## {HEADING}", SECOND
    )


@pytest.mark.parametrize("encoding", ["iso-8859-1", "windows-1252", "utf-16", "utf-8", "no-such"])
def test_a_chapter_is_read_in_the_encoding_it_tells(encoding: str) -> None:
    page = f"<?xml version='1.0' encoding='{encoding}'?><html><body><p>Niño.</p></body></html>"
    chapter = page.encode("utf-8" if encoding == "no-such" else encoding)
    book = sample_files.replaced(sample_files.epub(), "OEBPS/one two.xhtml", chapter)

    assert convert("epub", book).text == "Niño."


def test_each_row_of_a_csv_file_names_its_values() -> None:
    assert convert("csv", "Név;Ár\nRozs;3\n\nZab;\n".encode()) == Converted(
        "- Név: Rozs; Ár: 3\n- Név: Zab"
    )


@pytest.mark.parametrize(
    ("data", "text"),
    [
        pytest.param(
            'id,title,text\n1,"Rye, hot","He said: ""Hot, now""; and left."\n',
            '- id: 1; title: Rye, hot; text: He said: "Hot, now"; and left.',
            id="quotes in a cell",
        ),
        pytest.param("sep=;\r\nName;Price\r\nRye;3\r\n", "- Name: Rye; Price: 3", id="sep"),
        pytest.param('Name, Price\nRye, "3, 4"\n', "- Name: Rye; Price: 3, 4", id="spaces"),
        pytest.param(
            f'Name,Text\nRye,"{"x" * 200_000}"\n', f"- Name: Rye; Text: {'x' * 200_000}", id="long"
        ),
    ],
)
def test_cells_of_a_csv_file_come_whole(data: str, text: str) -> None:
    assert convert("csv", data.encode()).text == text


def test_an_object_with_a_text_is_an_article() -> None:
    assert convert("json", sample_files.records()) == Converted(
        f"{FIRST}\n\n{SECOND}\n\n- authors 1.name: Ana Rao; authors 2.name: Li Wei\n"
        "- tags: bread, north",
        *(TITLE, "eng", DATE, AUTHOR),
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
        == "# A\n\nOne.\n\n# 2\n\nTwo."
    )


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        pytest.param(
            '{"title": "T", "text": " ", "content": "One.", "date": null, '
            '"published_at": "2024-05-06T01:02:03Z", "created_at": "2023-01-01"}',
            Converted("One.\n\n- created_at: 2023-01-01", "T", "", DATE),
            id="the first that tells",
        ),
        pytest.param(
            '{"text": "One.", "date": "last evening", "created_at": "2024-05-06"}',
            Converted("One.\n\n- date: last evening", "", "", DATE),
            id="no day",
        ),
        pytest.param(
            '{"title": {"rendered": "A &amp; B"}, "date": "2024-05-06", '
            '"content": {"rendered": "<p>One &amp; <b>two</b>.</p><p>Three.</p>"}}',
            Converted("One & two.\n\nThree.", "A & B", "", DATE),
            id="WordPress",
        ),
        pytest.param('{"text": "a < b, a &amp; b"}', Converted("a < b, a &amp; b"), id="no HTML"),
    ],
)
def test_an_article_in_json_is_known_by_what_is_told(record: str, expected: Converted) -> None:
    assert convert("json", record.encode()) == expected


def test_articles_and_records_may_stand_in_one_file() -> None:
    lines = b'{"a": 1}\n{"b": 2}\n{"title": "A", "text": "One.\\n\\nTwo."}\n{"text": ""}\n'

    assert convert("jsonl", lines).text == "- a: 1\n- b: 2\n\n# A\n\nOne.\n\nTwo."


def test_marks_of_markdown_in_a_text_get_no_backslash() -> None:
    text = "As shown [1] by snake_case, 2*3*4 and `x` # here."

    assert text in convert("html", sample_files.html(body=f"<p>{text}</p>")).text


def test_an_old_encoding_of_a_page_is_known_by_what_it_says() -> None:
    page = sample_files.html().decode().replace("utf-8", "windows-1252").encode("windows-1252")

    assert SECOND in convert("html", page).text


def test_halves_of_surrogates_and_nul_do_not_come_through() -> None:
    assert convert("json", rb'{"text": "a \ud800 b\u0000 \ud83d\ude00"}').text == "a \ufffd b 😀"


EMPTY_PAGE = sample_files._pdf(
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] >>",
)
LOCKED = "<encryption><CipherReference URI='OEBPS/one%20two.xhtml'/></encryption>"


@pytest.mark.parametrize(
    ("reader", "data", "why"),
    [
        pytest.param("pdf", EMPTY_PAGE, "is a scan", id="scan"),
        pytest.param("pdf", sample_files.pdf(password="x"), "is encrypted", id="PDF with password"),
        pytest.param("pdf", sample_files.pdf()[:1500], "is a damaged PDF", id="half a PDF"),
        pytest.param("docx", sample_files.docx()[:-5000], "was not saved whole", id="half a zip"),
        pytest.param(
            "docx",
            sample_files.replaced(sample_files.docx(), "word/x.xml", bytes(2**24)),
            "as a zip bomb does",
            id="zip bomb",
        ),
        pytest.param(
            "docx",
            sample_files.zipped({"a.docx": sample_files.zipped({"b": bytes(2**24)})}),
            "is not Word",
            id="nested zip bomb",
        ),
        pytest.param(
            "xlsx",
            sample_files.zipped(dict.fromkeys(map(str, range(20_001)), "")),
            "parts",
            id="parts",
        ),
        pytest.param(
            "docx",
            sample_files.replaced(
                sample_files.docx(), "word/document.xml", f"{LAUGHS}<w>&m;</w>".encode()
            ),
            "XML entities",
            id="laughs in Word",
        ),
        pytest.param(
            "xlsx",
            sample_files.replaced(sample_files.xlsx(), "xl/workbook.xml", OUTSIDE.encode("utf-16")),
            "XML entities",
            id="file entity in Excel, UTF-16",
        ),
        pytest.param(
            "epub", sample_files.epub(chapter=f"{LAUGHS}<p>&m;</p>"), "XML", id="laughs in EPUB"
        ),
        pytest.param("epub", sample_files.epub(encryption=LOCKED), "protected by DRM", id="DRM"),
        pytest.param(
            "xlsx",
            sample_files.xlsx_with_far_cell(row=9000),
            "more than 1000 columns",
            id="far cell",
        ),
        pytest.param("html", b"<p>a" + b"<div>" * 100_000 + b"b", "too deeply", id="deep HTML"),
        pytest.param("html", b"<p>" + b"word " * 2_500_000, "too long a line", id="long line"),
        pytest.param("mhtml", b"hello", "is not MHTML", id="no MHTML"),
        pytest.param("csv", b"a," * 1_000_000, "more than 1000 columns", id="wide CSV"),
        pytest.param("csv", b'a,"' + b"x" * 5_000_001, "is not a CSV table", id="open quote"),
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
from index.converters.worker import convert
from tests.formats.golden_text import FILES
from tests.support import sample_files as files
remote = '<img src="http://192.0.2.1/a"><link rel="stylesheet" href="http://192.0.2.1/a">'
link = '<Relationship Id="r" Type="x" Target="http://192.0.2.1/a" TargetMode="External"/>'
import io, zipfile
docx, name = files.docx(), "word/_rels/document.xml.rels"
rels = zipfile.ZipFile(io.BytesIO(docx)).read(name).decode()
docx = files.replaced(docx, name, rels.replace("</R", link + "</R").encode())
real = [(name.rpartition(".")[2], (FILES / name).read_bytes()) for name in
        ("quay_report.odt", "fees_hidden.ods", "docking.odp", "quay_report.rtf", "fees_html.eml",
         "board.mbox", "quay_measures.rst", "quay_log.org", "ferry_dialogue.srt",
         "harbour_talk.vtt")]
for reader, data in (("html", files.html(body=remote, head=remote)), ("mhtml", files.mhtml()),
                     ("markdown", b"# a"), ("pdf", files.pdf()), ("docx", docx),
                     ("pptx", files.pptx()),
                     ("xlsx", files.xlsx()), ("epub", files.epub()), *real, ("csv", b"a,b"),
                     ("tsv", b"a\tb"),
                     ("json", files.records()), ("jsonl", b"1"),
                     ("links", b"http://192.0.2.1/\\n<rss><item><link>a</link></item></rss>")):
    convert(reader, data)
    print(reader)
print("seen", *sorted({*seen} | {"torch", "chromadb"} & {*sys.modules}))
"""
    run = [sys.executable, "-c", code]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    texts = [reader for reader in READERS if reader != "picture"]
    assert done.split("\n") == [*texts, "seen", ""]
