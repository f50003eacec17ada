"""Question kinds: what a question is about, told by its vector: something in the articles, or them.

A linear model over the question's own embedding, which is the same in every language that the
embedder knows; no rule and no list of words. In doubt a question is a plain one. Of some kinds it
also tells what is asked for: `about.author`, `about.date` and so on are names of their own, whose
probabilities add up to that of `about`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np

from index.embedding.embedder import Vectors
from qa.extraction import weights
from qa.extraction.reader import Detail, Kind

KINDS: tuple[Kind, ...] = get_args(Kind)
DETAILS: tuple[Detail, ...] = tuple(
    d for part in get_args(Detail) for d in get_args(part) or (part,)
)
SHIPPED = Path(__file__).with_name("question_kinds.safetensors")
SURE = 0.5
"""The probability from which on a question is of a kind, else plain."""
_ASKED = 0.25  # the share of its kind from which on a detail is asked for: two may be at once


@dataclass(frozen=True, slots=True)
class QuestionKinds:
    """What was learned for one embedder, by its fingerprint.

    `names` are kinds, some with a dot and a detail. `weight` has shape (dimension, names), `bias`
    (names,).
    """

    embedder: str
    names: tuple[str, ...]
    weight: Vectors
    bias: Vectors

    def of(self, vector: Vectors) -> Kind:
        """The kind of the question that a query vector, of length one, was made of."""
        sums: dict[Kind, float] = dict.fromkeys(KINDS, 0.0)
        for name, probability in self._named(vector):
            sums[kind_of(name)] += probability
        best = max(KINDS, key=sums.__getitem__)
        return best if sums[best] >= SURE else "plain"

    def details(self, vector: Vectors) -> list[Detail]:
        """What a question asks for within its kind, likeliest first."""
        kind = self.of(vector)
        told = {n: p for n, p in self._named(vector) if kind_of(n) == kind and kind != n}
        asked = [d for d in DETAILS if told.get(f"{kind}.{d}", 0) > _ASKED * sum(told.values())]
        return sorted(asked, key=lambda detail: -told[f"{kind}.{detail}"])

    def _named(self, vector: Vectors) -> Iterator[tuple[str, float]]:
        return zip(self.names, map(float, self.probabilities(vector[np.newaxis])[0]), strict=True)

    def probabilities(self, vectors: Vectors) -> Vectors:
        """Those of each name, of shape (n, names), for query vectors (n, dimension)."""
        logits = vectors @ self.weight + self.bias
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        found: Vectors = powers / powers.sum(axis=1, keepdims=True)
        return found


def kind_of(name: str) -> Kind:
    """The kind that a name belongs to."""
    return next(kind for kind in KINDS if kind == name.partition(".")[0])


def read(path: Path = SHIPPED) -> QuestionKinds:
    """Read the file.

    Raises:
        BadModel: it is not whole.
    """
    with weights.opened(path) as file:
        weight, bias = (file.get_tensor(name).astype(np.float32) for name in ("weight", "bias"))
        metadata = file.metadata() or {}
        return QuestionKinds(metadata["embedder"], tuple(metadata["kinds"].split()), weight, bias)


def write(path: Path, kinds: QuestionKinds) -> None:
    """Write the file, in float16."""
    tensors = {"weight": kinds.weight.astype(np.float16), "bias": kinds.bias.astype(np.float16)}
    weights.save(path, tensors, {"embedder": kinds.embedder, "kinds": " ".join(kinds.names)})
