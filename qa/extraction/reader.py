"""Reader: what asking needs of what reads passages for answers; tests use a scripted one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Kind = Literal["plain", "summary", "list", "compare", "yes_no", "about", "catalog"]
"""What a question asks for.

`plain`: something that a passage says. `summary`: what articles say as a whole. `list`: which
articles say something. `compare`: two things beside each other. `yes_no`: whether a claim holds.
`about`: who wrote an article, when, in which language, how long it is. `catalog`: which articles
there are.
"""

Attribute = Literal["author", "date", "title", "language", "length", "file"]
"""What is known of an article itself, which `about` asks for."""

Span = Literal["since", "after", "until", "before"]
"""Where the dates of the articles that are listed lie from the one in the question."""

Order = Literal["newest", "oldest", "longest"]
"""Which articles of a catalog are asked for."""

Detail = Attribute | Span | Order | Literal["article", "topic", "all"]
"""What a question asks for within its kind.

`summary` of an article, of a topic in any of them, or of all. `list` of those that speak of a
topic, or by what is known of them: an attribute, or a span of dates. `catalog`: all of them, or
the first of an order."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a passage says to a question.

    `start` and `end` are the best span, in code points of the passage, half-open. `score` is the
    sum of its logits less that of "not told"; `probability` is how likely the passage tells.
    """

    start: int
    end: int
    score: float
    probability: float


class Reader(Protocol):
    """Reads questions and passages for answers, and judges answers. It never writes."""

    def kind(self, question: str) -> Kind:
        """What a question asks for; in doubt `plain`."""

    def details(self, question: str) -> list[Detail]:
        """What a question asks for within its kind, likeliest first; none where kinds have none."""

    def topics(self, question: str, kind: Kind) -> list[tuple[int, int]]:
        """What a question of a kind is about, as half-open ranges of its code points.

        At most one, and two where it compares; none where nothing is named, as in "What are the
        main points?"
        """

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        """The best span of each passage, and whether it tells."""

    def judge(self, question: str, answers: Sequence[str], passages: Sequence[str]) -> list[float]:
        """For each answer the probability that its passage, of the same place, proves it right."""

    def answering(self, question: str, drafts: Sequence[str]) -> list[str]:
        """The words of each sentence that somebody wrote that answer, without marks about them.

        By these it is judged: a sentence may be true of the passage and still answer something
        else, and a long one hides a wrong word among right ones.
        """

    def nearness(self, words: str, others: str) -> float:
        """The cosine of a few words and others, by the reader's embedder, less their languages."""
