"""Model memory: how much a model needs, by its header once it is here, and by its size before.

Raises `NoMemory` where there is less: the system would end this process, or another, in the midst.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.errors import UserError
from qa.weights import gguf, machine_memory
from qa.weights.manifest import ModelSpec
from qa.weights.paths import is_present, path_of

# Tokens whose keys and values are held: of prompts side by side, and of one passage apart
# (qa/llm/session.py).
_TOKENS = 6144 + 4096
_NUMBER = 2  # bytes of a key's or a value's number
# Python, the index, the default embedder with the reader, and what llama.cpp computes in. With the
# default model `ask` took 1.95 GB at most: 1.12 are weights and .29 keys and values.
_BESIDE = 550_000_000
# Of a model that is not here, whose keys and values nobody knows: more rather than less.
_SHARE, _MORE = 1.5, 800_000_000
# An embedder of the hub is run by torch, which takes this without any weights.
_TORCH = 700_000_000
_MEASURED = 1_953_000_000  # the resident set of `ask` at its largest, on Linux
_PLENTY = 4_000_000_000  # beyond twice its weights, more than any model's keys and values take


class NoMemory(UserError):
    """There is less memory than a model needs."""


@dataclass(frozen=True, slots=True)
class Need:
    """Bytes that a model needs, all in all; None where its size is not known.

    `measured` is true of the default models alone.
    """

    bytes: int | None
    measured: bool = False


def needed(model: ModelSpec) -> Need:
    """What a model of the manifest needs, with the default of the other kind beside it."""
    if model.default:
        return Need(_MEASURED, measured=True)
    if model.kind == "embedder":
        return Need(max(model.bytes, model.folder_bytes) + _TORCH + _MEASURED)
    if is_present(model):
        return Need(of_file(path_of(model)))
    return Need(int(model.bytes * _SHARE) + _MORE if model.bytes else None)


def of_file(path: Path) -> int:
    """Bytes that a language model needs, by its header: weights, keys and values, and the rest."""
    try:
        kept = _TOKENS * _token_bytes(gguf.values(path))
    except (TypeError, ValueError):  # a header that llama.cpp will not take either
        kept = 0
    return path.stat().st_size + kept + _BESIDE


def check(path: Path) -> None:
    """See that there is memory for a language model.

    Raises:
        NoMemory: there is not; the message says how much, and what to do.
    """
    free = machine_memory.available()
    # The header of a model takes a tenth of a second to read, which is rarely needed.
    if free is None or free > 2 * path.stat().st_size + _PLENTY:
        return
    need = of_file(path)
    if need > free:
        raise NoMemory(
            f"{path.name} needs about {_gigabytes(need)} of memory, and {_gigabytes(free)} are "
            "free here. End other programs, or choose a smaller model: article-qa models list"
        )


def fits(need: Need) -> bool | None:
    """Whether there is memory for it now; None where nobody knows."""
    free = machine_memory.available()
    return None if need.bytes is None or free is None else need.bytes <= free


def cores() -> int:
    """The processor's cores that this process may use."""
    return len(os.sched_getaffinity(0))


def _token_bytes(header: dict[str, Any]) -> int:
    """Bytes of the keys and values of a token, in all layers; 0 where the header does not tell.

    For layers that keep less, as those with a sliding window, it is more than they take.
    """
    name = header.get("general.architecture", "")

    def told(key: str, default: int = 0) -> int:
        value = header.get(f"{name}.{key}", default)
        return max(value, default=0) if isinstance(value, list) else int(value)

    layers, heads = told("block_count"), max(1, told("attention.head_count"))
    width = told("embedding_length") // heads
    both = told("attention.key_length", width) + told("attention.value_length", width)
    of_layers = header.get(f"{name}.attention.head_count_kv", heads)
    key_heads = sum(of_layers) if isinstance(of_layers, list) else layers * int(of_layers)
    return key_heads * both * _NUMBER


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB"
