"""Hub folder: an embedder as the hub has it: weights by their SHA-256, small files by the revision.

The small files (how to cut texts into tokens, how to pool) are those of a pinned commit, and data
alone: nothing of a hub's code is fetched or run.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from qa.weights.checksums import hash_file
from qa.weights.download import Unreachable, hub_errors
from qa.weights.manifest import HubFile, ModelSpec

WEIGHTS = "model.safetensors"
_SMALL = ["*.json", "*.txt", "*.model"]
# Other forms of the same model, each with small files of its own; an index of weights in parts.
_OTHERS = ["onnx/*", "openvino/*", "*.index.json", "*.safetensors.index.json"]
_PROMPTS = "config_sentence_transformers.json"


def assemble(model: ModelSpec, weights: Path, folder: Path) -> None:
    """Make an embedder's folder of its weights, which are moved into it, and the hub's small files.

    `folder` must not exist yet. `source.json` in it records the SHA-256 of the weights as they came
    and of each file in the folder.

    Raises:
        Unreachable: the hub does not have the small files; the weights are where they were.
    """
    assert model.hub
    _download_small_files(model.hub, folder)
    if not (folder / "modules.json").is_file():
        raise Unreachable(f"{model.hub.repo} has no modules.json at the pinned revision.")
    _add_prompts(model, folder / _PROMPTS)
    if model.file.endswith(".bin"):
        from index.embedding.pickled_weights import convert

        convert(weights, folder / WEIGHTS)
    else:
        weights.replace(folder / WEIGHTS)
    _record(model, folder)


def _download_small_files(hub: HubFile, folder: Path) -> None:
    from huggingface_hub import snapshot_download

    with hub_errors(f"the small files of {hub.repo}"):
        snapshot_download(
            hub.repo,
            revision=hub.revision,
            local_dir=folder,
            allow_patterns=_SMALL,
            ignore_patterns=_OTHERS,
            endpoint=os.environ.get("HF_ENDPOINT"),
        )
    shutil.rmtree(folder / ".cache", ignore_errors=True)  # the library's notes on its downloads


def _add_prompts(model: ModelSpec, path: Path) -> None:
    if not model.prompts:
        return
    known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    path.write_text(json.dumps({**known, "prompts": dict(model.prompts)}, indent=2) + "\n")


def _record(model: ModelSpec, folder: Path) -> None:
    files = {
        path.relative_to(folder).as_posix(): hash_file(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    source = {"sha256": model.sha256, "files": files}
    (folder / "source.json").write_text(json.dumps(source, indent=2) + "\n", encoding="utf-8")
