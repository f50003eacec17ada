"""EncoderReader: extractive question answering, on top of the embedder's encoder.

    question, passages -> pairs -> encoder with deltas -> spans, "told", "right"
                          pairs.py index/embedding/bert.py  weights.py

For each passage it gives the span that answers best and the probability that the passage tells at
all (SQuAD 2.0: Rajpurkar et al. 2018, arXiv:1806.03822); and of an answer that somebody else gave,
in any language, the probability that the passage proves it. It never writes.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import regex

from index.embedding.embedder import Vectors
from index.embedding.numpy_embedder import NumpyEmbedder
from index.errors import UserError
from qa.extraction import (
    follow_ups,
    language_directions,
    pairs,
    question_kinds,
    question_topics,
    weights,
)
from qa.extraction.follow_ups import FollowUps
from qa.extraction.language_directions import LanguageDirections
from qa.extraction.pairs import Window
from qa.extraction.question_kinds import QuestionKinds
from qa.extraction.question_topics import QuestionTopics
from qa.extraction.ranking import probability
from qa.extraction.reader import Detail, Kind, Lean, Reading
from qa.extraction.weights import ReaderWeights

_PARTS = (language_directions, question_kinds, question_topics, follow_ups)
_FOLDER = weights.SHIPPED.parent
_LEAST_TOPICS: dict[Kind, int] = {"list": 1, "compare": 2}
_LONGEST = 40  # tokens of a span
_MARKS = regex.compile(r"\A[\p{P}\s--%]+|[\p{P}\s--%]+\Z", regex.VERSION1)


class NoReader(UserError):
    """The reader belongs to other weights."""

    def __init__(self, embedder: str) -> None:
        super().__init__(
            f"The embedder {embedder} has other weights than the reader that ships was trained on. "
            "Get these with: article-qa models fetch"
        )


@dataclass(frozen=True, slots=True)
class _Span:
    """The best span of a window: in code points of the passage, its score, and the head's logit."""

    start: int
    end: int
    score: float
    told: float


class EncoderReader:
    """Reads passages for answers. Threads may share it."""

    def __init__(
        self,
        embedder: NumpyEmbedder,
        learned: ReaderWeights,
        languages: LanguageDirections | None = None,
        kinds: QuestionKinds | None = None,
        topics: QuestionTopics | None = None,
        leans: FollowUps | None = None,
    ) -> None:
        """Take an embedder, for its encoder and tokenizer, and what was learned on top of it.

        Without `languages`, how near words are depends on their languages too: see `nearness`.
        Without `kinds`, every question is a plain one; without `topics`, it names no topic; without
        `leans`, it leans on nothing.
        """
        self._embedder = embedder
        self._encoder, self._tokenizer = embedder.tuned(learned.differences), embedder.tokenizer
        self._learned, self._limit = learned, min(pairs.LIMIT, embedder.limit)
        self._languages, self._kinds, self._topics = languages, kinds, topics
        self._leans = leans

    @classmethod
    def of(
        cls, embedder: NumpyEmbedder, path: Path = weights.SHIPPED, folder: Path = _FOLDER
    ) -> "EncoderReader":
        """The reader that belongs to an embedder, from its file and smaller ones of a folder.

        Raises:
            NoReader: a file is not there, or was made from another embedder.
            BadModel: a file is not whole.
        """
        files = [path, *(folder / part.SHIPPED.name for part in _PARTS)]
        if not all(file.is_file() for file in files):
            raise NoReader(embedder.name)
        learned = weights.read(path)
        directions, kinds = language_directions.read(files[1]), question_kinds.read(files[2])
        topics, leans = question_topics.read(files[3]), follow_ups.read(files[4])
        made = {each.embedder for each in (learned, directions, kinds, topics, leans)}
        if made != {embedder.fingerprint}:
            raise NoReader(embedder.name)
        return cls(embedder, learned, directions, kinds, topics, leans)

    def kind(self, question: str) -> Kind:
        """See `Reader`."""
        return self._kinds.of(self._embedder.query(question)) if self._kinds else "plain"

    def details(self, question: str) -> list[Detail]:
        """See `Reader`."""
        return self._kinds.details(self._embedder.query(question)) if self._kinds else []

    def topics(self, question: str, kind: Kind) -> list[tuple[int, int]]:
        """See `Reader`."""
        if self._topics is None:
            return []
        ((places, rows),) = self._embedder.query_rows([question])
        least, two = _LEAST_TOPICS.get(kind, 0), kind == "compare"
        return self._topics.spans(question, places, rows, least=least, two=two)

    def lean(self, question: str) -> Lean:
        """See `Reader`."""
        if self._leans is None:
            return Lean()
        ((places, rows),) = self._embedder.query_rows([question])
        return self._leans.lean(question, self._embedder.query(question), places, rows)

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        """The best span of each passage, and whether it tells."""
        scale = self._learned.calibration
        found = []
        for passage, spans in zip(passages, self._spans(question, passages), strict=True):
            best = max(spans, key=lambda span: span.score)
            told = max(scale.told_span * span.score + scale.told_head * span.told for span in spans)
            start = best.start
            start += len(passage[start : best.end]) - len(passage[start : best.end].lstrip())
            tells = probability(told + scale.told_bias)
            found.append(Reading(start, best.end, best.score, tells))
        return found

    def judge(self, question: str, answers: Sequence[str], passages: Sequence[str]) -> list[float]:
        """For each answer the probability that its passage, of the same place, proves it right."""
        scale = self._learned.calibration
        logits = self._right(question, answers, passages)
        return [probability(scale.right * logit + scale.right_bias) for logit in logits]

    def answering(self, question: str, drafts: Sequence[str]) -> list[str]:
        """See `Reader`."""
        read = zip(drafts, self.read(question, drafts), strict=True)
        return [without_marks_about(draft[each.start : each.end]) for draft, each in read]

    def nearness(self, words: str, others: str) -> float:
        """See `Reader`."""
        return self.nearness_to_each(words, [others])[0]

    def nearness_to_each(self, words: str, others: Sequence[str]) -> list[float]:
        """See `Reader`."""
        one, *each = self.neutral(self._embedder.documents([words, *others]))
        return [float(one @ other) for other in each]

    def questions(self, texts: Sequence[str]) -> Vectors:
        """See `Reader`."""
        return self.neutral(self._embedder.queries(texts))

    @property
    def embedder_fingerprint(self) -> str:
        """See `Reader`."""
        return self._embedder.fingerprint

    def sentences(self, texts: Sequence[str]) -> Vectors:
        """See `Reader`."""
        return self.neutral(self._embedder.documents(texts))

    def neutral(self, vectors: Vectors) -> Vectors:
        """See `Reader`."""
        return self._languages.without(vectors) if self._languages else vectors

    def told_logits(self, question: str, passage: str) -> tuple[float, float]:
        """What the probability of `read` is made of: the score, and the head's logit."""
        (spans,) = self._spans(question, [passage])
        return max(span.score for span in spans), max(span.told for span in spans)

    def right_logit(self, question: str, answer: str, passage: str) -> float:
        """What the probability of `judge` is made of."""
        return self._right(question, [answer], [passage])[0]

    def _spans(self, question: str, passages: Sequence[str]) -> list[list[_Span]]:
        """The best span of each window of each passage."""
        asked, *shown = self._tokenizer.encode([question, *passages], special=False)
        head = pairs.head(asked.ids)
        made = [list(pairs.windows(head, passage, self._limit)) for passage in shown]
        rows = iter(self._rows([window for each in made for window in each]))
        return [[self._span(window, next(rows)) for window in each] for each in made]

    def _right(self, question: str, answers: Sequence[str], passages: Sequence[str]) -> list[float]:
        asked, *rest = self._tokenizer.encode([question, *answers, *passages], special=False)
        said, shown = rest[: len(answers)], rest[len(answers) :]
        made = [
            list(pairs.windows(pairs.head(asked.ids, answer.ids), passage, self._limit))
            for answer, passage in zip(said, shown, strict=True)
        ]
        rows = iter(self._rows([window for each in made for window in each]))
        right = self._learned.right
        return [max(float(right(next(rows)[:1])[0, 0]) for _ in each) for each in made]

    def _rows(self, made: Sequence[Window]) -> list[Vectors]:
        """Last rows of each window. Those of like length are computed together."""
        order = sorted(range(len(made)), key=lambda i: len(made[i].ids))
        found = self._encoder.rows([made[i].ids for i in order])
        by_place = dict(zip(order, found, strict=True))
        return [by_place[i] for i in range(len(made))]

    def _span(self, window: Window, rows: Vectors) -> _Span:
        logits = self._learned.span(rows)
        told = float(self._learned.told(rows[:1])[0, 0])
        of_passage = logits[window.first : window.first + len(window.offsets)]
        if not len(of_passage):
            return _Span(0, 0, -math.inf, told)
        first, last, best = best_span(of_passage[:, 0], of_passage[:, 1])
        score = best - float(logits[0].sum())
        return _Span(window.offsets[first][0], window.offsets[last][1], score, told)


def best_span(start: Vectors, end: Vectors) -> tuple[int, int, float]:
    """First and last token of the best span of at most `_LONGEST` tokens, and its logits' sum.

    `start` and `end` are logits of shape (tokens,).
    """
    sums = start[:, None] + end[None, :]
    allowed = np.triu(np.ones(sums.shape, bool)) & ~np.triu(np.ones(sums.shape, bool), _LONGEST)
    place = int(np.where(allowed, sums, -np.inf).argmax())
    first, last = divmod(place, len(end))
    return first, last, float(sums[first, last])


def without_marks_about(words: str) -> str:
    """Words without the marks about them, which spans of passages hardly ever have."""
    return str(_MARKS.sub("", words)) or words
