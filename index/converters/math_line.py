"""MathML -> one line: `E = m c^2`, `(a + b)/2`, `√(x)`. Pure."""

import re
from typing import Any

from index.converters.xml_names import local

_DEEPEST = 100
_NUMBER = re.compile(r"\d{1,20}(?:[.,]\d{1,20})?")
_SILENT = ("annotation", "annotation-xml", "mphantom", "mspace", "none", "mprescripts")
_SIMPLE = 1  # characters of a part that needs no brackets


def in_line(element: Any, depth: int = 0) -> str:
    """An equation as a line; parts of more than a letter or number stand in brackets."""
    name = local(element)
    if depth > _DEEPEST or not name or name in _SILENT:
        return ""
    parts = [in_line(each, depth + 1) for each in element]
    if name in _FORMS and len(parts) >= _FORMS[name].count("{}"):
        return _FORMS[name].format(*map(_bracketed, parts))
    if name in ("msqrt", "mroot"):
        index = parts[1] if name == "mroot" and len(parts) > 1 else ""
        inner = parts[:1] if name == "mroot" else parts
        return f"{f'root {index} of ' if index else '√'}({_spaced(inner)})"
    if name == "mfenced":
        return f"{element.get('open', '(')}{', '.join(parts)}{element.get('close', ')')}"
    if name in ("mtable", "mtr", "mlabeledtr"):
        return ("; " if name == "mtable" else ", ").join(filter(None, parts))
    if parts:
        return _spaced(parts)
    return " ".join((element.text or "").split())


_FORMS = {
    "mfrac": "{}/{}",
    "msup": "{}^{}",
    "msub": "{}_{}",
    "msubsup": "{}_{}^{}",
    "munder": "{}_{}",
    "mover": "{}^{}",
    "munderover": "{}_{}^{}",
}


def _bracketed(part: str) -> str:
    closed = part.startswith("(") and part.endswith(")")
    plain = len(part) <= _SIMPLE or part.isalnum() or closed or _NUMBER.fullmatch(part)
    return part if plain else f"({part})"


def _spaced(parts: list[str]) -> str:
    """Parts beside each other; brackets and commas stand close."""
    text = ""
    for part in filter(None, parts):
        close = not text or text.endswith(("(", "[", "{", " ")) or part[0] in ")]},;.!"
        text += part if close or (part[0] in "([" and text[-1].isalnum()) else f" {part}"
    return text
