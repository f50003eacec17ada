"""Evidence: which passages the model writes from, one after the other, and their sentences."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property

import regex

from index.articles.chunks import sentences_in
from index.passage import Passage
from index.text.languages import detect
from qa.extraction.ranking import best_first
from qa.extraction.reader import Reader, Reading
from qa.question import Question
from qa.text.marks import ITEM, clean
from qa.verification.answer_type import provides
from qa.verification.facts import lacks_required_facts
from qa.verification.prompt_injection import is_instruction
from qa.verification.table_cells import cell_by_cell
from qa.verification.thresholds import RIGHT, TOLD, TOLD_TOO

# Tokens of a passage that the model reads at most, of the sentences about the one that answers.
# Reading is what a person waits for: 45 to 90 a second on two cores. Of the answers to tuning
# questions 350 tokens about that sentence hold 82 to 100 %, 500 hold 95 to 100 %.
PASSAGE_TOKENS = 480
# How many passages are read before the others, which wait where one of these surely tells. Reading
# ten is half of the time to the first word. CALIBRATION.md has what it costs: nothing.
READ_FIRST = 1
# How many passages are written from in turn before the articles are said not to tell.
ATTEMPTS = 2
# A list may cost so many times what other evidence may: half of it answers nothing.
LIST_BUDGETS = 2


_CLAUSES = regex.compile(r"[;；]\s*")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an article: `[start, end)` in code points of its text."""

    article: str
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Evidence:
    """What the model is shown at once: one passage, whole sentences of it, and its headings.

    `[start, end)` is the span that the reader found to answer, in code points of the article, and
    `told` the probability that it does.
    """

    context: str
    sentences: tuple[Sentence, ...]
    start: int = 0
    end: int = 0
    told: float = 0.0

    @cached_property
    def text(self) -> str:
        """The sentences as the model reads them."""
        return " ".join(sentence.text for sentence in self.sentences)

    @cached_property
    def language(self) -> str:
        """The ISO 639 code of the text's language."""
        return detect(self.text)

    @property
    def article(self) -> str:
        """The id of the passage's article."""
        return self.sentences[0].article

    @cached_property
    def found(self) -> str:
        """The words of the span."""
        return " ".join(
            sentence.text[max(0, self.start - sentence.start) : self.end - sentence.start]
            for sentence in self.answering
        ).strip()

    @cached_property
    def answering(self) -> tuple[Sentence, ...]:
        """The sentences that the span stands in."""
        return tuple(s for s in self.sentences if s.start < self.end and self.start < s.end)


def choose(
    question: Question,
    passages: Sequence[Passage],
    reader: Reader,
    count: Callable[[str], int],
    budget: int,
) -> Iterator[Evidence]:
    """The passages worth writing from, best first; each is read when it is needed.

    Where one of the first surely tells, nobody waits for the others to be read.

    Args:
        question: what was asked.
        passages: as the search ordered them.
        reader: reads them, but for the sentences that give orders.
        count: tokens of a text, by the model that will read it.
        budget: tokens one evidence may cost; of a longer passage, the sentences about the one
            that answers are taken.

    Yields:
        At most `ATTEMPTS`, the second of another article where one surely tells, too; none when no
        passage tells.
    """
    readings: list[Reading] = []

    def read_until(end: int) -> None:
        texts = [without_orders(passage.text) for passage in passages[len(readings) : end]]
        found = reader.read(question.text, texts) if texts else ()
        readings.extend(
            cell_by_cell(question.text, text, reading, reader)
            for text, reading in zip(texts, found, strict=False)
        )

    @cache
    def may_tell(i: int) -> bool:
        return _may_tell(question, passages[i], readings[i])

    def telling() -> list[int]:
        ranks = [passage.rank_score for passage in passages[: len(readings)]]
        return [i for i in best_first(readings, ranks) if may_tell(i)]

    read_until(READ_FIRST)
    if not (best := telling()) or readings[best[0]].probability < TOLD_TOO:
        read_until(len(passages))
        best = telling()
    for first in best[:1]:
        yield from _read(passages[first], readings[first], count, budget)
        read_until(len(passages))
        others = [i for i in telling() if i != first]
        too = [
            i
            for i in others
            if readings[i].probability >= TOLD_TOO
            and passages[i].article != passages[first].article
        ]
        for i in (too or others)[: ATTEMPTS - 1]:
            yield from _read(passages[i], readings[i], count, budget)


def without_orders(text: str) -> str:
    """A text with spaces in place of the sentences that give orders, so that places stay."""
    for start, end in sentences_in(text, 0, len(text)):
        if gives_orders(text[start:end]):
            text = f"{text[:start]}{' ' * (end - start)}{text[end:]}"
    return text


def _may_tell(question: Question, passage: Passage, reading: Reading) -> bool:
    """Whether the reader thinks so, and nothing that can be looked up speaks against it."""
    if reading.probability < TOLD:
        return False
    # A heading may name the year that its paragraphs are about.
    if lacks_required_facts(question, f"{passage.context}\n{passage.text}"):
        return False
    return provides(passage.text[reading.start : reading.end], question, passage.text)


def _read(
    passage: Passage, reading: Reading, count: Callable[[str], int], budget: int
) -> Iterator[Evidence]:
    """The evidence of a passage, if the sentences that answer fit into it."""
    start, end = passage.start + reading.start, passage.start + reading.end
    evidence = cut(replace(passage, focus=(start, end)), count, budget)
    evidence = replace(evidence, start=start, end=end, told=reading.probability)
    if evidence.answering:
        yield evidence


def tells_otherwise(question: Question, other: Evidence, first: Evidence, reader: Reader) -> bool:
    """Whether a passage of another article tells something that the first does not prove."""
    if other.article == first.article or other.told < TOLD_TOO:
        return False
    (right,) = reader.judge(question.text, [other.found], [first.text])
    return right < RIGHT


def cut(passage: Passage, count: Callable[[str], int], budget: int) -> Evidence:
    """A passage as the model reads it, about its focus when it is longer than the budget.

    Sentences that give orders are left out of it.
    """
    # Headings help, but long ones must not take the place of what they stand over.
    short = count(passage.context) <= budget // 4
    context = passage.context if short and not gives_orders(passage.context) else ""
    sentences = [
        Sentence(
            passage.article,
            passage.start + start,
            passage.start + end,
            passage.text[start:end],
        )
        for start, end in sentences_in(passage.text, 0, len(passage.text))
        if not gives_orders(passage.text[start:end])
    ]
    if not sentences:
        return Evidence(context, ())
    costs = [count(sentence.text) + 1 for sentence in sentences]
    focus = min(_focus(passage, sentences), len(costs) - 1)
    room = budget - count(context)
    first, last = _window(costs, focus, room)
    last = _whole_list(sentences, costs, first, last, LIST_BUDGETS * room)
    return Evidence(context, tuple(sentences[first:last]))


def gives_orders(text: str) -> bool:
    """Whether a text gives orders as it stands, or once tags and marks are taken out of it.

    One of its clauses is enough: what stands beside an order is hardly the article's own.
    """
    return any(map(is_instruction, (*_CLAUSES.split(text), clean(text))))


def _whole_list(
    sentences: Sequence[Sentence], costs: Sequence[int], first: int, last: int, room: int
) -> int:
    """Where the evidence ends when a list that it cuts through is taken in: all of it or none."""
    end = last
    while end < len(sentences) and ITEM.match(sentences[end].text):
        end += 1
    begun = first < last and (ITEM.match(sentences[last - 1].text) or end > last)
    return end if begun and sum(costs[first:end]) <= room else last


def _focus(passage: Passage, sentences: Sequence[Sentence]) -> int:
    """The position of the sentence that the passage is read for."""
    start, _ = passage.focus or (passage.start, passage.end)
    return next((i for i, sentence in enumerate(sentences) if sentence.end > start), 0)


def _window(costs: Sequence[int], focus: int, room: int) -> tuple[int, int]:
    """The widest run of sentences about `focus` that fits, grown on both sides in turn."""
    if not costs or costs[focus] > room:
        return focus, focus
    first, last = focus, focus + 1
    room -= costs[focus]
    while True:
        after = last < len(costs) and costs[last] <= room
        before = first > 0 and costs[first - 1] <= room
        if after and (not before or last - focus <= focus - first + 1):
            room -= costs[last]
            last += 1
        elif before:
            first -= 1
            room -= costs[first]
        else:
            return first, last
