"""MathML -> one line: `(a+b)/2`, `x^2`, `√(2)`. Knows MathML Core and what older pages have.

An annotation in TeX or a page's own `alttext` is not preferred: what readers see is the tree.
"""

from collections.abc import Callable
from typing import Any

from index.converters.raised import lowered, raised

_SPACED = set("=<>≤≥≠≈≡∼±∓→⇒⇔∈∉⊂⊆∪∩∧∨")  # operators between which a reader sees space
_INVISIBLE = str.maketrans("", "", "\u2061\u2062\u2063\u2064\u200b")
_LEFT_OUT = ("annotation", "annotation-xml", "mphantom", "none", "mprescripts")
_DEEPEST = 60  # levels; an equation of people has some ten


def linear(element: Any) -> str:
    """An equation in one line; its `alttext` or annotation where it has no tree."""
    text = " ".join(_row(element, 0).split())
    if text:
        return text
    told = element.get("alttext") or ""
    notes = (note.text or "" for note in element.iter() if name(note) == "annotation")
    return " ".join((told or next(notes, "")).split())


def name(element: Any) -> str:
    """An element's name without its namespace or prefix; "" for a comment."""
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(tag, str) else ""


def _text(element: Any, depth: int) -> str:
    tag = name(element)
    if tag in _LEFT_OUT or depth > _DEEPEST:
        return ""
    parts = _SHAPES.get(tag)
    children = [child for child in element if name(child)]
    if parts and children:
        return parts([_text(child, depth + 1) for child in children])
    if tag == "mfenced":
        inner = [_text(child, depth + 1) for child in children]
        opening, closing = element.get("open", "("), element.get("close", ")")
        return f"{opening}{', '.join(inner)}{closing}"
    if tag == "ms":
        return f'"{(element.text or "").strip()}"'
    if children:
        return _row(element, depth)
    return _token(tag, " ".join((element.text or "").translate(_INVISIBLE).split()))


def _token(tag: str, text: str) -> str:
    if tag == "mspace":
        return " "
    if tag == "mo" and text in _SPACED:
        return f" {text} "
    return f" {text} " if tag == "mtext" and len(text) > 1 else text


def _row(element: Any, depth: int) -> str:
    return "".join(_text(child, depth + 1) for child in element)


def _grouped(text: str) -> str:
    """In brackets where it is more than one name or number."""
    text = text.strip()
    plain = text.replace(".", "").replace(",", "").isalnum()
    whole = text.startswith("(") and text.endswith(")") and text.count("(") == 1
    return text if plain or whole or len(text) < 2 else f"({text})"


def _fraction(parts: list[str]) -> str:
    return f"{_grouped(parts[0])}/{_grouped(''.join(parts[1:]))}"


def _power(parts: list[str]) -> str:
    base, up = _grouped(parts[0]), "".join(parts[1:]).strip()
    return base + (up if set(up) <= set("′″‴'") else _up(up))


def _up(text: str) -> str:
    return raised(text) if text.isdigit() else f"^{_grouped(text)}"


def _down(text: str) -> str:
    return lowered(text) if text.isdigit() else f"_{_grouped(text)}"


def _base(parts: list[str]) -> str:
    return parts[0] + _down("".join(parts[1:]).strip())


def _both(parts: list[str]) -> str:
    return _base(parts[:2]) + _up("".join(parts[2:]).strip())


def _over(parts: list[str]) -> str:
    return parts[0] + "".join(part.strip() for part in parts[1:])


def _root(parts: list[str]) -> str:
    return f"√({''.join(parts).strip()})"


def _nth_root(parts: list[str]) -> str:
    degree = "".join(parts[1:]).strip()
    return f"{raised(degree) if degree.isdigit() else f'({degree})'}√({parts[0].strip()})"


_SHAPES: dict[str, Callable[[list[str]], str]] = {
    "mfrac": _fraction,
    "msup": _power,
    "msub": _base,
    "msubsup": _both,
    "munder": lambda parts: f"{_base(parts)} ",
    "munderover": lambda parts: f"{_both(parts)} ",
    "mover": _over,
    "msqrt": _root,
    "mroot": _nth_root,
    "mtable": "; ".join,
    "mtr": ", ".join,
    "mlabeledtr": ", ".join,
    "semantics": lambda parts: parts[0],
    "maction": lambda parts: parts[0],
}
