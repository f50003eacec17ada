"""Names of Office Open XML, and what its parts share: relations, and content of two versions. Pure.

ECMA-376, parts 1 (names), 2 (relations) and 3 (`mc:AlternateContent`).
"""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from index.converters.archive import Archive

_ECMA = "http://schemas.openxmlformats.org"
_MS = "http://schemas.microsoft.com/office"
W = f"{{{_ECMA}/wordprocessingml/2006/main}}"
A = f"{{{_ECMA}/drawingml/2006/main}}"
P = f"{{{_ECMA}/presentationml/2006/main}}"
C = f"{{{_ECMA}/drawingml/2006/chart}}"
CX = f"{{{_MS}/drawing/2014/chartex}}"
M = f"{{{_ECMA}/officeDocument/2006/math}}"
R = f"{{{_ECMA}/officeDocument/2006/relationships}}"
WP = f"{{{_ECMA}/drawingml/2006/wordprocessingDrawing}}"
DIAGRAM = f"{{{_ECMA}/drawingml/2006/diagram}}"
MC = f"{{{_ECMA}/markup-compatibility/2006}}"
V = "{urn:schemas-microsoft-com:vml}"
O = "{urn:schemas-microsoft-com:office:office}"  # noqa: E741
W14 = f"{{{_MS}/word/2010/wordml}}"
W15 = f"{{{_MS}/word/2012/wordml}}"
DECORATIVE = f"{{{_MS}/drawing/2017/decorative}}decorative"
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


@dataclass(frozen=True, slots=True)
class Relation:
    """Another part that a part names: the last word of its type, and its name in the file."""

    kind: str
    part: str


def relations(file: Archive, part: str) -> dict[str, Relation]:
    """The parts that a part refers to, by their ids; those outside of the file are left out."""
    folder, name = posixpath.split(part)
    listing = posixpath.join(folder, "_rels", f"{name}.rels")
    if listing not in file.names:
        return {}
    found = {}
    for each in file.xml(listing).iter(_RELATION):
        if each.get("TargetMode") != "External":
            path = posixpath.normpath(posixpath.join("/", folder, each.get("Target", "")))
            kind = each.get("Type", "").rsplit("/", 1)[-1]
            found[each.get("Id", "")] = Relation(kind, path.lstrip("/"))
    return found


def chosen(alternate: Any) -> Iterator[Any]:
    """What stands for an `mc:AlternateContent`: its first choice, or else what it falls back to."""
    for kind in ("Choice", "Fallback"):
        found = alternate.find(f"{MC}{kind}")
        if found is not None and len(found):
            yield from found
            return


def on(element: Any, value: str = f"{W}val") -> bool:
    """Whether a switch is there and not off (ECMA-376, part 1, 22.9.2.7)."""
    return element is not None and element.get(value, "1") not in ("0", "false", "off", "none")
