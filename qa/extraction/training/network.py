"""Network: the embedder's encoder with three linear heads, on torch, to be trained.

Input: `<s> question </s></s> passage </s>`, or `<s> question </s></s> answer </s></s> passage </s>`
for an answer to judge. The span head gives a start and an end for each token, where position 0 is
"not told" (SQuAD 2.0: Rajpurkar et al. 2018, arXiv:1806.03822); the other two read position 0.
"""

from pathlib import Path
from typing import Any

from torch import Tensor, nn

from qa.extraction.training.attention import OF_TORCH, PLAIN
from qa.extraction.training.prepared import CONFIG, ENCODER

HEADS = ("span", "told", "right")


class Network(nn.Module):
    """The encoder and its heads."""

    def __init__(self, encoder: Any, frozen: int = 0) -> None:
        """Put the heads on an encoder.

        Args:
            encoder: a BERT encoder of transformers, without a pooling layer.
            frozen: layers from below that stay as they are; the word vectors always do.
        """
        super().__init__()
        self.encoder = encoder
        hidden = self.encoder.config.hidden_size
        self.span = nn.Linear(hidden, 2)
        self.told = nn.Linear(hidden, 1)
        self.right = nn.Linear(hidden, 1)
        for head in (self.span, self.told, self.right):
            nn.init.normal_(head.weight, std=0.02)
            nn.init.zeros_(head.bias)
        self.encoder.embeddings.requires_grad_(False)
        for layer in self.encoder.encoder.layer[:frozen]:
            layer.requires_grad_(False)

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Logits of each example.

        Args:
            ids: tokens, int64, shape (examples, tokens).
            mask: 1 for a token, 0 for padding, the same shape.

        Returns:
            Start and end, float32, shape (examples, tokens) each; told and right, (examples,).
        """
        rows = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        spans = self.span(rows).float()
        first = rows[:, 0]
        told, right = self.told(first).float()[:, 0], self.right(first).float()[:, 0]
        return spans[..., 0], spans[..., 1], told, right

    def trained(self) -> list[tuple[str, nn.Parameter]]:
        """The parameters that training changes, by their names: first those that are packed."""
        found = [(name, p) for name, p in self.named_parameters() if p.requires_grad]
        return sorted(found, key=lambda each: not is_packed(*each))


def is_packed(name: str, parameter: Tensor) -> bool:
    """Whether a parameter ships in four bits a number: a matrix of the encoder."""
    return parameter.dim() == 2 and not name.startswith(HEADS)


def encoder_of(folder: Path, dropout: float = 0.0, device: str = "cpu") -> Any:
    """The encoder of a prepared folder.

    Args:
        folder: see `prepared.py`.
        dropout: share of the numbers between layers that training leaves out.
        device: what it will be trained on.
    """
    from safetensors.torch import load_file
    from transformers import BertConfig, BertModel

    config = BertConfig.from_json_file(str(folder / CONFIG))
    config.hidden_dropout_prob, config.attention_probs_dropout_prob = dropout, 0.0
    config._attn_implementation = PLAIN if device == "cpu" else OF_TORCH
    encoder = BertModel(config, add_pooling_layer=False)
    encoder.load_state_dict(
        {name: each.float() for name, each in load_file(folder / ENCODER).items()}
    )
    return encoder
