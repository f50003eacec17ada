"""Embedder: text -> vectors; only home of sentence_transformers."""

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from index.errors import BadModel

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = NDArray[np.float32]

# Measured on two cores with tests/benchmarks/embedding.py: 4 at once, sorted by length as the
# library does, are 1.1 to 1.4 times as fast as 8, and those 1.9 times as fast as the library's 32.
_BATCH = 4


class Embedder(Protocol):
    """What the index needs of an embedding model; tests give a stand-in."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def fingerprint(self) -> str:
        """Names the weights, tokenizer and prompts: vectors of two fingerprints never mix."""

    @property
    def dimension(self) -> int:
        """Length of each vector."""

    def documents(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages, float32, shape (len(texts), dimension), each of length 1."""

    def query(self, text: str) -> Vectors:
        """Vector of a question, float32, shape (dimension,), of length 1."""

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens in each text, without the marks that open and close a sequence."""


class SentenceTransformerEmbedder:
    """A sentence-transformers folder, run on the CPU on all its cores.

    In bfloat16 where the processor computes with it (AVX-512 BF16, AMX), else in float32: elsewhere
    bfloat16 is emulated, at a tenth of the speed. The vectors of both are so near to each other
    (cosine above .999) that an index made with one is searched with the other.
    """

    def __init__(self, folder: str, *, bfloat16: bool | None = None) -> None:
        """Load the model.

        Args:
            folder: a sentence-transformers folder, or a model's name in the local hub cache.
            bfloat16: whether to compute in it; default, whether the processor can.

        Raises:
            BadModel: nothing there can be loaded.
        """
        self._name = Path(folder).name
        self._model = _load(folder)
        if computes_bfloat16() if bfloat16 is None else bfloat16:
            self._model.bfloat16()
        prompts = {name: prompt or "" for name, prompt in self._model.prompts.items()}
        self._fingerprint = fingerprint(folder, prompts)

    @property
    def name(self) -> str:
        """See `Embedder`."""
        return self._name

    @property
    def fingerprint(self) -> str:
        """See `Embedder`."""
        return self._fingerprint

    @property
    def dimension(self) -> int:
        """See `Embedder`."""
        return int(self._model.get_embedding_dimension() or 0)

    def documents(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder`."""
        return self._run(self._model.encode_document, list(texts))

    def query(self, text: str) -> Vectors:
        """See `Embedder`."""
        vector: Vectors = self._run(self._model.encode_query, [text])[0]
        return vector

    def count(self, texts: Sequence[str]) -> list[int]:
        """See `Embedder`."""
        if not texts:
            return []
        encoded = self._model.tokenizer(
            list(texts), add_special_tokens=False, truncation=False, verbose=False
        )
        return [len(ids) for ids in encoded["input_ids"]]

    def _run(self, encode: Callable[..., Vectors], texts: list[str]) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        # Brought to length 1 here, as the library would do it in the model's own precision.
        vectors = np.asarray(
            encode(texts, batch_size=_BATCH, show_progress_bar=False, normalize_embeddings=False),
            dtype=np.float32,
        )
        unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit


def computes_bfloat16() -> bool:
    """Whether the processor has instructions for matrices of bfloat16."""
    import torch

    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def fingerprint(folder: str, prompts: dict[str, str]) -> str:
    """Name a model by its small files, the edges of its large ones, and its prompts.

    Large files are sampled at both ends, so that a question need not read 470 MB first.
    """
    digest = hashlib.sha256(repr(sorted(prompts.items())).encode())
    path = Path(folder)
    if not path.is_dir():
        digest.update(folder.encode())
        return digest.hexdigest()
    for file in sorted(p for p in path.rglob("*") if p.is_file()):
        size = file.stat().st_size
        digest.update(f"{file.relative_to(path).as_posix()} {size}\n".encode())
        with file.open("rb") as stream:
            digest.update(stream.read(1 << 20))
            if size > 1 << 20:
                stream.seek(-(1 << 20), os.SEEK_END)
                digest.update(stream.read())
    return digest.hexdigest()


def _load(folder: str) -> "SentenceTransformer":
    # Read by the libraries when they are imported. Threads that wait by spinning for long stand
    # in each other's way as soon as another program runs.
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # the library has no types
    try:
        return SentenceTransformer(folder, device="cpu", local_files_only=True)
    except Exception as error:  # the library raises many kinds for a folder that is not a model
        reason = str(error).strip().split("\n", 1)[0]
        raise BadModel(
            f"Cannot load the embedder {folder}: {reason} "
            "Give a sentence-transformers folder with --embedder, "
            "or get the default one with: article-qa models fetch"
        ) from error
