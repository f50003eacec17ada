"""Terminal output: an answer as it grows, near-copies, the state of the cache, and progress."""

import itertools
import shutil
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol, TextIO, TypeVar

from index.errors import UserError
from qa.cli import sizes
from qa.service.answer_format import safe

if TYPE_CHECKING:
    from index.storage.near_duplicates import NearDuplicate
    from qa.llm.cache.ledger import Tally

_SAVE, _RESTORE = "\x1b7", "\x1b8\x1b[J"  # DEC save and restore cursor; erase what follows
COPIES_LISTED = 20  # near-copies listed one by one: as many as fit on a screen


class Growing(Protocol):
    """An answer while it grows, as far as it is shown; see `qa.answer.Answer`."""

    @property
    def text(self) -> str:
        """The sentences that are proven."""

    @property
    def draft(self) -> str:
        """The sentence that is being written or checked."""

    @property
    def standing(self) -> str | None:
        """The standalone question of a follow-up; None for any other."""


G = TypeVar("G", bound=Growing)


def stream(answers: Iterator[G], out: TextIO) -> G:
    """Print an answer as it grows and return it whole; `answers` yields at least one.

    A question that was rewritten from earlier turns is shown before its answer.
    On a terminal the sentence being written is shown too, and wiped if it turns out unproven;
    elsewhere only proven sentences are written.
    """
    live = out.isatty()
    first = next(answers)
    if first.standing:
        out.write(f"(understood as: {' '.join(safe(first.standing).split())})\n\n")
    if live:
        out.write(_SAVE)
    end = f"{_RESTORE}\n" if live else "\n"
    try:
        answer = _grow(itertools.chain([first], answers), out, live)
    except UserError:
        out.write(end)  # the message begins a line of its own, and a draft is no part of the answer
        raise
    out.write(end)
    return answer


def _grow(answers: Iterator[G], out: TextIO, live: bool) -> G:
    printed = ""
    for answer in answers:
        fresh = safe(answer.text.removeprefix(printed))
        if fresh or live:
            out.write(_RESTORE if live else "")
            out.write(fresh)
            printed = answer.text
        if live:
            draft = (" " if printed and answer.draft else "") + safe(answer.draft)
            out.write(_room(draft) + _SAVE + draft)
        out.flush()
    return answer


def _room(draft: str) -> str:
    """Scroll until a draft fits below the cursor: a saved place does not scroll with the text."""
    columns, lines = shutil.get_terminal_size()
    rows = min(len(draft) * 2 // columns + 1, lines - 1)  # a letter takes two columns at most
    return "\x1bD" * rows + f"\x1b[{rows}A"


def copies_text(count: int, copies: "Sequence[NearDuplicate]") -> list[str]:
    """Lines for the first of `count` near-copies, each with the article that it repeats."""
    some = copies[:COPIES_LISTED]
    lines = [
        f"near-copies: {safe(copy.article)} ≈ {safe(copy.original)} ({copy.similarity:.2f})"
        for copy in some
    ]
    return [*lines, f"near-copies: and {count - len(some)} more"] if count > len(some) else lines


def cache_text(tally: "Tally") -> str:
    """The size of the cache of KV states, and its hit rate."""
    some = "1 text" if tally.states == 1 else f"{tally.states} texts"
    text = f"{some} that the model has read, {sizes.text(tally.size)}"
    if tally.budget:
        text += f" of {sizes.text(tally.budget)}"
    if needed := tally.hits + tally.misses:
        text += f"; {tally.hits} of {needed} lookups were hits ({tally.hits / needed:.0%})"
    return text
