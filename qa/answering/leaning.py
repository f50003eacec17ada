"""Leaning: follow-ups over answers of every kind, by what the reader tells of how they lean.

"What about bicycles?" is the last question with another topic, "the second one?" a summary of the
second article that was named, "shorter please" the last summary with fewer sentences, "are you
sure?" its proof once more. Where it is not sure what is meant there is no standing question: the
rules of `followups.py`, which know words, are left with it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from index.passage import Span
from index.storage.catalog import Entry
from index.text.languages import detect
from qa.answering.followups import followup, in_place, latest, names_something, side_by_side
from qa.answering.standing import Conversation, Standing, articles_of
from qa.answering.summary import SENTENCES
from qa.answering.turns import Turn
from qa.extraction.reader import ORDINALS, Kind, Lean, Reader, Way
from qa.text.language_names import languages_named
from qa.text.marks import cited_sentences, clean
from qa.text.numbers import numbers

ALIKE = 0.2
"""How near two things must be for one to take the other's place in a plain question, in cosine less
their languages: "bicycles" and "the ferry" are 0.42, "the price" and "Kai-Fu Lee" 0.14."""
_ARTICLE = 4  # letters and spaces by which two ways to tell a topic may differ: "the "
_TOPICAL: tuple[Kind, ...] = ("summary", "list", "about")  # kinds whose topic is told surely
_OWN: tuple[Kind, ...] = ("plain", "list", "catalog")  # kinds that know of languages themselves
_COUNTED: tuple[Kind, ...] = ("summary", "list")  # kinds that are said in more or less

Entries = Callable[[], Sequence[Entry]]
"""The articles in the scope of the conversation; asked only where it matters."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question that leans, and all that it can lean on."""

    question: str
    lean: Lean
    before: Conversation
    reader: Reader
    entries: Entries

    @property
    def last(self) -> Standing:
        """The question before."""
        return self.before.standing or Standing.of("")

    @property
    def kind(self) -> Kind:
        """How the question before was answered."""
        return self.last.kind or self.reader.kind(self.last.question)

    @property
    def named(self) -> str:
        """What this question names itself."""
        start, end = self.lean.named or (0, 0)
        return self.question[start:end]

    @property
    def topics(self) -> tuple[str, ...]:
        """The same, as what a plan is asked about."""
        return (self.named,) if self.named else ()

    @property
    def shown(self) -> str:
        """This question after the one before."""
        return side_by_side(self.last.shown, self.question)

    @property
    def again(self) -> Standing:
        """The question before, asked once more."""
        return replace(self.last, shown=self.shown, proof=(), proof_last=False)


def conversation(history: Sequence[Turn], reader: Reader, entries: Entries) -> Conversation:
    """Where these turns lead, oldest first; a question among them may itself be a follow-up."""
    now = Conversation()
    for turn in latest(history):
        if turn.role == "assistant":
            now = now.answered(turn)
        else:
            found = leaning(turn.content, now, reader, entries)
            now = now.asked(turn, found, followup(turn.content, now.said))
    return now


def leaning(
    question: str, before: Conversation, reader: Reader, entries: Entries
) -> Standing | None:
    """What a question asks where a conversation stands; None where it leans on nothing surely.

    One that means the articles in a language needs no conversation: "Summarise the Hindi one".
    """
    if before.standing is None and not _languages(question, before):
        return None
    lean = reader.lean(question)
    if before.standing is None and not (lean.way == "language" and lean.asks):
        return None
    plan = _WAYS.get(lean.way)
    return plan(_Asked(question, lean, before, reader, entries)) if plan else None


def _other(asked: _Asked) -> Standing | None:
    """The question before, of something else."""
    if asked.last.article or not asked.last.question:
        return None
    if rule := in_place(asked.question, asked.before.said):
        return replace(asked.last, question=rule.question, shown=rule.question, topics=None)
    if not asked.named or not names_something(asked.question):
        return None
    kind, text, span = asked.kind, asked.last.question, _place(asked)
    topics = asked.topics if kind in _TOPICAL else None
    if span:
        whole = f"{text[: span[0]]}{asked.named}{text[span[1] :]}"
        return Standing(whole, whole, "plain" if kind == "compare" else kind, topics)
    return Standing(asked.shown, asked.shown, kind, topics) if topics else None


def _place(asked: _Asked) -> tuple[int, int] | None:
    """Where the question before names what it is about; both things of one that compares."""
    text, kind = asked.last.question, asked.kind
    if kind == "compare":
        both = asked.reader.topics(text, kind)
        return (both[0][0], both[-1][1]) if len(both) == 2 else None
    span = asked.reader.lean(text).named if kind != "catalog" else None
    if kind in _TOPICAL:
        spans = asked.reader.topics(text, kind)
        return spans[0] if span and len(spans) == 1 and _agree(spans[0], span) else None
    return span if span and _may_give_way(asked, text[span[0] : span[1]]) else None


def _agree(topic: tuple[int, int], named: tuple[int, int]) -> bool:
    """Whether both ways to tell what a question is about tell the same, but for an article."""
    more = (named[0] - topic[0], topic[1] - named[1])
    return min(more) >= 0 and sum(more) <= _ARTICLE


def _may_give_way(asked: _Asked, words: str) -> bool:
    """Whether words name one thing, and such a thing as what is named now."""
    return not numbers(words) and asked.reader.nearness(asked.named, words) >= ALIKE


def _nth(asked: _Asked) -> Standing | None:
    """The article of that number among the last that were named together."""
    named = _listed(asked)
    place = -1 if asked.lean.way == "last" else ORDINALS.index(asked.lean.way)
    return _of_article(asked, named[place]) if named and place < len(named) else None


def _listed(asked: _Asked) -> list[str]:
    """The articles of the last answer that named several."""
    several = (articles_of(turn, asked.entries()) for turn in reversed(asked.before.answers))
    return next((articles for articles in several if len(articles) > 1), [])


def _of_article(asked: _Asked, article: str) -> Standing:
    """What this question asks of one article; a summary where it asks nothing itself."""
    title = next(clean(e.title) for e in asked.entries() if e.id == article)
    shown = side_by_side(f"“{title or article}”", asked.question)
    if asked.lean.asks:  # "Who wrote the first one?" alone may be of anybody's first one
        kinds = {text: asked.reader.kind(text) for text in (asked.question, shown)}
        text = next((text for text, kind in kinds.items() if kind != "plain"), asked.question)
        return Standing(text, shown, kinds[text], asked.topics, article)
    if asked.kind == "about":  # "Who wrote …?" "And the second one?"
        return Standing(asked.last.question, shown, "about", (), article)
    # Set, since "number 2" is no wish for two sentences.
    return Standing(asked.question, shown, "summary", (), article, sentences=SENTENCES)


def _language(asked: _Asked) -> Standing | None:
    """The articles in a language: what this question asks of them, else the one before."""
    codes = _languages(asked.question, asked.before)
    if len(codes) != 1:
        return None
    (code,) = codes
    if not asked.lean.asks:
        if one := _only_one_in(asked, code):
            return _of_article(asked, one)
        return None if asked.last.article else replace(asked.again, language=code)
    kind = asked.reader.kind(asked.question)
    if kind in _OWN:
        return None
    return Standing(asked.question, asked.question, kind, asked.topics, language=code)


def _only_one_in(asked: _Asked, code: str) -> str | None:
    """The one article in a language among the last that were named together."""
    spoken = {entry.id: entry.language for entry in asked.entries()}
    found = [article for article in _listed(asked) if spoken[article] == code]
    return found[0] if len(found) == 1 else None


def _languages(question: str, before: Conversation) -> frozenset[str]:
    return languages_named(question, detect(question), before.said.language)


def _into(asked: _Asked) -> Standing | None:
    """The question before, answered in a language."""
    codes = _languages(asked.question, asked.before)
    return replace(asked.again, said_in=next(iter(codes))) if len(codes) == 1 else None


def _shorter(asked: _Asked) -> Standing | None:
    count = max(1, _said(asked) // 2) if asked.kind in _COUNTED else 0
    return replace(asked.again, sentences=count)


def _longer(asked: _Asked) -> Standing | None:
    is_counted = asked.kind in _COUNTED
    return replace(asked.again, sentences=2 * _said(asked)) if is_counted else None


def _said(asked: _Asked) -> int:
    """How many sentences the last answer has that are cited."""
    turn = next(reversed(asked.before.answers), Turn("assistant", ""))
    return max(1, sum(bool(marks) for _, marks in cited_sentences(turn.content)))


def _sure(asked: _Asked) -> Standing | None:
    """What the last answer cites; where that is not known the question before, once more.

    Unless the rules know better: "What was the reason?" is near to "What is the source?".
    """
    proof = _proof(asked)
    rule = followup(asked.question, asked.before.said)
    return None if rule and not proof else replace(asked.again, proof=proof)


def _proof(asked: _Asked) -> tuple[Span, ...]:
    """The places that the last answer cites."""
    turn = next(reversed(asked.before.answers), Turn("assistant", ""))
    return tuple(place for place in turn.citations if place.start < place.end)


def _why(asked: _Asked) -> Standing | None:
    """The proof of an answer; a reason that the articles may tell is looked for before."""
    if asked.kind == "plain":
        return None
    rule = followup(asked.question, asked.before.said)
    if asked.kind in (*_TOPICAL, "catalog") or not rule:
        return replace(asked.again, proof=_proof(asked))
    whole = rule.question
    return Standing(whole, whole, "plain", proof=_proof(asked), proof_last=True)


_WAYS: Mapping[Way, Callable[[_Asked], Standing | None]] = {
    **dict.fromkeys(ORDINALS, _nth),
    "other": _other,
    "language": _language,
    "into": _into,
    "shorter": _shorter,
    "longer": _longer,
    "sure": _sure,
    "why": _why,
}
