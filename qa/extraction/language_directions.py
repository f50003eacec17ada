"""Language directions: what a vector says of its language, which is taken out of it.

A multilingual embedder puts the same words in two languages apart, by about as much as two meanings
are in one. The means of parallel sentences in each language differ in a few directions alone;
vectors without these are compared across languages (centering: Libovický et al. 2020,
arXiv:2004.05160; directions: Yang et al. 2021, arXiv:2109.04727).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.embedding.embedder import Vectors
from qa.extraction import weights

SHIPPED = Path(__file__).with_name("language_directions.safetensors")
COUNT = 24


@dataclass(frozen=True, slots=True)
class LanguageDirections:
    """Those of one embedder, by its fingerprint.

    `mean` is that of all languages, of shape (dimension,); `directions`, of shape (n, dimension),
    have length one and are at right angles to each other.
    """

    embedder: str
    mean: Vectors
    directions: Vectors

    def without(self, vectors: Vectors) -> Vectors:
        """Vectors of shape (n, dimension) less what they say of their language, of length one."""
        centred = vectors - self.mean
        neutral = centred - centred @ self.directions.T @ self.directions
        length = np.linalg.norm(neutral, axis=1, keepdims=True)
        found: Vectors = neutral / np.maximum(length, np.finfo(np.float32).tiny)
        return found


def found(embedder: str, means: Sequence[Vectors], count: int = COUNT) -> LanguageDirections:
    """The directions in which languages differ most.

    Args:
        embedder: the fingerprint of what made the vectors.
        means: for each language the mean vector of the same sentences.
        count: of directions; fewer where the means have fewer.
    """
    every = np.stack(means)
    mean = every.mean(axis=0)
    _, strengths, directions = np.linalg.svd(every - mean, full_matrices=False)
    told = strengths > np.finfo(np.float32).eps * len(means) * strengths[0]
    return LanguageDirections(embedder, mean, directions[told][:count])


def read(path: Path = SHIPPED) -> LanguageDirections:
    """Read the file.

    Raises:
        BadModel: it is not whole.
    """
    with weights.opened(path) as file:
        mean, directions = (file.get_tensor(name) for name in ("mean", "directions"))
        embedder = (file.metadata() or {})["embedder"]
        return LanguageDirections(embedder, mean.astype(np.float32), directions.astype(np.float32))


def write(path: Path, languages: LanguageDirections) -> None:
    """Write the file, in float16."""
    tensors = {"mean": languages.mean, "directions": languages.directions}
    packed = {name: values.astype(np.float16) for name, values in tensors.items()}
    weights.save(path, packed, {"embedder": languages.embedder})
