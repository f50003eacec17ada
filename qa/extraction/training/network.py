"""Network: the embedder's encoder with three linear heads, on torch, to be trained.

Input: `<s> question </s></s> passage </s>`, or `<s> question </s></s> answer </s></s> passage </s>`
for an answer to judge. The span head gives a start and an end for each token, where position 0 is
"not told" (SQuAD 2.0: Rajpurkar et al. 2018, arXiv:1806.03822); the other two read position 0.
"""

from collections.abc import Iterator
from pathlib import Path

from torch import Tensor, nn

HEADS = ("span", "told", "right")


class Network(nn.Module):
    """The encoder and its heads."""

    def __init__(self, embedder: Path, frozen: int = 0, dropout: float = 0.0) -> None:
        """Load the encoder.

        Args:
            embedder: a folder of a BERT encoder, as transformers reads it.
            frozen: layers from below that stay as they are; the word vectors always do.
            dropout: share of the numbers between layers that training leaves out.
        """
        super().__init__()
        from transformers import AutoModel

        self.encoder = AutoModel.from_pretrained(
            str(embedder),
            add_pooling_layer=False,
            attn_implementation="sdpa",
            hidden_dropout_prob=dropout,
            attention_probs_dropout_prob=0.0,
        )
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

    def trained(self) -> Iterator[tuple[str, nn.Parameter]]:
        """The parameters that training changes, by their names."""
        return ((name, p) for name, p in self.named_parameters() if p.requires_grad)
