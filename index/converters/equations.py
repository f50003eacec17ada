"""Equations: Office's math -> one line: `(a+b)/2`, `√(x+1)`, `∑_(i=1)^n i^2`. Pure.

Every element of ECMA-376, part 1, 22.1 that holds something to read. The form is that of Unicode
Technical Note 28 where it has one that needs no explaining.
"""

import re
from collections.abc import Callable
from typing import Any

from index.converters.ooxml import M, W, on
from index.text.normal_forms import nfkc

_VAL = f"{M}val"
# What needs no brackets to be raised or to be divided: one letter, or a number.
_ATOM = re.compile(r"\w|\d+(?:\.\d+)?|[^\W\d_][\u0300-\u036f]+")
_ENCLOSED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\|[^|]*\|")
_STYLED = re.compile(r"[\U0001d400-\U0001d7ffℎ]")  # letters of mathematics: 𝑚, 𝐄
_GOES_ON = re.compile(r"\w|[(\[{√∛∜∏∐∑∫∬∭∮]")  # what would belong to what stands before it
_ROOTS = {"": "√", "2": "√", "3": "∛", "4": "∜"}
_HIDES = (f"{W}del", f"{W}moveFrom")
_INTEGRAL, _HAT, _OVERLINE, _UNDERLINE = "∫", "\u0302", "\u0305", "\u0332"


def linear(math: Any) -> str:
    """An `m:oMath` or `m:oMathPara` in one line; "" where there is nothing in it."""
    if math.tag == f"{M}oMathPara":
        return "; ".join(filter(None, (linear(each) for each in math.iterchildren(f"{M}oMath"))))
    return " ".join(_inside(math).split())


def _inside(element: Any) -> str:
    """The children of an element, one after another."""
    if element is None:
        return ""
    text = ""
    for child in element:
        piece = _piece(child)
        # `x^2 y` and `1/n (a+b)` are not `x^2y` and `1/n(a+b)`.
        joins = bool(_GOES_ON.match(piece)) and _ends_open(text)
        # `3 1/2` is not `31/2`; the letters of a number may come in several runs.
        joins = joins or (child.tag != f"{M}r" and text[-1:].isdigit() and piece[:1].isdigit())
        text += f" {piece}" if joins else piece
    return text


def _ends_open(text: str) -> bool:
    return bool(re.search(r"[\^_/√∛∜][\w.,]+\Z", text[-40:]))


def _piece(child: Any) -> str:
    if not isinstance(child.tag, str) or child.tag in _HIDES:
        return ""
    read = _READERS.get(child.tag)
    if read is not None:
        return read(child)
    known = child.tag.startswith(M) and child.tag.endswith("Pr")
    return "" if known or child.tag == f"{W}rPr" else _inside(child)


def _text(run: Any) -> str:
    text = run.text or ""
    return _STYLED.sub(lambda letter: nfkc(letter[0]), text)


def _part(element: Any, name: str) -> str:
    return _inside(element.find(f"{M}{name}")).strip()


def _setting(element: Any, name: str, unset: str = "") -> str:
    """A property: `unset` where it is not there, "" where it has no value."""
    found = element.find(f"{element.tag}Pr/{M}{name}")
    return unset if found is None else str(found.get(_VAL) or "")


def _enclosed(text: str) -> str:
    """In brackets, unless it is one thing already."""
    return text if _ATOM.fullmatch(text) or _ENCLOSED.fullmatch(text) else f"({text})"


def _script(text: str, sign: str) -> str:
    return f"{sign}{_enclosed(text)}" if text else ""


def _fraction(element: Any) -> str:
    above, below = _part(element, "num"), _part(element, "den")
    if _setting(element, "type") == "noBar":
        return f"{above}¦{below}"
    return f"{_enclosed(above)}/{_enclosed(below)}"


def _scripted(element: Any) -> str:
    base = _part(element, "e")
    lower, upper = _part(element, "sub"), _part(element, "sup")
    if element.tag == f"{M}sPre":
        return f"{_script(lower, '_')}{_script(upper, '^')} {base}"
    return f"{_enclosed(base) if base else ''}{_script(lower, '_')}{_script(upper, '^')}"


def _limit(element: Any) -> str:
    sign = "_" if element.tag == f"{M}limLow" else "^"
    return f"{_part(element, 'e')}{_script(_part(element, 'lim'), sign)}"


def _root(element: Any) -> str:
    degree = _part(element, "deg")
    if on(element.find(f"{M}radPr/{M}degHide"), _VAL):
        degree = ""
    return f"{_ROOTS.get(degree) or f'√[{degree}]'}{_enclosed(_part(element, 'e'))}"


def _nary(element: Any) -> str:
    sign = _setting(element, "chr", _INTEGRAL)
    lower, upper = _part(element, "sub"), _part(element, "sup")
    return f"{sign}{_script(lower, '_')}{_script(upper, '^')} {_part(element, 'e')}"


def _delimited(element: Any) -> str:
    separator = _setting(element, "sepChr", "|")
    inside = separator.join(_inside(each).strip() for each in element.iterchildren(f"{M}e"))
    # A matrix brings brackets of its own, which would be a second pair here.
    only = list(element.iterchildren(f"{M}e"))
    if len(only) == 1 and [each.tag for each in only[0] if each.tag != f"{M}ctrlPr"] == [f"{M}m"]:
        inside = inside[1:-1]
    return f"{_setting(element, 'begChr', '(')}{inside}{_setting(element, 'endChr', ')')}"


def _matrix(element: Any) -> str:
    rows = (
        ", ".join(_inside(cell).strip() for cell in row.iterchildren(f"{M}e"))
        for row in element.iterchildren(f"{M}mr")
    )
    return f"[{'; '.join(rows)}]"


def _array(element: Any) -> str:
    lines = (_inside(each).strip().replace("&", "") for each in element.iterchildren(f"{M}e"))
    return "; ".join(filter(None, lines))


def _function(element: Any) -> str:
    name, argument = _part(element, "fName"), _part(element, "e")
    return f"{name}{argument}" if _ENCLOSED.fullmatch(argument) else f"{name} {argument}"


def _accent(element: Any) -> str:
    return f"{_enclosed(_part(element, 'e'))}{_setting(element, 'chr', _HAT)}"


def _bar(element: Any) -> str:
    sign = _OVERLINE if _setting(element, "pos") == "top" else _UNDERLINE
    return f"{_enclosed(_part(element, 'e'))}{sign}"


def _phantom(element: Any) -> str:
    """Space that is left as if something stood there, unless it is shown."""
    show = element.find(f"{M}phantPr/{M}show")
    return _part(element, "e") if show is None or on(show, _VAL) else ""


def _line_break(element: Any) -> str:
    return " "


_READERS: dict[str, Callable[[Any], str]] = {
    **dict.fromkeys((f"{M}t", f"{W}t"), _text),
    **dict.fromkeys((f"{W}br", f"{W}tab"), _line_break),
    **dict.fromkeys((f"{M}{name}" for name in ("sSub", "sSup", "sSubSup", "sPre")), _scripted),
    **dict.fromkeys((f"{M}limLow", f"{M}limUpp"), _limit),
    f"{M}f": _fraction,
    f"{M}rad": _root,
    f"{M}nary": _nary,
    f"{M}d": _delimited,
    f"{M}m": _matrix,
    f"{M}eqArr": _array,
    f"{M}func": _function,
    f"{M}acc": _accent,
    f"{M}bar": _bar,
    f"{M}phant": _phantom,
}
