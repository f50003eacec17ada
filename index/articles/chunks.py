"""Chunks: runs of an article's sentences within a budget of the embedder's tokens.

Knows blocks, sentences and token counts (by a function it is given). Pure.
"""

import hashlib
import itertools
import math
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from index.articles.article import Article
from index.articles.blocks import Block, flatten
from index.text.sentences import sentence_spans

# Goes up whenever the same article would be cut otherwise; an index remembers it.
VERSION = 4

# In tokens of the embedder, headings not counted: with them and the embedder's own marks a chunk
# must stay below the 512 that the default one reads. Paragraphs run to some 60-300; cutting them
# costs more recall than anything else (tests/benchmarks/RETRIEVAL.md).
BUDGET = 400
# Tokens. A smaller block is merged with the next: a short line alone says too little.
SMALL = 24
# Code points. "No." under one heading and under another are two answers: see `_identity`.
_SHORT = 100
_CONTEXT_LENGTH = 240  # code points of headings embedded with a chunk
# A table or a list of names has a "sentence" a line; more vectors do not help to find it.
_MAX_SENTENCES = 24

Count = Callable[[Sequence[str]], list[int]]
Span = tuple[int, int]
Copies = dict[tuple[str, str], list[Block]]


@dataclass(frozen=True, slots=True)
class Chunk:
    """A run of whole sentences from one article.

    `start` and `end` are offsets into `Article.text` in Unicode code points, half-open,
    so `article.text[chunk.start : chunk.end] == chunk.text`. `context` is the headings above
    it. `places` are the other ranges of the same article that hold the same text.
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
        """The text that is embedded and tokenised for BM25: the headings, then the text."""
        return f"{self.context}\n{self.text}" if self.context else self.text

    @property
    def sentences(self) -> list[str]:
        """The texts with a vector of their own; none where that would be the chunk's vector."""
        spans = self.sentence_spans
        if len(spans) == 1 and not self.context:
            return []
        return [self.text[start - self.start : end - self.start] for start, end in spans]

    @property
    def sentence_spans(self) -> list[Span]:
        """Runs of sentences, mostly of one, as offsets into the article's text."""
        spans = sentences_in(self.text, 0, len(self.text))
        size = math.ceil(len(spans) / _MAX_SENTENCES)
        runs = (spans[i : i + size] for i in range(0, len(spans), max(1, size)))
        return [(self.start + run[0][0], self.start + run[-1][1]) for run in runs]

    @property
    def key(self) -> str:
        """The hash that names the vectors: a text is embedded once for the same headings."""
        named = f"{len(self.context)} {self.embedded_text}"  # the length says where they end
        return hashlib.sha256(named.encode()).hexdigest()[:32]


def chunks(
    article: Article, blocks: Iterable[Block], count: Count, budget: int | None = None
) -> list[Chunk]:
    """Cut an article.

    Args:
        article: what to cut.
        blocks: its blocks.
        count: gives the embedder's tokens of each of several texts.
        budget: tokens of a chunk; default `BUDGET`. A sentence longer than that is the one thing
            that is ever cut inside.
    """
    budget = budget or BUDGET
    copies: Copies = {}
    for block in blocks:
        copies.setdefault(_identity(article, block), []).append(block)
    found: dict[tuple[str, str, bool], list[Span]] = {}
    for group in _merge(article, copies, count, budget):
        first = group[0]
        context = "\n".join(first.headings)[:_CONTEXT_LENGTH]
        for start, end in _pack(article, group, count, budget):
            same = found.setdefault((context, article.text[start:end], first.byline), [])
            shifts = (copy.start - first.start for copy in copies[_identity(article, first)])
            same += [(start + shift, end + shift) for shift in shifts]
    return [
        Chunk(article.id, *places[0], text, context, byline, tuple(places[1:]))
        for (context, text, byline), places in found.items()
    ]


def sentences_in(article_text: str, start: int, end: int) -> list[Span]:
    """The sentences within a chunk, as offsets into the article's text, edges stripped."""
    spans = ((start + a, start + b) for a, b in sentence_spans(article_text[start:end]))
    return [span for span in (_strip(article_text, span) for span in spans) if span[0] < span[1]]


def _text(article: Article, block: Block) -> str:
    return article.text[block.start : block.end]


def _identity(article: Article, block: Block) -> tuple[str, str]:
    """Equal for two blocks that repeat each other; a short block also needs the same heading."""
    text = _text(article, block)
    return text, block.headings[-1] if block.headings and len(text) < _SHORT else ""


def _merge(article: Article, copies: Copies, count: Count, budget: int) -> Iterator[list[Block]]:
    """Merge a small block with the next, where they touch and share their headings."""
    group: list[Block] = []
    size = 0
    for (block, *_), tokens in zip(
        copies.values(), count([text for text, _ in copies]), strict=True
    ):
        if group and not (
            size < SMALL
            and size + tokens <= budget
            and (block.headings, block.byline) == (group[-1].headings, group[-1].byline)
            and not article.text[group[-1].end : block.start].strip()
            and _stand_together(article, copies, group[0], block)
        ):
            yield group
            group, size = [], 0
        group.append(block)
        size += tokens
    if group:
        yield group


def _stand_together(article: Article, copies: Copies, first: Block, last: Block) -> bool:
    """Whether the run from the first block to the last repeats wherever either block does."""
    run = article.text[first.start : last.end]
    places = copies[_identity(article, first)]
    return len(places) == len(copies[_identity(article, last)]) and all(
        article.text.startswith(run, place.start) for place in places
    )


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
    target = sum(sizes) / max(1, math.ceil(sum(sizes) / budget))
    start, total = pieces[0][0], 0
    for (piece, size), after in itertools.zip_longest(
        zip(pieces, sizes, strict=True), zip(pieces[1:], sizes[1:], strict=True)
    ):
        total += size
        if after is None or total + after[1] > budget or total + after[1] / 2 > target:
            span = _strip(article.text, (start, piece[1]))
            if span[0] < span[1]:
                yield span
            start, total = piece[1], 0


def _sentences(article: Article, block: Block) -> list[Span]:
    text = flatten(article, block.start, block.end)
    return [(block.start + a, block.start + b) for a, b in sentence_spans(text)]


def _halve(text: str, span: Span, count: Count, budget: int) -> Iterator[Span]:
    """Cut a sentence that is too long at the white space nearest its middle, again and again."""
    todo = [span]
    while todo:
        start, end = todo.pop()
        # A token is at least one code point, but for the mark that opens a run, and hardly ever
        # more than sixteen, the longest in XLM-R's vocabulary: most lengths need no counting.
        fits = end - start < budget // 2 or (
            end - start <= 16 * budget and count([text[start:end]])[0] <= budget
        )
        if fits:
            yield start, end
            continue
        middle = (start + end) // 2
        space = text.rfind(" ", start + (end - start) // 4, middle)
        cut = space + 1 if space > 0 else _between_letters(text, middle, end)
        todo += [(cut, end), (start, cut)]


def _between_letters(text: str, near: int, end: int) -> int:
    """An offset to cut at that leaves vowel signs and accents with their letter, if one is near."""
    marks = ("Mn", "Mc", "Me")
    places = range(near, min(near + 8, end))
    return next((i for i in places if unicodedata.category(text[i]) not in marks), near)


def _strip(text: str, span: Span) -> Span:
    piece = text[span[0] : span[1]]
    start = span[0] + len(piece) - len(piece.lstrip())
    return start, max(start, span[0] + len(piece.rstrip()))
