"""Encoding: an example as tokens, with one window of its passage."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from qa.extraction.pairs import EOS, LIMIT, head
from qa.extraction.training.examples import AnswerExample, Example


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


def encoded(examples: Iterable[Example], embedder: Path, seed: int) -> Iterator[Encoded]:
    """The examples that fit, as tokens."""
    encode, rng = Encoder(embedder), random.Random(seed)
    for example in examples:
        if made := encode(example, rng):
            yield made


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
