"""Recommended: the language model to choose on this machine, by one rule and no belief in quality.

The largest that fits the memory that is free, has no more weights for each core than the default
model on two (a model is as slow as its weights are large), is under a licence that is free for any
use, and does not read every prompt whole. One that is hardly larger than the default does not
count, as nobody measured it here.
"""

from collections.abc import Iterable

from qa.weights import licences
from qa.weights.manifest import ModelSpec, default
from qa.weights.model_memory import cores, fits, needed

# Bytes of weights for each core: the default's 1.12 GB on two cores, and a tenth more.
_CORE_BYTES = 630_000_000
_LARGER = 1.5  # times the default's weights


def recommended(models: Iterable[ModelSpec]) -> ModelSpec:
    """The one among these; the default where none of them is better."""
    usual = default("llm")
    most = cores() * _CORE_BYTES
    found = [
        model
        for model in models
        if model.kind == "llm"
        and _LARGER * usual.bytes <= model.bytes <= most
        and model.reads == "branching"
        and not licences.terms(model.licence)
        and fits(needed(model))
    ]
    return max(found, key=lambda model: model.bytes, default=usual)
