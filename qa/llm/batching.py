"""Branches: texts of which some are read -> what of them must be read, each token once. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PrefixPlan:
    """A text that goes on behind the first `shared` tokens of the sequence `source`.

    `source` is None when nothing is shared. `fresh` tokens are read for it and for no text before.
    """

    source: int | None
    shared: int
    fresh: int


@dataclass(slots=True)
class BatchToken:
    """A token to be read at a position, as a part of some texts; `last` of one of them."""

    token: int
    position: int
    texts: list[int] = field(default_factory=list)
    last: int | None = None


def plan_prefixes(
    held: Mapping[int, Sequence[int]], texts: Sequence[Sequence[int]]
) -> tuple[list[PrefixPlan], list[BatchToken]]:
    """How texts are read, and all steps in an order in which the tokens of each text are in order.

    Args:
        held: tokens of what is read, by sequence.
        texts: different ones, of one token at least. The last token of each is read in any case.
    """
    made: list[PrefixPlan] = []
    paths: list[list[BatchToken]] = []
    steps: list[BatchToken] = []
    for number, text in enumerate(texts):
        most = len(text) - 1
        shared, source = max(
            ((min(common(tokens, text), most), key) for key, tokens in held.items()),
            key=lambda pair: pair[0],
            default=(0, None),
        )
        alike, other = max(
            ((min(common(before, text), most), i) for i, before in enumerate(texts[:number])),
            default=(0, 0),
        )
        path: list[BatchToken] = []
        if alike > shared:
            source, shared = made[other].source, made[other].shared
            path = paths[other][: alike - shared]
        for step in path:
            step.texts.append(number)
        begin = shared + len(path)
        rest = [BatchToken(token, begin + i, [number]) for i, token in enumerate(text[begin:])]
        rest[-1].last = number
        made.append(PrefixPlan(source if shared else None, shared, len(rest)))
        paths.append([*path, *rest])
        steps += rest
    return made, steps


def common(one: Sequence[int], other: Sequence[int]) -> int:
    """How many tokens two texts have in common at their beginning."""
    both = min(len(one), len(other))
    if one[:both] == other[:both]:
        return both
    return next(i for i in range(both) if one[i] != other[i])
