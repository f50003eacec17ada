"""Loss: how far a batch's logits are from what is right, and what a log tells of it."""

import torch
from torch import Tensor
from torch.nn import functional

from qa.extraction.training.batches import Batch
from qa.extraction.training.network import Network

_TOLD = 0.5  # weight of "told" beside the span
_IMPOSSIBLE = -1e4  # logit of a token that is not of the passage

Tally = dict[str, Tensor]
"""Sums by name, and over how many: float64, shape (2,)."""


def loss_of(network: Network, batch: Batch) -> tuple[Tensor, Tally]:
    """The mean loss of a batch, in bfloat16 where torch thinks it safe."""
    with torch.autocast(batch.ids.device.type, torch.bfloat16):
        start, end, told, right = network(batch.ids, batch.mask)
    if batch.right is not None:
        return _of_answers(right, batch.right)
    return of_spans(start, end, told, batch)


def added(one: Tally, other: Tally) -> Tally:
    """The sums of two tallies."""
    return one | {name: one[name] + each if name in one else each for name, each in other.items()}


def means(tally: Tally) -> dict[str, float]:
    """The means, for a log."""
    sums = {name: each.tolist() for name, each in tally.items()}
    return {name: round(value / count, 4) for name, (value, count) in sums.items() if count}


def _of_answers(logits: Tensor, right: Tensor) -> tuple[Tensor, Tally]:
    loss = functional.binary_cross_entropy_with_logits(logits, right)
    count = torch.tensor(len(right), device=logits.device)
    hits = ((logits > 0) == right.bool()).sum()
    return loss, {"right_loss": _sum(loss * count, count), "right_hits": _sum(hits, count)}


def _sum(value: Tensor, count: Tensor) -> Tensor:
    return torch.stack([value.detach().double(), count.double()])


def of_spans(start: Tensor, end: Tensor, told: Tensor, batch: Batch) -> tuple[Tensor, Tally]:
    """Of logits of shape (examples, tokens), and of "told", shape (examples,)."""
    positions = torch.arange(start.shape[1], device=start.device)
    first, last = batch.first[:, None], (batch.first + batch.count)[:, None]
    allowed = (positions == 0) | ((positions >= first) & (positions < last))
    start = start.masked_fill(~allowed, _IMPOSSIBLE)
    end = end.masked_fill(~allowed, _IMPOSSIBLE)
    somewhere = batch.tells & (batch.start == 0)
    span = (_of_ends(start, batch.start, somewhere) + _of_ends(end, batch.end, somewhere)) / 2
    says = functional.binary_cross_entropy_with_logits(told, batch.tells.float())
    told_where = batch.start > 0
    exact = (start.argmax(1) == batch.start) & (end.argmax(1) == batch.end) & told_where
    hits = ((told > 0) == batch.tells).sum()
    count = torch.tensor(len(batch), device=start.device)
    return span + _TOLD * says, {
        "span_loss": _sum(span * count, count),
        "told_loss": _sum(says * count, count),
        "told_hits": _sum(hits, count),
        "exact": _sum(exact.sum(), told_where.sum()),
    }


def _of_ends(logits: Tensor, gold: Tensor, somewhere: Tensor) -> Tensor:
    """Mean cross entropy with the gold positions; with any but the first, where that is known."""
    shares = functional.log_softmax(logits, 1)
    at_gold = shares.gather(1, gold[:, None])[:, 0]
    elsewhere = torch.logsumexp(shares[:, 1:], 1)
    return -torch.where(somewhere, elsewhere, at_gold).mean()
