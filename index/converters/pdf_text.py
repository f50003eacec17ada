"""Text of a PDF: blocks -> Markdown, with the code point where each page begins. Pure.

A sentence that crosses a page is not broken by the notes at the page's foot: they stand before its
paragraph, or, where that began on an earlier page, after it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from index.converters.pdf_blocks import Block, goes_on
from index.converters.pdf_hyphens import Joiner
from index.passage import Page

_SEPARATOR = "\n\n"


@dataclass(frozen=True, slots=True)
class PageBlocks:
    """A page's text, running heads that are new on it, and what stands beside: notes, comments."""

    flow: list[Block]
    heads: list[Block] = field(default_factory=list)
    beside: list[Block] = field(default_factory=list)


def joined(pages: Sequence[PageBlocks], joiner: Joiner) -> list[Block]:
    """All blocks in the order of reading; those that a column or page broke are whole.

    Args:
        pages: in their order.
        joiner: joins lines.
    """
    made: list[Block] = []
    aside: list[Block] = []  # beside the last page's text, which may go on
    open_at = -1  # where the text lies that may go on
    began = 0  # where the blocks of the last page begin
    for page in pages:
        before, began = began, len(made)
        heads = page.heads
        if not (open_at >= 0 and page.flow and goes_on(made[open_at], page.flow[0])):
            made += [*aside, *heads]
            aside, heads = [], []
            open_at = -1
        for block in page.flow:
            if open_at >= 0 and goes_on(made[open_at], block):
                if aside and open_at >= before:  # it began on the page of what stands beside it
                    made[open_at:open_at] = aside
                    open_at, began, aside = open_at + len(aside), began + len(aside), []
                _append(made[open_at], block, joiner)
                continue
            made += [*aside, block]
            aside = []
            open_at = len(made) - 1 if block.kind in ("text", "item") else -1
        aside += [*heads, *page.beside]
    return made + aside


def _append(block: Block, after: Block, joiner: Joiner) -> None:
    """Let a block go on with another one, whose first page begins where its own words do."""
    page, text = block.pieces[-1]
    number, first = after.pieces[0]
    whole = joiner.joined(text, first)
    own = first if whole.endswith(first) else ""
    block.pieces[-1] = page, whole[: len(whole) - len(own)]
    block.pieces += [(number, own), *after.pieces[1:]]
    block.full = after.full


def markdown(blocks: Sequence[Block], sure: dict[int, float]) -> tuple[str, tuple[Page, ...]]:
    """The text, and where each page begins in it.

    Args:
        blocks: in the order of reading.
        sure: how sure the words are of pages that were read from pictures, by their numbers.
    """
    parts: list[str] = []
    pages: list[Page] = []
    length, above = 0, None
    for block in blocks:
        parts.append(_between(above, block))
        length += len(parts[-1])
        mark = "#" * block.level + " " if block.level else ""
        for number, text in block.pieces:
            if not pages or pages[-1].name != str(number):
                pages.append(Page(length, "page", str(number), sure.get(number)))
            parts.append(mark + text)
            length += len(parts[-1])
            mark = ""
        above = block
    return "".join(parts), tuple(pages)


def _between(above: Block | None, block: Block) -> str:
    if above is None:
        return ""
    return "\n" if above.kind == block.kind == "item" else _SEPARATOR
