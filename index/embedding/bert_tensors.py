"""BERT tensors: the shape of an encoder, and the name and size of each of its tensors. Pure."""

from dataclasses import dataclass

WORD_EMBEDDINGS = "embeddings.word_embeddings.weight"
POSITION_EMBEDDINGS = "embeddings.position_embeddings.weight"
TYPE_EMBEDDINGS = "embeddings.token_type_embeddings.weight"
EMBEDDINGS_NORM = "embeddings.LayerNorm"
# Of a layer, in this order.
QUERY, KEY, VALUE = "attention.self.query", "attention.self.key", "attention.self.value"
ATTENTION_OUTPUT, ATTENTION_NORM = "attention.output.dense", "attention.output.LayerNorm"
INTERMEDIATE = "intermediate.dense"
OUTPUT, OUTPUT_NORM = "output.dense", "output.LayerNorm"


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of an encoder."""

    hidden: int
    layers: int
    heads: int
    ffn: int
    vocab: int
    positions: int
    types: int
    eps: float


def tensor_sizes(shape: Shape) -> dict[str, tuple[int, ...]]:
    """The size of each tensor by its name."""
    hidden, ffn = shape.hidden, shape.ffn
    sizes: dict[str, tuple[int, ...]] = {
        WORD_EMBEDDINGS: (shape.vocab, hidden),
        POSITION_EMBEDDINGS: (shape.positions, hidden),
        TYPE_EMBEDDINGS: (shape.types, hidden),
        f"{EMBEDDINGS_NORM}.weight": (hidden,),
        f"{EMBEDDINGS_NORM}.bias": (hidden,),
    }
    weights: dict[str, tuple[int, ...]] = {
        **dict.fromkeys((QUERY, KEY, VALUE, ATTENTION_OUTPUT), (hidden, hidden)),
        ATTENTION_NORM: (hidden,),
        INTERMEDIATE: (ffn, hidden),
        OUTPUT: (hidden, ffn),
        OUTPUT_NORM: (hidden,),
    }
    for layer in range(shape.layers):
        for module, weight in weights.items():
            name = layer_name(layer, module)
            sizes |= {f"{name}.weight": weight, f"{name}.bias": weight[:1]}
    return sizes


def layer_name(layer: int, module: str) -> str:
    """The name of a layer's module; `.weight` or `.bias` follows."""
    return f"encoder.layer.{layer}.{module}"
