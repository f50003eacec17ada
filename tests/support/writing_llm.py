"""A language model that writes what it is told to, as a GGUF file: a token leads to another."""

from collections.abc import Mapping

import numpy as np

from tests.support.tiny_llm import TEMPLATE, TOKENS, Gguf, tiny_llm

_WIDTH, _HEADS, _WORD, _NORMAL = 288, 9, 4, 1


def writing_llm(
    leads_to: Mapping[str, str], template: str | None = TEMPLATE, control: tuple[str, ...] = ()
) -> Gguf:
    """The model: behind the token of each key it writes the token of the value.

    Those that are no bytes are added to the vocabulary as words, or as `control` tokens. Behind any
    other token it writes `</s>`, its end.
    """
    words = sorted({*leads_to, *leads_to.values()} - set(TOKENS))
    tokens = [*TOKENS, *words]
    plain = tiny_llm(template)
    kinds = [
        *plain.values["tokenizer.ggml.token_type"],
        *(3 if w in control else _WORD for w in words),
    ]
    return Gguf(
        {
            **plain.values,
            "llama.embedding_length": _WIDTH,
            "llama.attention.head_count": _HEADS,
            "tokenizer.ggml.tokens": tokens,
            "tokenizer.ggml.scores": [0.0] * len(tokens),
            "tokenizer.ggml.token_type": kinds,
        },
        _tensors(tokens, leads_to),
    )


def _tensors(tokens: list[str], leads_to: Mapping[str, str]) -> dict[str, np.ndarray]:
    """Each token is a direction of its own; no layer adds to it, and the output looks it up."""
    count = len(tokens)
    output = np.zeros((count, _WIDTH), dtype=np.float32)
    for number, token in enumerate(tokens):
        output[tokens.index(leads_to.get(token, "</s>")), number] = 1
    square = ("attn_q", "attn_k", "attn_v", "attn_output")
    return {
        "token_embd.weight": np.eye(count, _WIDTH, dtype=np.float32),
        "output.weight": output,
        "output_norm.weight": np.ones(_WIDTH, dtype=np.float32),
        "blk.0.attn_norm.weight": np.ones(_WIDTH, dtype=np.float32),
        "blk.0.ffn_norm.weight": np.ones(_WIDTH, dtype=np.float32),
        **{f"blk.0.{name}.weight": np.zeros((_WIDTH, _WIDTH), dtype=np.float32) for name in square},
        "blk.0.ffn_gate.weight": np.zeros((32, _WIDTH), dtype=np.float32),
        "blk.0.ffn_up.weight": np.zeros((32, _WIDTH), dtype=np.float32),
        "blk.0.ffn_down.weight": np.zeros((_WIDTH, 32), dtype=np.float32),
    }
