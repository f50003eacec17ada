"""Question kinds: what a question is about, told by its vector: something in the articles, or them.

A linear model over the question's own embedding, which is the same in every language that the
embedder knows; no rule and no list of words. In doubt a question is a plain one.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.embedding.embedder import Vectors
from qa.extraction import weights
from qa.extraction.reader import Kind

SHIPPED = Path(__file__).with_name("question_kinds.safetensors")
SURE = 0.6
"""The probability from which on a question is of a kind, else plain."""


@dataclass(frozen=True, slots=True)
class QuestionKinds:
    """What was learned for one embedder, by its fingerprint.

    `weight` has shape (dimension, kinds), `bias` (kinds,).
    """

    embedder: str
    names: tuple[Kind, ...]
    weight: Vectors
    bias: Vectors

    def of(self, vector: Vectors) -> Kind:
        """The kind of the question that a query vector, of length one, was made of."""
        probabilities = self.probabilities(vector[np.newaxis])[0]
        best = int(probabilities.argmax())
        return self.names[best] if probabilities[best] >= SURE else "plain"

    def probabilities(self, vectors: Vectors) -> Vectors:
        """Those of each kind, of shape (n, kinds), for query vectors (n, dimension)."""
        logits = vectors @ self.weight + self.bias
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        found: Vectors = powers / powers.sum(axis=1, keepdims=True)
        return found


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
