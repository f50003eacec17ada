"""Markdown's marks within a paragraph that would change what is read -> text. Pure.

Emphasis, links, pictures and code stay as they stand in the file, so that a quote is the file's own
words; HTML, character references, notes and struck out text do not.
"""

import html
import re
from collections import defaultdict
from collections.abc import Iterator

from index.converters.raised import lowered, raised

_TRIGGER = re.compile(r"[<&~\\]|\[\^|\^\[")
_COMMENT = re.compile(
    r"(?:(?<=\s)|(?<![^\n]))<!--(?:(?!<!--).)*?-->[ \t]?|<!--(?:(?!<!--).)*?-->", re.DOTALL
)
_ELEMENT = re.compile(r"<(sup|sub|del|s|strike|q)\b[^<>]*>((?:(?!<\1\b).)*?)</\1\s*>", re.S | re.I)
_BREAK = re.compile(r"<br\s*/?>[ \t]*\n?|\\\n", re.IGNORECASE)
_IMAGE = re.compile(
    r"<img\b[^<>]*?\balt\s*=\s*(?:\"([^\"<>]*)\"|'([^'<>]*)')[^<>]*>", re.IGNORECASE
)
_TAG = re.compile(
    r"</?(?:a|abbr|b|bdi|big|center|cite|code|dfn|div|em|font|i|img|input|ins|kbd|label|mark|"
    r"nobr|p|picture|s|samp|small|source|span|strong|sub|summary|details|sup|time|tt|u|var|wbr)"
    r"(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_STRUCK = re.compile(r"(?<![~\\])~~(?=[^\s~])([^~\n]*(?:~(?!~)[^~\n]*)*)(?<=\S)~~(?!~)")
_TWO_SPACES = re.compile(r"(?<=\S)  (?=\S)")
_NOTE = re.compile(r"[ \t]?\[\^([^\]\s]{1,50})\](?!:)")
_INLINE_NOTE = re.compile(r"[ \t]?\^\[([^\[\]]{1,2000})\]")
_ENTITY = re.compile(r"&(?:[a-zA-Z][a-zA-Z0-9]{1,31}|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")
_ESCAPED = re.compile(r"\\([*_$~+.!<>'\"|@&^`{}-])")
_BEFORE = 40  # code points before a superscript that say how it is written


def inline(text: str) -> tuple[str, bool]:
    """(a paragraph as it is read, whether struck out text was left out)."""
    if not _TRIGGER.search(text):
        return text, False
    struck = [False]
    pieces = [piece if code else _read(piece, struck) for piece, code in spans(text)]
    return "".join(pieces), struck[0]


def references(text: str) -> list[str]:
    """The labels of the notes that a paragraph names, in order."""
    return [label for piece, code in spans(text) if not code for label in _NOTE.findall(piece)]


def spans(text: str) -> Iterator[tuple[str, bool]]:
    """(piece, whether it is a code span), which together are the text (CommonMark 0.31, 6.1)."""
    pieces = re.split(r"(`+)", text)
    places = defaultdict[str, list[int]](list)
    for i in range(len(pieces) - 2, 0, -2):
        places[pieces[i]].append(i)  # the nearest last
    start = i = 0
    while i < len(pieces) - 1:
        mark, ahead = pieces[i + 1], places[pieces[i + 1]]
        while ahead and ahead[-1] <= i + 1:
            ahead.pop()
        escaped = pieces[i].endswith("\\")
        if ahead and not escaped and mark:
            yield "".join(pieces[start : i + 1]), False
            yield "".join(pieces[i + 1 : ahead[-1] + 1]), True
            start = i = ahead[-1] + 1
        else:
            i += 2
    yield "".join(pieces[start:]), False


def _read(text: str, struck: list[bool]) -> str:
    if "<" in text:
        text = _without_tags(text, struck)
    if "~~" in text:
        text, times = _STRUCK.subn("", text)
        text = _TWO_SPACES.sub(" ", text) if times else text
        struck[0] |= times > 0
    text = _INLINE_NOTE.sub(lambda note: f" [Note: {note[1].strip()}]", text)
    text = _NOTE.sub(lambda note: f" [{note[1]}]", text)
    if "\\" in text:
        text = _ESCAPED.sub(r"\1", text.replace("\\\n", "\n"))
    return _ENTITY.sub(lambda found: html.unescape(found[0]), text) if "&" in text else text


def _without_tags(text: str, struck: list[bool]) -> str:
    text = _BREAK.sub("\n", _COMMENT.sub("", text))
    text = _IMAGE.sub(lambda found: _picture(found[1] or found[2] or ""), text)
    pieces, end = list[str](), 0
    for found in _ELEMENT.finditer(text):
        pieces.append(_TAG.sub("", text[end : found.start()]))
        inner = _TAG.sub("", found[2])
        pieces.append(_element(found[1].lower(), inner, "".join(pieces[-1:])[-_BEFORE:]))
        struck[0] |= found[1].lower() in ("del", "s", "strike")
        end = found.end()
    return "".join(pieces) + _TAG.sub("", text[end:])


def _element(tag: str, inner: str, before: str) -> str:
    if _NOTE.fullmatch(inner) or inner.startswith("[^"):
        return inner
    forms = {"sup": lambda: raised(inner, before), "sub": lambda: lowered(inner)}
    return forms[tag]() if tag in forms else f"“{inner}”" if tag == "q" else ""


def _picture(alt: str) -> str:
    return f"[Image: {' '.join(alt.split())}]" if " " in alt.strip() else ""
