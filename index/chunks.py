"""Chunk: whole sentences of one article within a budget of the embedder's tokens.

Knows blocks, sentences and token counts (by a function it is given). Pure.
"""

import hashlib
import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from index.articles import Article
from index.blocks import Block, blocks, flatten
from index.sentences import sentence_spans

# Goes up whenever the same article would be cut otherwise; an index remembers it.
VERSION = 1

# In tokens of the embedder, headings not counted. News paragraphs run to some 60-200 of them.
BUDGET = 192
# A block smaller than this goes with its neighbour: a lone short line says too little.
SMALL = 24
_CONTEXT_LENGTH = 240  # code points of headings embedded with a chunk

Count = Callable[[Sequence[str]], list[int]]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Chunk:
    """A run of whole sentences from one article.

    `start` and `end` are offsets into `Article.text` in Unicode code points, half-open,
    so `article.text[chunk.start : chunk.end] == chunk.text`. `context` is the headings it stands
    under. `places` are the other ranges of the same article where the same text stands again.
    """

    article_id: str
    start: int
    end: int
    text: str
    context: str = ""
    byline: bool = False
    places: tuple[Span, ...] = ()

    @property
    def embedded_text(self) -> str:
        """What is embedded, and searched by words: the headings, then the text."""
        return f"{self.context}\n{self.text}" if self.context else self.text

    @property
    def key(self) -> str:
        """Names the vector: the same text under the same headings is embedded once."""
        return hashlib.sha256(self.embedded_text.encode()).hexdigest()[:32]


def chunks(article: Article, count: Count, budget: int = BUDGET) -> list[Chunk]:
    """Cut an article. `count` gives the tokens of each of several texts; `budget` is in tokens.

    A sentence longer than the budget is the one thing that is ever cut inside.
    """
    found = blocks(article)
    copies = Counter(_text(article, block) for block in found)
    firsts = list({_text(article, block): block for block in reversed(found)}.values())[::-1]
    return [
        _chunk(article, group[0], span, repeated=any(copies[_text(article, b)] > 1 for b in group))
        for group in _merge(article, firsts, count, budget)
        for span in _pack(article, group, count, budget)
    ]


def sentences_in(article_text: str, start: int, end: int) -> list[Span]:
    """The sentences within a chunk, as offsets into the article's text, edges stripped."""
    spans = ((start + a, start + b) for a, b in sentence_spans(article_text[start:end]))
    return [span for span in (_strip(article_text, span) for span in spans) if span[0] < span[1]]


def _text(article: Article, block: Block) -> str:
    return article.text[block.start : block.end]


def _merge(
    article: Article, found: list[Block], count: Count, budget: int
) -> Iterator[list[Block]]:
    """Join a small block with the next, where they touch and share their headings."""
    sizes = count([_text(article, block) for block in found])
    group: list[Block] = []
    size = 0
    for block, tokens in zip(found, sizes, strict=True):
        if group and not (
            size < SMALL
            and size + tokens <= budget
            and (block.headings, block.byline) == (group[-1].headings, group[-1].byline)
            and not article.text[group[-1].end : block.start].strip()
        ):
            yield group
            group, size = [], 0
        group.append(block)
        size += tokens
    if group:
        yield group


def _pack(article: Article, group: list[Block], count: Count, budget: int) -> Iterator[Span]:
    """Cut a run of blocks into pieces of about equal size within the budget."""
    pieces = [piece for block in group for piece in _sentences(article, block)]
    sizes = count([article.text[start:end] for start, end in pieces])
    if max(sizes) > budget:
        pieces = [
            small
            for piece, size in zip(pieces, sizes, strict=True)
            for small in (_halve(article.text, piece, count, budget) if size > budget else [piece])
        ]
        sizes = count([article.text[start:end] for start, end in pieces])
    target = sum(sizes) / math.ceil(sum(sizes) / budget)
    start, total = pieces[0][0], 0
    for (piece, size), after in itertools.zip_longest(
        zip(pieces, sizes, strict=True), zip(pieces[1:], sizes[1:], strict=True)
    ):
        total += size
        if after is None or total + after[1] > budget or total + after[1] / 2 > target:
            yield _strip(article.text, (start, piece[1]))
            start, total = piece[1], 0


def _sentences(article: Article, block: Block) -> list[Span]:
    text = flatten(article, block.start, block.end)
    return [(block.start + a, block.start + b) for a, b in sentence_spans(text)]


def _halve(text: str, span: Span, count: Count, budget: int) -> Iterator[Span]:
    """Cut a sentence that is too long at the white space nearest its middle, again and again."""
    todo = [span]
    while todo:
        start, end = todo.pop()
        # A token is at least one code point, but for the mark that opens a run.
        if end - start < budget // 2 or count([text[start:end]])[0] <= budget:
            yield start, end
            continue
        middle = (start + end) // 2
        space = text.rfind(" ", start + (end - start) // 4, middle)
        cut = space + 1 if space > 0 else middle
        todo += [(cut, end), (start, cut)]


def _strip(text: str, span: Span) -> Span:
    piece = text[span[0] : span[1]]
    start = span[0] + len(piece) - len(piece.lstrip())
    return start, max(start, span[0] + len(piece.rstrip()))


def _chunk(article: Article, block: Block, span: Span, *, repeated: bool) -> Chunk:
    start, end = span
    text = article.text[start:end]
    context = "\n".join(block.headings)[:_CONTEXT_LENGTH]
    places = tuple(p for p in _occurrences(article.text, text) if p != span) if repeated else ()
    return Chunk(article.id, start, end, text, context, block.byline, places)


def _occurrences(text: str, part: str) -> Iterator[Span]:
    at = text.find(part)
    while at >= 0:
        yield at, at + len(part)
        at = text.find(part, at + len(part))
