import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from index.errors import BadModel
from qa.weights import manifest, paths
from qa.weights.paths import MissingWeights

ROOT = Path(__file__).parents[2]
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

    with pytest.raises(BadModel, match="incomplete or damaged"):
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


def test_makefile_finds_where_the_weights_lie(cache: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8").replace("\\\n", "")
    code = re.search(r"^WHERE := (.+)$", makefile, re.MULTILINE)
    assert code
    run = [sys.executable, "-c", code[1]]
    printed = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    models = manifest.default("llm"), manifest.default("embedder")

    assert printed.splitlines() == [str(cache), *(str(paths.path_of(model)) for model in models)]
