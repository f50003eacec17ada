import json
import os
import struct
from pathlib import Path

import pytest

from index.errors import BadModel, UserError
from qa.weights import checksums, manifest, paths
from qa.weights.manifest import MissingWeights, ModelSpec

BLOCK_WEIGHTS, BLOCK_BYTES, Q4_K = 256, 144, 12


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ARTICLE_QA_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def text(value: str) -> bytes:
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def gguf(tensors: int = 2, blocks: int = 4) -> bytes:
    """A GGUF with a string, a list of strings and quantised tensors of one row each."""
    words = b"".join(text(word) for word in ("यह", "ini", "这"))
    header = b"GGUF" + struct.pack("<IQQ", 3, tensors, 2)
    header += text("general.architecture") + struct.pack("<I", 8) + text("qwen2")
    header += text("tokens") + struct.pack("<IIQ", 9, 8, 3) + words
    for i in range(tensors):
        shape = struct.pack("<IQ", 1, blocks * BLOCK_WEIGHTS)
        header += text(f"t{i}") + shape + struct.pack("<IQ", Q4_K, i * blocks * BLOCK_BYTES)
    return header.ljust(-(-len(header) // 32) * 32, b"\0") + bytes(tensors * blocks * BLOCK_BYTES)


@pytest.mark.parametrize("kind", ["llm", "embedder"])
def test_one_model_of_each_kind_is_the_default(kind: manifest.Kind) -> None:
    chosen = [model for model in manifest.load_manifest() if model.kind == kind and model.default]

    assert chosen == [manifest.default(kind)]


@pytest.mark.parametrize("model", manifest.load_manifest(), ids=lambda model: str(model.name))
def test_wheels_of_the_manifest_add_up_to_the_file(model: ModelSpec) -> None:
    assert sum(wheel.member_bytes for wheel in model.wheels) == model.bytes
    assert len({wheel.sha256 for wheel in model.wheels}) == len(model.wheels)
    for wheel in model.wheels:
        assert wheel.file.startswith(f"{wheel.project.replace('-', '_')}-{wheel.version}-")
        assert wheel.member.startswith(wheel.project.replace("-", "_"))
    for sha in (model.sha256, *(wheel.sha256 for wheel in model.wheels)):
        assert len(bytes.fromhex(sha)) == 32


def test_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UserError, match="multilingual-e5-small"):
        manifest.find("gpt-5")


@pytest.mark.parametrize("option", [None, "qwen2.5-coder-1.5b-instruct-q4_k_m"])
def test_missing_language_model_names_the_command(option: str | None) -> None:
    with pytest.raises(MissingWeights, match="article-qa models fetch"):
        paths.llm_path(option)


@pytest.mark.parametrize("option", [None, "multilingual-e5-small", "BAAI/bge-m3", "no/such/folder"])
def test_missing_embedder_names_the_command(option: str | None) -> None:
    with pytest.raises(MissingWeights, match="article-qa models fetch"):
        paths.embedder_path(option)


def test_any_whole_gguf_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "any.gguf"
    path.write_bytes(gguf())

    assert paths.llm_path(str(path)) == path


def test_gguf_cut_anywhere_is_refused_in_plain_words(tmp_path: Path) -> None:
    path, whole = tmp_path / "cut.gguf", gguf()
    for length in range(4, len(whole), 7):
        path.write_bytes(whole[:length])
        with pytest.raises(BadModel, match="incomplete or damaged"):
            paths.llm_path(str(path))


@pytest.mark.parametrize("content", [b"", b"GG", b"PK\x03\x04 not a model", b"\xff" * 100])
def test_other_file_is_refused_as_language_model(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(content)

    with pytest.raises(BadModel, match="not a GGUF"):
        paths.llm_path(str(path))


def test_header_of_absurd_counts_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 2**63, 2**63) + bytes(1000))

    with pytest.raises(BadModel):
        paths.llm_path(str(path))


def test_listed_language_model_of_the_wrong_size_is_refused(cache: Path) -> None:
    cache.mkdir()
    paths.path_of(manifest.default("llm")).write_bytes(gguf())

    with pytest.raises(BadModel, match="1,117,320,768"):
        paths.llm_path()


def test_folder_without_a_model_is_refused_as_embedder(tmp_path: Path) -> None:
    with pytest.raises(BadModel, match=r"modules\.json"):
        paths.embedder_path(str(tmp_path))


def test_any_sentence_transformers_folder_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "modules.json").write_text("[]")

    assert paths.embedder_path(str(tmp_path)) == str(tmp_path)


def test_hash_is_remembered_until_the_file_changes(tmp_path: Path) -> None:
    path = tmp_path / "any.gguf"
    path.write_bytes(b"abc")
    before = checksums.sha256_of(path)
    status = path.stat()
    path.write_bytes(b"xyz")

    assert checksums.sha256_of(path) == checksums.hash_file(path) != before

    os.utime(path, ns=(status.st_atime_ns, 1))
    checksums.remember_sha256(path, "remembered")
    assert checksums.sha256_of(path) == "remembered"


def test_hash_is_computed_when_the_cache_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"abc")
    monkeypatch.setenv("ARTICLE_QA_CACHE", str(path / "below a file"))

    assert checksums.sha256_of(path) == checksums.hash_file(path)


def test_verify_tells_what_is_missing_and_what_is_damaged(cache: Path) -> None:
    model = manifest.default("embedder")
    assert checksums.verify(model) == [
        f"{model.name} is not here. Get it with: article-qa models fetch {model.name}"
    ]

    folder = paths.path_of(model)
    folder.mkdir(parents=True)
    (folder / "good").write_bytes(b"good")
    (folder / "bad").write_bytes(b"bad")
    good = checksums.hash_file(folder / "good")
    files = {"good": good, "bad": good, "gone": good}
    (folder / "source.json").write_text(json.dumps({"sha256": model.sha256, "files": files}))
    problems = checksums.verify(model)

    assert problems[0].startswith(f"{folder / 'bad'} has SHA-256 ")
    assert problems[1:] == [
        f"{folder / 'gone'} is missing.",
        f"Remove {folder} and run: article-qa models fetch {model.name}",
    ]
    assert not paths.is_present(model)
