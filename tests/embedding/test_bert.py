"""The network in numpy, beside the same written out in float64."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from index.embedding import bert
from index.embedding.bert_tensors import Shape
from index.embedding.embedder import Vectors
from tests.support.tiny_embedder import SHAPE, weights

TEXTS = [[0, 7, 2], [0, 2], [0, 9, 4, 5, 6, 3, 3, 11, 8, 7, 5, 5, 6, 4, 9, 2], [0, 7, 2], [5]]


def expected(found: dict[str, Vectors], shape: Shape, ids: Sequence[int]) -> NDArray[np.float64]:
    """BERT as Devlin et al. (2018) define it, and the mean over all tokens."""

    def linear(name: str, rows: NDArray[Any]) -> NDArray[Any]:
        product: NDArray[Any] = rows @ found[f"{name}.weight"].T.astype("f8")
        return product + found[f"{name}.bias"]

    def norm(name: str, rows: NDArray[Any]) -> NDArray[Any]:
        deviation = np.sqrt(rows.var(axis=1, keepdims=True) + shape.eps)
        whole: NDArray[Any] = (rows - rows.mean(axis=1, keepdims=True)) / deviation
        return whole * found[f"{name}.weight"] + found[f"{name}.bias"]

    def attend(name: str, rows: NDArray[Any]) -> NDArray[Any]:
        heads = []
        size = shape.hidden // shape.heads
        query, key, value = (linear(f"{name}.{part}", rows) for part in ("query", "key", "value"))
        for i in range(0, shape.hidden, size):
            scores = query[:, i : i + size] @ key[:, i : i + size].T / math.sqrt(size)
            shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
            heads.append(shares @ value[:, i : i + size])
        return np.concatenate(heads, axis=1)

    rows: NDArray[Any] = (
        found["embeddings.word_embeddings.weight"][list(ids)].astype("f8")
        + found["embeddings.position_embeddings.weight"][: len(ids)]
        + found["embeddings.token_type_embeddings.weight"][0]
    )
    rows = norm("embeddings.LayerNorm", rows)
    for i in range(shape.layers):
        layer = f"encoder.layer.{i}"
        mixed = linear(f"{layer}.attention.output.dense", attend(f"{layer}.attention.self", rows))
        rows = norm(f"{layer}.attention.output.LayerNorm", mixed + rows)
        wide = np.vectorize(exact_gelu)(linear(f"{layer}.intermediate.dense", rows))
        rows = norm(f"{layer}.output.LayerNorm", linear(f"{layer}.output.dense", wide) + rows)
    mean: NDArray[np.float64] = rows.mean(axis=0)
    return mean


def exact_gelu(value: float) -> float:
    return 0.5 * value * (1 + math.erf(value * math.sqrt(0.5)))


def saved(folder: Path, found: dict[str, NDArray[Any]]) -> Path:
    from safetensors.numpy import save_file

    save_file(found, folder / "model.safetensors")
    return folder / "model.safetensors"


@pytest.mark.parametrize("rows", [1, 4, 512])
def test_means_are_those_of_the_definition_whatever_is_computed_together(
    rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bert, "_BATCH_TOKENS", rows)
    found = bert.read(saved(tmp_path, {**weights()}), SHAPE).means(TEXTS)

    assert found.dtype == np.float32
    assert found == pytest.approx(
        np.stack([expected(weights(), SHAPE, ids) for ids in TEXTS]), abs=2e-6
    )


def test_no_texts_have_no_means(tmp_path: Path) -> None:
    assert bert.read(saved(tmp_path, {**weights()}), SHAPE).means([]).shape == (0, 32)


def test_gelu_is_exact_to_the_sixth_digit() -> None:
    values = np.linspace(-12, 12, 50_001, dtype=np.float32)
    exact = np.array([exact_gelu(float(value)) for value in values])

    assert np.abs(bert.gelu(values.copy()) - exact).max() < 6e-7


def missing(found: dict[str, NDArray[Any]]) -> None:
    del found["encoder.layer.1.output.dense.bias"]


def halved(found: dict[str, NDArray[Any]]) -> None:
    found["embeddings.LayerNorm.bias"] = found["embeddings.LayerNorm.bias"].astype("f2")


def cut(found: dict[str, NDArray[Any]]) -> None:
    name = "encoder.layer.0.output.dense.weight"
    found[name] = np.ascontiguousarray(found[name][:, 1:])


@pytest.mark.parametrize(
    ("damage", "error"), [(missing, KeyError), (halved, KeyError), (cut, ValueError)]
)
def test_tensors_of_another_name_kind_or_size_are_refused(
    damage: Any, error: type[Exception], tmp_path: Path
) -> None:
    found: dict[str, NDArray[Any]] = {**weights()}
    damage(found)

    with pytest.raises(error):
        bert.read(saved(tmp_path, found), SHAPE)


@pytest.mark.parametrize("length", [0, 4, 100, 30_000])
def test_a_file_that_ends_too_soon_is_refused(length: int, tmp_path: Path) -> None:
    path = saved(tmp_path, {**weights()})
    path.write_bytes(path.read_bytes()[:length])

    with pytest.raises(ValueError, match=r"."):
        bert.read(path, SHAPE)
