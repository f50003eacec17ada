"""OpenDocument slides -> Markdown: each slide's title, its texts by their places, its notes."""

import re
from collections.abc import Iterator
from typing import Any

from index.converters.archive import Archive
from index.converters.converted import Converted, listed, paged
from index.converters.odf_package import Package, opened, with_metadata
from index.converters.odf_words import Words
from index.converters.xml_names import attribute, child, local

_LENGTH = re.compile(r"(-?\d{1,6}(?:\.\d{1,6})?)(cm|mm|in|pt|pc|px)?", re.ASCII)
_POINTS = {"cm": 28.35, "mm": 2.835, "in": 72.0, "pt": 1.0, "pc": 12.0, "px": 0.75}
_FURNITURE = ("date-time", "footer", "header", "page-number")
_SAME_ROW = 6.0  # points between the tops of boxes that stand beside each other


def read(data: bytes) -> Converted:
    """Read a presentation.

    Raises:
        NotText: it is damaged or encrypted, or holds no text.
    """
    with Archive(data) as file:
        package = opened(file, "presentation", "an OpenDocument presentation")
        words = Words(package)
        slides = [each for each in package.body if local(each) == "page"]
        hidden = [i for i, slide in enumerate(slides, 1) if _is_hidden(package, slide)]
        texts = (
            (str(i), "\n\n".join(filter(None, _slide(words, slide))))
            for i, slide in enumerate(slides, 1)
            if i not in hidden
        )
        text, pages = paged("slide", texts)
        notices = [*words.notices()]
        if hidden:
            some = "slide" if len(hidden) == 1 else "slides"
            are = "is hidden and was" if len(hidden) == 1 else "are hidden and were"
            notices.insert(0, f"{some} {listed(hidden)} {are} left out")
        return with_metadata(text, pages, file, notices)


def _is_hidden(package: Package, slide: Any) -> bool:
    style = attribute(slide, "style-name")
    return package.styles.value("drawing-page", style, "visibility") == "hidden"


def _slide(words: Words, slide: Any) -> Iterator[str]:
    shapes = sorted((each for each in slide if _is_shape(each)), key=_place)
    titles = [each for each in shapes if attribute(each, "class") == "title"]
    for each in titles:
        text = " ".join(filter(None, words.shape(each)))
        yield f"## {text}" if text else ""
    for each in shapes:
        if each not in titles:
            yield _text(words.shape(each))
            yield from words.taken()
    for each in slide:
        if local(each) == "annotation":
            yield words.comment(each)
    yield _notes(words, slide)


def _is_shape(element: Any) -> bool:
    # A placeholder holds nothing but a prompt.
    furniture = attribute(element, "class") in _FURNITURE
    empty = attribute(element, "placeholder") == "true"
    return local(element) not in ("notes", "annotation", "") and not furniture and not empty


def _text(texts: list[str]) -> str:
    """One paragraph, or the points of a list."""
    if len(texts) < 2 or any(text.startswith("- ") for text in texts):
        return "\n\n".join(texts)
    return "\n".join(f"- {text}" for text in texts)


def _notes(words: Words, slide: Any) -> str:
    notes = child(slide, "notes")
    if notes is None:
        return ""
    texts = [
        text
        for frame in notes
        if attribute(frame, "class") == "notes" and _is_shape(frame)
        for text in words.shape(frame)
    ]
    return f"Notes: {' '.join(texts)}" if texts else ""


def _place(element: Any) -> tuple[float, float]:
    """(top, left) in points; boxes of about the same top stand in one row."""
    first = child(element, "frame", "custom-shape", "rect") if local(element) == "g" else None
    shown = element if first is None else first
    left, top = (_points(attribute(shown, name)) for name in ("x", "y"))
    return round(top / _SAME_ROW), left


def _points(value: str) -> float:
    found = _LENGTH.fullmatch(value)
    return float(found[1]) * _POINTS[found[2] or "pt"] if found else 0.0
