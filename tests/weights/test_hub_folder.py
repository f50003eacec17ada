"""Embedders of the hub are folders: weights by their SHA-256, small files by the revision."""

import hashlib
import json
import os
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.embedding.sentence_transformer import SentenceTransformerEmbedder
from index.errors import BadModel
from qa.weights import checksums, paths
from qa.weights.manifest import HubFile, ModelSpec
from tests.support import child_processes, tiny_embedder
from tests.support.paths import ROOT

pytestmark = pytest.mark.slow

REPO, REVISION = "Tiny/embedder", "5617a9f61b028005a4858fdac845db406aefb181"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ARTICLE_QA_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@dataclass
class Hub:
    """A hub of one repository at one commit; `without` are files that it cannot give."""

    folder: Path
    without: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    token: str | None = None  # without which nothing is given
    url: str = ""

    def files(self) -> list[str]:
        found = (path for path in sorted(self.folder.rglob("*")) if path.is_file())
        return [path.relative_to(self.folder).as_posix() for path in found]

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        path = request.path.partition("?")[0]
        if self.token and request.headers["Authorization"] != f"Bearer {self.token}":
            request.send_error(401)
            return
        if path.startswith(f"/api/models/{REPO}/"):
            self._send(request, json.dumps(self._listing(path)).encode(), "application/json")
            return
        name = path.removeprefix(f"/{REPO}/resolve/{REVISION}/")
        if name not in self.files() or name in self.without:
            request.send_error(404)
            return
        self.asked.append(name)
        self._send(request, (self.folder / name).read_bytes(), "application/octet-stream")

    def _listing(self, path: str) -> object:
        if "/tree/" in path:
            size = {name: (self.folder / name).stat().st_size for name in self.files()}
            return [
                {"type": "file", "path": name, "size": size[name], "oid": "0" * 40} for name in size
            ]
        return {
            "id": REPO,
            "sha": REVISION,
            "siblings": [{"rfilename": name} for name in self.files()],
        }

    def _send(self, request: BaseHTTPRequestHandler, body: bytes, kind: str) -> None:
        request.send_response(200)
        request.send_header("Content-Type", kind)
        request.send_header("Content-Length", str(len(body)))
        request.send_header("ETag", f'"{hashlib.sha256(body).hexdigest()}"')
        request.send_header("X-Repo-Commit", REVISION)
        request.end_headers()
        if request.command == "GET":
            request.wfile.write(body)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    hub = Hub(tiny_embedder.write(tmp_path / "on the hub"))
    (hub.folder / "source.json").unlink(missing_ok=True)
    (hub.folder / "onnx").mkdir()
    (hub.folder / "onnx" / "config.json").write_text("{}")
    (hub.folder / "modeling.py").write_text("raise SystemExit")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hub.answer(self)

        def do_HEAD(self) -> None:
            hub.answer(self)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield hub
    server.shutdown()
    server.server_close()


def listed(hub: Hub, file: str = "model.safetensors") -> ModelSpec:
    data = (hub.folder / file).read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    where = HubFile(REPO, file, REVISION)
    return ModelSpec("tiny", "embedder", "MIT", file, sha256, len(data), hub=where)


def fetched(model: ModelSpec, hub: Hub, **environment: str) -> str:
    """What is said of a fetch; empty when all went well."""
    done = subprocess.run(
        child_processes.command(child_processes.fetch_model, json.dumps(asdict(model)), "hub"),
        cwd=ROOT,
        env={**os.environ, "HF_HUB_OFFLINE": "0", "HF_ENDPOINT": hub.url, **environment},
        stderr=subprocess.PIPE,
        text=True,
    )
    return done.stderr.splitlines()[-1] if done.returncode else ""


def test_folder_holds_what_the_pinned_commit_has_and_embeds_the_same(hub: Hub) -> None:
    model = replace(listed(hub), prompts={"query": "query: ", "document": "passage: "})

    assert fetched(model, hub) == ""
    folder = paths.path_of(model)
    assert checksums.verify(model) == []
    assert {"modeling.py", "onnx/config.json"} & set(hub.asked) == set()
    assert not (folder / ".cache").exists()
    told = json.loads((folder / "config_sentence_transformers.json").read_text())
    assert told["prompts"] == model.prompts
    assert paths.embedder_path(str(folder)) == str(folder)


def test_pickle_is_kept_as_safetensors_with_the_same_vectors(hub: Hub) -> None:
    import torch
    from safetensors.torch import load_file

    before = SentenceTransformerEmbedder(str(hub.folder)).documents(["abab a"])
    weights = hub.folder / "model.safetensors"
    torch.save(load_file(weights), hub.folder / "pytorch_model.bin")
    weights.unlink()
    model = listed(hub, "pytorch_model.bin")

    assert fetched(model, hub) == ""
    folder = paths.path_of(model)
    assert (checksums.verify(model), list(folder.rglob("*.bin"))) == ([], [])
    after = SentenceTransformerEmbedder(str(folder)).documents(["abab a"])
    assert np.array_equal(before, after)


class Harmful:
    """What would write a file where it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("touch harmed",)


def test_pickle_that_is_a_program_is_not_run(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    from index.embedding.pickled_weights import convert

    monkeypatch.chdir(tmp_path)
    torch.save({"weight": Harmful()}, tmp_path / "pytorch_model.bin")

    with pytest.raises(BadModel, match="holds something else than weights"):
        convert(tmp_path / "pytorch_model.bin", tmp_path / "model.safetensors")
    assert not (tmp_path / "harmed").exists()
    assert not (tmp_path / "model.safetensors").exists()


def test_other_weights_are_refused_and_no_folder_is_left(hub: Hub) -> None:
    model = replace(listed(hub), sha256="0" * 64)

    assert fetched(model, hub).startswith("WrongHash: model.safetensors is not the file")
    assert not paths.path_of(model).exists()


def test_small_files_that_cannot_be_had_are_taken_up_later(hub: Hub) -> None:
    model = listed(hub)
    hub.without = {"tokenizer.json"}
    assert fetched(model, hub).startswith("Unreachable: ")
    assert not paths.is_present(model)
    hub.without, hub.asked = set(), []

    assert fetched(model, hub) == ""
    assert "model.safetensors" not in hub.asked
    assert paths.is_present(model)


def test_files_that_only_some_may_have_need_a_token_that_is_never_printed(hub: Hub) -> None:
    model, hub.token = listed(hub), "hf_secret"
    said = fetched(model, hub)

    assert said.startswith(f"Unreachable: The hub answered 401 for model.safetensors in {REPO}. ")
    assert said.endswith("set HF_TOKEN to a token of your account.")
    assert "hf_wrong" not in fetched(model, hub, HF_TOKEN="hf_wrong")
    assert fetched(model, hub, HF_TOKEN=hub.token) == ""


def test_size_that_nobody_told_is_asked_of_the_hub(hub: Hub) -> None:
    model = replace(listed(hub), bytes=0)

    assert fetched(model, hub) == ""
    assert checksums.verify(model) == []
