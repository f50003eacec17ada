"""Mentions: whether a passage speaks of something, told from what the reader makes of both.

The reader is asked with the topic's words in place of a question. A linear model over the first row
and the reader's own two numbers says whether the passage speaks of it, in whatever language.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.embedding.bert import Linear
from index.embedding.embedder import Vectors
from qa.extraction import weights

SHIPPED = Path(__file__).with_name("mentions.safetensors")


@dataclass(frozen=True, slots=True)
class Mentions:
    """What was learned for one embedder, by its fingerprint: weights of shape (1, dimension + 2)."""

    embedder: str
    head: Linear

    def log_odds(self, first: Vectors, score: float, told: float) -> float:
        """How surely a window of a passage speaks of the topic.

        Args:
            first: the first row of topic and window, of shape (dimension,).
            score: that of the best span: see `Reading`.
            told: the logit of the reader's head.
        """
        return float(self.head(features(first, score, told)[np.newaxis])[0, 0])


def features(first: Vectors, score: float, told: float) -> Vectors:
    """What the model sees, of shape (dimension + 2,)."""
    return np.append(first, np.array([score, told], np.float32) / 10).astype(np.float32)


def read(path: Path = SHIPPED) -> Mentions:
    """Read the file.

    Raises:
        BadModel: it is not whole.
    """
    with weights.opened(path) as file:
        weight, bias = (file.get_tensor(name).astype(np.float32) for name in ("weight", "bias"))
        return Mentions((file.metadata() or {})["embedder"], Linear(weight, bias))


def write(path: Path, mentions: Mentions) -> None:
    """Write the file, in float16."""
    tensors = {"weight": mentions.head.weight, "bias": mentions.head.bias}
    packed = {name: values.astype(np.float16) for name, values in tensors.items()}
    weights.save(path, packed, {"embedder": mentions.embedder})
