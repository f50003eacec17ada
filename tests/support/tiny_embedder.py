"""A tiny embedder of random weights, as a sentence-transformers folder like the default one's."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from index.embedding import packed
from index.embedding.bert_tensors import Shape
from index.embedding.embedder import Vectors
from index.embedding.unigram import Vocabulary, tokenizer

SHAPE = Shape(hidden=32, layers=2, heads=4, ffn=48, vocab=16, positions=16, types=2, eps=1e-12)
_PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁", "a", "b", "▁a", "ab", "▁query:", "▁passage:", "क"]
VOCABULARY = Vocabulary(
    [(piece, -0.5 - i / 8) for i, piece in enumerate(_PIECES)],
    *(0, 2, 1, 3),
    {"Ａ": "a", "＜": "<", "\n": " "},
)


def weights(seed: int = 7) -> dict[str, Vectors]:
    """Every tensor of a BertModel of `SHAPE`."""
    rng = np.random.default_rng(seed)
    return {
        name: rng.normal(1 if name.endswith("LayerNorm.weight") else 0, 0.2, size).astype("f4")
        for _, name, size in packed.tensors(SHAPE)
    }


def write(folder: Path) -> Path:
    """Make such a folder."""
    from safetensors.numpy import save_file

    folder.mkdir()
    save_file(weights(), folder / "model.safetensors", metadata={"format": "pt"})
    tokenizer(VOCABULARY).save(str(folder / "tokenizer.json"))
    for name, content in packed._configuration(packed.Packed(SHAPE, VOCABULARY, {}, b"")).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    return folder


def change(name: str, **values: Any) -> Callable[[Path], None]:
    """What sets keys of one of the folder's JSON files."""

    def changed(folder: Path) -> None:
        content = json.loads((folder / name).read_text(encoding="utf-8"))
        (folder / name).write_text(json.dumps(content | values), encoding="utf-8")

    return changed
