"""Marks: citation marks, links and tags in text, found and taken out. Pure."""

from dataclasses import dataclass

import regex

# No address or comment is longer; one that is never closed must not cost time squared.
_LINK = regex.compile(r"!?\[(?<text>[^\[\]]*)\]\([^)]{0,2000}\)|<(?:https?|mailto|ftp):[^<>]*>")
# `x <y, z> 3` holds no tag: its name would end at a space, a slash or the bracket.
_TAG = regex.compile(
    r"</?[a-zA-Z][a-zA-Z0-9-]*(?:[\s/][^<>]*)?>|<!--.{0,2000}?-->|<![^<>]*>", regex.DOTALL
)
# Tags of tags that are taken apart; of deeper ones, which nobody writes, no bracket is left.
_DEEPEST = 10
_BRACKETS = regex.compile(r"[<>\[\]]")
# A mark that this program writes: `[1]`, several side by side at the end of a sentence.
_MARK = r"\[(?<marker>[1-9][0-9]{0,2})\]"
_CITATION = regex.compile(_MARK)
_CITATIONS = regex.compile(rf"(?:{_MARK})+")
# A mark of the model or of a footnote, with the space before it: `[1]`, `[1, 2-4]`; it may come as
# a link, `[1](https://...)`.
_FOREIGN = regex.compile(r"(?<!\s)\s*\[\s*\d+(?:\s*[,;–-]\s*\d+)*\s*\](?:\([^)\s]*(?:\)|\Z))?")
_HALF_WRITTEN = regex.compile(r"(?<!\s)\s*\[[\s\d,;–-]*\Z")


@dataclass(frozen=True, slots=True)
class CitationMark:
    """The mark of a citation at the code points [start, end) of an answer."""

    marker: int
    start: int
    end: int


def citation_marks(answer: str) -> list[CitationMark]:
    """The marks in an answer of this program that may be those of its citations."""
    return [
        CitationMark(int(found["marker"]), found.start(), found.end())
        for found in _CITATION.finditer(answer)
    ]


def without_citations(answer: str) -> str:
    """An answer of this program without its marks; the spaces before them stay."""
    return str(_CITATION.sub("", answer))


def cited_sentences(answer: str) -> list[tuple[str, tuple[int, ...]]]:
    """The sentences of an answer, each with the numbers of its citations, if it has any."""
    found, begun = [], 0
    for run in _CITATIONS.finditer(answer):
        markers = tuple(mark.marker for mark in citation_marks(run[0]))
        found.append((answer[begun : run.start()], markers))
        begun = run.end()
    return [(said.strip(), marks) for said, marks in [*found, (answer[begun:], ())] if said.strip()]


def without_marks(draft: str) -> str:
    """The words of a model or of an article without marks of any form."""
    return str(_FOREIGN.sub("", draft))


def without_half_mark(draft: str) -> str:
    """An unfinished draft without the mark that it ends in the middle of: `It did [1`."""
    return str(_HALF_WRITTEN.sub("", draft))


def plain(text: str) -> str:
    """Without links, pictures and tags: only this program makes those."""
    for _ in range(_DEEPEST):  # what is left of `<<b>b>` is a tag again
        less = str(_TAG.sub("", _LINK.sub(lambda match: match["text"] or "", text)))
        if less == text:
            return text
        text = less
    return str(_BRACKETS.sub("", text))


def clean(text: str) -> str:
    """As `plain`, and without marks such as `[1]`; taking one away leaves nothing of the others."""
    for _ in range(_DEEPEST):
        less = plain(without_marks(text))
        if less == text:
            return text
        text = less
    return str(_BRACKETS.sub("", text))


ITEM = regex.compile(r"\s*(?:[•*‣◦–—-]|\d{1,2}[.)])\s")
