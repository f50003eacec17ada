"""A tiny reader of random weights, on the tiny embedder."""

from pathlib import Path

import numpy as np

from index.embedding.bert import Linear
from index.embedding.numpy_embedder import NumpyEmbedder
from qa.extraction import language_directions
from qa.extraction.follow_ups import FollowUps
from qa.extraction.language_directions import LanguageDirections
from qa.extraction.question_kinds import KINDS, QuestionKinds
from qa.extraction.question_topics import QuestionTopics
from qa.extraction.reader import WAYS
from qa.extraction.weights import Calibration, ReaderWeights
from tests.support import tiny_embedder
from tests.support.tiny_embedder import SHAPE

CALIBRATION = Calibration(0.5, 0.5, 0.1, 1.5, -0.2)


def weights(fingerprint: str, seed: int = 3) -> ReaderWeights:
    """Random differences and heads for an embedder."""
    rng = np.random.default_rng(seed)
    differences = {
        name: rng.normal(0, 0.05, values.shape).astype("f4")
        for name, values in tiny_embedder.weights().items()
        if name.startswith("encoder.layer.1")
    }

    def head(outputs: int) -> Linear:
        weight = rng.normal(0, 1, (outputs, SHAPE.hidden))
        return Linear(weight.astype("f2").astype("f4"), np.zeros(outputs, "f4"))

    return ReaderWeights(
        fingerprint, differences, head(2), head(1), head(1), CALIBRATION, {"pairs": 0}
    )


def languages(fingerprint: str, seed: int = 5) -> LanguageDirections:
    """The directions in which four languages of random means differ."""
    means = np.random.default_rng(seed).normal(0, 0.3, (4, SHAPE.hidden)).astype("f4")
    return language_directions.found(fingerprint, list(means))


def kinds(fingerprint: str, seed: int = 7) -> QuestionKinds:
    """Kinds of questions, told apart at random."""
    weight = np.random.default_rng(seed).normal(0, 9, (SHAPE.hidden, len(KINDS)))
    return QuestionKinds(fingerprint, KINDS, weight.astype("f4"), np.zeros(len(KINDS), "f4"))


def topics(fingerprint: str, seed: int = 9) -> QuestionTopics:
    """Topics of questions, told at random."""
    rng = np.random.default_rng(seed)

    def head() -> Linear:
        return Linear(rng.normal(0, 9, (3, 3 * SHAPE.hidden)).astype("f4"), np.zeros(3, "f4"))

    return QuestionTopics(fingerprint, head(), head())


def leans(fingerprint: str, seed: int = 11) -> FollowUps:
    """How questions lean on earlier turns, told at random."""
    rng = np.random.default_rng(seed)
    weight = rng.normal(0, 9, (SHAPE.hidden, len(WAYS))).astype("f4")
    named = Linear(rng.normal(0, 9, (3, 3 * SHAPE.hidden)).astype("f4"), np.zeros(3, "f4"))
    return FollowUps(fingerprint, WAYS, weight, np.zeros(len(WAYS), "f4"), named)


def embedder(folder: Path) -> NumpyEmbedder:
    """The tiny embedder, written into a folder."""
    return NumpyEmbedder(str(tiny_embedder.write(folder)))
