"""Pieces: a Unigram tokenizer.json -> the tokens of texts, at first without making all of it.

A tokenizer of 250,000 pieces takes two thirds of a second to make, and a question has thirty. So
for a few texts one is made of the pieces that stand in them: no other could be chosen. Knows the
tokenizers library; does not know what tokens are for.
"""

import json
from collections.abc import Iterable, Sequence
from functools import cached_property
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tokenizers import Tokenizer

# Code points in all, from which on the whole tokenizer is worth making. Two cores make it in 0.7 s
# and small ones for 10 questions in 0.03 s, for 20,000 code points of articles in 0.3 s.
_FEW = 20_000
_NOTHING = "\0"  # a piece that stands in no text


class PartialTokenizer:
    """A tokenizer that neither truncates nor pads. Threads may share it."""

    def __init__(self, path: Path) -> None:
        """Read a tokenizer.json.

        Raises:
            OSError: it cannot be read.
            ValueError, KeyError, TypeError: it is no Unigram tokenizer.
        """
        self._path, self._cut = path, 0
        self._about = json.loads(path.read_bytes()) | {"truncation": None, "padding": None}
        model = self._about["model"]
        if model["type"] != "Unigram" or model.get("byte_fallback"):
            raise ValueError(f"its tokenizer is not Unigram but {model['type']}")
        self._vocabulary: list[tuple[str, float]] = model["vocab"]
        self._unknown: int = model["unk_id"]
        self._ids = {piece: id for id, (piece, _) in enumerate(self._vocabulary)}
        self._longest = max(map(len, self._ids))
        # What no piece fits is worth so much less than the least piece: it must always be there.
        least = min(self._vocabulary, key=itemgetter(1))
        self._always = [self._vocabulary[self._unknown][0], least[0]]
        added = self._about["added_tokens"]
        self._marks: dict[str, int] = {token["content"]: token["id"] for token in added}

    @property
    def size(self) -> int:
        """One more than the highest id."""
        return 1 + max(len(self._vocabulary) - 1, *self._marks.values())

    def ids(self, texts: Sequence[str], *, marks: bool = True) -> list[list[int]]:
        """The tokens of each text, with the marks that open and close a sequence or without."""
        self._cut += sum(map(len, texts))
        if self._cut > _FEW:
            return [self._whole.encode(text, add_special_tokens=marks).ids for text in texts]
        words = {word for text in texts for word in self._words.encode(text).tokens}
        few = self._made([*dict.fromkeys([*self._always, *self._standing_in(words)])])
        return [self._named(few.encode(text, add_special_tokens=marks).tokens) for text in texts]

    def _named(self, tokens: Iterable[str]) -> list[int]:
        """Ids of tokens that are known by their text: in a small tokenizer they have other ones."""
        marks, ids, unknown = self._marks, self._ids, self._unknown
        return [marks[token] if token in marks else ids.get(token, unknown) for token in tokens]

    def _standing_in(self, words: Iterable[str]) -> Iterable[str]:
        """Every piece that is a part of a word."""
        for word in words:
            for start in range(len(word)):
                for end in range(start + 1, min(len(word), start + self._longest) + 1):
                    if (part := word[start:end]) in self._ids:
                        yield part

    @cached_property
    def _words(self) -> "Tokenizer":
        """What cuts texts as far as into words: it knows no piece, so each word stays whole."""
        return self._of([(_NOTHING, 0.0)])

    @cached_property
    def _whole(self) -> "Tokenizer":
        return self._of(self._vocabulary, self._unknown)

    def _made(self, pieces: Sequence[str]) -> "Tokenizer":
        """The tokenizer of some pieces, of which the first stands for what is unknown."""
        return self._of([self._vocabulary[self._ids[piece]] for piece in pieces])

    def _of(self, vocabulary: Sequence[tuple[str, float]], unknown: int = 0) -> "Tokenizer":
        from tokenizers import Tokenizer

        model: dict[str, Any] = self._about["model"] | {"vocab": vocabulary, "unk_id": unknown}
        return Tokenizer.from_str(json.dumps(self._about | {"model": model}))
