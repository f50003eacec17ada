"""BERT: a sentence encoder on numpy alone, from tokens to the mean of each text's last rows.

For a question or a few sentences this is as quick as torch, which takes seconds to import. Knows
the network and the file of its weights; does not know where tokens come from.

Several texts are divided among the cores, a thread each: 12 sentences take 1.6 times as long on one
core, 16 passages 1.9 times. numpy's own threads for matrices are no help, and the command line does
without them: they meet after each product and spin until all have arrived. On two cores on which
other programs run a question took 0.03 s without them and 0.6 s with them.
"""

import json
import math
import mmap
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from index.embedding import bert_tensors
from index.embedding.bert_tensors import Shape, tensor_sizes
from index.embedding.embedder import Vectors

# Tokens computed together: 64 take 1.1 to 1.3 times as long, more do not fit into the caches.
_BATCH_TOKENS = 512

# erf(x / sqrt 2) is tanh(x p(x * x)) to 1e-7: a polynomial fitted by us to atanh(erf(z)) / z, for z
# to 4.2, so that the largest error of GELU is smallest. From the highest power.
_ERF = (
    1.8056639e-09,
    -1.33448501e-07,
    3.96914271e-06,
    -5.52403952e-05,
    -3.31292398e-05,
    0.0363342824,
    0.797884216,
)
_GELU_CHUNK = 1 << 15  # numbers, so that intermediate results stay in the processor's cache


@dataclass(frozen=True, slots=True)
class Linear:
    """A linear layer: a matrix of shape (out, in) and a bias of shape (out,)."""

    weight: Vectors
    bias: Vectors

    def __call__(self, rows: Vectors) -> Vectors:
        """Rows of shape (n, in) -> (n, out)."""
        result: Vectors = rows @ self.weight.T
        result += self.bias
        return result


@dataclass(frozen=True, slots=True)
class Norm:
    """Layer norm: brings each row to mean 0 and variance 1, then scales and shifts it."""

    weight: Vectors
    bias: Vectors
    epsilon: float

    def __call__(self, rows: Vectors) -> Vectors:
        """Rows of shape (n, hidden) -> the same shape, in place."""
        rows -= rows.mean(axis=1, keepdims=True)
        variance = np.einsum("ij,ij->i", rows, rows) / np.float32(rows.shape[1])
        rows /= np.sqrt(variance + np.float32(self.epsilon))[:, None]
        rows *= self.weight
        rows += self.bias
        return rows


@dataclass(frozen=True, slots=True)
class Layer:
    """Self-attention, then a feed-forward block with GELU; each adds to its input."""

    heads: int
    query: Linear
    key: Linear
    value: Linear
    attention_output: Linear
    attention_norm: Norm
    intermediate: Linear
    output: Linear
    output_norm: Norm

    def __call__(self, rows: Vectors, spans: Sequence[tuple[int, int]]) -> Vectors:
        """Rows of several texts, shape (n, hidden); `spans` are the rows of each text."""
        query, key, value = self.query(rows), self.key(rows), self.value(rows)
        query *= np.float32(math.sqrt(self.heads / rows.shape[1]))
        mixed = np.empty_like(rows)
        for start, end in spans:
            heads = (self._split_heads(matrix[start:end]) for matrix in (query, key, value))
            mixed[start:end] = _attention(*heads)
        rows = self.attention_norm(self.attention_output(mixed) + rows)
        return self.output_norm(self.output(gelu(self.intermediate(rows))) + rows)

    def _split_heads(self, rows: Vectors) -> Vectors:
        """(n, hidden) -> (heads, n, hidden / heads)."""
        return rows.reshape(len(rows), self.heads, -1).transpose(1, 0, 2)


@dataclass(frozen=True, slots=True)
class Bert:
    """An encoder with its weights.

    `word_embeddings` has a row for each token and `position_embeddings` one for each position in a
    text; `type_embedding` is added to every row.
    """

    word_embeddings: Vectors
    position_embeddings: Vectors
    type_embedding: Vectors
    norm: Norm
    layers: tuple[Layer, ...]

    def means(self, texts: Sequence[Sequence[int]]) -> Vectors:
        """The mean of each text's last rows, shape (len(texts), hidden).

        No text is padded, so none depends on its neighbours. Each must have a token at least and
        `len(position_embeddings)` at most.
        """
        rows = self.rows(texts)
        if not rows:
            return np.zeros((0, len(self.type_embedding)), np.float32)
        return np.stack([each.mean(axis=0) for each in rows])

    def rows(self, texts: Sequence[Sequence[int]]) -> list[Vectors]:
        """The last rows of each text, shape (tokens, hidden); see `means`."""
        cores = len(os.sched_getaffinity(0))
        batch_tokens = min(_BATCH_TOKENS, sum(map(len, texts)) // cores + 1)
        batches = [texts[start:end] for start, end in _batches(texts, batch_tokens)]
        if len(batches) < 2:
            return self._rows(texts) if texts else []
        with ThreadPoolExecutor(cores) as pool:
            return [rows for batch in pool.map(self._rows, batches) for rows in batch]

    def _rows(self, texts: Sequence[Sequence[int]]) -> list[Vectors]:
        ends = np.cumsum([0, *map(len, texts)])
        spans = [(int(start), int(end)) for start, end in pairwise(ends)]
        rows = self.word_embeddings[np.concatenate([np.asarray(text) for text in texts])]
        rows += np.concatenate([self.position_embeddings[: len(text)] for text in texts])
        rows += self.type_embedding
        rows = self.norm(rows)
        for layer in self.layers:
            rows = layer(rows, spans)
        return [rows[start:end] for start, end in spans]


def read(path: Path, shape: Shape, differences: Mapping[str, Vectors] | None = None) -> Bert:
    """The encoder in a safetensors file, mapped: of the weights only what is used is read.

    `differences` are added to tensors of these names, which are then copies.

    Raises:
        ValueError, KeyError: it is not whole, or has tensors of other names, sizes or kinds.
    """
    found = _mapped(path)
    for name, difference in (differences or {}).items():
        if found[name].shape != difference.shape:
            raise ValueError(f"{name} has shape {found[name].shape}, not {difference.shape}")
        found[name] = found[name] + difference
    for name, size in tensor_sizes(shape).items():
        if found[name].shape != size:
            raise ValueError(f"{name} has shape {found[name].shape}, not {size}")
    if shape.hidden % shape.heads:
        raise ValueError(f"{shape.heads} heads for {shape.hidden} numbers")
    return Bert(
        found[bert_tensors.WORD_EMBEDDINGS],
        found[bert_tensors.POSITION_EMBEDDINGS],
        found[bert_tensors.TYPE_EMBEDDINGS][0],
        _norm(found, bert_tensors.EMBEDDINGS_NORM, shape.eps),
        tuple(_layer(found, i, shape) for i in range(shape.layers)),
    )


def _layer(found: Mapping[str, Vectors], layer: int, shape: Shape) -> Layer:
    def linear(module: str) -> Linear:
        name = bert_tensors.layer_name(layer, module)
        return Linear(found[f"{name}.weight"], found[f"{name}.bias"])

    def norm(module: str) -> Norm:
        return _norm(found, bert_tensors.layer_name(layer, module), shape.eps)

    return Layer(
        shape.heads,
        linear(bert_tensors.QUERY),
        linear(bert_tensors.KEY),
        linear(bert_tensors.VALUE),
        linear(bert_tensors.ATTENTION_OUTPUT),
        norm(bert_tensors.ATTENTION_NORM),
        linear(bert_tensors.INTERMEDIATE),
        linear(bert_tensors.OUTPUT),
        norm(bert_tensors.OUTPUT_NORM),
    )


def _norm(found: Mapping[str, Vectors], name: str, epsilon: float) -> Norm:
    return Norm(found[f"{name}.weight"], found[f"{name}.bias"], epsilon)


def _mapped(path: Path) -> dict[str, Vectors]:
    """The float32 tensors of a safetensors file by their names."""
    with path.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    start = 8 + int.from_bytes(mapped[:8], "little")
    if start > len(mapped):
        raise ValueError(f"{path.name} ends within its header")
    found = {}
    for name, about in json.loads(mapped[8:start]).items():
        if name != "__metadata__" and about["dtype"] == "F32":
            size, offset = about["shape"], start + about["data_offsets"][0]
            found[name] = np.frombuffer(mapped, "<f4", math.prod(size), offset).reshape(size)
    return found


def gelu(values: Vectors) -> Vectors:
    """GELU with the exact erf, to 6e-7; in place."""
    flat = values.reshape(-1)
    squares, tails = np.empty((2, min(len(flat), _GELU_CHUNK)), np.float32)
    for start in range(0, len(flat), _GELU_CHUNK):
        chunk = flat[start : start + _GELU_CHUNK]
        square, tail = squares[: len(chunk)], tails[: len(chunk)]
        np.multiply(chunk, chunk, out=square)
        np.minimum(square, 64, out=square)  # where tanh is 1 long since
        np.multiply(square, _ERF[0], out=tail)
        for factor in _ERF[1:-1]:
            tail += factor
            tail *= square
        tail += _ERF[-1]
        tail *= chunk
        np.tanh(tail, out=tail)
        tail += 1
        tail *= 0.5
        chunk *= tail
    return values


def _attention(query: Vectors, key: Vectors, value: Vectors) -> Vectors:
    """Attention of one text; each of shape (heads, n, size) -> (n, heads * size)."""
    scores: Vectors = query @ key.transpose(0, 2, 1)
    scores -= scores.max(axis=2, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=2, keepdims=True)
    mixed: Vectors = (scores @ value).transpose(1, 0, 2)
    return mixed.reshape(len(mixed), -1)


def _batches(texts: Sequence[Sequence[int]], size: int) -> Iterator[tuple[int, int]]:
    """Which texts to compute together: half-open ranges of at most `size` tokens, or one text."""
    begin, rows = 0, 0
    for index, text in enumerate(texts):
        if rows and rows + len(text) > size:
            yield begin, index
            begin, rows = index, 0
        rows += len(text)
    if rows:
        yield begin, len(texts)
