"""Follow-ups: how a question leans on the turns before it, told by its vector and its tokens'.

"and the second one?" means an article of the last answer, "what about bicycles?" asks the last
question of something else. A linear model over the question's own embedding tells the ways apart,
and another over its tokens what it names; no rule and no list of words. In doubt a question leans
on nothing. `first.asks` and so on are names of their own, for questions that also ask something
themselves ("Who wrote the first one?").
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.embedding.bert import Linear
from index.embedding.embedder import Vectors
from qa.extraction import weights
from qa.extraction.question_topics import QuestionTopics
from qa.extraction.reader import WAYS, Lean, Way

SHIPPED = Path(__file__).with_name("follow_ups.safetensors")
ASKS = ".asks"
SURE = 0.5
"""The probability from which on a question leans in a way, else on nothing."""


@dataclass(frozen=True, slots=True)
class FollowUps:
    """What was learned for one embedder, by its fingerprint.

    `names` are ways, some with `.asks`. `weight` has shape (dimension, names), `bias` (names,);
    `named` is for tokens, as `QuestionTopics.one`.
    """

    embedder: str
    names: tuple[str, ...]
    weight: Vectors
    bias: Vectors
    named: Linear

    def lean(
        self, question: str, vector: Vectors, offsets: Sequence[tuple[int, int]], rows: Vectors
    ) -> Lean:
        """How a question leans on what was said.

        Args:
            question: what was asked.
            vector: the query vector of it, of length one.
            offsets: where each token stands in it.
            rows: the vectors of these tokens, of shape (n, dimension).
        """
        way, asks = self.way(vector)
        topics = QuestionTopics(self.embedder, self.named, self.named)
        spans = topics.spans(question, offsets, rows, least=int(way == "other"))
        return Lean(way, asks or way == "own", spans[0] if spans else None)

    def way(self, vector: Vectors) -> tuple[Way, bool]:
        """In which way the question of a query vector leans, and whether it asks something."""
        logits = vector @ self.weight + self.bias
        powers = np.exp(logits - logits.max())
        told = dict(zip(self.names, map(float, powers / powers.sum()), strict=True))
        sums: dict[Way, float] = {way: told.get(way, 0) + told.get(way + ASKS, 0) for way in WAYS}
        best = max(WAYS, key=sums.__getitem__)
        if sums[best] < SURE:
            return "own", True
        return best, told.get(best + ASKS, 0) > told.get(best, 0)


def read(path: Path = SHIPPED) -> FollowUps:
    """Read the file.

    Raises:
        BadModel: it is not whole.
    """
    parts = ("weight", "bias", "named.weight", "named.bias")
    with weights.opened(path) as file:
        weight, bias, *named = (file.get_tensor(name).astype(np.float32) for name in parts)
        told = file.metadata() or {}
        return FollowUps(
            told["embedder"], tuple(told["names"].split()), weight, bias, Linear(*named)
        )


def write(path: Path, found: FollowUps) -> None:
    """Write the file, in float16."""
    tensors = {
        "weight": found.weight,
        "bias": found.bias,
        "named.weight": found.named.weight,
        "named.bias": found.named.bias,
    }
    halves = {name: tensor.astype(np.float16) for name, tensor in tensors.items()}
    weights.save(path, halves, {"embedder": found.embedder, "names": " ".join(found.names)})
