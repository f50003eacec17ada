"""Runs of Word: what a paragraph's runs, fields, controls and equations read as.

ECMA-376, part 1, 17.3.2 (runs), 17.5.2 (content controls), 17.13.5 (revisions), 17.16 (fields).
Changes that are tracked are read as accepted.
"""

import re
from collections.abc import Callable
from typing import Any

from index.converters.equations import linear
from index.converters.ooxml import MC, W14, M, W, chosen, on
from index.converters.plain_runs import Place, PlainRuns
from index.converters.symbols import shown, symbol
from index.converters.word_document import Aside, WordDocument
from index.converters.word_drawings import drawn
from index.converters.word_fields import CONTENTS, COUNTED, Field

_CHECKBOX = f"{W14}checkbox"
_ON_TOP = re.compile(r"[0-9+\-−–=()]{1,4}")  # what is raised by hand to be an exponent
_PLACES: dict[str, Place] = {"superscript": "superscript", "subscript": "subscript"}
_FIELDS = ("fldChar", "instrText")
_TITLES = "Table of Contents"
_UNKNOWN = "\N{REPLACEMENT CHARACTER}"


class Runs:
    """Reads the runs of one paragraph; `asides` are what stands beside it, in their order."""

    def __init__(self, document: WordDocument, style: str) -> None:
        self._document, self._style = document, style
        self._plain = PlainRuns()
        self._is_mark = False  # whether the rest of the run is the mark of a note
        self.asides: list[Aside] = []

    def text(self) -> str:
        """What was read, in one text."""
        # A code ends with its paragraph; in a damaged file all that follows would belong to it.
        while self._document.fields and not self._document.fields[-1].in_result:
            self._document.fields.pop()
        return self._plain.text()

    def read(self, element: Any) -> None:
        """Read the children of a paragraph, or of what stands in one."""
        for child in element:
            read = _IN_PARAGRAPH.get(child.tag)
            if read is not None:
                read(self, child)

    @property
    def _visible(self) -> bool:
        fields = self._document.fields
        return not fields or fields[-1].visible

    def _add(self, text: str, place: Place = "") -> None:
        if text and self._visible:
            self._plain.add(text, place)

    def _run(self, run: Any) -> None:
        properties = run.find(f"{W}rPr")
        style = _value(properties, "rStyle")
        if self._left_out(run, properties, style):
            for child in run:
                if child.tag in _OF_FIELDS:
                    _IN_RUN[child.tag](self, child, "")
            return
        place, self._is_mark = self._place(run, properties, style), False
        for child in run:
            read = _IN_RUN.get(child.tag)
            if read is not None:
                read(self, child, place)

    def _left_out(self, run: Any, properties: Any, style: str) -> bool:
        """Whether a run is hidden or struck out; a field's marks count all the same."""
        if self._is_on("vanish", properties, style):
            kind = "hidden"
        elif self._is_on("strike", properties, style) or self._is_on("dstrike", properties, style):
            kind = "struck"
        else:
            return False
        if any(child.tag in _WORDS for child in run) and self._visible:
            self._document.left_out.add(kind)
        return True

    def _is_on(self, name: str, properties: Any, style: str) -> bool:
        own = None if properties is None else properties.find(f"{W}{name}")
        return (
            on(own) if own is not None else self._document.styles.toggled(name, self._style, style)
        )

    def _place(self, run: Any, properties: Any, style: str) -> Place:
        place = _value(properties, "vertAlign")
        place = place or self._document.styles.value("vertAlign", self._style, style)
        if place in _PLACES:
            return _PLACES[place]
        moved = _value(properties, "position")
        text = "".join(each.text or "" for each in run.iterchildren(f"{W}t")) if moved else ""
        if moved and _ON_TOP.fullmatch(text.strip()):
            return "subscript" if moved.startswith("-") else "superscript"
        return ""

    def _text(self, element: Any, place: Place) -> None:
        if self._is_mark:
            return
        text = element.text or ""
        if not text.isascii() or _may_be_symbols(element):
            fonts = element.getparent().find(f"{W}rPr/{W}rFonts")
            font = (fonts.get(f"{W}ascii") or "") if fonts is not None else ""
            seen = shown(text, font)
            self._document.left_out.add("symbols", seen.count(_UNKNOWN) - text.count(_UNKNOWN))
            text = seen
        self._add(text, place)

    def _symbol(self, element: Any, place: Place) -> None:
        code = element.get(f"{W}char", "")
        number = int(code, 16) if re.fullmatch("[0-9a-fA-F]{1,6}", code) else 0
        seen = symbol(element.get(f"{W}font", ""), number)
        self._document.left_out.add("symbols", seen == _UNKNOWN)
        self._add(seen, place)

    def _tab(self, element: Any, place: Place) -> None:
        self._add("\t")

    def _break(self, element: Any, place: Place) -> None:
        self._add("\n")

    def _hyphen(self, element: Any, place: Place) -> None:
        self._add("-", place)

    def _note(self, element: Any, place: Place) -> None:
        if not self._visible:
            return
        kind = "footnote" if element.tag == f"{W}footnoteReference" else "endnote"
        own = ""
        if on(element, f"{W}customMarkFollows") and element.get(f"{W}customMarkFollows"):
            own = "".join(each.text or "" for each in element.getparent().iterchildren(f"{W}t"))
            own, self._is_mark = own.strip() or "*", True
        mark, note = self._document.note(kind, element.get(f"{W}id", ""), own[:10])
        self._plain.mark(mark)
        self.asides += [note] if note else []

    def _comment(self, element: Any, place: Place) -> None:
        comment = self._document.comment(element.get(f"{W}id", ""))
        self.asides += [comment] if comment else []

    def _ruby(self, element: Any, place: Place) -> None:
        """What is written above or beside characters to say how they are read."""
        base, reading = element.find(f"{W}rubyBase"), element.find(f"{W}rt")
        if base is not None:
            self.read(base)
        above = Runs(self._document, self._style)
        if reading is not None:
            above.read(reading)
        if text := above.text():
            self._add(f" ({text})")

    def _drawing(self, element: Any, place: Place) -> None:
        if self._visible:
            self.asides += drawn(element, self._document)

    def _ink(self, element: Any, place: Place = "") -> None:
        self._document.left_out.add("ink")

    def _choice_in_run(self, element: Any, place: Place) -> None:
        for child in chosen(element):
            read = _IN_RUN.get(child.tag)
            if read is not None:
                read(self, child, place)

    def _field_mark(self, element: Any, place: Place) -> None:
        fields, kind = self._document.fields, element.get(f"{W}fldCharType")
        if kind == "begin":
            fields.append(Field(element.find(f"{W}ffData")))
        elif kind == "separate" and fields:
            self._begin(fields.pop())
        elif kind == "end" and fields:
            field = fields.pop()
            self._document.left_out.add("counted", field.name in COUNTED)
            self._add(field.shown())

    def _field_code(self, element: Any, place: Place) -> None:
        if self._document.fields and not self._document.fields[-1].in_result:
            self._document.fields[-1].code.append(element.text or "")

    def _begin(self, field: Field) -> None:
        """Begin the result of a field."""
        in_text = self._document.part == self._document.main
        field.begin_result(visible=self._visible, numbers=in_text)
        self._document.fields.append(field)
        if field.name in CONTENTS:
            self._document.left_out.add("contents")

    def _simple_field(self, element: Any) -> None:
        field = Field(element.find(f"{W}ffData"), [element.get(f"{W}instr", "")])
        self._begin(field)
        self.read(element)
        self._document.fields.pop()
        self._add(field.shown())

    def _control(self, element: Any) -> None:
        properties, content = element.find(f"{W}sdtPr"), element.find(f"{W}sdtContent")
        box = None if properties is None else properties.find(_CHECKBOX)
        if box is not None:
            self._add("☑" if on(box.find(f"{W14}checked"), f"{W14}val") else "☐")
        elif content is not None and not stands_in(properties):
            self.read(content)

    def _equation(self, element: Any) -> None:
        if self._visible:
            self._plain.equation(linear(element))

    def _choice(self, element: Any) -> None:
        for child in chosen(element):
            read = _IN_PARAGRAPH.get(child.tag)
            if read is not None:
                read(self, child)

    def _deleted(self, element: Any) -> None:
        self._document.left_out.add("revised")

    def _document_inside(self, element: Any) -> None:
        self._document.left_out.add("parts")


def stands_in(properties: Any) -> bool:
    """Whether a content control shows what is to be written in it, and nothing is written yet."""
    return properties is not None and on(properties.find(f"{W}showingPlcHdr"))


def is_contents(properties: Any) -> bool:
    """Whether a content control holds a table of contents."""
    found = None if properties is None else properties.find(f"{W}docPartObj/{W}docPartGallery")
    return found is not None and found.get(f"{W}val") == _TITLES


def _value(properties: Any, name: str) -> str:
    found = None if properties is None else properties.find(f"{W}{name}")
    return "" if found is None else str(found.get(f"{W}val", ""))


def _may_be_symbols(element: Any) -> bool:
    fonts = element.getparent().find(f"{W}rPr/{W}rFonts")
    return fonts is not None and (fonts.get(f"{W}ascii") or "").startswith(("Symbol", "W"))


_InRun = Callable[[Runs, Any, Place], None]
_OF_FIELDS = frozenset(f"{W}{name}" for name in _FIELDS)
_WORDS = frozenset(f"{W}{name}" for name in ("t", "sym", "drawing", "pict", "object"))
_IN_RUN: dict[object, _InRun] = {
    f"{W}t": Runs._text,
    f"{W}sym": Runs._symbol,
    **dict.fromkeys((f"{W}tab", f"{W}ptab"), Runs._tab),
    **dict.fromkeys((f"{W}br", f"{W}cr"), Runs._break),
    f"{W}noBreakHyphen": Runs._hyphen,
    **dict.fromkeys((f"{W}footnoteReference", f"{W}endnoteReference"), Runs._note),
    f"{W}commentReference": Runs._comment,
    f"{W}ruby": Runs._ruby,
    **dict.fromkeys((f"{W}drawing", f"{W}pict", f"{W}object"), Runs._drawing),
    **dict.fromkeys((f"{W}contentPart", f"{W14}contentPart"), Runs._ink),
    f"{MC}AlternateContent": Runs._choice_in_run,
    f"{W}fldChar": Runs._field_mark,
    f"{W}instrText": Runs._field_code,
}
_THROUGH = ("hyperlink", "smartTag", "customXml", "ins", "moveTo", "dir", "bdo")
_IN_PARAGRAPH: dict[object, Callable[[Runs, Any], None]] = {
    f"{W}r": Runs._run,
    **dict.fromkeys((f"{W}{name}" for name in _THROUGH), Runs.read),
    f"{W}sdt": Runs._control,
    f"{W}fldSimple": Runs._simple_field,
    **dict.fromkeys((f"{W}del", f"{W}moveFrom"), Runs._deleted),
    **dict.fromkeys((f"{M}oMath", f"{M}oMathPara"), Runs._equation),
    f"{MC}AlternateContent": Runs._choice,
    f"{W}subDoc": Runs._document_inside,
    **dict.fromkeys((f"{W}contentPart", f"{W14}contentPart"), Runs._ink),
}
