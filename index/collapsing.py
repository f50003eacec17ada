"""Collapsing: near duplicates among the passages found -> one group each, best first. Pure."""

import functools
import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np

from index.storage.bm25 import tokens
from index.storage.near_duplicates import PERMUTATIONS, SIMILAR, shingles

# A copy's passage says nothing of its own when its pairs of words are so much the same (Jaccard),
# and no more than so many in a row are new: a changed number or name is, a sentence is more.
SAME_PASSAGE, NEW_IN_A_ROW = 0.7, 4


class HasText(Protocol):
    """What `collapse_near_duplicates` needs to know of a passage."""

    @property
    def article(self) -> str:
        """The article's id."""

    @property
    def text(self) -> str:
        """The passage's words."""


P = TypeVar("P", bound=HasText)


def collapse_near_duplicates(
    passages: Sequence[P], signatures: Mapping[str, bytes], limit: int
) -> list[list[P]]:
    """Group passages: each group is one to show, then those of copies that say nearly the same.

    A passage joins the first group whose shown passage is of a near-copy of its article and nearly
    the same; what only one of two copies says stays by itself. `signatures` are by article. At most
    `limit` groups are made.
    """
    pairs = functools.cache(lambda text: list(shingles(tokens(text), 2)))
    groups: list[list[P]] = []
    rows = np.zeros(
        (limit, PERMUTATIONS), dtype="<u4"
    )  # of what is shown: all are compared at once
    for passage in passages:
        value = signatures.get(passage.article, b"")
        near = _near(value, rows[: len(groups)], [signatures.get(g[0].article) for g in groups])
        for i in near:
            shown = groups[i][0]
            if shown.article != passage.article and says_nothing_new(
                pairs(passage.text), pairs(shown.text)
            ):
                groups[i].append(passage)
                break
        else:
            if len(groups) < limit:
                rows[len(groups)] = _row(value)
                groups.append([passage])
    return groups


def _row(value: bytes) -> Any:
    return np.frombuffer(value, "<u4") if len(value) == 4 * PERMUTATIONS else 0


def _near(value: bytes, rows: Any, known: Sequence[bytes | None]) -> list[int]:
    """Which of the known signatures are of near-copies; `rows` are the long ones, as numbers."""
    if len(value) != 4 * PERMUTATIONS:
        return [i for i, other in enumerate(known) if value and other == value]
    return list(np.nonzero((rows == _row(value)).mean(axis=1) >= SIMILAR)[0])


def says_nothing_new(pairs: Sequence[str], known: Sequence[str]) -> bool:
    """Whether a passage repeats a known one but for small edits; both are its pairs of words."""
    held = set(known)
    share = len(held.intersection(pairs)) / (len(held.union(pairs)) or 1)
    runs = itertools.groupby(pair in held for pair in pairs)
    new = max((len(list(run)) for is_known, run in runs if not is_known), default=0)
    return share >= SAME_PASSAGE and new <= NEW_IN_A_ROW
