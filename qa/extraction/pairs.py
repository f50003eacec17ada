"""Pairs: question and passage as tokens of one sequence, long passages in windows that overlap.

`<s> question </s></s> passage </s>`; with an answer to judge it stands between the two. Pure.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.embedding.tokenizer import Tokens

BOS, EOS = 0, 2
# Tokens at most: of a sequence, of a question, of an answer. Training has the same.
LIMIT, QUESTION, ANSWER = 288, 64, 96
_OVERLAP = 96  # tokens of a passage that stand in two windows: more than an answer has


@dataclass(frozen=True, slots=True)
class Window:
    """A sequence: its tokens, and where the passage's are and what they stand for.

    `ids[first : first + len(offsets)]` are the passage's tokens; `offsets` are their places in the
    passage, in code points.
    """

    ids: list[int]
    first: int
    offsets: Sequence[tuple[int, int]]


def head(question: Sequence[int], answer: Sequence[int] | None = None) -> list[int]:
    """The tokens before the passage."""
    begin = [BOS, *question[:QUESTION], EOS, EOS]
    return begin if answer is None else [*begin, *answer[:ANSWER], EOS, EOS]


def windows(before: Sequence[int], passage: Tokens, limit: int = LIMIT) -> Iterator[Window]:
    """As many windows as the passage needs, of at most `limit` tokens; one at least.

    Raises:
        ValueError: there is no room for a passage.
    """
    room = limit - len(before) - 1
    if room < 2:
        raise ValueError(f"{len(before)} tokens before the passage leave no room in {limit}")
    overlap = min(_OVERLAP, room // 2)
    start = 0
    while True:
        end = start + room
        ids = [*before, *passage.ids[start:end], EOS]
        yield Window(ids, len(before), passage.offsets[start:end])
        if end >= len(passage.ids):
            return
        start = end - overlap
