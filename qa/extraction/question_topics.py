"""Question topics: what a question is about, as words of it, told by the vectors of its tokens.

"Which articles mention the price of bread?" is about "the price of bread", and one that compares is
about two things. A linear model says of each token, from its own vector and its neighbours',
whether it belongs to the first topic, the second, or to neither; no rule and no list of words.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import regex

from index.embedding.bert import Linear
from index.embedding.embedder import Vectors
from index.text.scripts import UNSPACED
from qa.extraction import weights

SHIPPED = Path(__file__).with_name("question_topics.safetensors")
NEITHER, FIRST, SECOND = range(3)
"""The labels of tokens."""

# What a token may be, in order, and the states that may come before each. Few tokens stand between
# two topics, as "or", "is older than" and the like: of the questions that are learned from, 96 %
# have three at most.
_STATES = (NEITHER, FIRST, NEITHER, NEITHER, NEITHER, SECOND, NEITHER)
_BEFORE = ((0,), (0, 1), (1,), (2,), (3,), (1, 2, 3, 4, 5), (1, 5, 6))
# Where a question may end: before any topic, in the first, in the second, or after one of them.
_LAST, _LEAST = (0, 1, 5, 6), (0, 1, 5)
# As UAX #29 has it, a point or an apostrophe between letters is within a word: "crane.txt".
_LETTERS = rf"[[\p{{L}}\p{{M}}\p{{N}}]--[{UNSPACED}]]+"
_WORD = regex.compile(rf"[{UNSPACED}]|{_LETTERS}(?:[.'’]{_LETTERS})*+", regex.V1)


@dataclass(frozen=True, slots=True)
class QuestionTopics:
    """What was learned for one embedder, by its fingerprint.

    `one` is for questions about one thing, `two` for those that compare; each has weights of shape
    (3, 3 * dimension).
    """

    embedder: str
    one: Linear
    two: Linear

    def spans(
        self,
        question: str,
        offsets: Sequence[tuple[int, int]],
        rows: Vectors,
        *,
        least: int = 0,
        two: bool = False,
    ) -> list[tuple[int, int]]:
        """The topics: half-open ranges of code points of the question, each of whole words.

        Args:
            question: what was asked.
            offsets: where each token stands in it.
            rows: the vectors of these tokens, of shape (n, dimension).
            least: how many topics it has at least, where it has words enough.
            two: whether it compares two things.
        """
        if not len(rows):
            return []
        path = _best_path((self.two if two else self.one)(with_neighbours(rows)), least)
        found: list[tuple[int, int]] = []
        for label in (FIRST, SECOND):
            at = [i for i, state in enumerate(path) if _STATES[state] == label]
            if at:
                found += _words(question, offsets[at[0]][0], offsets[at[-1]][1])
        return found


def with_neighbours(rows: Vectors) -> Vectors:
    """Each token's vector beside that of the one before and after it: (n, d) -> (n, 3 * d)."""
    nothing = np.zeros((1, rows.shape[1]), rows.dtype)
    both = (np.vstack([nothing, rows[:-1]]), np.vstack([rows[1:], nothing]))
    return np.hstack([rows, *both])


def _best_path(logits: Vectors, least: int) -> list[int]:
    """The likeliest states: topics in one piece each, `least` of them at least (Viterbi 1967).

    `logits` has shape (n, 3).
    """
    scores = np.where(np.arange(len(_STATES)) < 2, logits[0, _STATES], -np.inf)
    came = []
    for row in logits[1:]:
        before = [max(states, key=scores.__getitem__) for states in _BEFORE]
        scores = scores[before] + row[list(_STATES)]
        came.append(before)
    enough = [state for state in _LAST if state >= _LEAST[least]]
    path = [max(enough, key=scores.__getitem__)]
    if scores[path[0]] == -np.inf:
        return [0] * len(logits)
    for before in reversed(came):
        path.append(before[path[-1]])
    return path[::-1]


def _words(question: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The range, widened to whole words, without marks at its ends; none where it has no word."""
    within = [m.span() for m in _WORD.finditer(question) if m.start() < end and start < m.end()]
    if within:
        yield within[0][0], within[-1][1]


def read(path: Path = SHIPPED) -> QuestionTopics:
    """Read the file.

    Raises:
        BadModel: it is not whole.
    """
    with weights.opened(path) as file:
        one, two = (
            Linear(*(file.get_tensor(f"{n}.{p}").astype("f4") for p in ("weight", "bias")))
            for n in ("one", "two")
        )
        return QuestionTopics((file.metadata() or {})["embedder"], one, two)


def write(path: Path, topics: QuestionTopics) -> None:
    """Write the file, in float16."""
    tensors = {
        f"{name}.{part}": getattr(linear, part).astype(np.float16)
        for name, linear in (("one", topics.one), ("two", topics.two))
        for part in ("weight", "bias")
    }
    weights.save(path, tensors, {"embedder": topics.embedder})
