"""Word, PowerPoint, Excel -> Markdown; only home of mammoth, pptx and openpyxl.

These are zip files of XML, whose sizes and entities index/converters/archive.py checks first.
"""

import io
import itertools
import re
import warnings
from collections.abc import Iterator
from typing import Any

from index.converters import metadata
from index.converters.archive import Archive
from index.converters.html import markdown
from index.converters.metadata import Converted
from index.converters.tables import MergedCell, table, unmerged
from index.errors import NotText

_DC = "{http://purl.org/dc/elements/1.1/}"
_CREATED = "{http://purl.org/dc/terms/}created"
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"')
_MAX_MERGED = 100_000  # cells of a sheet; a data table has some dozen
_STYLES = "p[style-name='Title'] => h1:fresh\np[style-name='Subtitle'] => p:fresh"


def read_docx(data: bytes) -> Converted:
    """Read a Word document: headings, paragraphs, lists, tables, notes; its own properties."""
    import mammoth

    with Archive(data) as file:
        file.require("word/document.xml", "Word")
        html = mammoth.convert_to_html(
            io.BytesIO(data),
            style_map=_STYLES,
            convert_image=mammoth.images.img_element(lambda image: {}),
        ).value
        return _with_properties(markdown(html), file)


def read_pptx(data: bytes) -> Converted:
    """Read a presentation: each slide's title as a heading, its texts, tables and notes."""
    import pptx

    with Archive(data) as file:
        file.require("ppt/presentation.xml", "PowerPoint")
        slides = pptx.Presentation(io.BytesIO(data)).slides
        return _with_properties(
            "\n\n".join(part for slide in slides for part in _slide(slide)), file
        )


def read_xlsx(data: bytes) -> Converted:
    """Read a workbook: each sheet under a heading, each row with its columns' names."""
    import openpyxl

    with Archive(data) as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about unknown styles
        file.require("xl/workbook.xml", "Excel")
        book = openpyxl.load_workbook(
            io.BytesIO(data), read_only=True, data_only=True, keep_links=False
        )
        parts = []
        sheets: list[Any] = list(book.worksheets)
        for sheet in sheets:
            sheet.reset_dimensions()  # a sheet's own size may be wrong
            rows = sheet.iter_rows(values_only=True)
            # openpyxl lists merged cells only of a sheet held in memory; its private name says
            # which part of the file the sheet is.
            text = table(unmerged(rows, _merged(file, sheet._worksheet_path)))
            parts += [f"## {sheet.title}", text] if text else []
        return _with_properties("\n\n".join(parts), file)


def _merged(file: Archive, path: str) -> list[MergedCell]:
    from openpyxl.utils.cell import range_boundaries

    found = _MERGED.finditer(file.bytes(path) if path in file.names else b"")
    references = (match[1].decode() for match in itertools.islice(found, _MAX_MERGED))
    return [MergedCell(*range_boundaries(reference)) for reference in references]


def _with_properties(text: str, file: Archive) -> Converted:
    if not text.strip():
        raise NotText("holds no text")
    tree = file.xml("docProps/core.xml") if "docProps/core.xml" in file.names else None
    if tree is None:
        return Converted(text)
    return Converted(
        text,
        metadata.title(tree.findtext(f"{_DC}title")),
        tree.findtext(f"{_DC}language") or "",
        metadata.day(tree.findtext(_CREATED)),
        metadata.author(tree.findtext(f"{_DC}creator")),
    )


def _slide(slide: Any) -> Iterator[str]:
    title = slide.shapes.title
    if title is not None and title.text_frame.text.strip():
        yield "## " + " ".join(title.text_frame.text.split())
    for shape in _shapes(slide.shapes):
        if title is not None and shape.shape_id == title.shape_id:
            continue
        if shape.has_text_frame:
            yield from _frame(shape.text_frame)
        elif shape.has_table:
            yield table([cell.text for cell in row.cells] for row in shape.table.rows)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        yield from _frame(slide.notes_slide.notes_text_frame)


def _shapes(shapes: Any) -> Iterator[Any]:
    from pptx.shapes.group import GroupShape

    for shape in shapes:
        if isinstance(shape, GroupShape):
            yield from _shapes(shape.shapes)
        else:
            yield shape


def _frame(frame: Any) -> Iterator[str]:
    """One paragraph, or the points of a list."""
    lines = [" ".join(paragraph.text.split()) for paragraph in frame.paragraphs]
    lines = [line for line in lines if line]
    if lines:
        yield lines[0] if len(lines) == 1 else "\n".join(f"- {line}" for line in lines)
