"""Prefill: KV states of passages computed ahead of questions and stored on disk."""

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path

from index.passage import Passage
from index.search import every_passage
from index.storage.catalog import Catalog
from qa.answering.writer import PassageWriter
from qa.llm.cache.files import DiskCache
from qa.llm.model import LanguageModel
from qa.question import Question
from qa.text.numbers import WRITTEN
from qa.verification.evidence import PASSAGE_TOKENS, Evidence, cut

# Questions come in these first of all, after the article's own language: those of the page.
_LANGUAGES = tuple(dict.fromkeys(("en", "hi", "id", "zh", *WRITTEN)))
_QUESTION = Question("What?", "en")  # stands for any: what is kept ends before it


def ahead(passages: Iterable[Passage], model: LanguageModel) -> Iterator[PassageWriter]:
    """All that asking may have a model read of passages, each text once, the most useful first.

    That is each part of a passage that is read at once, with its numbers as they stand, which is
    how most questions have it read. Then come the same with the numbers of one language after the
    other.
    """
    others: list[PassageWriter] = []
    for evidence in _evidence(passages, model):
        first, *more = _different(evidence, model)
        yield first
        others += more
    yield from sorted(others, key=lambda reading: _LANGUAGES.index(reading.language))


def _evidence(passages: Iterable[Passage], model: LanguageModel) -> Iterator[Evidence]:
    """What is read of each passage, whichever of its sentences is nearest to the question."""
    for _, same in itertools.groupby(passages, lambda p: (p.article, p.start, p.end, p.context)):
        parts = dict.fromkeys(cut(passage, model.count, PASSAGE_TOKENS) for passage in same)
        yield from (evidence for evidence in parts if evidence.sentences)


def _different(evidence: Evidence, model: LanguageModel) -> list[PassageWriter]:
    """The readings whose texts differ, by the language of the question."""
    found: dict[str, PassageWriter] = {}
    for language in dict.fromkeys((evidence.language, *_LANGUAGES)):
        reading = PassageWriter(_QUESTION, language, evidence, model)
        found.setdefault(reading.passage, reading)
    return list(found.values())


class Prefill:
    """Reads the passages of an index ahead of questions, one a step, as far as there is room.

    Begins anew when the index changes. `done` counts the texts that are on disk, `size` their
    bytes and `tokens` their costs (`PassageWriter.cost`); `fresh` are the costs of those read here.
    """

    def __init__(self, index: Path, model: LanguageModel, files: DiskCache) -> None:
        """Begin.

        Args:
            index: folder of the index.
            model: what reads; used by no one else during a step.
            files: where it keeps what it read.
        """
        self._index, self._model, self._files = index, model, files
        self._begin()

    def _begin(self) -> None:
        self._generation = _generation(self._index)
        self._since = self._files.now()
        self._readings = ahead(every_passage(self._index), self._model)
        self._next: PassageWriter | None = None
        self._full = False
        self.done = self.size = self.tokens = self.fresh = 0

    def step(self) -> bool:
        """See that one more is on disk; whether it is.

        What was stopped in its midst is the next again.

        Raises:
            Cancelled: the model was given a flag that is set.
        """
        if _generation(self._index) != self._generation:
            self._begin()
        reading = self._next = self._next or next(self._readings, None)
        if reading is None or self._full:
            return False
        tokens = reading.cost
        size = reading.stored()
        if not size:
            size = reading.store(self.room())
            self.fresh += tokens
        self._full = not size
        if size:
            self._next = None
            self.done += 1
            self.size += size
            self.tokens += tokens
        return bool(size)

    def room(self) -> int:
        """Bytes for what is read ahead: it takes none that questions needed or it has used."""
        return self._files.room(self._since)


def _generation(index: Path) -> int | None:
    """Which state of the index this is."""
    with Catalog.open(index) as catalog:
        return catalog.generation
