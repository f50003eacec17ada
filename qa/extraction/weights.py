"""Weights: the file that ships with the reader, and what it is read into.

A safetensors file: of each matrix of the encoder that was trained the difference from the
embedder's (`NAME.codes`, `NAME.scales`: deltas.py), of each vector the difference in float16
(`NAME.difference`), the heads in float16, and how to make probabilities of their numbers.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.embedding.bert import Linear
from index.embedding.embedder import Vectors
from index.errors import BadModel
from qa.extraction import deltas

SHIPPED = Path(__file__).with_name("reader.safetensors")
_FORMAT = "1"


@dataclass(frozen=True, slots=True)
class Calibration:
    """Logistic regressions that make probabilities of logits (Platt 1999).

    "Told" has a weight for the span's score and one for the head; "right" one for its head.
    """

    told_span: float
    told_head: float
    told_bias: float
    right: float
    right_bias: float


@dataclass(frozen=True, slots=True)
class ReaderWeights:
    """What was learned.

    `embedder` is the fingerprint of the embedder whose weights `differences` are added to; `about`
    says how it was trained.
    """

    embedder: str
    differences: Mapping[str, Vectors]
    span: Linear
    told: Linear
    right: Linear
    calibration: Calibration
    about: Mapping[str, Any]


def read(path: Path) -> ReaderWeights:
    """Read the file.

    Raises:
        BadModel: it is not whole, or of another format.
    """
    with opened(path) as file:
        metadata = file.metadata() or {}
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no dict
        if metadata.get("format") != _FORMAT:
            raise ValueError(f"format {metadata.get('format')}, not {_FORMAT}")
        return ReaderWeights(
            metadata["embedder"],
            dict(_differences(tensors, json.loads(metadata["shapes"]))),
            _head(tensors, "span"),
            _head(tensors, "told"),
            _head(tensors, "right"),
            Calibration(**json.loads(metadata["calibration"])),
            json.loads(metadata["about"]),
        )


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """A safetensors file that ships with the reader.

    Raises:
        BadModel: it cannot be read, or what is read from it within is not as it should be.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "numpy") as file:
            yield file
    except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
        raise BadModel(
            f"{path} is not a whole reader ({error}). Install the program anew."
        ) from error


def write(path: Path, weights: ReaderWeights) -> None:
    """Write the file; matrices lose what four bits cannot say."""
    tensors: dict[str, NDArray[Any]] = {}
    shapes: dict[str, list[int]] = {}
    for name, values in weights.differences.items():
        if values.ndim == 2:
            tensors[f"{name}.codes"], tensors[f"{name}.scales"] = deltas.pack(values)
            shapes[name] = list(values.shape)
        else:
            tensors[f"{name}.difference"] = values.astype(np.float16)
    for name in ("span", "told", "right"):
        head: Linear = getattr(weights, name)
        tensors[f"{name}.weight"] = head.weight.astype(np.float16)
        tensors[f"{name}.bias"] = head.bias.astype(np.float16)
    metadata = {
        "format": _FORMAT,
        "embedder": weights.embedder,
        "shapes": json.dumps(shapes),
        "calibration": json.dumps(asdict(weights.calibration)),
        "about": json.dumps(weights.about),
    }
    save(path, tensors, metadata)


def save(path: Path, tensors: Mapping[str, NDArray[Any]], metadata: Mapping[str, str]) -> None:
    """Write a safetensors file that ships with the reader."""
    from safetensors.numpy import save_file

    # It writes the memory of a matrix, which of a transposed one has another order.
    laid_out = {name: np.ascontiguousarray(values) for name, values in tensors.items()}
    save_file(laid_out, path, dict(metadata))


def _differences(
    tensors: Mapping[str, NDArray[Any]], shapes: Mapping[str, list[int]]
) -> Iterator[tuple[str, Vectors]]:
    for name, shape in shapes.items():
        codes, scales = tensors[f"{name}.codes"], tensors[f"{name}.scales"]
        yield name, deltas.unpack(codes, scales, tuple(shape))
    for name, values in tensors.items():
        if name.endswith(".difference"):
            yield name.removesuffix(".difference"), values.astype(np.float32)


def _head(tensors: Mapping[str, NDArray[Any]], name: str) -> Linear:
    weight, bias = tensors[f"{name}.weight"], tensors[f"{name}.bias"]
    return Linear(weight.astype(np.float32), bias.astype(np.float32))
