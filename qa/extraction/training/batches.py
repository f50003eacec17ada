"""Batches: prepared examples as tensors, those of like length together, each of one kind."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from qa.extraction.training.prepared import Examples


@dataclass(frozen=True, slots=True)
class Batch:
    """Examples on one device: all to find a span in, or all an answer to judge.

    `ids` and `mask` (0 for padding) are int64, shape (examples, tokens); the rest has shape
    (examples,), as in `Encoded`. `right` is float32, and None where there is no answer to judge.
    """

    ids: Tensor
    mask: Tensor
    first: Tensor
    count: Tensor
    start: Tensor
    end: Tensor
    tells: Tensor
    right: Tensor | None

    def __len__(self) -> int:
        """The number of examples."""
        return len(self.ids)


def chunk(examples: Examples, index: int, size: int, seed: int) -> NDArray[np.int64]:
    """Positions of the chunk of this number; each pass over all has an order of its own."""
    chunks = max(1, len(examples) // size)
    order = np.random.default_rng((seed, index // chunks)).permutation(len(examples))
    return np.asarray(order[index % chunks * size :][:size], np.int64)


def batches(
    examples: Examples, positions: NDArray[np.int64], tokens: int, rng: random.Random
) -> list[NDArray[np.int64]]:
    """Positions by batch, of at most `tokens` tokens with padding each, in random order."""
    made: list[list[int]] = []
    for judged in (False, True):
        kind = positions[(examples.right[positions] >= 0) == judged]
        lengths = examples.bounds[kind + 1] - examples.bounds[kind]
        batch: list[int] = []
        for i in np.argsort(lengths, kind="stable"):
            if lengths[i] * (len(batch) + 1) > tokens:
                made.append(batch)
                batch = []
            batch.append(int(kind[i]))
        made.append(batch)
    rng.shuffle(made)
    return [np.array(batch, np.int64) for batch in made if batch]


def batch_of(
    examples: Examples, positions: Sequence[int] | NDArray[np.int64], device: str
) -> Batch:
    """The examples at these positions."""
    at = np.asarray(positions, np.int64)
    starts, lengths = examples.bounds[at], examples.bounds[at + 1] - examples.bounds[at]
    places = np.arange(lengths.max())
    inside = places < lengths[:, None]
    ids = examples.tokens[np.where(inside, starts[:, None] + places, starts[:, None])]
    ids = np.where(inside, ids, 0).astype(np.int64)

    def tensor(values: NDArray[np.generic], kind: torch.dtype = torch.int64) -> Tensor:
        return torch.from_numpy(values).to(kind).to(device, non_blocking=True)

    judged = examples.right[at[0]] >= 0
    return Batch(
        ids=tensor(ids),
        mask=tensor(inside),
        first=tensor(examples.first[at]),
        count=tensor(examples.count[at]),
        start=tensor(examples.start[at]),
        end=tensor(examples.end[at]),
        tells=tensor(examples.tells[at], torch.bool),
        right=tensor(examples.right[at], torch.float32) if judged else None,
    )


def all_of(examples: Examples, tokens: int, device: str) -> Iterator[Batch]:
    """Every example once."""
    rng = random.Random(0)
    for each in batches(examples, np.arange(len(examples)), tokens, rng):
        yield batch_of(examples, each, device)
