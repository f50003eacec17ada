"""Words: BM25 over tokens of any script; only home of bm25s.

Names, numbers and rare words are where words beat vectors. Tokens are NFKC and case-folded, with
digits of every script as ASCII; runs of Chinese, Japanese, Thai and the like become bigrams.
"""

import itertools
import shutil
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import regex
from numpy.typing import NDArray

if TYPE_CHECKING:
    from bm25s import BM25

# A number keeps its separators (`2,8`, `1.000`); a word its marks (Devanagari vowels) and joiners.
_TOKEN = regex.compile(r"\d+(?:[.,٫٬]\d+)*|[\p{L}\p{M}\p{N}\u200c\u200d]+")
# Scripts written without spaces between words: each run is cut into overlapping pairs.
_UNSPACED = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}][\p{M}]*"
)
_UNSPACED_RUN = regex.compile(
    r"((?:[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}][\p{M}]*)+)"
)


def tokens(text: str) -> list[str]:
    """Cut a text into words as BM25 compares them, in any script."""
    folded = "".join(map(_fold_digit, unicodedata.normalize("NFKC", text).casefold()))
    return [
        token
        for word in _TOKEN.findall(folded.replace("\u200c", "").replace("\u200d", ""))
        for token in _split_scripts(word)
    ]


def _fold_digit(character: str) -> str:
    if character.isdecimal() and not character.isascii():
        return str(unicodedata.decimal(character))
    return character


def _split_scripts(word: str) -> list[str]:
    found = []
    for run in filter(None, _UNSPACED_RUN.split(word)):
        letters = _UNSPACED.findall(run)
        if len(letters) < 2:
            found.append(run)
        else:
            found += [a + b for a, b in itertools.pairwise(letters)]
    return found


class LexicalIndex:
    """BM25 (Robertson's, as Lucene scores it) over numbered texts, kept in a folder."""

    def __init__(self, model: "BM25", vocabulary: dict[str, int], size: int) -> None:
        """Use `build` or `load`."""
        self._model, self._vocabulary, self._size = model, vocabulary, size

    @classmethod
    def build(cls, texts: Sequence[str]) -> "LexicalIndex":
        """Index texts; results name them by their position."""
        import bm25s

        words = [tokens(text) for text in texts]
        vocabulary: dict[str, int] = {}
        ids = [[vocabulary.setdefault(word, len(vocabulary)) for word in text] for text in words]
        model = bm25s.BM25(method="lucene")
        if vocabulary:
            model.index((ids, vocabulary), show_progress=False, create_empty_token=False)
        return cls(model, vocabulary, len(texts))

    def save(self, folder: Path) -> None:
        """Write to a new folder."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / "size").write_text(f"{self._size} {len(self._vocabulary)}")
        if self._vocabulary:
            self._model.save(folder, show_progress=False)

    @classmethod
    def load(cls, folder: Path) -> "LexicalIndex":
        """Read what `save` wrote.

        Raises:
            OSError, ValueError: a file is missing or damaged.
        """
        import bm25s

        size, words = map(int, (folder / "size").read_text().split())
        if not words:
            return cls(bm25s.BM25(method="lucene"), {}, size)
        try:
            model = bm25s.BM25.load(folder, load_vocab=True, show_progress=False)
            vocabulary, ends = dict(model.vocab_dict), model.scores["indptr"]
        except (EOFError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{type(error).__name__}: {error}") from error
        if len(vocabulary) != words or len(ends) != words + 1:
            raise ValueError(f"{len(vocabulary)} words are there and {words} were written")
        return cls(model, vocabulary, size)

    def __len__(self) -> int:
        """How many texts there are."""
        return self._size

    def scores(self, question: str) -> NDArray[np.float32]:
        """How much of the question's words each text holds: 0 to 1, shape (number of texts,).

        The BM25 score over the highest any text could reach, which is the sum of the words'
        weights (Bruch et al. 2023, "An Analysis of Fusion Functions", call it theoretical
        min-max). Words that no text holds count in that sum, so a question in another language,
        of which only a number matches, scores low.
        """
        words = list(dict.fromkeys(tokens(question)))
        ids = [self._vocabulary[word] for word in words if word in self._vocabulary]
        if not ids:
            return np.zeros(self._size, dtype=np.float32)
        raw: NDArray[np.float32] = self._model.get_scores_from_ids(ids)
        holders = np.diff(self._model.scores["indptr"])[ids]
        unknown = (len(words) - len(ids)) * _weight(self._size, np.zeros(1))
        return raw / np.float32(_weight(self._size, holders).sum() + unknown.sum())


def _weight(size: int, holders: NDArray[np.int64] | NDArray[np.float64]) -> NDArray[np.float64]:
    """Inverse document frequency as Lucene has it, of words that `holders` of `size` texts hold."""
    return np.log(1 + (size - holders + 0.5) / (holders + 0.5))
