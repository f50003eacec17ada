"""OpenDocument words: a paragraph's letters, and the notes, comments and frames anchored in it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from index.converters.mathml import linear
from index.converters.odf_package import Package, below
from index.converters.odf_rows import rows
from index.converters.raised import subscript, superscript
from index.converters.tables import table
from index.converters.xml_names import attribute, child, local

# Elements without letters of their own on the page.
_SILENT = frozenset({
    "annotation-end", "bookmark", "bookmark-start", "change", "change-start", "change-end",
    "tracked-changes", "script", "alphabetical-index-mark", "toc-mark", "user-index-mark",
    "soft-page-break", "sequence-decls", "variable-decls", "user-field-decls", "forms", "desc",
    "title", "event-listeners", "glue-point", "image-map", "reference-mark-start", "dde-connection",
    "reference-mark-end", "bookmark-end", "shapes", "label", "note-citation", "page-number",
    "page-count", "thumbnail", "enhanced-geometry",
})  # fmt: skip
_SHAPES = frozenset({
    "frame", "custom-shape", "rect", "ellipse", "circle", "line", "polyline", "polygon", "path",
    "regular-polygon", "connector", "measure", "caption", "g", "a",
})  # fmt: skip
_DRAW = "drawing"


@dataclass(slots=True)
class Words:
    """Reads paragraphs of one file, and keeps what stands beside them until it is asked for."""

    package: Package
    after: list[str] = field(default_factory=list)
    hidden: bool = False
    struck: bool = False
    pictures: int = 0
    _notes: int = 0
    _controls: dict[str, Any] | None = None

    def paragraph(self, element: Any) -> str:
        """The text of a paragraph or heading in one line; what it anchors waits in `after`."""
        name = attribute(element, "style-name")
        if self.package.styles.is_hidden("paragraph", name):
            self.hidden |= bool("".join(element.itertext()).strip())
            return ""
        if not len(element):
            return " ".join((element.text or "").split())
        return " ".join(_joined(list(self._runs(element, ""))).split())

    def taken(self) -> list[str]:
        """What waits in `after`, once."""
        waiting, self.after = self.after, []
        return waiting

    def notices(self) -> Iterator[str]:
        """What was left out."""
        if self.hidden:
            yield "hidden text was left out"
        if self.struck:
            yield "struck-out text was left out"
        if self.pictures:
            many = "1 picture was" if self.pictures == 1 else f"{self.pictures} pictures were"
            yield f"{many} not read"

    def _runs(self, element: Any, shift: str) -> Iterator[tuple[str, str]]:
        """(shift, letters) of what is below an element, in order."""
        yield shift, _one_line(element.text)
        for each in element:
            yield from self._run(each, shift)
            yield shift, _one_line(each.tail)

    def _run(self, element: Any, shift: str) -> Iterator[tuple[str, str]]:
        name = local(element)
        special = {"span": self._span, "note": self._note, "ruby": self._ruby}.get(name)
        if special:
            yield from special(element, shift)
        elif name in _SHAPES and _DRAW in element.tag:
            yield from self._shape(element, shift)
        elif name in ("hidden-text", "hidden-paragraph"):
            self.hidden = True
        elif name == "annotation":
            self.after.append(self.comment(element))
        elif name in ("s", "tab", "line-break", "control"):
            yield shift, self._control(element) if name == "control" else " "
        elif name and name not in _SILENT:
            yield from self._runs(element, shift)

    def _span(self, element: Any, shift: str) -> Iterator[tuple[str, str]]:
        style = attribute(element, "style-name")
        if self.package.styles.is_hidden("text", style):
            self.hidden |= bool("".join(element.itertext()).strip())
        elif self.package.styles.is_struck(style):
            self.struck |= bool("".join(element.itertext()).strip())
        else:
            # A raised mark of a note has its own sign already.
            yield from self._runs(element, self.package.styles.shift(style) or shift)

    def _note(self, element: Any, shift: str) -> Iterator[tuple[str, str]]:
        self._notes += 1
        mark = self._notes  # its text may hold a note too
        yield "", f" [{mark}]"
        body = child(element, "note-body")
        texts = [] if body is None else [self.paragraph(each) for each in below(body, "p", "h")]
        self.after.append(f"[{mark}] {' '.join(filter(None, texts))}")

    def comment(self, element: Any) -> str:
        """An annotation: `[Comment by Ana: text]`."""
        creator = child(element, "creator")
        who = "" if creator is None else "".join(creator.itertext()).strip()
        texts = [self.paragraph(each) for each in below(element, "p")]
        return f"[Comment{f' by {who}' if who else ''}: {' '.join(filter(None, texts))}]"

    def _ruby(self, element: Any, shift: str) -> Iterator[tuple[str, str]]:
        base, above = child(element, "ruby-base"), child(element, "ruby-text")
        yield from () if base is None else self._runs(base, shift)
        reading = "" if above is None else "".join(above.itertext()).strip()
        yield "", f" ({reading})" if reading else ""

    def _control(self, element: Any) -> str:
        """A control of a form: whether its box is ticked, or what was written in its field."""
        if self._controls is None:
            every = below(self.package.root, "forms")
            self._controls = {attribute(c, "id"): c for forms in every for c in forms.iter()}
        found = self._controls.get(attribute(element, "control"))
        if found is None:
            return ""
        label = attribute(found, "label")
        if local(found) in ("checkbox", "radio"):
            state = attribute(found, "current-state") or attribute(found, "state")
            ticked = "checked" in (state, attribute(found, "current-selected"))
            return f" {'☑' if ticked or state == 'true' else '☐'} {label} "
        value = attribute(found, "current-value") or attribute(found, "value")
        return f" {': '.join(filter(None, (label or attribute(found, 'name'), value)))} "

    def _shape(self, element: Any, shift: str) -> Iterator[tuple[str, str]]:
        """An equation stands in the line; boxes, tables and pictures wait for its end."""
        equation = self.equation(element)
        if equation:
            yield shift, f" {equation} "
        else:
            self.after += self.shape(element)

    def equation(self, frame: Any) -> str:
        """The equation that a frame holds, in one line; "" if it holds none."""
        for each in below(frame, "object"):
            tree = child(each, "math")
            tree = self._object(each) if tree is None else tree
            if tree is not None and local(tree) == "math":
                return linear(tree)
        return ""

    def _object(self, element: Any) -> Any:
        path = attribute(element, "href").removeprefix("./").rstrip("/") + "/content.xml"
        return self.package.file.xml(path) if path in self.package.file.names else None

    def shape(self, element: Any) -> list[str]:
        """The texts of a frame or shape: its paragraphs, tables, charts and alternative words."""
        if equation := self.equation(element):
            return [equation]
        texts: list[str] = []
        for each in element:
            name = local(each)
            if name in ("p", "h"):
                texts += self._with_after(self.paragraph(each))
            elif name in ("list", "list-item", "text-box", "list-header"):
                texts += self.shape(each)
            elif name == "table":
                texts += self._with_after(self.table(each))
            elif name == "object":
                texts += self._chart(each)
            elif name in _SHAPES:
                texts += self.shape(each)
        return [*filter(None, texts), *self._alternative(element)]

    def _with_after(self, text: str) -> list[str]:
        return [text, *self.taken()]

    def _alternative(self, element: Any) -> list[str]:
        image = child(element, "image")
        if image is None or child(element, "object", "text-box", "table") is not None:
            return []
        self.pictures += 1
        told = [child(element, name) for name in ("title", "desc")]
        words = [" ".join("".join(each.itertext()).split()) for each in told if each is not None]
        return [f"[Picture: {'. '.join(dict.fromkeys(filter(None, words)))}]"] if any(words) else []

    def _chart(self, element: Any) -> list[str]:
        """An embedded chart or sheet: its titles, then its table of values."""
        tree = self._object(element)
        if tree is None:
            return []
        titles = [
            " ".join("".join(each.itertext()).split()) for each in below(tree, "title", "subtitle")
        ]
        tables = [self.table(each) for each in below(tree, "table")]
        return [*filter(None, titles), *filter(None, tables)]

    def table(self, element: Any) -> str:
        """A table of a text: each row with the names of its columns."""
        found = rows(element, self)
        if not found.rows:
            return ""
        return table(found.unmerged(), named=True if found.headed else None)


def _one_line(text: str | None) -> str:
    """Letters with white space as ODF reads it (part 3, section 6.1.2): runs are one space."""
    if not text:
        return ""
    inner = " ".join(text.split())
    before, behind = text[0].isspace(), text[-1].isspace()
    return f"{' ' * before}{inner}{' ' * behind}" if inner else " "


def _joined(runs: list[tuple[str, str]]) -> str:
    groups: list[list[str]] = []
    for shift, text in runs:
        if text and groups and groups[-1][0] == shift:
            groups[-1].append(text)
        elif text:
            groups.append([shift, text])
    shown = ""
    for shift, *texts in groups:
        text = "".join(texts)
        if shift:
            text = superscript(text, shown) if shift == "super" else subscript(text)
        shown += text
    return shown
