"""Shapes of a slide in the order of their places -> paragraphs, lists, tables, charts.

PresentationML and DrawingML: ECMA-376, part 1, 19.3 and 20.1.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from index.converters.graphics import Graphics, described, name_of
from index.converters.left_out import LeftOut
from index.converters.office_tables import Cell, Row, as_list
from index.converters.ooxml import DECORATIVE, MC, A, P, Relation, chosen, on
from index.converters.powerpoint_order import Box, reading_order
from index.converters.powerpoint_text import in_line, markdown
from index.converters.word_styles import whole
from index.converters.xml_names import local

# Placeholders that say the same on each slide, or show the slide on its page of notes.
AROUND = ("ftr", "dt", "sldNum", "hdr", "sldImg")
_TITLES = ("title", "ctrTitle")
_SHAPES = tuple(f"{P}{name}" for name in ("sp", "pic", "graphicFrame", "grpSp", "cxnSp"))
_MEDIA = ("videoFile", "audioFile", "wavAudioFile", "quickTimeFile", "audioCd", "media")
_NOWHERE = Box(0, 0, 0, 0)


@dataclass(slots=True)
class Shapes:
    """Reads the shapes of one slide.

    `places` are those of placeholders, which a layout may hold; `size` is the slide's, in the unit
    of the boxes (English Metric Units).
    """

    number: int
    places: Mapping[Any, Box]
    size: tuple[int, int]
    relations: Mapping[str, Relation]
    graphics: Graphics
    left_out: LeftOut

    def title(self, tree: Any) -> str:
        """The slide's title in one line, "" where it has none."""
        for shape in tree.iter(f"{P}sp"):
            body = shape.find(f"{P}txBody")
            if kind(shape) in _TITLES and body is not None and not _is_hidden(shape):
                return in_line(body, self.left_out)
        return ""

    def texts(self, tree: Any) -> Iterator[str]:
        """The texts of the shapes of a slide but its title, in order."""
        shapes = [each for each in _flat(tree) if self._is_shown(each)]
        yield from self._in_order(each for each in shapes if kind(each) not in _TITLES)

    def _in_order(self, shapes: Iterable[Any]) -> Iterator[str]:
        found = list(shapes)
        for place in reading_order([self._box(each) for each in found]):
            yield from self._texts(found[place])

    def _texts(self, shape: Any) -> Iterator[str]:
        is_frame = shape.tag == f"{P}graphicFrame"
        kind = name_of(next(shape.iter(f"{A}graphicData"), None) if is_frame else None)
        yield from described(kind, _alternative(shape), list(self._said(shape)))

    def _said(self, shape: Any) -> Iterator[str]:
        if shape.tag == f"{P}grpSp":
            yield from self._in_order(each for each in _flat(shape) if self._is_seen(each))
        elif shape.tag == f"{P}graphicFrame":
            yield from self._frame(shape)
        elif shape.tag == f"{P}pic":
            media = any(local(each) in _MEDIA for each in _elements(shape))
            self.left_out.add("media" if media else "pictures")
        elif shape.tag in _SHAPES:
            body = shape.find(f"{P}txBody")
            yield "" if body is None else markdown(body, self.left_out)
        else:
            self.left_out.add("ink")

    def _frame(self, shape: Any) -> Iterator[str]:
        data = next(shape.iter(f"{A}graphicData"), None)
        if data is None:
            return
        for found in data.iterchildren(f"{A}tbl"):
            yield as_list([self._row(row) for row in found.iterchildren(f"{A}tr")])
        yield from self.graphics.texts(data, self.relations)
        if data.get("uri", "").endswith("/ole"):
            self.left_out.add("objects")

    def _row(self, element: Any) -> Row:
        row = Row(heading=False)
        for column, cell in enumerate(element.iterchildren(f"{A}tc")):
            if not on(cell, "hMerge") or cell.get("hMerge") is None:
                body = cell.find(f"{A}txBody")
                text = "" if body is None else in_line(body, self.left_out)
                width = max(1, min(100, whole(cell.get("gridSpan"), 1)))
                continues = cell.get("vMerge") is not None and on(cell, "vMerge")
                row.cells.append(Cell(column, width, text, continues, bold=_is_bold(cell)))
        return row

    def _is_shown(self, shape: Any) -> bool:
        """Whether a shape is seen on the slide, and says what only this slide says."""
        if kind(shape) in AROUND or not self._is_seen(shape):
            return False
        box, (width, height) = self._box(shape), self.size
        right, bottom = box.left + box.width, box.top + box.height
        if right < 0 or bottom < 0 or box.left > width or box.top > height:
            self.left_out.on_slide("outside", self.number)
            return False
        return True

    def _is_seen(self, shape: Any) -> bool:
        if _is_hidden(shape):
            self.left_out.on_slide("hidden shapes", self.number)
            return False
        return True

    def _box(self, shape: Any) -> Box:
        if shape in self.places:
            return self.places[shape]
        frames = (f"{P}spPr/{A}xfrm", f"{P}xfrm", f"{P}grpSpPr/{A}xfrm")
        frame = next((each for each in map(shape.find, frames) if each is not None), None)
        if frame is None:
            return _NOWHERE
        place, size = frame.find(f"{A}off"), frame.find(f"{A}ext")
        if place is None or size is None:
            return _NOWHERE
        return Box(
            *(_emu(place, name) for name in "xy"), *(_emu(size, f"c{name}") for name in "xy")
        )


def _is_bold(cell: Any) -> bool:
    runs = list(cell.iter(f"{A}r"))
    return bool(runs) and all(run.find(f"{A}rPr[@b='1']") is not None for run in runs)


def _flat(tree: Any) -> Iterator[Any]:
    """The shapes of a tree or a group, one of each two versions."""
    for child in tree:
        if child.tag == f"{MC}AlternateContent":
            yield from (each for each in chosen(child) if each.tag != f"{MC}AlternateContent")
        elif child.tag in _SHAPES or child.tag == f"{P}contentPart":
            yield child


def _elements(shape: Any) -> Iterator[Any]:
    return (each for each in shape.iter() if isinstance(each.tag, str))


def _properties(shape: Any) -> Any:
    """`p:cNvPr`, the name and the state of a shape; None where it has none."""
    return next((each[0] for each in shape if len(each) and each[0].tag == f"{P}cNvPr"), None)


def _is_hidden(shape: Any) -> bool:
    properties = _properties(shape)
    return properties is not None and properties.get("hidden") in ("1", "true")


def kind(shape: Any) -> str:
    """What a placeholder is for; "" for other shapes."""
    for each in shape.iterfind(f"*/{P}nvPr/{P}ph"):
        return str(each.get("type", "obj"))
    return ""


def _alternative(shape: Any) -> str:
    """The words that stand for a shape where it cannot be seen, "" for none."""
    properties = _properties(shape)
    text = (properties.get("descr") or "") if properties is not None else ""
    decoration = next(properties.iter(DECORATIVE), None) if text else None
    return text if decoration is None or not on(decoration, "val") else ""


def _emu(element: Any, name: str) -> int:
    text = element.get(name, "0")
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdecimal() and len(digits) < 12 else 0
