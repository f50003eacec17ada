"""Graphics: the charts and diagrams that a page or a slide refers to -> Markdown."""

from collections.abc import Mapping
from typing import Any

from index.converters.archive import Archive
from index.converters.charts import charts
from index.converters.diagrams import diagram
from index.converters.left_out import LeftOut
from index.converters.ooxml import CX, DIAGRAM, A, C, R, Relation, relations
from index.errors import NotText

_SHAPES = "chartUserShapes"  # drawn by hand over a chart


class Graphics:
    """Reads each chart and diagram of a file once, however often a hostile file names it."""

    def __init__(self, file: Archive, left_out: LeftOut) -> None:
        self._file, self._left_out = file, left_out
        self._read: set[str] = set()

    def texts(self, data: Any, known: Mapping[str, Relation]) -> list[str]:
        """What an `a:graphicData` says.

        Args:
            data: the element, which names a part by a relation's id.
            known: the relations of the part that the element stands in.
        """
        found = []
        for each in data.iter(f"{C}chart", f"{CX}chart", f"{DIAGRAM}relIds"):
            relation = known.get(each.get(f"{R}dm") or each.get(f"{R}id") or "")
            if relation is not None:
                found += self._texts(relation.part, each.tag == f"{DIAGRAM}relIds")
        return found

    def _texts(self, part: str, is_diagram: bool) -> list[str]:
        if part in self._read or part not in self._file.names:
            return []
        self._read.add(part)
        try:
            if is_diagram:
                return ["\n".join(diagram(self._file.bytes(part)))]
            return [*charts(self._file.bytes(part)), *self._drawn_over(part)]
        except NotText:
            self._left_out.add("charts")
            return []

    def _drawn_over(self, chart: str) -> list[str]:
        texts = []
        for relation in relations(self._file, chart).values():
            if relation.kind == _SHAPES and relation.part in self._file.names:
                for paragraph in self._file.xml(relation.part).iter(f"{A}p"):
                    text = "".join(t.text or "" for t in paragraph.iter(f"{A}t"))
                    texts.append(" ".join(text.split()))
        return list(filter(None, texts))


def described(kind: str, alternative: str, texts: list[str]) -> list[str]:
    """The texts of a chart, a diagram or a picture with its alternative text.

    That of a diagram introduces its list, which says more.
    """
    alternative = " ".join(alternative.split())
    if not alternative:
        return texts
    if kind == "Diagram" and texts:
        return [f"Diagram “{alternative}”:\n\n{texts[0]}", *texts[1:]]
    return [*texts, f"[{kind}: {alternative}]"]


def name_of(data: Any) -> str:
    """What alternative text is said to be of: `Chart`, `Diagram`, or `Picture`."""
    if data is None:
        return "Picture"
    kinds = {child.tag for child in data}
    if kinds & {f"{C}chart", f"{CX}chart"}:
        return "Chart"
    return "Diagram" if f"{DIAGRAM}relIds" in kinds else "Picture"
