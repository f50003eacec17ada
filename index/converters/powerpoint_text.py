"""Text of PowerPoint: the paragraphs of a shape, with their numbers and raised letters. Pure.

DrawingML: ECMA-376, part 1, 21.1.2.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from index.converters.equations import linear
from index.converters.left_out import LeftOut
from index.converters.number_formats import formatted
from index.converters.ooxml import MC, A, M, chosen
from index.converters.plain_runs import Place, PlainRuns
from index.converters.symbols import shown
from index.converters.word_styles import whole

# a:buAutoNum: the number's form, then the signs around it (20.1.10.61).
_AUTO = re.compile(r"(arabic|alphaLc|alphaUc|romanLc|romanUc)(Period|ParenR|ParenBoth|Plain)")
_FORMS = {"arabic": "decimal", "alphaLc": "lowerLetter", "alphaUc": "upperLetter",
          "romanLc": "lowerRoman", "romanUc": "upperRoman"}  # fmt: skip
_SIGNS = {"Period": "{}.", "ParenR": "{})", "ParenBoth": "({})", "Plain": "{}"}
_DEEPEST = 8
_ITEM = re.compile(r"\d{1,3}[.)]")


@dataclass(frozen=True, slots=True)
class _Paragraph:
    text: str
    level: int
    number: str


def markdown(body: Any, left_out: LeftOut) -> str:
    """The text of a shape or a note: one paragraph, or the points of a list; "" for none."""
    paragraphs = list(_paragraphs(body, left_out))
    if len(paragraphs) == 1 and not paragraphs[0].number:
        return paragraphs[0].text
    return "\n".join(map(_item, paragraphs))


def in_line(body: Any, left_out: LeftOut) -> str:
    """The same in one line, for a title or a cell."""
    texts = (f"{each.number} {each.text}".split() for each in _paragraphs(body, left_out))
    return " ".join(" ".join(each) for each in texts)


def _item(paragraph: _Paragraph) -> str:
    indent, text = "  " * paragraph.level, paragraph.text.replace("\n", " ")
    number = f"{paragraph.number} " if paragraph.number else ""
    dash = "" if _ITEM.fullmatch(paragraph.number) else "- "
    return f"{indent}{dash}{number}{text}"


def _paragraphs(body: Any, left_out: LeftOut) -> Iterator[_Paragraph]:
    counts: dict[int, tuple[str, int]] = {}
    for element in body.iterchildren(f"{A}p"):
        text = _text(element, left_out)
        if not text:
            continue
        properties = element.find(f"{A}pPr")
        level = 0 if properties is None else min(_DEEPEST, whole(properties.get("lvl")))
        counts = {place: count for place, count in counts.items() if place <= level}
        yield _Paragraph(text, level, _number(properties, level, counts))


def _number(properties: Any, level: int, counts: dict[int, tuple[str, int]]) -> str:
    """The number that PowerPoint counts for a paragraph, "" for a bullet or nothing."""
    auto = None if properties is None else properties.find(f"{A}buAutoNum")
    if auto is None:
        counts.pop(level, None)
        return ""
    kind = auto.get("type", "")
    before, count = counts.get(level, ("", 0))
    count = count + 1 if before == kind else whole(auto.get("startAt"), 1)
    counts[level] = kind, count
    known = _AUTO.fullmatch(kind)
    if known:
        return _SIGNS[known[2]].format(formatted(count, _FORMS[known[1]]))
    return formatted(count, "decimalEnclosedCircle" if kind.startswith("circleNum") else "decimal")


def _text(paragraph: Any, left_out: LeftOut) -> str:
    plain = PlainRuns()
    for child in paragraph:
        _add(child, plain, left_out)
    return plain.text()


def _add(child: Any, plain: PlainRuns, left_out: LeftOut) -> None:
    tag = child.tag
    if tag == f"{A}r":
        _run(child, plain, left_out)
    elif tag == f"{A}br":
        plain.add("\n")
    elif tag == f"{A}fld" and child.get("type") != "slidenum":
        plain.add(child.findtext(f"{A}t") or "")
    elif tag == f"{MC}AlternateContent":
        for each in chosen(child):
            _add(each, plain, left_out)
    elif isinstance(tag, str) and tag.endswith("}m"):  # a14:m
        for each in child.iterchildren(f"{M}oMath", f"{M}oMathPara"):
            plain.equation(linear(each))


def _run(run: Any, plain: PlainRuns, left_out: LeftOut) -> None:
    properties, text = run.find(f"{A}rPr"), run.findtext(f"{A}t") or ""
    if properties is None:
        plain.add(shown(text, ""))
    elif properties.get("strike", "noStrike") != "noStrike":
        left_out.add("struck", bool(text.strip()))
    else:
        fonts = (properties.find(f"{A}{name}") for name in ("sym", "latin"))
        names = [each.get("typeface", "") for each in fonts if each is not None]
        symbols = next((name for name in names if name.startswith(("Symbol", "W"))), "")
        plain.add(shown(text, symbols), _place(properties.get("baseline", "0")))


def _place(baseline: str) -> Place:
    """Raised or lowered, by the shift of the line that letters stand on."""
    if baseline.lstrip("-").strip("0%.") == "":
        return ""
    return "subscript" if baseline.startswith("-") else "superscript"
