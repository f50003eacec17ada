"""Paths: where the weights lie on this machine."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from index.errors import BadModel
from qa.weights import gguf
from qa.weights.manifest import Kind, MissingWeights, ModelSpec, default, load_manifest


def cache_folder() -> Path:
    """Where the weights lie; it need not exist yet."""
    chosen = os.environ.get("ARTICLE_QA_CACHE")
    if chosen:
        return Path(chosen).expanduser().absolute()
    from platformdirs import user_cache_path

    return user_cache_path("article-qa")


def path_of(model: ModelSpec) -> Path:
    """The GGUF file, or the embedder's folder, present or not."""
    return cache_folder() / (model.file if model.kind == "llm" else model.name)


def is_present(model: ModelSpec) -> bool:
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


def _listed(option: str | None, kind: Kind) -> ModelSpec | None:
    if option is None:
        return default(kind)
    named = (model for model in load_manifest() if model.kind == kind and model.name == option)
    return next(named, None)


def _missing(path: Path, model: ModelSpec | None) -> MissingWeights:
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
