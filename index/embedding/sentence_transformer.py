"""Sentence-transformers embedder: for many texts, on torch.

The only home of sentence_transformers.
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.embedding.embedder import Vectors, fingerprint
from index.errors import BadModel

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# Measured on two cores with tests/benchmarks/embedding.py: 4 at once, sorted by length as the
# library does, are 1.1 to 1.4 times as fast as 8, and those 1.9 times as fast as the library's 32.
_BATCH = 4
_GPU_BATCH = 32  # the library's own


class SentenceTransformerEmbedder:
    """A sentence-transformers folder, run on the GPU that torch has, else on all cores of the CPU.

    In bfloat16 where the processor computes with it (AVX-512 BF16, AMX), else in float32: elsewhere
    bfloat16 is emulated, at a tenth of the speed. The vectors of both are so near to each other
    (cosine above .999) that an index made with one is searched with the other. On a GPU in float32.
    """

    def __init__(self, folder: str, *, bfloat16: bool | None = None) -> None:
        """Load the model.

        Args:
            folder: a sentence-transformers folder, or a model's name in the local hub cache.
            bfloat16: whether to compute in it; default, whether the processor does and can.

        Raises:
            BadModel: nothing there can be loaded.
        """
        self._name = Path(folder).name
        self._model = _load(folder)
        on_cpu = self._model.device.type == "cpu"
        self._batch = _BATCH if on_cpu else _GPU_BATCH
        if (on_cpu and computes_bfloat16()) if bfloat16 is None else bfloat16:
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
        # Normalised here in float32: the library would do it in the model's own precision.
        vectors = np.asarray(
            encode(
                texts, batch_size=self._batch, show_progress_bar=False, normalize_embeddings=False
            ),
            dtype=np.float32,
        )
        unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit


def computes_bfloat16() -> bool:
    """Whether the processor has matrix instructions for bfloat16."""
    import torch

    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def device() -> str:
    """What torch is to compute on: a GPU that it was built for and finds, else `cpu`.

    `CUDA_VISIBLE_DEVICES=` in the environment hides GPUs from it.
    """
    import torch

    if torch.cuda.is_available():  # NVIDIA's, and AMD's where torch was built for them
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _load(folder: str) -> "SentenceTransformer":
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # read by the libraries when they are imported
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # the library has no types
    try:
        return SentenceTransformer(folder, device=device(), local_files_only=True)
    except Exception as error:  # the library raises many kinds for a folder that is not a model
        reason = str(error).strip().split("\n", 1)[0]
        raise BadModel(
            f"Cannot load the embedder {folder}: {reason} "
            "Give a sentence-transformers folder with --embedder, "
            "or get the default one with: article-qa models fetch"
        ) from error
