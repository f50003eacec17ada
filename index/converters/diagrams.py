"""Diagrams: the data of SmartArt -> a list of its texts, one level below the other. Pure.

ECMA-376, part 1, 21.4: points hold the texts, connections say which belongs below which.
"""

from typing import Any

from index.converters.archive import parsed
from index.converters.ooxml import DIAGRAM, A

_DEEPEST = 20  # levels; programs show some five
# Points that lay out what others say; a transition may have words of its own.
_WITHOUT_WORDS = ("pres", "doc")


def diagram(part_xml: bytes) -> list[str]:
    """The lines of a diagram, `- Wait for the lamp`, in the order in which they are shown.

    Args:
        part_xml: the diagram's data part, such as `ppt/diagrams/data1.xml`.

    Raises:
        NotText: it is not XML.
    """
    root = parsed(part_xml)
    points = {each.get("modelId", ""): each for each in root.iter(f"{DIAGRAM}pt")}
    below = _connections(root)
    lines: list[str] = []
    shown: set[str] = set()
    top = [name for name, each in points.items() if each.get("type") == "doc"]
    for name in [*top, *points]:
        _add(name, -1 if name in top else 0, points, below, shown, lines)
    return lines


def _add(
    name: str,
    level: int,
    points: dict[str, Any],
    below: dict[str, list[str]],
    shown: set[str],
    lines: list[str],
) -> None:
    if name in shown or name not in points or level > _DEEPEST:
        return
    shown.add(name)
    text = _text(points[name])
    if text:
        lines.append(f"{'  ' * max(0, level)}- {text}")
    for each in below.get(name, ()):
        _add(each, level + 1, points, below, shown, lines)


def _connections(root: Any) -> dict[str, list[str]]:
    """The points below each point, in their order."""
    found: dict[str, list[tuple[int, str]]] = {}
    for each in root.iter(f"{DIAGRAM}cxn"):
        if each.get("type", "parOf") == "parOf":
            order = each.get("srcOrd", "0")
            place = int(order) if order.isascii() and order.isdecimal() and len(order) < 9 else 0
            found.setdefault(each.get("srcId", ""), []).append((place, each.get("destId", "")))
    return {name: [each for _, each in sorted(places)] for name, places in found.items()}


def _text(point: Any) -> str:
    """A point's words in one line, "" for those that only stand in for words to come."""
    settings = point.find(f"{DIAGRAM}prSet")
    stands_in = settings is not None and settings.get("phldr") in ("1", "true")
    if point.get("type") in _WITHOUT_WORDS or stands_in:
        return ""
    paragraphs = point.iterfind(f"{DIAGRAM}t/{A}p")
    texts = ("".join(t.text or "" for t in each.iter(f"{A}t")) for each in paragraphs)
    return " ".join(" ".join(texts).split())
