"""Stand-ins for the parts that need weights: small, exact and quick."""

import copy
import functools
import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.article_sentences import ArticleSentence
from index.passage import Page, Passage, page_at
from index.scope import EVERYTHING, Scope
from index.storage.bm25 import tokens
from index.storage.catalog import Entry
from index.storage.vectors.vector_file import Embedding
from index.text.sentences import sentence_spans
from qa.cancellation import StopFlag
from qa.extraction.ranking import log_odds
from qa.extraction.reader import Detail, Kind, Lean, Reading
from qa.llm.cache.files import DiskCache
from qa.llm.model import Leaning, Message
from qa.service.jobs.job import Job
from qa.service.jobs.scheduler import Scheduler
from qa.verification.thresholds import DEFAULT_PAIR


@dataclass
class ScriptedDraft:
    """Says its text one character at a time, so that half-written marks are seen.

    `raise_if_cancelled` is called before each of them.
    """

    text: str
    prompt_tokens: int
    cached_tokens: int = 0
    answer_tokens: int = 0
    confidence: float = 0.0
    raise_if_cancelled: Callable[[], None] = lambda: None

    def __iter__(self) -> Iterator[str]:
        self.answer_tokens = len(self.text.split())
        for character in self.text:
            self.raise_if_cancelled()
            yield character


class ScriptedModel:
    """A language model that says what it is told to: one text always, or one text a call.

    A token is a word. `read` holds the messages of every call to write an answer, `asked` those of
    every other question; `confidence` is how sure the answers are. `leans` are the log-odds that
    what somebody else found is right, `declines` those that it would rather write no answer.

    `kept` holds the beginnings that it read ahead, each of which takes a byte a code point.

    `pause` are the seconds before each character that it writes, `waits` those before it begins to
    write or has read ahead. It can be stopped at any moment of them.
    """

    name = "scripted"
    sha256 = "0" * 64
    gives_probabilities = True

    def __init__(
        self,
        *texts: str,
        leans: float = 0.0,
        declines: float = 0.0,
        confidence: float = 0.0,
        pause: float = 0.0,
        waits: float = 0.0,
    ) -> None:
        self._texts, self._confidence = texts, confidence
        self._leans, self._declines = leans, declines
        self._pause, self._waits = pause, waits
        self._stop = StopFlag()
        self.read: list[list[Message]] = []
        self.asked: list[list[Message]] = []
        self.kept: list[str] = []

    def count(self, text: str) -> int:
        return len(text.split())

    def write(self, messages: Sequence[Message], max_tokens: int) -> ScriptedDraft:
        self._wait(self._waits)
        tokens = sum(self.count(message.content) for message in messages)
        self.read.append(list(messages))
        text = self._texts[0 if len(self._texts) == 1 else len(self.read) - 1]
        return ScriptedDraft(
            text, tokens, confidence=self._confidence, raise_if_cancelled=self._before_character
        )

    def prefill(self, prompts: Sequence[Sequence[Message]]) -> None:
        pass

    def fork(self) -> "ScriptedModel":
        other = copy.copy(self)
        other._stop = StopFlag()
        return other

    def stored(self, messages: Sequence[Message]) -> int:
        begun = _begun(messages)
        return len(begun) if begun in self.kept else 0

    def store(self, messages: Sequence[Message], room: int) -> int:
        self._wait(self._waits)
        begun = _begun(messages)
        if len(begun) > room:
            return 0
        self.kept.append(begun)
        return len(begun)

    def reset(self) -> None:
        pass

    def cancel_when(self, flag: StopFlag) -> None:
        self._stop = flag

    def _before_character(self) -> None:
        self._wait(self._pause)

    def yes_no(self, messages: Sequence[Message]) -> Leaning:
        return self._leaning(messages, self._leans)

    def first_word(self, messages: Sequence[Message], word: str) -> Leaning:
        return self._leaning(messages, self._declines)

    def _leaning(self, messages: Sequence[Message], odds: float) -> Leaning:
        self.asked.append(list(messages))
        return Leaning(odds, sum(self.count(message.content) for message in messages))

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        self._stop.raise_if_set()
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.01))
            self._stop.raise_if_set()


class MeasuredModel(ScriptedModel):
    """Is asked as well: its weights are the default model's."""

    sha256 = DEFAULT_PAIR.llm


class ScriptedReader:
    """A reader that finds what it is told to.

    `finds` gives the words of a passage that answer, its first sentence where it gives none;
    `tells` the probability that a passage answers a question; `right` that an answer is right;
    `near` the cosine of words and those that it found. Every question has
    the same `kind`, `details` and `topics`; `leans` says how those questions lean on what was
    said that lean on it.
    """

    def __init__(
        self,
        tells: Callable[[str, str], float] = lambda question, passage: 0.99,
        finds: Callable[[str], str] = lambda passage: "",
        right: Callable[[str], float] = lambda answer: 0.99,
        near: Callable[[str, str], float] = lambda words, others: 0.9,
        kind: Kind = "plain",
        details: Sequence[Detail] = (),
        topics: Sequence[str] = (),
        leans: Mapping[str, Lean] | None = None,
    ) -> None:
        self._leans = leans or {}
        self._tells, self._finds, self._right, self._near = tells, finds, right, near
        self._kind, self._details, self._topics = kind, details, topics

    def kind(self, question: str) -> Kind:
        return self._kind

    def details(self, question: str) -> list[Detail]:
        return list(self._details)

    def topics(self, question: str, kind: Kind) -> list[tuple[int, int]]:
        starts = [question.index(topic) for topic in self._topics]
        return [(at, at + len(topic)) for at, topic in zip(starts, self._topics, strict=True)]

    def lean(self, question: str) -> Lean:
        return self._leans.get(question, Lean())

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        return [self._reading(question, passage) for passage in passages]

    def _reading(self, question: str, passage: str) -> Reading:
        words = self._finds(passage)
        start = passage.index(words)
        end = start + len(words) if words else sentence_spans(passage)[0][1]
        told = self._tells(question, passage)
        return Reading(start, end, log_odds(told), told)

    def judge(self, question: str, answers: Sequence[str], passages: Sequence[str]) -> list[float]:
        return [self._right(answer) for answer in answers]

    def nearness(self, words: str, others: str) -> float:
        return self._near(words, others)

    def nearness_to_each(self, words: str, others: Sequence[str]) -> list[float]:
        return [self._near(words, other) for other in others]

    @property
    def embedder_fingerprint(self) -> str:
        return HashEmbedder().fingerprint

    def sentences(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return HashEmbedder().documents(texts)

    def questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return HashEmbedder().documents(texts)

    def neutral(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        return vectors

    def answering(self, question: str, drafts: Sequence[str]) -> list[str]:
        return list(drafts)


class KeepingModel(ScriptedModel):
    """Puts the beginnings that it read ahead into files, a byte a code point."""

    def __init__(self, files: DiskCache, waits: float = 0.0) -> None:
        super().__init__("", waits=waits)
        self._files = files

    def stored(self, messages: Sequence[Message]) -> int:
        return self._files.touch(_key(_begun(messages)))

    def store(self, messages: Sequence[Message], room: int) -> int:
        size, begun = super().store(messages, room), _begun(messages)
        return size and self._files.put(_key(begun), 1, bytearray(size), asked=False)


def _begun(messages: Sequence[Message]) -> str:
    return messages[-1].content[: messages[-1].prefix]


def _key(begun: str) -> str:
    return hashlib.sha256(begun.encode()).hexdigest()


class FixedIndex:
    """An index that always finds the same passages; `near` gives the cosine of two texts.

    `entries` are those of its articles, which are called as their files where there are none.
    """

    def __init__(
        self,
        *passages: Passage,
        near: Callable[[str, str], float] = lambda question, text: 0.9,
        entries: Sequence[Entry] = (),
    ) -> None:
        self._passages, self._near, self._entries = list(passages), near, list(entries)
        self.pages: dict[str, list[Page]] = {}
        self.searched: list[str] = []
        self.scopes: list[Scope] = []

    @property
    def embedder_name(self) -> str:
        return "multilingual-e5-small"

    @property
    def embedder_fingerprint(self) -> str:
        return DEFAULT_PAIR.embedder

    def search(self, question: str, limit: int = 10, scope: Scope = EVERYTHING) -> list[Passage]:
        self.searched.append(question)
        self.scopes.append(scope)
        return self._passages[:limit]

    def articles(self, scope: Scope = EVERYTHING) -> list[Entry]:
        ids = sorted({p.article for p in self._passages})
        return self._entries or [Entry(id, "/articles", "", id.title()) for id in ids]

    def lengths(self, articles: Iterable[str]) -> dict[str, int]:
        ends = {id: 0 for id in articles if id in {p.article for p in self._passages}}
        for known in self._passages:
            if known.article in ends:
                ends[known.article] = max(ends[known.article], known.end)
        return ends

    def sentences(self, articles: Sequence[str]) -> list[ArticleSentence]:
        return self.sentences_of([p for id in articles for p in self._passages if p.article == id])

    def sentences_of(self, passages: Sequence[Passage]) -> list[ArticleSentence]:
        embed = HashEmbedder().query
        return [
            ArticleSentence(p.article, p.start + start, p.start + end, text, embed(text))
            for p in passages
            for start, end in sentence_spans(p.text)
            for text in [p.text[start:end]]
        ]

    def page(self, article: str, offset: int) -> Page | None:
        return page_at(self.pages.get(article, []), offset)

    def address(self, article: str) -> str:
        return next((e.address for e in self._entries if e.id == article), "")

    def similarity(self, questions: Sequence[str], passages: Sequence[str]) -> NDArray[np.float32]:
        rows = [[self._near(question, text) for text in passages] for question in questions]
        return np.array(rows, dtype=np.float32)


def passage(
    text: str, article: str = "a.txt", start: int = 0, score: float = 0.9, context: str = ""
) -> Passage:
    return Passage(article, start, start + len(text), text, context, score, score)


class HashEmbedder:
    """Texts that share words have near vectors; a token is up to four code points of a word.

    `embedded` holds every passage it was given, in order.
    """

    name = "hash"
    dimension = 64

    def __init__(self, fingerprint: str = "hash-1") -> None:
        self.fingerprint = fingerprint
        self.embedded: list[str] = []

    def documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.embedded += texts
        return np.stack([self.query(text) for text in texts])

    def query(self, text: str) -> NDArray[np.float32]:
        words = [_word_vector(word) for word in tokens(text)] or [_word_vector("")]
        whole = np.sum(words, axis=0, dtype=np.float32)
        return np.asarray(whole / np.linalg.norm(whole), dtype=np.float32)

    def count(self, texts: Sequence[str]) -> list[int]:
        return [sum(-(-len(word) // 4) for word in text.split()) for text in texts]


def embedded(*texts: str, language: str = "en") -> list[Embedding]:
    """Texts as an index keeps them; no vectors of sentences."""
    embedder = HashEmbedder()
    none = np.zeros((0, embedder.dimension), dtype=np.float32)
    return [Embedding(text, language, embedder.query(text), none) for text in texts]


@functools.cache
def _word_vector(word: str) -> NDArray[np.float32]:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8])
    return np.random.default_rng(seed).normal(size=HashEmbedder.dimension).astype(np.float32)


def silent() -> ScriptedReader:
    """A reader that finds no passage to tell."""
    return ScriptedReader(tells=lambda question, passage: 0.0)


def stuck() -> ScriptedModel:
    """A model that thinks until it is stopped."""
    return ScriptedModel("Meituan did.", waits=600)


def jobs_of(scheduler: Scheduler) -> list[Job]:
    """The questions that are not over, in the order in which they were asked."""
    return list(scheduler._queue._jobs)


def until(is_so: Callable[[], object]) -> None:
    """Wait for what another thread is about to do."""
    ends = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < ends, "it never came to that"
        time.sleep(0.002)
