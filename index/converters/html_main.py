"""The main text of a page: its own `main` or `article`, else what trafilatura takes for it.

The words are always those of the page's own tree: trafilatura drops captions, fact boxes, notes
and definitions, so it only tells where the main text of a page without `main` begins and ends, and
which lists of links belong to it.
"""

import copy
import re
from typing import Any

from index.converters.html_hidden import is_links
from index.converters.html_markdown import markdownified
from index.converters.html_marks import drop, sweep, words

_AROUND = ("nav", "header", "footer", "aside")
_MARK = "\ue000"  # before what is mostly links, until it is known whether it stays
_CAPTION = "\ue001"  # before a caption, which belongs to what stands beside it
_LINK_LISTS = ("li", "p", "div")
_MARKS = str.maketrans("", "", _MARK + _CAPTION)
_LETTERS = re.compile(r"\W+")
_MOST = 0.6  # of a main part's words, which its article has
_FEW = 0.3  # of trafilatura's words: a page's main part that is but a stub
_RIGHTS = re.compile(r"©|\(c\)|copyright|all rights reserved|impressum", re.IGNORECASE)
_NOTE = re.compile(r"(?:- )?\[\w{1,6}\] ")


def main_text(tree: Any) -> str:
    """The main text of a simplified page as Markdown, "" if it has none."""
    body = tree.find("body")
    if body is None:
        return markdownified(tree)
    found = _extracted(tree)
    part = _semantic(body)
    if part is not None and len(words(part)) >= _FEW * len(found):
        return _merged(_own(part, around=("nav",)), found, ends=True)
    text = _merged(_own(body, around=_AROUND), found, ends=False)
    return text or markdownified(copy.deepcopy(body))


def _extracted(tree: Any) -> str:
    """A page's text as trafilatura finds it."""
    import trafilatura

    return (
        trafilatura.extract(
            copy.deepcopy(tree),
            output_format="txt",
            include_comments=False,
            include_formatting=False,
            favor_recall=True,
        )
        or ""
    )


def _semantic(body: Any) -> Any:
    """The page's one `main`, or the `article` that has most of its words."""
    mains = [each for each in body.iter("main", "div", "section") if _is_main(each)]
    inside = mains[0] if len(mains) == 1 else body
    articles = [each for each in inside.iter("article") if _is_outer(each)]
    longest = max(articles, key=lambda each: len(words(each)), default=None)
    if longest is not None:
        share = len(words(longest)) / max(1, len(words(inside)))
        if len(articles) == 1 or share > _MOST:
            return longest
    return mains[0] if len(mains) == 1 else None


def _is_main(element: Any) -> bool:
    return bool(element.tag == "main" or element.get("role") == "main")


def _is_outer(article: Any) -> bool:
    return next(article.iterancestors("article"), None) is None


def _own(part: Any, around: tuple[str, ...]) -> str:
    """A part of the page as Markdown, with a mark before what is mostly links."""
    part = copy.deepcopy(part)
    titles = list(part.iter("h1"))
    for each in part.iter(*around):
        if each.tag == "header" and len(titles) == 1 and titles[0] in each.iter("h1"):
            each.getparent().replace(each, titles[0])
        elif each.tag != "aside" or not _is_among_paragraphs(each):
            drop(each)
    sweep(part)
    for each in part.iter("footer"):
        if is_links(each) or _RIGHTS.search(words(each)):
            drop(each)
    sweep(part)
    for each in part.iter(*_LINK_LISTS):
        if each.find("a") is not None and each.find(".//p") is None and is_links(each):
            each.text = _MARK + (each.text or "")
    for each in part.xpath(".//*[@data-caption]"):
        each.text = _CAPTION + (each.text or "")
    return markdownified(part)


def _is_among_paragraphs(aside: Any) -> bool:
    """Whether an aside is a box within a text, and not beside it."""
    return len(aside.getparent().findall("p")) > 1


def _merged(own: str, found: str, *, ends: bool) -> str:
    """The paragraphs of `own`, but for lists of links that `found` leaves out.

    Args:
        own: Markdown of a part of the page.
        found: what trafilatura takes for the main text.
        ends: whether all of `own` is main text; else it begins and ends where `found` does.
    """
    known = {_letters(line) for line in found.split("\n")}
    paragraphs = own.split("\n\n")
    shared = [_share(each, known) for each in paragraphs]
    hits = [i for i, share in enumerate(shared) if share > 0.5]
    if not ends and not hits:
        return own.translate(_MARKS) if not found else ""
    first, last = (0, len(paragraphs)) if ends else _range(paragraphs, hits)
    kept = [
        each.translate(_MARKS)
        for i, each in enumerate(paragraphs)
        if (first <= i <= last or _NOTE.match(each)) and (shared[i] > 0.5 or _links(each) < 0.5)
    ]
    return "\n\n".join(kept)


def _range(paragraphs: list[str], hits: list[int]) -> tuple[int, int]:
    """From the title, or the headings above the first paragraph, to the last one."""
    first = hits[0]
    while first and paragraphs[first - 1].startswith("#"):
        first -= 1
    last = hits[-1]
    while last + 1 < len(paragraphs) and paragraphs[last + 1].startswith((_CAPTION, "[Image: ")):
        last += 1
    title = next((i for i in range(first) if paragraphs[i].startswith("# ")), first)
    return title, last


def _letters(line: str) -> str:
    return _LETTERS.sub("", line).casefold()


def _share(paragraph: str, known: set[str]) -> float:
    """How much of a paragraph stands in the lines of another text."""
    lines = [letters for line in paragraph.split("\n") if (letters := _letters(line))]
    whole = _letters(paragraph)
    if whole and whole in known:
        return 1.0
    return sum(len(line) for line in lines if line in known) / max(1, sum(map(len, lines)))


def _links(paragraph: str) -> float:
    lines = [line for line in paragraph.split("\n") if line.strip()]
    return sum(_MARK in line for line in lines) / max(1, len(lines))
