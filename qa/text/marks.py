"""Marks: citation marks, links and tags in text, found and taken out. Pure."""

import regex

_LINK = regex.compile(r"!?\[(?<text>[^\[\]]*)\]\([^)]*\)|<(?:https?|mailto|ftp):[^<>]*>")
# `x <y, z> 3` holds no tag: its name would end at a space, a slash or the bracket.
_TAG = regex.compile(
    r"</?[a-zA-Z][a-zA-Z0-9-]*(?:[\s/][^<>]*)?>|<!--.*?-->|<![^<>]*>", regex.DOTALL
)
# A mark of the model or of a footnote; it may come as a link, `[1](https://...)`.
MARK = regex.compile(r"(?<!\s)\s*\[\s*\d+(?:\s*[,;–-]\s*\d+)*\s*\](?:\([^)\s]*(?:\)|\Z))?")


def plain(text: str) -> str:
    """Without links, pictures and tags: only this program makes those."""
    while True:  # what is left of `<<b>b>` is a tag again
        less = _TAG.sub("", _LINK.sub(lambda match: match["text"] or "", text))
        if less == text:
            return text
        text = str(less)


def clean(text: str) -> str:
    """As `plain`, and without marks such as `[1]`; taking one away leaves nothing of the others."""
    while True:
        less = plain(str(MARK.sub("", text)))
        if less == text:
            return text
        text = less


ITEM = regex.compile(r"\s*(?:[•*‣◦–—-]|\d{1,2}[.)])\s")
