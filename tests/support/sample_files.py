"""Makes real files of every format that is read, with the libraries that people's programs use."""

import errno
import io
import json
import os
import zipfile
from collections.abc import Mapping
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

TITLE = "Bread of the north"
HEADING = "The ovens"
FIRST = "The bakery sold 400 loaves in May. Nobody expected that, said Dr. Rao."
SECOND = "The new oven was built by Kumar Steel in 2019. It burns wood from the café's own forest."
DATE = "2024-05-06"
AUTHOR = "Ana Rao, Li Wei"
CSV = b"a,b\n1,2\n"


def html(*, body: str = "", head: str = "") -> bytes:
    page = f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{TITLE}</title>
    <meta property="article:published_time" content="{DATE}T08:00:00Z">
    <meta name="author" content="Ana Rao"><meta name="author" content="Li Wei">{head}</head>
    <body><nav><a href="/">Home</a> <a href="/news">News</a></nav>
    <article><h1>{TITLE}</h1><p>{FIRST * 3}</p><h2>{HEADING}</h2><p>{SECOND} <b>Hot</b> ovens.</p>
    {body}</article><footer>Copyright, all rights reserved</footer></body></html>"""
    return page.encode()


def mhtml() -> bytes:
    message = EmailMessage()
    message["Subject"], message["Date"] = TITLE, "Mon, 06 May 2024 08:00:00 +0000"
    message.set_content(html().decode(), subtype="html", cte="quoted-printable")
    message.make_related()
    message.add_related(b"\x89PNG", "image", "png")
    return message.as_bytes()


def pdf(*, title: str = TITLE, password: str = "", text: str = SECOND) -> bytes:
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Paragraph, SimpleDocTemplate

    styles, file = getSampleStyleSheet(), io.BytesIO()
    document = SimpleDocTemplate(
        file, title=title, author=AUTHOR, lang="en", invariant=1, encrypt=password or None
    )
    document.build(
        [
            Paragraph(TITLE, styles["Title"]),
            Paragraph(FIRST, styles["BodyText"]),
            Paragraph(HEADING, styles["Heading2"]),
            Paragraph(text, styles["BodyText"]),
        ]
    )
    return file.getvalue()


def pdf_of_letters(text: str) -> bytes:
    """A page of one line whose letters are known by a hand-made map alone, as in any script."""
    codes = "".join(f"{number:04x}" for number in range(1, len(text) + 1))
    pairs = "\n".join(
        f"<{number:04x}> <{letter.encode('utf-16-be').hex()}>"
        for number, letter in enumerate(text, 1)
    )
    unicode_map = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def "
        "/CMapType 2 def 1 begincodespacerange <0000> <ffff> endcodespacerange "
        f"{len(text)} beginbfchar\n{pairs}\nendbfchar endcmap end end"
    )
    page = f"BT /F 12 Tf 50 700 Td <{codes}> Tj ET"
    return _pdf(
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 2000 800] /Contents 4 0 R "
        "/Resources << /Font << /F 5 0 R >> >> >>",
        f"<< /Length {len(page)} >> stream\n{page}\nendstream",
        "<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H "
        "/DescendantFonts [6 0 R] /ToUnicode 7 0 R >>",
        "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X /DW 600 "
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
        "/FontDescriptor 8 0 R >>",
        f"<< /Length {len(unicode_map)} >> stream\n{unicode_map}\nendstream",
        "<< /Type /FontDescriptor /FontName /X /Flags 4 /FontBBox [0 -200 1000 800] /Ascent 800 "
        "/Descent -200 /CapHeight 700 /ItalicAngle 0 /StemV 80 >>",
    )


def _pdf(*objects: str) -> bytes:
    data, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(data))
        data += f"{number} 0 obj {content} endobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    return (
        data
        + (
            f"xref\n0 {size}\n0000000000 65535 f \n{table}"
            f"trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{len(data)}\n%%EOF"
        ).encode()
    )


def docx(*, language: str = "en-GB") -> bytes:
    import datetime

    import docx as word

    document = word.Document()
    document.core_properties.title = TITLE
    document.core_properties.author = "Ana Rao;Li Wei"
    document.core_properties.language = language
    document.core_properties.created = datetime.datetime(2024, 5, 6, 8)
    document.add_heading(TITLE, 0)
    document.add_paragraph(FIRST)
    document.add_heading(HEADING, 1)
    document.add_paragraph(SECOND).add_run(" Hot ovens.").bold = True
    table = document.add_table(2, 2)
    for place, text in enumerate(("Name", "Price", "Rye", "3")):
        table.rows[place // 2].cells[place % 2].text = text
    return _saved(document)


def pptx() -> bytes:
    import datetime

    import pptx as powerpoint

    show: Any = powerpoint.Presentation()
    show.core_properties.title = TITLE
    show.core_properties.author = "Ana Rao; Li Wei"
    show.core_properties.language = "en"
    show.core_properties.created = datetime.datetime(2024, 5, 6, 8)
    slide = show.slides.add_slide(show.slide_layouts[1])
    slide.shapes.title.text = HEADING
    slide.placeholders[1].text = f"{FIRST}\n{SECOND}"
    slide.notes_slide.notes_text_frame.text = "Say it slowly."
    return _saved(show)


def charted(
    kind: str,
    title: str,
    categories: list[str],
    series: Mapping[str, list[float | None]],
    number_format: str = "General",
) -> bytes:
    """The XML part of a chart of one of XL_CHART_TYPE's kinds."""
    from pptx.enum.chart import XL_CHART_TYPE

    data = chart_data().CategoryChartData(number_format=number_format)
    data.categories = categories
    for name, values in series.items():
        data.add_series(name, values)
    return chart_part(XL_CHART_TYPE[kind], data, title)


def chart_data() -> Any:
    """python-pptx's module of the data behind charts."""
    import pptx.chart.data

    return pptx.chart.data


def chart_part(kind: Any, data: Any, title: str) -> bytes:
    """The XML part of a chart of python-pptx's `data`; without a title if it is ""."""
    import pptx as powerpoint

    show: Any = powerpoint.Presentation()
    shapes = show.slides.add_slide(show.slide_layouts[6]).shapes
    chart = shapes.add_chart(kind, 0, 0, 9_000_000, 5_000_000, data).chart
    if title:
        chart.has_title = True
        chart.chart_title.text_frame.text = title
    return bytes(chart.part.blob)


def xlsx(*rows: tuple[object, ...]) -> bytes:
    import datetime

    import openpyxl

    book = openpyxl.Workbook()
    book.properties.title = TITLE
    book.properties.creator = "Ana Rao, Li Wei"
    book.properties.language = "en"
    book.properties.created = datetime.datetime(2024, 5, 6, 8)
    sheet: Any = book.active
    sheet.title = "Loaves"
    for row in rows or (
        ("Name", "Price", "Baked"),
        ("Rye", 3, datetime.date(2024, 5, 6)),
        ("Oat", 2.5),
    ):
        sheet.append(row)
    return _saved(book)


def xlsx_of_numbers(rows: int) -> bytes:
    """A sheet of one column: a million rows take seconds to read."""
    cells = "".join(f"<row><c><v>{number * 7919 % 1000003}</v></c></row>" for number in range(rows))
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{cells}</sheetData></worksheet>"
    )
    return replaced(xlsx(), "xl/worksheets/sheet1.xml", sheet.encode())


def xlsx_with_far_cell(row: int) -> bytes:
    """A sheet of two cells, the second in the last column that may be."""
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        '<dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
        f'<row r="{row}"><c r="XFD{row}"><v>2</v></c></row></sheetData></worksheet>'
    )
    return replaced(xlsx(), "xl/worksheets/sheet1.xml", sheet.encode())


_AUTHORS = (
    "<dc:creator>Ana Rao</dc:creator><dc:creator opf:role='aut'>Li Wei</dc:creator>"
    "<dc:creator opf:role='ill'>A Painter</dc:creator><dc:creator id='c'>A Translator</dc:creator>"
    "<meta property='role' refines='#c'>trl</meta>"
)


def epub(*, chapter: str = "", encryption: str = "") -> bytes:
    page = chapter or (
        "<?xml version='1.0' encoding='utf-8'?><!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.1//EN' "
        "'http://www.w3.org/TR/xhtml11/DTD/xhtml11.dtd'><html xmlns='http://www.w3.org/1999/xhtml'>"
        f"<head><title>x</title></head><body><h1>{TITLE}</h1><p>{FIRST}</p><h2>{HEADING}</h2>"
        f"<p>{SECOND}</p></body></html>"
    )
    members = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": "<container "
        "xmlns='urn:oasis:names:tc:opendocument:xmlns:container'>"
        "<rootfiles><rootfile full-path='OEBPS/book.opf'/></rootfiles></container>",
        "OEBPS/book.opf": "<package xmlns='http://www.idpf.org/2007/opf' "
        "xmlns:opf='http://www.idpf.org/2007/opf' "
        f"xmlns:dc='http://purl.org/dc/elements/1.1/'><metadata>{_AUTHORS}"
        f"<dc:title>{TITLE}</dc:title><dc:language>en</dc:language><dc:date>{DATE}</dc:date>"
        "</metadata><manifest><item id='a' href='one%20two.xhtml'/></manifest>"
        "<spine><itemref idref='a'/></spine></package>",
        "OEBPS/one two.xhtml": page,
    }
    if encryption:
        members["META-INF/encryption.xml"] = encryption
    return zipped(members)


def records() -> bytes:
    return json.dumps(
        {"title": TITLE, "text": f"{FIRST}\n{SECOND}", "date": f"{DATE}T08:00:00Z",
         "language": "eng", "authors": [{"name": "Ana Rao"}, {"name": "Li Wei"}],
         "tags": ["bread", "north"]}
    ).encode()  # fmt: skip


def close(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody list a folder, as permissions do to all but root."""
    scandir = os.scandir

    def refuse(path: Any = ".") -> Any:
        if str(path) == str(folder):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def replaced(data: bytes, name: str, content: bytes) -> bytes:
    """A zip file with other bytes in one of its members."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members: dict[str, str | bytes] = {each: archive.read(each) for each in archive.namelist()}
    return zipped({**members, name: content})


def _saved(document: Any) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()
