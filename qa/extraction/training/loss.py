"""Loss: how far a batch's logits are from what is right, and what a log tells of it."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from qa.extraction.training.batches import Encoded, padded
from qa.extraction.training.network import Network

_TOLD = 0.5  # weight of "told" beside the span
_IMPOSSIBLE = -1e4  # logit of a token that is not of the passage

Tally = dict[str, tuple[float, int]]
"""Sums by name, and over how many."""


def loss_of(network: Network, batch: Sequence[Encoded]) -> tuple[Tensor, Tally]:
    """The mean loss of a batch of one kind, in bfloat16 where torch thinks it safe."""
    ids, mask = padded(batch)
    with torch.autocast("cpu", torch.bfloat16):
        start, end, told, right = network(ids, mask)
    if batch[0].right is not None:
        return _of_answers(right, [bool(each.right) for each in batch])
    return of_spans(start, end, told, batch)


def _of_answers(logits: Tensor, right: Sequence[bool]) -> tuple[Tensor, Tally]:
    gold = torch.tensor(right, dtype=torch.float32)
    loss = functional.binary_cross_entropy_with_logits(logits, gold)
    hits = ((logits > 0) == gold.bool()).sum().item()
    count = len(right)
    return loss, {"right_loss": (loss.item() * count, count), "right_hits": (hits, count)}


def of_spans(
    start: Tensor, end: Tensor, told: Tensor, batch: Sequence[Encoded]
) -> tuple[Tensor, Tally]:
    """Of logits of shape (examples, tokens), and of "told", shape (examples,)."""
    positions = torch.arange(start.shape[1])
    first = torch.tensor([each.first for each in batch])[:, None]
    count = torch.tensor([each.count for each in batch])[:, None]
    allowed = (positions == 0) | ((positions >= first) & (positions < first + count))
    starts = torch.tensor([each.start for each in batch])
    ends = torch.tensor([each.end for each in batch])
    start = start.masked_fill(~allowed, _IMPOSSIBLE)
    end = end.masked_fill(~allowed, _IMPOSSIBLE)
    tells = torch.tensor([each.tells for each in batch])
    somewhere = tells & (starts == 0)
    span = (_of_ends(start, starts, somewhere) + _of_ends(end, ends, somewhere)) / 2
    says = functional.binary_cross_entropy_with_logits(told, tells.float())
    told_where = starts > 0
    exact = (start.argmax(1) == starts) & (end.argmax(1) == ends) & told_where
    count_all, count_told = len(batch), int(told_where.sum())
    return span + _TOLD * says, {
        "span_loss": (span.item() * count_all, count_all),
        "told_loss": (says.item() * count_all, count_all),
        "exact": (exact.sum().item(), count_told),
    }


def _of_ends(logits: Tensor, gold: Tensor, somewhere: Tensor) -> Tensor:
    """Mean cross entropy with the gold positions; with any but the first, where that is known."""
    shares = functional.log_softmax(logits, 1)
    at_gold = shares.gather(1, gold[:, None])[:, 0]
    elsewhere = torch.logsumexp(shares[:, 1:], 1)
    return -torch.where(somewhere, elsewhere, at_gold).mean()
