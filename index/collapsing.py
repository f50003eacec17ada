"""Collapsing: near duplicates among the passages found -> one group each, best first. Pure."""

import functools
import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np

from index.storage.bm25 import tokens
from index.storage.near_duplicates import PERMUTATIONS, SIMILAR, shingles

# A near duplicate's passage says nothing new when at least this share of its pairs of words is the
# same (Jaccard) and at most so many in a row are new: a changed number or name is fewer, a sentence
# more.
SAME_PASSAGE, NEW_IN_A_ROW = 0.7, 4


class HasText(Protocol):
    """A passage as `collapse_near_duplicates` sees it."""

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
    """Group passages; each group is the passage to show, followed by its near duplicates.

    A passage joins the first group whose shown passage is nearly the same and of a near duplicate
    of its article; a passage that only one of two such articles holds stays by itself. `signatures`
    are by article. At most `limit` groups are made.
    """
    pairs = functools.cache(lambda text: list(shingles(tokens(text), 2)))
    groups: list[list[P]] = []
    # Signatures of the shown passages' articles: all are compared at once.
    rows = np.zeros((limit, PERMUTATIONS), dtype="<u4")
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
    """Which known signatures are of near duplicates; `rows` are the long ones, as numbers."""
    if len(value) != 4 * PERMUTATIONS:
        return [i for i, other in enumerate(known) if value and other == value]
    return list(np.nonzero((rows == _row(value)).mean(axis=1) >= SIMILAR)[0])


def says_nothing_new(pairs: Sequence[str], known: Sequence[str]) -> bool:
    """Whether a passage repeats a known one but for small edits; both are pairs of words."""
    held = set(known)
    share = len(held.intersection(pairs)) / (len(held.union(pairs)) or 1)
    runs = itertools.groupby(pair in held for pair in pairs)
    new = max((len(list(run)) for is_known, run in runs if not is_known), default=0)
    return share >= SAME_PASSAGE and new <= NEW_IN_A_ROW
