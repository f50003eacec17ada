"""Nearest: passages that share rare words with a question, the hard ones to tell from the right."""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from heapq import nlargest

import regex

from index.text.scripts import UNSPACED
from qa.extraction.training.question_sets import Passage

_UNSPACED = regex.compile(rf"[{UNSPACED}]+")
_WORD = regex.compile(r"[\w\u0900-\u0df4]+")  # with the vowel signs of Indian scripts
_MOST = 2000  # passages that have a word: one in more says too little to look at them all


class Nearest:
    """Searches by TF-IDF over words, or pairs of letters in scripts without spaces."""

    def __init__(self, passages: Sequence[Passage], positions: Sequence[int]) -> None:
        """Index the passages at these positions."""
        self._count = len(positions)
        self._having: dict[str, list[int]] = defaultdict(list)
        for position in positions:
            for word in set(_words(passages[position].text)):
                self._having[word].append(position)

    def __call__(self, question: str, most: int = 8) -> list[int]:
        """Positions of the nearest passages, the best first."""
        score: dict[int, float] = defaultdict(float)
        for word in sorted(set(_words(question))):
            having = self._having.get(word, ())
            if 0 < len(having) < min(_MOST, max(2, self._count / 8)):
                weight = math.log(self._count / len(having))
                for position in having:
                    score[position] += weight
        return nlargest(most, score, key=score.__getitem__)


def _words(text: str) -> Iterator[str]:
    text = text.lower()
    for run in _UNSPACED.findall(text):
        yield from (run[i : i + 2] for i in range(len(run) - 1))
    yield from _WORD.findall(_UNSPACED.sub(" ", text))
