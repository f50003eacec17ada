"""HTML's marks within a line -> text: superscripts, ruby, quotations, deletions, equations.

Changes a parsed tree, and says what of it was left out. Sources: HTML Living Standard, 4.5 to 4.7.
"""

import re
from collections.abc import Iterator
from typing import Any

from index.converters.mathml import linear, name
from index.converters.raised import lowered, raised

# Elements whose tags are dropped: they would become asterisks in a quote.
INLINE = (
    "b", "strong", "i", "em", "u", "mark", "code", "small", "font", "span", "samp", "kbd", "tt",
    "ins", "big", "var", "cite", "abbr", "acronym", "dfn", "bdi", "bdo", "time", "data", "output",
    "label", "wbr", "nobr", "canvas",
)  # fmt: skip
GONE = "gone"
_STRUCK = ("del", "s", "strike")  # deleted by the author
_SOFT_HYPHEN = "\u00ad"
_BEFORE = 40  # code points before a superscript that say how it is written
_YEAR = re.compile(r"\d{4}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_WORD = re.compile(r"\w")
_TEX_IMAGE = re.compile(r"\b(?:tex|latex|mwe-math\S*|math)\b", re.IGNORECASE)
_DISPLAY_STYLE = re.compile(r"\A\{\\(?:display|text)style (.*)\}\Z", re.DOTALL)
_FILE_NAME = re.compile(r"\S*\.\w{2,4}|(?:image|img|photo|picture|dsc|logo|icon)[\s_\d-]*", re.I)
_EMBEDDED = ("iframe", "object", "embed", "video", "audio", "applet")


def simplify(tree: Any) -> list[str]:
    """Make text of marks within lines; gives a notice of each kind of what was left out."""
    notices = _struck(tree)
    _unbreak(tree)
    for each in _all(tree, "math"):
        replace(each, linear(each))
    for each in _all(tree, "ruby"):
        replace(each, _ruby(each))
    for each in _all(tree, "q"):
        enclose(each, "“", "”")
    _times(tree)
    _scripts(tree)
    _pictures(tree)
    return [*notices, *_embedded(tree)]


def replace(element: Any, text: str) -> None:
    """Put text in an element's place; its tag goes with the others of a line."""
    for child in list(element):
        element.remove(child)
    element.text, element.tag = text, "span"


def drop(element: Any) -> None:
    """Mark an element to be dropped with what is in it, but not what follows it."""
    element.tag = GONE


def sweep(tree: Any) -> None:
    """Drop what is marked, all at once: one by one would cost time squared."""
    from lxml import etree

    etree.strip_elements(tree, GONE, with_tail=False)


def enclose(element: Any, before: str, after: str) -> None:
    """Put text at an element's begin and end."""
    element.text = before + (element.text or "")
    last = element[-1] if len(element) else None
    if last is None:
        element.text += after
    else:
        last.tail = (last.tail or "") + after


def before(element: Any) -> str:
    """The text in the same parent right before an element."""
    previous = element.getprevious()
    if previous is None:
        parent = element.getparent()
        return ((parent.text if parent is not None else "") or "")[-_BEFORE:]
    text = previous.tail or ""
    if not text and isinstance(previous.tag, str):
        text = "".join(previous.itertext())
    return str(text[-_BEFORE:])


def words(element: Any) -> str:
    """An element's text with its white space joined."""
    return " ".join("".join(element.itertext()).split())


def _all(tree: Any, *tags: str) -> list[Any]:
    """The elements of these names, without those inside of others of them, in order."""
    found = []
    for each in tree.iter(*tags):
        if not any(above.tag in tags for above in each.iterancestors()):
            found.append(each)
    return found


def _struck(tree: Any) -> list[str]:
    struck = [each for each in _all(tree, *_STRUCK) if each.getparent() is not None]
    said = any(_WORD.search(words(each)) for each in struck)
    for each in struck:
        drop(each)
    sweep(tree)
    return ["text that is struck out was left out"] if said else []


def _unbreak(tree: Any) -> None:
    """Join words at places where a line may only break."""
    for each in tree.iter():
        if each.text and _SOFT_HYPHEN in each.text:
            each.text = each.text.replace(_SOFT_HYPHEN, "")
        if each.tail and _SOFT_HYPHEN in each.tail:
            each.tail = each.tail.replace(_SOFT_HYPHEN, "")


def _ruby(element: Any) -> str:
    """`漢字 (かんじ)`: the bases joined, then the readings joined."""
    bases, readings = [element.text or ""], list[str]()
    for child in element.iterdescendants():
        tag = name(child)
        inside = any(name(above) in ("rt", "rp") for above in _within(child, element))
        if tag == "rt":
            readings.append(child.text or "")
        elif tag and tag != "rp" and not inside:
            bases.append(child.text or "")
        if tag and (not inside or name(child.getparent()) == "ruby"):
            bases.append(child.tail or "")
    base = "".join("".join(bases).split()) if _is_wide(bases) else " ".join("".join(bases).split())
    between = "" if _is_wide(readings) else " "
    reading = between.join(part.strip() for part in readings).strip()
    return f"{base} ({reading})" if reading else base


def _within(child: Any, top: Any) -> Iterator[Any]:
    for above in child.iterancestors():
        if above is top:
            return
        yield above


def _is_wide(parts: list[str]) -> bool:
    """Whether a text is of scripts that put no space between words, kana or ideographs."""
    text = "".join("".join(parts).split())
    return bool(text) and ord(text[0]) >= 0x2E80


def _times(tree: Any) -> None:
    """The day of words such as `yesterday`, as the page tells machines."""
    for each in tree.iter("time"):
        told, text = _DAY.match(each.get("datetime", "").strip()), words(each)
        if told and not text:
            each.text = told[0]
        elif told and not _YEAR.search(text):
            enclose(each, "", f" ({told[0]})")


def _scripts(tree: Any) -> None:
    """Outermost first, so that what is raised twice becomes one exponent."""
    for each in _all(tree, "sup", "sub"):
        text = words(each)
        form = raised(text, before(each)) if each.tag == "sup" else lowered(text)
        replace(each, form)


def _pictures(tree: Any) -> None:
    for each in _all(tree, "svg"):
        replace_block(each, _told(_svg_words(each)))
    for each in list(tree.iter("img", "area")):
        alt = " ".join(each.get("alt", "").split())
        figure = next(each.iterancestors("figure"), None)
        if figure is not None and any(words(told) == alt for told in figure.iter("figcaption")):
            alt = ""
        if _TEX_IMAGE.search(each.get("class", "")):
            replace(each, _DISPLAY_STYLE.sub(r"\1", alt).strip())
        elif alt and not _WORD.search(alt):  # a sign, as emoji are
            replace(each, alt[:2])
        else:
            replace_block(each, _told(alt) if each.tag == "img" else "")


def _told(alt: str) -> str:
    """What a picture shows, where its page says more than one word of it."""
    wide = len(alt) > 3 and ord(alt[0]) >= 0x2E80
    says = (" " in alt or wide) and not _FILE_NAME.fullmatch(alt)
    return f"[Image: {alt}]" if says else ""


def _svg_words(element: Any) -> str:
    parts = [words(each) for each in element.iter() if name(each) in ("title", "desc", "text")]
    return "; ".join(dict.fromkeys(filter(None, parts)))


def replace_block(element: Any, text: str) -> None:
    """Put text in an element's place, apart from the words on both sides of it."""
    tail = element.tail or ""
    gap = " " if before(element)[-1:].strip() else ""
    following = element.getnext()
    text_follows = tail[:1].isalnum() or (
        not tail and following is not None and following.tag == "span"
    )
    after = " " if text_follows else ""
    replace(element, f"{gap}{text}{after}" if text else "")


def _embedded(tree: Any) -> list[str]:
    """Films, maps and the like have no text here: they are named."""
    shown: dict[str, None] = {}
    for each in _all(tree, *_EMBEDDED):
        source = each.get("src") or each.get("data") or ""
        host = re.match(r"(?:https?:)?//([\w.-]{1,60})", source)
        title = " ".join(each.get("title", each.get("aria-label", "")).split())[:60]
        if title or host or each.tag in ("video", "audio"):
            shown[f"“{title}”" if title else host[1] if host else each.tag] = None
        drop(each)
    sweep(tree)
    named = ", ".join(list(shown)[:5])
    return [f"embedded pages, films or sounds were left out: {named}"] if shown else []
