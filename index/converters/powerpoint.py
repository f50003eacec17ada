"""PowerPoint -> Markdown; only home of pptx."""

import io
from collections.abc import Iterator
from typing import Any

from index.converters.archive import Archive, usual_names
from index.converters.converted import Converted, paged
from index.converters.graphics import Graphics
from index.converters.left_out import LeftOut
from index.converters.office_properties import with_properties
from index.converters.ooxml import P, relations
from index.converters.powerpoint_comments import authors, comments
from index.converters.powerpoint_order import Box
from index.converters.powerpoint_shapes import AROUND, Shapes, kind
from index.converters.powerpoint_text import markdown

_MAIN = "ppt/presentation.xml"


def read(data: bytes) -> Converted:
    """Read a presentation: each slide's title as a heading, its texts, tables, charts and notes."""
    import pptx

    with Archive(data) as file:
        file.require(_MAIN, "PowerPoint")
        show = pptx.Presentation(io.BytesIO(usual_names(file, data, _MAIN)))
        left_out = LeftOut()
        texts = list(_slides(show, file, left_out))
        return with_properties(*paged("slide", texts), file, left_out.notices)


def _slides(show: Any, file: Archive, left_out: LeftOut) -> Iterator[tuple[str, str]]:
    """(number as it is shown, text) of each slide that is not hidden."""
    first = show.element.get("firstSlideNum", "1")
    names, graphics = authors(file), Graphics(file, left_out)
    size = (show.slide_width or 0, show.slide_height or 0)
    for number, slide in enumerate(show.slides, int(first) if first.isdecimal() else 1):
        if slide.element.get("show") in ("0", "false"):
            left_out.on_slide("slides", number)
            continue
        known = relations(file, str(slide.part.partname).lstrip("/"))
        shapes = Shapes(number, _places(slide), size, known, graphics, left_out)
        beside = [*_notes(slide, left_out), *comments(slide, names)]
        yield str(number), _slide(number, slide, shapes, beside)


def _slide(number: int, slide: Any, shapes: Shapes, beside: list[str]) -> str:
    """A slide with a heading of its own, so that it does not stand under that of another one."""
    tree = slide.element.find(f"{P}cSld/{P}spTree")
    title, texts = shapes.title(tree), list(filter(None, [*shapes.texts(tree), *beside]))
    if title and texts:
        return "\n\n".join([f"## {title}", *texts])
    texts = [title] if title else texts
    return "\n\n".join([f"## Slide {number}", *texts]) if texts else ""


def _places(slide: Any) -> dict[Any, Box]:
    """Where the placeholders of a slide stand, which may be told by its layout alone."""
    found = {}
    for each in slide.placeholders:
        box = each.left, each.top, each.width, each.height
        found[each.element] = Box(*(int(length or 0) for length in box))
    return found


def _notes(slide: Any, left_out: LeftOut) -> Iterator[str]:
    """What stands on a slide's page of notes, in its own place or in boxes beside it."""
    shapes = slide.notes_slide.element.iter(f"{P}sp") if slide.has_notes_slide else ()
    bodies = (each.find(f"{P}txBody") for each in shapes if kind(each) not in AROUND)
    texts = [markdown(body, left_out) for body in bodies if body is not None]
    if text := "\n\n".join(filter(None, texts)):
        yield f"Notes:\n\n{text}" if "\n" in text else f"Notes: {text}"
