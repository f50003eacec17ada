"""BERT: tokens -> the mean vector of each text, on numpy alone.

For a question or a few sentences this is as quick as torch, which takes seconds to import. Knows
the network and the file of its weights; does not know where tokens come from.

Several texts are shared out among the cores, each to a thread of its own: 12 sentences take 1.6
times as long on one core, 16 passages 1.9 times. numpy's own threads for matrices are no help, and
the command line does without them: they meet after each product and spin till all are there. On two
cores on which other programs run a question took 0.03 s without them and 0.6 s with them.
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

from index.embedding.embedder import Vectors
from index.embedding.packed import EMBEDDINGS, LAYER, Shape, tensors

# Tokens computed together: 64 take 1.1 to 1.3 times as long, more do not fit into the caches.
_ROWS = 512

# erf by Abramowitz and Stegun, 7.1.26: off by less than 1.5e-7, and in float32 GELU by 4e-7.
_ERF = (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592)
_ERF_SCALE = 0.3275911
_GELU_AT_ONCE = 1 << 14  # numbers: what stands between two steps stays in the cache


@dataclass(frozen=True, slots=True)
class Linear:
    """What multiplies rows by a matrix of shape (out, in) and adds shape (out,)."""

    weight: Vectors
    bias: Vectors

    def __call__(self, rows: Vectors) -> Vectors:
        """Rows of shape (n, in) -> (n, out)."""
        result: Vectors = rows @ self.weight.T
        result += self.bias
        return result


@dataclass(frozen=True, slots=True)
class Norm:
    """What brings each row to mean 0 and variance 1, then scales and shifts it."""

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
    """Attention, then two matrices with GELU between them; each adds to what came in."""

    heads: int
    query: Linear
    key: Linear
    value: Linear
    attended: Linear
    attended_norm: Norm
    wide: Linear
    narrow: Linear
    narrow_norm: Norm

    def __call__(self, rows: Vectors, spans: Sequence[tuple[int, int]]) -> Vectors:
        """Rows of several texts, shape (n, hidden); `spans` tells where each text stands."""
        query, key, value = self.query(rows), self.key(rows), self.value(rows)
        query *= np.float32(math.sqrt(self.heads / rows.shape[1]))
        mixed = np.empty_like(rows)
        for start, end in spans:
            one = (self._parted(some[start:end]) for some in (query, key, value))
            mixed[start:end] = _attend(*one)
        rows = self.attended_norm(self.attended(mixed) + rows)
        return self.narrow_norm(self.narrow(gelu(self.wide(rows))) + rows)

    def _parted(self, rows: Vectors) -> Vectors:
        """(n, hidden) -> (heads, n, hidden / heads)."""
        return rows.reshape(len(rows), self.heads, -1).transpose(1, 0, 2)


@dataclass(frozen=True, slots=True)
class Bert:
    """An encoder with its weights.

    `words` has a row for each token and `places` one for each place in a text; `kind` is added to
    every one.
    """

    words: Vectors
    places: Vectors
    kind: Vectors
    norm: Norm
    layers: tuple[Layer, ...]

    def means(self, texts: Sequence[Sequence[int]]) -> Vectors:
        """The mean of each text's last rows, shape (len(texts), hidden).

        No text is padded, so none depends on its neighbours. Each must have a token at least and
        `len(places)` at most.
        """
        cores = len(os.sched_getaffinity(0))
        most = min(_ROWS, sum(map(len, texts)) // cores + 1)
        batches = [texts[start:end] for start, end in _batches(texts, most)]
        if len(batches) < 2:
            return self._means(texts) if texts else np.zeros((0, len(self.kind)), np.float32)
        with ThreadPoolExecutor(cores) as pool:
            return np.concatenate(list(pool.map(self._means, batches)))

    def _means(self, texts: Sequence[Sequence[int]]) -> Vectors:
        ends = np.cumsum([0, *map(len, texts)])
        spans = [(int(start), int(end)) for start, end in pairwise(ends)]
        rows = self.words[np.concatenate([np.asarray(text) for text in texts])]
        rows += np.concatenate([self.places[: len(text)] for text in texts])
        rows += self.kind
        rows = self.norm(rows)
        for layer in self.layers:
            rows = layer(rows, spans)
        return np.stack([rows[start:end].mean(axis=0) for start, end in spans])


def read(path: Path, shape: Shape) -> Bert:
    """The encoder in a safetensors file, mapped: of the weights only what is used is read.

    Raises:
        ValueError, KeyError: it is not whole, or has tensors of other names, sizes or kinds.
    """
    found = _mapped(path)
    for _, name, size in tensors(shape):
        if found[name].shape != size:
            raise ValueError(f"{name} has shape {found[name].shape}, not {size}")
    if shape.hidden % shape.heads:
        raise ValueError(f"{shape.heads} heads for {shape.hidden} numbers")
    words, places, kinds = (found[EMBEDDINGS[f"emb.{name}"]] for name in ("word", "pos", "type"))
    return Bert(
        words,
        places,
        kinds[0],
        _norm(found, "embeddings.LayerNorm", shape.eps),
        tuple(_layer(found, f"encoder.layer.{i}", shape) for i in range(shape.layers)),
    )


def _layer(found: Mapping[str, Vectors], name: str, shape: Shape) -> Layer:
    full = {part: f"{name}.{its}" for part, its in LAYER.items()}
    query, key, value, attended, wide, narrow = (
        Linear(found[f"{full[part]}.weight"], found[f"{full[part]}.bias"])
        for part in ("q", "k", "v", "ao", "fi", "fo")
    )
    norms = (_norm(found, full[part], shape.eps) for part in ("aln", "oln"))
    return Layer(shape.heads, query, key, value, attended, next(norms), wide, narrow, next(norms))


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
            size, place = about["shape"], start + about["data_offsets"][0]
            found[name] = np.frombuffer(mapped, "<f4", math.prod(size), place).reshape(size)
    return found


def gelu(values: Vectors) -> Vectors:
    """GELU with the exact erf, to 4e-7; in place."""
    flat = values.reshape(-1)
    for start in range(0, len(flat), _GELU_AT_ONCE):
        some = flat[start : start + _GELU_AT_ONCE]
        size = np.abs(some)
        scaled = size * math.sqrt(0.5)
        near = 1 / (1 + _ERF_SCALE * scaled)
        tail = near * _ERF[0]
        for factor in _ERF[1:]:
            tail += factor
            tail *= near
        tail *= np.exp(-scaled * scaled)  # 1 - erf(scaled)
        tail *= size
        tail *= 0.5
        np.maximum(some, 0, out=some)
        some -= tail
    return values


def _attend(query: Vectors, key: Vectors, value: Vectors) -> Vectors:
    """Attention of one text; each of shape (heads, n, size) -> (n, heads * size)."""
    scores: Vectors = query @ key.transpose(0, 2, 1)
    scores -= scores.max(axis=2, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=2, keepdims=True)
    mixed: Vectors = (scores @ value).transpose(1, 0, 2)
    return mixed.reshape(len(mixed), -1)


def _batches(texts: Sequence[Sequence[int]], most: int) -> Iterator[tuple[int, int]]:
    """Which texts to compute together, as half-open ranges of so many tokens or of one text."""
    begin, rows = 0, 0
    for place, text in enumerate(texts):
        if rows and rows + len(text) > most:
            yield begin, place
            begin, rows = place, 0
        rows += len(text)
    if rows:
        yield begin, len(texts)
