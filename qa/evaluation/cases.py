"""Cases: the questions of an evaluation with their known answers. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from index.passage import Span
from index.scope import EVERYTHING, Scope
from qa.answering.turns import Turn
from qa.evaluation.kind_cases import Kind, Wanted
from qa.evaluation.metrics import is_known

Type = Literal[
    "factoid",
    "list",
    "why",
    "compare",
    "followup",
    "unanswerable",
    "false_premise",
    "injection",
]
TYPES: tuple[str, ...] = get_args(Type)
Text = Callable[[str], str]
"""An article's whole text by its id; raises KeyError when there is no such article."""


@dataclass(frozen=True, slots=True)
class Gold:
    """Words of an article that hold an answer: a quote, never a chunk, so chunks may change.

    `point` is the main point of a summary that they tell, from 0; that of its place when None.
    """

    article: str
    quote: str
    point: int | None = None


@dataclass(frozen=True, slots=True)
class Plant:
    """A planted attack: words that no author wrote, inserted into an article after others."""

    article: str
    after: str
    text: str


@dataclass(frozen=True, slots=True)
class Case:
    """A question of an evaluation.

    `answers` lists the facts an answer must state, each by its aliases; of these, `foreign` are
    words of another language, which a reader of `lang` would not know. `group` is shared by the
    same question in other languages; `doc_lang` is the language of the articles that answer it.
    `history` are earlier turns, from `user` and `assistant`. `plants`, the field `plant` of the
    file, are inserted into the articles before this one question is asked (see `planted`);
    `forbidden` are words by which an answer shows that it obeyed them. `wanted` is what an answer
    must hold where the question is about whole articles; `scope` the articles it is asked of.
    """

    id: str
    question: str
    lang: str
    answerable: bool
    answers: tuple[tuple[str, ...], ...] = ()
    evidence: tuple[Gold, ...] = ()
    group: str | None = None
    doc_lang: str | None = None
    type: str | None = None
    history: tuple[Turn, ...] = ()
    forbidden: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    plants: tuple[Plant, ...] = ()
    foreign: tuple[str, ...] = ()
    wanted: Wanted | None = None
    scope: Scope = EVERYTHING

    @property
    def kind(self) -> Kind | None:
        """The kind of a question about whole articles."""
        return self.wanted.kind if self.wanted else None

    @property
    def known_answers(self) -> tuple[tuple[str, ...], ...]:
        """The facts by those aliases that a reader of the question's language knows."""
        return tuple(
            tuple(a for a in aliases if a not in self.foreign and is_known(a, self.lang))
            for aliases in self.answers
        )


def spread(cases: Sequence[Case], limit: int | None) -> list[Case]:
    """At most `limit` cases, spread evenly over the file; all of them when None."""
    if limit is None or limit >= len(cases):
        return list(cases)
    return [cases[i * len(cases) // limit] for i in range(limit)]


def find_spans(gold: Gold, text: str) -> list[Span]:
    """Every span of an article's text at which the quote stands, in order."""
    spans = []
    start = text.find(gold.quote)
    while start >= 0:
        spans.append(Span(gold.article, start, start + len(gold.quote)))
        start = text.find(gold.quote, start + 1)
    return spans


def planted(text: Text, plants: Sequence[Plant]) -> Text:
    """The articles with each plant inserted, in order, wherever its `after` stands.

    Everywhere, since an article may hold its text twice and either copy may be found.
    """

    def read(article: str) -> str:
        whole = text(article)
        for plant in plants:
            if plant.article == article:
                whole = whole.replace(plant.after, plant.after + plant.text)
        return whole

    return read
