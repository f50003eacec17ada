"""PowerPoint -> Markdown; only home of pptx."""

import io
from collections.abc import Iterator
from typing import Any

from index.converters.archive import Archive
from index.converters.converted import Converted, paged
from index.converters.office_properties import with_properties
from index.converters.tables import table


def read(data: bytes) -> Converted:
    """Read a presentation: each slide's title as a heading, its texts, tables and notes."""
    import pptx

    with Archive(data) as file:
        file.require("ppt/presentation.xml", "PowerPoint")
        slides = pptx.Presentation(io.BytesIO(data)).slides
        texts = ((str(i), "\n\n".join(_slide(slide))) for i, slide in enumerate(slides, 1))
        return with_properties(*paged("slide", texts), file)


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
