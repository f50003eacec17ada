"""Pack: a checkpoint -> the file that ships, calibrated on questions that were not learned."""

import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.optimize import minimize

from index.embedding.bert import Linear
from index.embedding.numpy_embedder import NumpyEmbedder
from qa.extraction.encoder_reader import EncoderReader
from qa.extraction.training.examples import AnswerExample, Example
from qa.extraction.training.network import HEADS
from qa.extraction.weights import Calibration, ReaderWeights
from qa.progress import count as progress_of

_NONE = Calibration(1.0, 1.0, 0.0, 1.0, 0.0)  # before anything is fitted


def differences(checkpoint: Path, folder: Path) -> ReaderWeights:
    """What a checkpoint learned, as differences from the embedder in `folder`; not calibrated."""
    embedder = NumpyEmbedder(str(folder))
    content = torch.load(checkpoint, weights_only=True, map_location="cpu")
    shapes = content["shapes"]
    sizes = [math.prod(shape) for shape in shapes.values()]
    vectors = content["weights"].split(sizes), content["base"].split(sizes)
    found, heads = {}, {}
    for (name, shape), weights, base in zip(shapes.items(), *vectors, strict=True):
        if name.startswith(HEADS):
            heads[name] = weights.view(shape).numpy()
        else:
            found[name.removeprefix("encoder.")] = (weights - base).view(shape).numpy()
    span, told, right = (Linear(heads[f"{name}.weight"], heads[f"{name}.bias"]) for name in HEADS)
    about = {"pairs": int(content["counts"][2]), **content["settings"]}
    return ReaderWeights(embedder.fingerprint, found, span, told, right, _NONE, about)


def calibration(learned: ReaderWeights, folder: Path, examples: Sequence[Example]) -> Calibration:
    """Logistic regressions fitted to examples that were not learned."""
    reader = EncoderReader(NumpyEmbedder(str(folder)), learned)
    features: list[tuple[float, float]] = []
    tells: list[bool] = []
    judged: list[tuple[float]] = []
    right: list[bool] = []
    progress = progress_of("example", sys.stderr)
    for done, example in enumerate(examples, 1):
        progress(done, len(examples), example.source)
        if isinstance(example, AnswerExample):
            judged.append((reader.right_logit(example.question, example.answer, example.passage),))
            right.append(example.right)
        else:
            features.append(reader.told_logits(example.question, example.passage))
            tells.append(example.tells)
    progress.close()
    return Calibration(*_fitted(features, tells), *_fitted(judged, right))


def _fitted(features: Sequence[tuple[float, ...]], true: Sequence[bool]) -> list[float]:
    """Weights of a logistic regression and its bias."""
    inputs = np.column_stack([np.array(features), np.ones(len(features))])
    signs = np.where(true, 1.0, -1.0)

    def loss(parameters: Any) -> float:
        return float(np.logaddexp(0, -signs * (inputs @ parameters)).mean())

    found = minimize(loss, np.full(inputs.shape[1], 0.1), method="BFGS")
    return [float(value) for value in found.x]
