"""Standing: what a question asks where a conversation stands, how, and of which articles. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from index.passage import Span
from index.scope import BadScope, Scope, kept_to
from index.storage.catalog import Entry
from qa.answering.followups import Followup, Said, after
from qa.answering.turns import Turn
from qa.extraction.reader import Kind


@dataclass(frozen=True, slots=True)
class Standing:
    """A question as it is asked where it leans on the turns before it.

    `question` is what is searched for, `shown` what people are told of it. `kind` is the plan, and
    `topics` what it is about; both None where the question tells them itself. It is kept to
    `article` and to the articles in `language`, where these are set. `said_in` is the ISO 639 code
    to answer in, "" for the question's own. `sentences` is how many a summary or list has, 0 for as
    many as ever. Where `proof` has places, they are quoted and nothing else is said; with
    `proof_last` only where the question is not answered.
    """

    question: str
    shown: str
    kind: Kind | None = None
    topics: tuple[str, ...] | None = None
    article: str = ""
    language: str = ""
    said_in: str = ""
    sentences: int = 0
    proof: tuple[Span, ...] = ()
    proof_last: bool = False

    @classmethod
    def of(cls, question: str) -> "Standing":
        """A question that tells everything itself."""
        return cls(question, question)

    def within(self, scope: Scope) -> Scope:
        """The articles of a scope that are asked.

        Raises:
            BadScope: it is of articles in another language.
        """
        if self.article:
            scope = replace(scope, only=kept_to([self.article]).only)
        if self.language and scope.language not in ("", self.language):
            raise BadScope(f"No article is in this language among those asked: {scope}.")
        return replace(scope, language=self.language) if self.language else scope

    @property
    def as_followup(self) -> Followup:
        """What a later question leans on."""
        return Followup(self.shown, self.question)


@dataclass(frozen=True, slots=True)
class Conversation:
    """Where a conversation stands.

    `standing` is its last question, None before the first; `answers` are the turns that answer,
    oldest first.
    """

    said: Said = field(default_factory=Said)
    standing: Standing | None = None
    answers: tuple[Turn, ...] = ()

    def answered(self, turn: Turn) -> "Conversation":
        """After one more answer."""
        return replace(self, said=after(self.said, turn, None), answers=(*self.answers, turn))

    def asked(
        self, turn: Turn, standing: Standing | None, found: Followup | None
    ) -> "Conversation":
        """After one more question; where it is no `standing`, `found` is what rules make of it."""
        leans = standing.as_followup if standing else found
        whole = standing or Standing.of(found.question if found else turn.content)
        return replace(self, said=after(self.said, turn, leans), standing=whole)


def articles_of(turn: Turn, entries: Sequence[Entry]) -> list[str]:
    """The ids of the articles that an answer cites, in their order.

    Where it is not known what it cites, those whose titles stand in it.
    """
    known = {entry.id for entry in entries}
    if turn.citations:
        cited = dict.fromkeys(place.article for place in turn.citations)
        return [article for article in cited if article in known]
    return list(_titled(turn.content, entries))


def _titled(text: str, entries: Sequence[Entry]) -> Iterator[str]:
    """The ids of the articles whose titles stand in a text, but for those within another title."""
    found = ((text.find(entry.title), entry) for entry in entries if entry.title)
    there = ((place, -len(entry.title), entry.id) for place, entry in found if place >= 0)
    last = 0
    for place, length, article in sorted(there):
        if place >= last:
            last = place - length
            yield article
