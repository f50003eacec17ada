"""Prepared: all that training reads, in one folder that can be carried to another machine.

    examples.npz          examples to learn from, as tokens
    held.npz              others, to see by how well it learns
    encoder.safetensors   the embedder's encoder, with the word vectors that the examples need
    config.json           its shape, as transformers reads it

Tokens are numbered by their place among those that occur.
"""

import json
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa.extraction.training.encoding import Encoded

ENCODER, CONFIG = "encoder.safetensors", "config.json"
EXAMPLES, HELD = "examples.npz", "held.npz"
_NUMBERS: Mapping[str, Any] = {
    **dict.fromkeys(("first", "count", "start", "end"), np.int16),
    **{"tells": np.bool_, "right": np.int8},
}
_WORDS = "embeddings.word_embeddings.weight"


@dataclass(frozen=True, slots=True)
class Examples:
    """Examples as columns; the tokens of the i-th are `tokens[bounds[i] : bounds[i + 1]]`.

    The other columns are those of `Encoded`, with -1 for a `right` that is None.
    """

    tokens: NDArray[Any]
    bounds: NDArray[np.int64]
    first: NDArray[np.int16]
    count: NDArray[np.int16]
    start: NDArray[np.int16]
    end: NDArray[np.int16]
    tells: NDArray[np.bool_]
    right: NDArray[np.int8]

    def __len__(self) -> int:
        """The number of examples."""
        return len(self.first)

    @classmethod
    def of(cls, examples: Iterable[Encoded]) -> "Examples":
        """Columns of examples, with the embedder's numbers of tokens."""
        tokens, bounds = array("I"), array("q", [0])
        columns: dict[str, list[int]] = {name: [] for name in _NUMBERS}
        for each in examples:
            tokens.extend(each.ids)
            bounds.append(len(tokens))
            for name, column in columns.items():
                value = getattr(each, name)
                column.append(-1 if value is None else int(value))
        kinds = {name: np.array(column, _NUMBERS[name]) for name, column in columns.items()}
        ids = np.array(tokens, np.uint32)
        return cls(tokens=ids, bounds=np.array(bounds, np.int64), **kinds)

    @classmethod
    def joined(cls, parts: Sequence["Examples"]) -> "Examples":
        """The examples of all parts."""
        columns = {
            field.name: np.concatenate([getattr(part, field.name) for part in parts])
            for field in fields(cls)
        }
        lengths = np.concatenate([np.diff(part.bounds) for part in parts])
        return cls(**columns | {"bounds": np.concatenate([[0], np.cumsum(lengths)])})

    @classmethod
    def read(cls, path: Path) -> "Examples":
        """Read what `write` wrote."""
        with np.load(path) as file:
            return cls(**{field.name: file[field.name] for field in fields(cls)})

    def write(self, path: Path, vocabulary: NDArray[np.int64]) -> None:
        """Write the columns, with each token's place in a sorted vocabulary."""
        kind = np.uint16 if len(vocabulary) <= 2**16 else np.uint32
        columns = {field.name: getattr(self, field.name) for field in fields(self)}
        columns["tokens"] = np.searchsorted(vocabulary, self.tokens).astype(kind)
        np.savez(path, **columns)


def prepare(folder: Path, embedder: Path, learned: Examples, held: Examples) -> None:
    """Write a folder."""
    parts = {EXAMPLES: learned, HELD: held}
    vocabulary = np.unique(np.concatenate([np.unique(each.tokens) for each in parts.values()]))
    for name, part in parts.items():
        part.write(folder / name, vocabulary)
    _write_encoder(folder, embedder, vocabulary)


def _write_encoder(folder: Path, embedder: Path, vocabulary: NDArray[np.int64]) -> None:
    """In float16, which is nearer than any step of the training."""
    import torch
    from safetensors.torch import save_file
    from transformers import AutoModel

    encoder = AutoModel.from_pretrained(str(embedder), add_pooling_layer=False)
    state = encoder.state_dict()
    state[_WORDS] = state[_WORDS][torch.from_numpy(vocabulary.astype(np.int64))]
    save_file({name: each.half().contiguous() for name, each in state.items()}, folder / ENCODER)
    config = encoder.config.to_dict() | {"vocab_size": len(vocabulary), "pad_token_id": None}
    (folder / CONFIG).write_text(json.dumps(config, indent=1), encoding="utf-8")
