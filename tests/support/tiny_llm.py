"""A language model of one layer that writes nonsense, as a GGUF file that llama.cpp loads."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

TOKENS = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
_WIDTH, _HEADS = 32, 2
_UNKNOWN, _CONTROL, _BYTE = 2, 3, 6
TEMPLATE = (
    "{% for m in messages %}<s>{{ m.role }}:{{ m.content }}</s>{% endfor %}"
    "{% if add_generation_prompt %}<s>assistant:{% endif %}"
)
_UINT32, _FLOAT32, _STRING, _ARRAY, _INT32 = 4, 6, 8, 9, 5
_ALIGNMENT = 32


@dataclass(frozen=True)
class Gguf:
    """What a GGUF file holds: values of its header, and tensors of 32-bit numbers.

    The tensors of `twice` are listed once more; `shapes` are told in place of the true ones, the
    innermost dimension first.
    """

    values: Mapping[str, Any]
    tensors: Mapping[str, NDArray[np.float32]]
    twice: tuple[str, ...] = ()
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def having(self, values: Mapping[str, Any]) -> Self:
        """The same with other values in the header; None for no value."""
        merged = {**self.values, **values}
        return replace(self, values={k: v for k, v in merged.items() if v is not None})

    def write(self, path: Path) -> Path:
        names = [*self.tensors, *self.twice]
        header = b"GGUF" + struct.pack("<IQQ", 3, len(names), len(self.values))
        header += b"".join(_text(name) + _value(value) for name, value in self.values.items())
        data = b""
        for name in names:
            tensor = self.tensors[name]
            shape = self.shapes.get(name, tensor.shape[::-1])
            header += _text(name) + struct.pack(f"<I{len(shape)}Q", len(shape), *shape)
            header += struct.pack("<IQ", 0, len(data))
            data += _padded(tensor.astype("<f4").tobytes())
        path.write_bytes(_padded(header) + data)
        return path


def tiny_llm(template: str | None = TEMPLATE) -> Gguf:
    """The model, with a chat template; its vocabulary is bytes."""
    values = {
        "general.architecture": "llama",
        "llama.context_length": 8192,
        "llama.embedding_length": _WIDTH,
        "llama.block_count": 1,
        "llama.feed_forward_length": _WIDTH,
        "llama.attention.head_count": _HEADS,
        "llama.attention.layer_norm_rms_epsilon": 1e-5,
        "tokenizer.ggml.model": "llama",
        "tokenizer.ggml.tokens": TOKENS,
        "tokenizer.ggml.scores": [0.0] * len(TOKENS),
        "tokenizer.ggml.token_type": [_UNKNOWN, _CONTROL, _CONTROL, *[_BYTE] * 256],
        "tokenizer.ggml.bos_token_id": 1,
        "tokenizer.ggml.eos_token_id": 2,
    }
    if template is not None:
        values["tokenizer.chat_template"] = template
    return Gguf(values, _tensors())


def _tensors() -> dict[str, NDArray[np.float32]]:
    chance = np.random.default_rng(7)
    square = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
    shapes: dict[str, tuple[int, ...]] = {
        "token_embd": (len(TOKENS), _WIDTH),
        "output_norm": (_WIDTH,),
        "blk.0.attn_norm": (_WIDTH,),
        "blk.0.ffn_norm": (_WIDTH,),
        **{f"blk.0.{name}": (_WIDTH, _WIDTH) for name in square},
    }
    return {
        f"{name}.weight": chance.normal(size=shape).astype(np.float32)
        for name, shape in shapes.items()
    }


def _padded(data: bytes) -> bytes:
    return data.ljust(-(-len(data) // _ALIGNMENT) * _ALIGNMENT, b"\0")


def _text(value: str) -> bytes:
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def _value(value: Any) -> bytes:
    kind = _kind(value)
    return struct.pack("<I", kind) + _content(kind, value)


def _kind(value: Any) -> int:
    return {str: _STRING, int: _UINT32, float: _FLOAT32, list: _ARRAY}[type(value)]


def _content(kind: int, value: Any) -> bytes:
    if kind == _STRING:
        return _text(value)
    if kind == _ARRAY:
        inner = _kind(value[0]) if value else _UINT32
        inner = _INT32 if inner == _UINT32 else inner
        head = struct.pack("<IQ", inner, len(value))
        return head + b"".join(_content(inner, one) for one in value)
    return struct.pack({_UINT32: "<I", _INT32: "<i", _FLOAT32: "<f"}[kind], value)
