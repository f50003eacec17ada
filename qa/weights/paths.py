"""Paths: where the weights lie on this machine, and which of them an option names.

They lie in a cache folder shared by all indexes: `ARTICLE_QA_CACHE`, or the user's own cache.

UserError (index/errors.py)
  ├─ MissingWeights   a model that is not on this machine
  └─ BadModel         a file or folder that is not a model, or an incomplete one (index/errors.py)
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from index.errors import BadModel, UserError
from index.user_cache import cache_folder
from qa.weights import gguf
from qa.weights.manifest import Kind, ModelSpec, default, load_manifest


class MissingWeights(UserError):
    """A model that is not on this machine."""


def path_of(model: ModelSpec) -> Path:
    """The model's GGUF file, or the embedder's folder, present or not."""
    return cache_folder() / (model.file if model.kind == "llm" else model.name)


def is_present(model: ModelSpec) -> bool:
    """Whether the model is here, by its size or its `source.json`; `verify` reads all of it."""
    path = path_of(model)
    if model.kind == "llm":
        return path.is_file() and path.stat().st_size == (model.bytes or path.stat().st_size)
    source = source_of(path)
    complete = all((path / name).is_file() for name in source.get("files", {}))
    return complete and source.get("sha256") == model.sha256


def present_llms() -> dict[str, Path]:
    """The language models in the cache folder, by their file names without `.gguf`."""
    return {path.stem: path for path in sorted(cache_folder().glob("*.gguf"))}


def source_of(folder: Path) -> dict[str, Any]:
    """The `source.json` of an embedder's folder: what it was made from; empty when it has none."""
    try:
        source = json.loads((folder / "source.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return source if isinstance(source, dict) else {}


def llm_path(option: str | None = None) -> Path:
    """The GGUF file to use, checked: the default one, a known name, or any path.

    Raises:
        MissingWeights: it is not there.
        BadModel: it is not a GGUF, or an incomplete one; or it is the address of a server.
    """
    if option and "://" in option:
        raise BadModel(
            "--llm names a server, and this needs a language model on this machine. Give a GGUF "
            "file or a known name, or leave it out."
        )
    model, path = _listed(option, "llm"), expected_llm_path(option)
    if not path.is_file():
        raise _missing(path, model)
    if model and not is_present(model):
        raise BadModel(
            f"{path} has {path.stat().st_size:,} bytes, not {model.bytes:,}. "
            f"Remove it and run: article-qa models fetch {model.name}"
        )
    gguf.check(path)
    return path


def expected_llm_path(option: str | None = None) -> Path:
    """Where `llm_path` looks for the file, unchecked: it may be missing or incomplete."""
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


def _listed(option: str | None, kind: Kind) -> ModelSpec | None:
    """The model of the manifest that an option names; the default one when there is no option."""
    if option is None:
        return default(kind)
    named = (model for model in load_manifest() if model.kind == kind and model.name == option)
    return next(named, None)


def _missing(path: Path, model: ModelSpec | None) -> MissingWeights:
    if model:
        name = "" if model.default else f" {model.name}"  # no name fetches both defaults
        return MissingWeights(
            f"The weights of {model.name} are not on this machine. "
            f"Get them with: article-qa models fetch{name}"
        )
    return MissingWeights(
        f"No model at {path}. Give a path that exists, or leave the option out to use the default "
        f"(article-qa models fetch gets it)."
    )


def _in_hub_cache(name: str) -> Path | None:
    """The folder of a model in the hub's own cache on this machine."""
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        config = try_to_load_from_cache(name, "config.json")
    except HFValidationError:
        return None
    return Path(config).parent if isinstance(config, str) else None
