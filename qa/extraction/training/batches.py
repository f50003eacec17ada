"""Batches: examples as tokens, those of like length together."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from qa.extraction.pairs import EOS, LIMIT, head
from qa.extraction.training.examples import AnswerExample, Example

PAD = 1


@dataclass(frozen=True, slots=True)
class Encoded:
    """An example as tokens; the passage's are `ids[first : first + count]`.

    `start` and `end` are positions of the span's first and last token, 0 if there is none, `tells`
    whether the passage does, and `right` is set for an answer to judge alone.
    """

    ids: list[int]
    first: int
    count: int
    start: int = 0
    end: int = 0
    tells: bool = False
    right: bool | None = None


class Encoder:
    """Encodes examples, each with one window of its passage."""

    def __init__(self, embedder: Path) -> None:
        """Load the tokenizer of the embedder in a folder."""
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(embedder / "tokenizer.json"))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()

    def __call__(self, example: Example, rng: random.Random) -> Encoded | None:
        """The tokens, or None if what tells does not fit."""
        answer = self._ids(example.answer) if isinstance(example, AnswerExample) else None
        before = head(self._ids(example.question), answer)
        encoding = self._tokenizer.encode(example.passage, add_special_tokens=False)
        room = LIMIT - len(before) - 1
        if isinstance(example, AnswerExample):
            if len(encoding.ids) > room:
                return None
            ids = [*before, *encoding.ids, EOS]
            return Encoded(ids, len(before), len(encoding.ids), right=example.right)
        if example.tells and not example.span and len(encoding.ids) > room:
            return None  # the window may lack what tells
        inside = _touched(encoding.offsets, example.span)
        if example.span and (not inside or inside[-1] - inside[0] >= room):
            return None
        low = _window(len(encoding.ids), room, inside, rng)
        shown = encoding.ids[low : low + room]
        start, end = (len(before) + inside[i] - low for i in (0, -1)) if inside else (0, 0)
        tells = example.tells
        return Encoded([*before, *shown, EOS], len(before), len(shown), start, end, tells)

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids


def _touched(offsets: Sequence[tuple[int, int]], span: tuple[int, int] | None) -> list[int]:
    """Which tokens share a code point with the span."""
    if span is None:
        return []
    return [i for i, (start, end) in enumerate(offsets) if end > span[0] and start < span[1]]


def _window(count: int, room: int, inside: Sequence[int], rng: random.Random) -> int:
    """Where a window of a passage begins, drawn among those with all that is inside."""
    if count <= room:
        return 0
    if not inside:
        return rng.randint(0, count - room)
    return rng.randint(max(0, inside[-1] - room + 1), min(inside[0], count - room))


def batches(examples: Iterable[Encoded], tokens: int, rng: random.Random) -> list[list[Encoded]]:
    """Batches of one kind, of at most `tokens` tokens with padding, in random order."""
    kinds: dict[bool, list[Encoded]] = {False: [], True: []}
    for example in examples:
        kinds[example.right is None].append(example)
    made: list[list[Encoded]] = []
    for kind in kinds.values():
        batch: list[Encoded] = []
        for example in sorted(kind, key=lambda each: len(each.ids)):
            if len(example.ids) * (len(batch) + 1) > tokens:
                made.append(batch)
                batch = []
            batch.append(example)
        made.append(batch)
    made = [batch for batch in made if batch]
    rng.shuffle(made)
    return made


def padded(batch: Sequence[Encoded]) -> tuple[Tensor, Tensor]:
    """Tokens, and a mask with 0 for padding, int64, shape (examples, tokens) each."""
    longest = max(len(each.ids) for each in batch)
    ids = torch.tensor([each.ids + [PAD] * (longest - len(each.ids)) for each in batch])
    return ids, (ids != PAD).long()
