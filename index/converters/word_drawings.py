"""Drawings in Word: text boxes, charts, diagrams, alternative texts; pictures are counted.

Reads DrawingML (ECMA-376, part 1, 20) and the older VML (part 4, 19). Fixes no order: what is
drawn is read where it is anchored.
"""

from collections.abc import Iterator
from typing import Any

from index.converters.graphics import described, name_of
from index.converters.ooxml import DECORATIVE, MC, WP, A, O, V, W, chosen, on
from index.converters.word_document import Aside, WordDocument
from index.converters.xml_names import local

_PICTURES = ("pic", "imagedata")
_OBJECTS = (f"{O}OLEObject", f"{W}control", f"{W}movie")


def drawn(element: Any, document: WordDocument) -> Iterator[Aside]:
    """What a `w:drawing`, `w:pict` or `w:object` says."""
    if _is_hidden(element):
        document.left_out.add("hidden")
        return
    alternative = _alternative(element)
    if element.tag == f"{W}object":
        # The picture in it is only what the object looks like.
        found = [each for each in element.iter(*_OBJECTS)]
        document.left_out.add("objects", max(1, len(found)))
        yield from map(Aside, described("Picture", alternative, []))
        return
    kind = name_of(next(element.iter(f"{A}graphicData"), None))
    asides = list(_inside(element, document))
    texts = [each.opening for each in asides if each.content is None]
    yield from map(Aside, described(kind, alternative, texts))
    yield from (each for each in asides if each.content is not None)


def _inside(element: Any, document: WordDocument) -> Iterator[Aside]:
    for child in element:
        tag = child.tag
        if not isinstance(tag, str):
            continue
        if tag == f"{MC}AlternateContent":
            for each in chosen(child):
                yield from _one(each, document)
        else:
            yield from _one(child, document)


def _one(child: Any, document: WordDocument) -> Iterator[Aside]:
    tag = child.tag
    name = local(child)
    if name == "txbxContent":
        yield Aside(content=child, part=document.part)
    elif tag == f"{A}graphicData":
        texts = document.graphics.texts(child, document.relations)
        yield from (Aside(text) for text in texts)
        yield from _inside(child, document)
    elif tag == f"{A}p":  # of a locked canvas
        yield Aside(" ".join("".join(each.text or "" for each in child.iter(f"{A}t")).split()))
    elif tag == f"{V}textpath":
        yield Aside(child.get("string", ""))
    elif name in _PICTURES:
        document.left_out.add("pictures")
    elif name == "contentPart":
        document.left_out.add("ink")
    elif tag in _OBJECTS:
        document.left_out.add("objects")
    else:
        yield from _inside(child, document)


def _is_hidden(element: Any) -> bool:
    properties = next(element.iter(f"{WP}docPr"), None)
    if properties is not None:
        return on(properties, "hidden") and properties.get("hidden") is not None
    shape = next(element.iter(f"{V}shape"), None)
    return shape is not None and "visibility:hidden" in shape.get("style", "").replace(" ", "")


def _alternative(element: Any) -> str:
    """The words that stand for a picture where it cannot be seen, "" for none."""
    properties = next(element.iter(f"{WP}docPr"), None)
    if properties is not None:
        decoration = next(properties.iter(DECORATIVE), None)
        if decoration is not None and on(decoration, "val"):
            return ""
        return str(properties.get("descr") or properties.get("title") or "")
    shape = next(element.iter(f"{V}shape"), None)
    return str(shape.get("alt", "")) if shape is not None else ""
