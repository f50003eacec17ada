"""Blocks: an article's paragraphs and lists, each with the headings above it.

Knows the layout of plain text and of Markdown. Pure.
"""

import functools
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import regex

from index.articles.article import Article
from index.articles.boilerplate import is_boilerplate, is_byline
from index.articles.fences import Fence, fences

_BULLET = regex.compile(r"[ \t]*(?:[•●▪◦‣·*+–—-]|\d{1,3}[.)]|[a-zA-Z][.)])[ \t]+\S")
_NUMBERED_HEADING = regex.compile(r"\d{1,2}(?:\.\d{1,2})*[.、]?[ \t]*\S.{0,100}")
_MARKDOWN_HEADING = regex.compile(r" {0,3}(#{1,6})[ \t]+(\S.*)")
_CLOSING_MARKS = regex.compile(r"(?<=[ \t])#+\Z")
_ENDS_SENTENCE = regex.compile(r"[.!?…。！？।॥:：;；,，、)\]\"”’»]\s*\Z")
# In plain text: a line of nothing but such signs, below a heading or between parts.
_RULE = regex.compile(r"([=*~_#+^-])\1{2,}")
_UNDERLINE = regex.compile(r"([=~*^-])\1{2,}")
# A row of a table that is drawn with spaces: a gap that no end of a sentence explains.
_ROW = regex.compile(r"[ \t]*\S(?:[^\n]{0,200}?[^\s.!?:;])??(?: {3,}|\t+)\S")
# A line's end within a paragraph: what follows is no item of a list, row or quotation.
_SOFT_END = regex.compile(
    r"(?<=\S[ \t]*)\n(?![ \t]*(?:[•●▪◦‣·*+–—|>-]|\d{1,3}[.)])[ \t])(?=[ \t]*\S)"
)
_HEADING_LENGTH = 120  # code points
_WRAP_WIDTH = range(40, 121)  # line lengths, in code points, of text wrapped by hand


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or a list, without the white space around it.

    `start` and `end` are code point offsets into `Article.text`, half-open. `headings` run from
    the title down. `byline` marks a block that only names author or source.
    """

    start: int
    end: int
    headings: tuple[str, ...] = ()
    byline: bool = False


@dataclass(frozen=True, slots=True)
class _Part:
    start: int
    end: int
    text: str
    alone: bool  # blank lines, or the article's edge, on both sides
    is_code: bool = False
    underlined: bool = False


def blocks(article: Article) -> list[Block]:
    """The article's paragraphs and lists in order; headings become context, boilerplate goes."""
    everything = list(_parts(article))
    parts = [part for part in everything if part.is_code or not is_boilerplate(part.text)]
    parts = [part for part in parts if not _RULE.fullmatch(part.text) or article.is_markdown]
    found: list[Block] = []
    headings: dict[int, str] = {}
    bare: tuple[int, Block] | None = None  # a heading with nothing below it yet, and its level
    for part, after in itertools.zip_longest(parts, parts[1:]):
        context = tuple(headings[level] for level in sorted(headings))
        heading = _heading(article, part, after)
        if heading:
            level, name = _level(heading, headings, seen_text=bool(found))
            if bare and level <= bare[0]:
                found.append(bare[1])
            above = tuple(headings[other] for other in sorted(headings) if other < level)
            bare = level, Block(part.start, part.end, above)
            headings = {k: v for k, v in headings.items() if k < level} | {level: name}
        else:
            bare = None
            byline = not part.is_code and is_byline(part.text)
            found.append(Block(part.start, part.end, context, byline))
    if bare and found:
        found.append(bare[1])
    # A file of nothing but headings or boilerplate is better shown than lost.
    return found or [Block(part.start, part.end) for part in everything]


def title(article: Article, blocks: Sequence[Block]) -> str:
    """The title to show: the file's own, else the top heading, else the first line."""
    if article.title:
        return article.title
    first = blocks[0]
    if first.headings:
        return first.headings[0]
    line = article.text[first.start : first.end].split("\n", 1)[0]
    return line if len(line) <= _HEADING_LENGTH else line[: _HEADING_LENGTH - 1].rstrip() + "…"


def flatten(article: Article, start: int, end: int) -> str:
    """`article.text[start:end]` with soft line ends as spaces: the same length and offsets."""
    text: str = article.text[start:end]
    if "\n" in text and (article.is_markdown or _is_wrapped(article.text)):
        for at, until in _prose(article, start, end):
            joined = _SOFT_END.sub(" ", article.text[at:until])
            text = text[: at - start] + joined + text[until - start :]
    return text


def _prose(article: Article, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The ranges of a range that are no code."""
    for fence in _code(article):
        if start < fence.outer_end and fence.outer_start < end:
            if start < fence.outer_start:
                yield start, fence.outer_start
            start = min(end, fence.outer_end)
    if start < end:
        yield start, end


def _code(article: Article) -> tuple[Fence, ...]:
    return fences(article.text) if article.is_markdown else ()


def _level(
    heading: tuple[int, str], headings: dict[int, str], *, seen_text: bool
) -> tuple[int, str]:
    """Plain text has no levels: its first heading is the title, the others are below it."""
    level, text = heading
    if level:
        return level, text
    return (2, text) if seen_text or 1 in headings else (1, text)


def _heading(article: Article, part: _Part, after: _Part | None) -> tuple[int, str] | None:
    """(level, text) of a heading; level 0 in plain text."""
    line = part.text.strip()
    if "\n" in line or part.is_code:
        return None
    if article.is_markdown:
        match = _MARKDOWN_HEADING.fullmatch(line)
        return (len(match[1]), _CLOSING_MARKS.sub("", match[2]).rstrip()) if match else None
    if len(line) <= _HEADING_LENGTH and part.underlined:
        return 0, line
    if after is None or len(line) > _HEADING_LENGTH or _ENDS_SENTENCE.search(line):
        return None
    if _NUMBERED_HEADING.fullmatch(line) and not _BULLET.match(after.text):
        return 0, line
    if _BULLET.match(line) or is_byline(line):
        return None
    announces = len(after.text) > len(line) or _ENDS_SENTENCE.search(after.text)
    return (0, line) if announces or part.alone or is_byline(after.text) else None


def _parts(article: Article) -> Iterator[_Part]:
    """Runs of lines that belong together: a paragraph, or a list with its introduction."""
    begun = 0
    for fence in _code(article):
        yield from _prose_parts(article, begun, fence.outer_start)
        yield from _code_part(article.text, fence)
        begun = fence.outer_end
    yield from _prose_parts(article, begun, len(article.text))


def _code_part(text: str, fence: Fence) -> Iterator[_Part]:
    code = text[fence.start : fence.end]
    if body := code.strip():
        start = fence.start + code.index(body[0])
        yield _Part(start, start + len(body), body, True, is_code=True)


def _prose_parts(article: Article, start: int, end: int) -> Iterator[_Part]:
    if start >= end:
        return
    lines = [(start + a, start + b, line) for a, b, line in _lines(article.text[start:end])]
    whole_paragraphs = article.is_markdown or _is_wrapped(article.text)
    begin = 0
    for i in range(1, len(lines) + 1):
        if i == len(lines) or not _belongs(lines, i, whole_paragraphs, article.is_markdown):
            part = _part(article.text, lines, begin, i)
            if part:
                yield part
            begin = i


def _belongs(
    lines: list[tuple[int, int, str]], i: int, whole_paragraphs: bool, is_markdown: bool
) -> bool:
    """Whether line `i` continues the part of the lines before it."""
    line, before = lines[i][2], lines[i - 1][2]
    if not line.strip():
        # A blank line belongs to what stands before it when a list follows its introduction.
        follower = next((text for _, _, text in lines[i + 1 : i + 3] if text.strip()), "")
        return before.rstrip().endswith((":", "：")) and bool(_BULLET.match(follower))
    if not before.strip():
        intro = next(
            (text for _, _, text in reversed(lines[max(0, i - 3) : i]) if text.strip()), ""
        )
        return bool(_BULLET.match(line)) and intro.rstrip().endswith((":", "："))
    if _MARKDOWN_HEADING.fullmatch(before) or _MARKDOWN_HEADING.fullmatch(line):
        return False
    if not is_markdown and (_RULE.fullmatch(line.strip()) or _RULE.fullmatch(before.strip())):
        return False
    if whole_paragraphs or (_ROW.match(line) and _ROW.match(before)):
        return True
    if _BULLET.match(line):
        return bool(_BULLET.match(before)) or before.rstrip().endswith((":", "："))
    return line.startswith((" ", "\t")) and before.startswith((" ", "\t"))


def _part(text: str, lines: list[tuple[int, int, str]], begin: int, end: int) -> _Part | None:
    raw = text[lines[begin][0] : lines[end - 1][1]]
    body = raw.strip()
    if not body:
        return None
    start = lines[begin][0] + raw.index(body[0])
    above = begin == 0 or not lines[begin - 1][2].strip()
    below = end == len(lines) or not lines[end][2].strip()
    ruled = end < len(lines) and bool(_UNDERLINE.fullmatch(lines[end][2].rstrip()))
    return _Part(start, start + len(body), body, above and below, underlined=ruled and above)


def _lines(text: str) -> Iterator[tuple[int, int, str]]:
    start = 0
    for line in text.split("\n"):
        yield start, start + len(line), line
        start += len(line) + 1


@functools.lru_cache(maxsize=2)
def _is_wrapped(text: str) -> bool:
    """Whether lines were broken by hand at a width, so that a line end ends no sentence."""
    lines = [line.rstrip() for line in text.split("\n") if line.strip()]
    if len(lines) < 4 or max(map(len, lines)) > _WRAP_WIDTH.stop:
        return False
    full = [line for line in lines if len(line) in _WRAP_WIDTH]
    open_ended = sum(1 for line in full if not _ENDS_SENTENCE.search(line))
    return len(full) * 2 >= len(lines) and open_ended * 2 >= len(full)
