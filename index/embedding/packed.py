"""Packed embedder: a 4-bit E5 model in one file -> a sentence-transformers folder.

    e5-small-q4.bin -> Packed -> model.safetensors, tokenizer.json and their configuration

The packed file ("E5S1", little-endian) holds a BERT encoder and the vocabulary and character map
of its tokenizer. The folder loads with `SentenceTransformer(folder)`, offline, like any other.
Knows the two formats; does not know where the file came from or where the folder belongs.
"""

from __future__ import annotations

import hashlib
import json
import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.embedding import bert_tensors
from index.embedding.bert_tensors import Shape
from index.embedding.binary_cursor import BinaryCursor
from index.embedding.unigram import MASK, Vocabulary, tokenizer
from index.errors import BadModel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAGIC = b"E5S1"
VERSION = 1
BLOCK = 32
FLOAT32, Q4_0 = 0, 1
MODULES = {
    "": "models.Transformer",
    "1_Pooling": "models.Pooling",
    "2_Normalize": "models.Normalize",
}
PROMPTS = {"query": "query: ", "document": "passage: "}
# Nothing reads a pooler here, but transformers warns when a BertModel comes without one.
POOLER = ("pooler.dense.weight", "pooler.dense.bias")

# What the packed file calls the tensors of a BertModel.
_EMBEDDINGS = {
    bert_tensors.WORD_EMBEDDINGS: "emb.word",
    bert_tensors.POSITION_EMBEDDINGS: "emb.pos",
    bert_tensors.TYPE_EMBEDDINGS: "emb.type",
    f"{bert_tensors.EMBEDDINGS_NORM}.weight": "emb.ln.w",
    f"{bert_tensors.EMBEDDINGS_NORM}.bias": "emb.ln.b",
}
_LAYER = {
    bert_tensors.QUERY: "q",
    bert_tensors.KEY: "k",
    bert_tensors.VALUE: "v",
    bert_tensors.ATTENTION_OUTPUT: "ao",
    bert_tensors.ATTENTION_NORM: "aln",
    bert_tensors.INTERMEDIATE: "fi",
    bert_tensors.OUTPUT: "fo",
    bert_tensors.OUTPUT_NORM: "oln",
}


@dataclass(frozen=True, slots=True)
class Packed:
    """A packed file; its tensors stay packed in `data` until they are read.

    `offsets` maps a tensor's name to its kind, number of weights, offset and length in bytes.
    """

    shape: Shape
    vocabulary: Vocabulary
    offsets: dict[str, tuple[int, int, int, int]]
    data: bytes

    def tensor(self, name: str, *size: int) -> NDArray[np.float32]:
        """The tensor as float32 of the given size."""
        import numpy as np

        kind, count, offset, length = self.offsets[name]
        if kind == FLOAT32:
            values = np.frombuffer(self.data, "<f4", count, offset)
        else:
            values = _unpack_q4(np.frombuffer(self.data, np.uint8, length, offset))
        return values.reshape(size)


def read(path: Path) -> Packed:
    """Read a packed embedder and check that it is complete."""
    data = path.read_bytes()
    try:
        return _parse(data)
    except (ValueError, struct.error, KeyError, IndexError) as error:
        raise BadModel(f"{path} is not a whole packed embedder ({error}).") from error


def convert(source: Path, folder: Path) -> None:
    """Write the packed embedder at `source` as a sentence-transformers folder.

    `folder` must not exist yet. `source.json` in it records the SHA-256 of the packed file and of
    each file in the folder.
    """
    from safetensors.numpy import save_file

    packed = read(source)
    folder.mkdir(parents=True)
    save_file(dict(_weights(packed)), folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)  # as the files beside it
    tokenizer(packed.vocabulary).save(str(folder / "tokenizer.json"))
    for name, content in _configuration(packed).items():
        target = folder / name
        target.parent.mkdir(exist_ok=True)
        target.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    origin = {
        "sha256": hashlib.sha256(packed.data).hexdigest(),
        "files": {
            path.relative_to(folder).as_posix(): _sha256(path)
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        },
    }
    (folder / "source.json").write_text(json.dumps(origin, indent=2) + "\n", encoding="utf-8")


def _parse(data: bytes) -> Packed:
    at = BinaryCursor(data)
    if data[:4] != MAGIC:
        raise ValueError(f"it starts with {data[:4]!r}, not {MAGIC!r}")
    at.skip(len(MAGIC))
    (version,) = at.values("<I")
    if version != VERSION:
        raise ValueError(f"version {version} of the format, not {VERSION}")
    shape = Shape(*at.values("<7if"))
    (block,) = at.values("<i")
    if block != BLOCK:
        raise ValueError(f"blocks of {block} weights, not {BLOCK}")
    vocabulary = _vocabulary(at)
    offsets = dict(_directory(at))
    packed = Packed(shape, vocabulary, offsets, data)
    for name, _, size in tensors(shape):
        _check(name, size, offsets, len(data))
    return packed


def _vocabulary(at: BinaryCursor) -> Vocabulary:
    count, bos, eos, pad, unk = at.values("<5i")
    (length,) = at.values("<Q")
    ends = at.values(f"<{count + 1}I")
    scores = at.values(f"<{count}f")
    blob = at.bytes(length)
    pieces = [blob[start:end].decode() for start, end in pairwise(ends)]
    if len(set(pieces)) != count or max(bos, eos, pad, unk) >= count:
        raise ValueError("its vocabulary is not sound")
    entries, length = at.values("<iI")
    characters = dict(_character_map(BinaryCursor(at.bytes(length)), entries))
    return Vocabulary(list(zip(pieces, scores, strict=True)), bos, eos, pad, unk, characters)


def _character_map(at: BinaryCursor, entries: int) -> Iterator[tuple[str, str]]:
    for _ in range(entries):
        code, count = at.values("<IB")
        yield chr(code), "".join(map(chr, at.values(f"<{count}I")))


def _directory(at: BinaryCursor) -> Iterator[tuple[str, tuple[int, int, int, int]]]:
    (entries,) = at.values("<i")
    for _ in range(entries):
        (length,) = at.values("<H")
        name = at.bytes(length).decode()
        kind, count, offset, size = at.values("<BIQQ")
        yield name, (kind, count, offset, size)


def _check(
    name: str, size: tuple[int, ...], offsets: dict[str, tuple[int, int, int, int]], total: int
) -> None:
    kind, count, offset, length = offsets[name]
    expected = {FLOAT32: 4 * count, Q4_0: count // BLOCK * (2 + BLOCK // 2)}.get(kind)
    if count != math.prod(size) or length != expected:
        raise ValueError(f"the tensor {name} has the wrong size")
    if offset + length > total:
        raise ValueError(f"it ends before the tensor {name} does")


def tensors(shape: Shape) -> Iterator[tuple[str, str, tuple[int, ...]]]:
    """Each tensor: its name here, its name in a BertModel, its size."""
    for name, size in bert_tensors.tensor_sizes(shape).items():
        yield _packed_name(name), name, size


def _packed_name(name: str) -> str:
    if name in _EMBEDDINGS:
        return _EMBEDDINGS[name]
    _, _, layer, *module, kind = name.split(".")
    return f"l{layer}.{_LAYER['.'.join(module)]}.{kind[0]}"


def _weights(packed: Packed) -> Iterator[tuple[str, NDArray[np.float32]]]:
    import numpy as np

    for name, full, size in tensors(packed.shape):
        yield full, packed.tensor(name, *size)
    hidden = packed.shape.hidden
    for full, size in zip(POOLER, ((hidden, hidden), (hidden,)), strict=True):
        yield full, np.zeros(size, np.float32)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _unpack_q4(raw: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Blocks of a float16 scale and 16 bytes: low halves are weights 0-15, high ones 16-31."""
    import numpy as np

    blocks = raw.reshape(-1, 2 + BLOCK // 2)
    scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
    values = np.empty((len(blocks), BLOCK), np.float32)
    values[:, : BLOCK // 2] = blocks[:, 2:] & 0x0F
    values[:, BLOCK // 2 :] = blocks[:, 2:] >> 4
    values -= 8
    values *= scales
    return values


def _configuration(packed: Packed) -> dict[str, Any]:
    shape, words = packed.shape, packed.vocabulary
    names = [piece for piece, _ in words.pieces]
    bert = {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_size": shape.hidden,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "intermediate_size": shape.ffn,
        "hidden_act": "gelu",
        "vocab_size": shape.vocab,
        "max_position_embeddings": shape.positions,
        "type_vocab_size": shape.types,
        "layer_norm_eps": shape.eps,
        "bos_token_id": words.bos,
        "eos_token_id": words.eos,
        "pad_token_id": words.pad,
        "dtype": "float32",
    }
    tokens = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": shape.positions,
        "model_input_names": ["input_ids", "attention_mask"],
        "bos_token": names[words.bos],
        "cls_token": names[words.bos],
        "eos_token": names[words.eos],
        "sep_token": names[words.eos],
        "pad_token": names[words.pad],
        "unk_token": names[words.unk],
        "mask_token": MASK,
    }
    return {
        "config.json": bert,
        "tokenizer_config.json": tokens,
        "modules.json": [
            {"idx": idx, "name": str(idx), "path": path, "type": f"sentence_transformers.{kind}"}
            for idx, (path, kind) in enumerate(MODULES.items())
        ],
        "sentence_bert_config.json": {"max_seq_length": shape.positions, "do_lower_case": False},
        "1_Pooling/config.json": {"embedding_dimension": shape.hidden, "pooling_mode": "mean"},
        "2_Normalize/config.json": {},
        "config_sentence_transformers.json": {
            "model_type": "SentenceTransformer",
            "prompts": PROMPTS,
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
    }
