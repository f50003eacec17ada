"""Batching: prompts, of which prefixes are held -> the tokens to decode, each once. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PrefixPlan:
    """A prompt that goes on behind the first `shared` tokens of the sequence `source`.

    `source` is None when nothing is shared. `fresh` tokens are decoded for it and for no prompt
    before it.
    """

    source: int | None
    shared: int
    fresh: int


@dataclass(slots=True)
class BatchToken:
    """A token to decode at a position, as a part of some prompts; `last` is whose last one it is.

    Prompts are given by their place in the list that was planned.
    """

    token: int
    position: int
    prompts: list[int] = field(default_factory=list)
    last: int | None = None


def plan_prefixes(
    held: Mapping[int, Sequence[int]], prompts: Sequence[Sequence[int]]
) -> tuple[list[PrefixPlan], list[BatchToken]]:
    """A plan for each prompt, and the batch, in which the tokens of each prompt are in order.

    Args:
        held: tokens of the sequences that are decoded, by number.
        prompts: different ones, of one token at least. The last token of each is always decoded.
    """
    plans: list[PrefixPlan] = []
    paths: list[list[BatchToken]] = []
    batch: list[BatchToken] = []
    for number, prompt in enumerate(prompts):
        most = len(prompt) - 1
        shared, source = max(
            ((min(common(tokens, prompt), most), key) for key, tokens in held.items()),
            key=lambda pair: pair[0],
            default=(0, None),
        )
        alike, other = max(
            ((min(common(before, prompt), most), i) for i, before in enumerate(prompts[:number])),
            default=(0, 0),
        )
        path: list[BatchToken] = []
        if alike > shared:
            source, shared = plans[other].source, plans[other].shared
            path = paths[other][: alike - shared]
        for token in path:
            token.prompts.append(number)
        begin = shared + len(path)
        rest = [BatchToken(token, begin + i, [number]) for i, token in enumerate(prompt[begin:])]
        rest[-1].last = number
        plans.append(PrefixPlan(source if shared else None, shared, len(rest)))
        paths.append([*path, *rest])
        batch += rest
    return plans, batch


def common(one: Sequence[int], other: Sequence[int]) -> int:
    """The length of the longest common prefix of two lists of tokens."""
    both = min(len(one), len(other))
    if one[:both] == other[:both]:
        return both
    return next(i for i in range(both) if one[i] != other[i])
