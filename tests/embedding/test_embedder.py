"""The real embedder: what its vectors depend on, and what they do not."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from index.embedding.embedder import Embedder, Vectors
from index.embedding.sentence_transformer import SentenceTransformerEmbedder
from qa.weights.paths import embedder_path

pytestmark = pytest.mark.weights

TEXTS = [
    "Meituan bought Light Years Beyond for 2.065 billion yuan.",
    "मेइतुआन ने लाइट इयर्स बियॉन्ड को खरीदा।",
    "美团收购了光年之外。",
    "Harga totalnya sekitar 2,065 miliar yuan. " * 3,
    "Why?",
]


@pytest.fixture(scope="module")
def in_bfloat16() -> Embedder:
    return SentenceTransformerEmbedder(embedder_path(None), bfloat16=True)


@pytest.fixture(scope="module")
def in_float32() -> Embedder:
    # What `real_embedder` computes in depends on the processor.
    return SentenceTransformerEmbedder(embedder_path(None), bfloat16=False)


def alone_and_together(embedder: Embedder) -> tuple[Vectors, Vectors]:
    alone = np.concatenate([embedder.documents([text]) for text in TEXTS])
    return alone, embedder.documents(TEXTS)


def test_in_float32_a_vector_does_not_depend_on_its_batch(in_float32: Embedder) -> None:
    alone, together = alone_and_together(in_float32)

    assert together == pytest.approx(alone, abs=1e-5)


def test_in_bfloat16_a_vector_hardly_depends_on_its_batch(in_bfloat16: Embedder) -> None:
    alone, together = alone_and_together(in_bfloat16)

    assert np.sum(alone * together, axis=1) == pytest.approx(1, abs=1e-3)


def test_an_index_made_in_bfloat16_is_searched_in_float32(
    in_float32: Embedder, in_bfloat16: Embedder
) -> None:
    other = in_bfloat16.documents(TEXTS)

    assert in_bfloat16.fingerprint == in_float32.fingerprint
    assert np.sum(other * in_float32.documents(TEXTS), axis=1).min() > 0.999


@pytest.mark.parametrize("give", [lambda e, t: e.documents(t), lambda e, t: [e.query(t[0])]])
def test_vectors_have_length_one(
    give: Callable[[Embedder, Sequence[str]], Vectors],
    in_float32: Embedder,
    in_bfloat16: Embedder,
) -> None:
    for embedder in (in_float32, in_bfloat16):
        vectors = np.asarray(give(embedder, TEXTS))
        assert str(vectors.dtype) == "float32"
        assert vectors.shape[1] == embedder.dimension
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_no_texts_have_no_vectors(real_embedder: Embedder) -> None:
    assert real_embedder.documents([]).shape == (0, real_embedder.dimension)
