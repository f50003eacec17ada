"""Tokenizer: a Unigram tokenizer.json -> the tokens of texts, built in part for short texts.

A tokenizer of 250,000 pieces takes two thirds of a second to build, and a question has thirty
tokens. So for short texts one is built of the pieces that occur in them: no other could be chosen.
Knows the tokenizers library; does not know what tokens are for.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tokenizers import Tokenizer

# Code points in all, above which the whole tokenizer is worth building. Two cores take 0.7 s for
# it, 0.03 s for partial ones of 10 questions, 0.3 s for one of 20,000 code points of articles.
_PARTIAL_BELOW = 20_000
_ABSENT_PIECE = "\0"  # a piece that stands in no text


@dataclass(frozen=True, slots=True)
class Tokens:
    """A text as tokens: their ids, and where each stands in the text, in code points, half-open."""

    ids: list[int]
    offsets: list[tuple[int, int]]


class PartialTokenizer:
    """A tokenizer that neither truncates nor pads. Threads may share it."""

    def __init__(self, path: Path) -> None:
        """Read a tokenizer.json.

        Raises:
            OSError: it cannot be read.
            ValueError, KeyError, TypeError: it is no Unigram tokenizer.
        """
        self._tokenized = 0  # code points
        self._settings = json.loads(path.read_bytes()) | {"truncation": None, "padding": None}
        model = self._settings["model"]
        if model["type"] != "Unigram" or model.get("byte_fallback"):
            raise ValueError(f"its tokenizer is not Unigram but {model['type']}")
        self._vocabulary: list[tuple[str, float]] = model["vocab"]
        self._unknown: int = model["unk_id"]
        self._ids = {piece: id for id, (piece, _) in enumerate(self._vocabulary)}
        self._longest = max(map(len, self._ids))
        # The score of an unknown piece depends on the lowest one: a partial tokenizer needs it.
        least = min(self._vocabulary, key=itemgetter(1))
        self._always = [self._vocabulary[self._unknown][0], least[0]]
        added = self._settings["added_tokens"]
        self._added: dict[str, int] = {token["content"]: token["id"] for token in added}

    @property
    def size(self) -> int:
        """One more than the highest id."""
        return 1 + max(len(self._vocabulary) - 1, *self._added.values())

    def ids(self, texts: Sequence[str], *, special: bool = True) -> list[list[int]]:
        """The token ids of each text, with the tokens that open and close a sequence or without."""
        return [tokens.ids for tokens in self.encode(texts, special=special)]

    def encode(self, texts: Sequence[str], *, special: bool = True) -> list[Tokens]:
        """The tokens of each text, with those that open and close a sequence or without."""
        self._tokenized += sum(map(len, texts))
        if self._tokenized > _PARTIAL_BELOW:
            found = [self._whole.encode(text, add_special_tokens=special) for text in texts]
            return [Tokens(each.ids, each.offsets) for each in found]
        words = {word for text in texts for word in self._words.encode(text).tokens}
        partial = self._partial([*dict.fromkeys([*self._always, *self._pieces_in(words)])])
        found = [partial.encode(text, add_special_tokens=special) for text in texts]
        return [Tokens(self._by_text(each.tokens), each.offsets) for each in found]

    def _by_text(self, tokens: Iterable[str]) -> list[int]:
        """Ids of tokens by their texts: in a partial tokenizer they have other ids."""
        added, ids, unknown = self._added, self._ids, self._unknown
        return [added[token] if token in added else ids.get(token, unknown) for token in tokens]

    def _pieces_in(self, words: Iterable[str]) -> Iterable[str]:
        """Every piece that occurs in a word."""
        for word in words:
            for start in range(len(word)):
                for end in range(start + 1, min(len(word), start + self._longest) + 1):
                    if (part := word[start:end]) in self._ids:
                        yield part

    @cached_property
    def _words(self) -> "Tokenizer":
        """A tokenizer that cuts texts into words: it has no piece, so each word stays whole."""
        return self._build([(_ABSENT_PIECE, 0.0)])

    @cached_property
    def _whole(self) -> "Tokenizer":
        return self._build(self._vocabulary, self._unknown)

    def _partial(self, pieces: Sequence[str]) -> "Tokenizer":
        """The tokenizer of these pieces only; the first is the unknown one."""
        return self._build([self._vocabulary[self._ids[piece]] for piece in pieces])

    def _build(self, vocabulary: Sequence[tuple[str, float]], unknown: int = 0) -> "Tokenizer":
        from tokenizers import Tokenizer

        model: dict[str, Any] = self._settings["model"] | {"vocab": vocabulary, "unk_id": unknown}
        return Tokenizer.from_str(json.dumps(self._settings | {"model": model}))
