"""Language models whose sequences cannot be branched, small and random: GGUF files as `tiny_llm`.

A sliding window of 8 tokens (gemma3), one state for all that was read (mamba), and both kinds of
layers (lfm2): with these any shortcut shows within a few tokens.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.support.tiny_llm import TOKENS, Gguf, tiny_llm

WINDOW = 8
_WIDTH, _HEADS, _HEAD, _INNER, _STATE, _KERNEL, _RANK, _MEMORY = 32, 2, 16, 64, 8, 4, 2, 3
_BLOCK_OF_LLAMA = "llama."
Shapes = dict[str, tuple[int, ...]]


def sliding() -> Gguf:
    """Six layers of gemma3, of which five see no further than `WINDOW` tokens back."""
    width = {"attention.key_length": _HEAD, "attention.value_length": _HEAD}
    blocks = [_gemma3_block() for _ in range(6)]
    return _model("gemma3", {**width, "attention.sliding_window": WINDOW}, blocks, "output_norm")


def recurrent() -> Gguf:
    """Two layers of mamba, which keep one state for all that was read."""
    sizes = {
        "ssm.conv_kernel": _KERNEL,
        "ssm.inner_size": _INNER,
        "ssm.state_size": _STATE,
        "ssm.time_step_rank": _RANK,
    }
    return _model("mamba", sizes, [_mamba_block() for _ in range(2)], "output_norm")


def hybrid() -> Gguf:
    """Two layers of lfm2: a short convolution, and attention."""
    sizes: dict[str, Any] = {"shortconv.l_cache": _MEMORY, "attention.head_count_kv": [0, _HEADS]}
    return _model("lfm2", sizes, [_convolution_block(), _lfm2_block()], "token_embd_norm")


def _model(architecture: str, sizes: Mapping[str, Any], blocks: list[Shapes], output: str) -> Gguf:
    plain = tiny_llm()
    values = {
        key.replace(_BLOCK_OF_LLAMA, f"{architecture}.", 1): value
        for key, value in plain.values.items()
    }
    values |= {"general.architecture": architecture, f"{architecture}.block_count": len(blocks)}
    values |= {f"{architecture}.{key}": value for key, value in sizes.items()}
    shapes: Shapes = {"token_embd.weight": (len(TOKENS), _WIDTH), f"{output}.weight": (_WIDTH,)}
    for number, block in enumerate(blocks):
        shapes |= {f"blk.{number}.{name}": shape for name, shape in block.items()}
    return Gguf(values, _random(shapes))


def _gemma3_block() -> Shapes:
    norms = ("attn_norm", "post_attention_norm", "ffn_norm", "post_ffw_norm")
    return {**_attention(), **_feed_forward(), **{f"{name}.weight": (_WIDTH,) for name in norms}}


def _lfm2_block() -> Shapes:
    norms = {"attn_norm.weight": (_WIDTH,), "ffn_norm.weight": (_WIDTH,)}
    return {**_attention(), **_feed_forward(), **norms}


def _convolution_block() -> Shapes:
    return {
        **_feed_forward(),
        "attn_norm.weight": (_WIDTH,),
        "ffn_norm.weight": (_WIDTH,),
        "shortconv.conv.weight": (_WIDTH, _MEMORY),
        "shortconv.in_proj.weight": (3 * _WIDTH, _WIDTH),
        "shortconv.out_proj.weight": (_WIDTH, _WIDTH),
    }


def _mamba_block() -> Shapes:
    return {
        "attn_norm.weight": (_WIDTH,),
        "ssm_in.weight": (2 * _INNER, _WIDTH),
        "ssm_conv1d.weight": (_INNER, _KERNEL),
        "ssm_conv1d.bias": (_INNER,),
        "ssm_x.weight": (_RANK + 2 * _STATE, _INNER),
        "ssm_dt.weight": (_INNER, _RANK),
        "ssm_dt.bias": (_INNER,),
        "ssm_a": (_INNER, _STATE),
        "ssm_d": (_INNER,),
        "ssm_out.weight": (_WIDTH, _INNER),
    }


def _attention() -> Shapes:
    square = {f"{name}.weight": (_WIDTH, _WIDTH) for name in ("attn_q", "attn_k", "attn_v")}
    norms = {f"{name}.weight": (_HEAD,) for name in ("attn_q_norm", "attn_k_norm")}
    return {**square, **norms, "attn_output.weight": (_WIDTH, _WIDTH)}


def _feed_forward() -> Shapes:
    return {f"{name}.weight": (_WIDTH, _WIDTH) for name in ("ffn_gate", "ffn_up", "ffn_down")}


def _random(shapes: Shapes) -> dict[str, NDArray[np.float32]]:
    chance = np.random.default_rng(7)
    tensors = {name: chance.normal(size=shape) / 4 for name, shape in shapes.items()}
    # A state that grows without end is no number after a few tokens.
    tensors |= {name: -np.abs(value) for name, value in tensors.items() if name.endswith("ssm_a")}
    return {name: value.astype(np.float32) for name, value in tensors.items()}
