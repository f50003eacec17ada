"""Reader: what asking needs of what reads passages for answers; tests use a scripted one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

from index.embedding.embedder import Vectors

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

Ordinal = Literal["first", "second", "third", "fourth", "fifth", "last"]
"""Which article of an answer is meant."""

Way = Ordinal | Literal["own", "other", "language", "into", "shorter", "longer", "sure", "why"]
"""How a question leans on the turns before it.

`own`: on nothing, as far as is told here. `other`: the last question is asked of something else.
`language`: the articles in a language are meant. `into`: the last answer, in a language. `shorter`,
`longer`: the last answer, so. `sure`: whether it is true. `why`: why that is.
"""
ORDINALS: tuple[Ordinal, ...] = get_args(Ordinal)
WAYS: tuple[Way, ...] = (*ORDINALS, *get_args(get_args(Way)[1]))


@dataclass(frozen=True, slots=True)
class Lean:
    """How a question leans on the turns before it.

    `asks` says whether it asks something itself ("Who wrote the second one?"). `named` is what it
    names, as a half-open range of its code points; None where it names nothing.
    """

    way: Way = "own"
    asks: bool = True
    named: tuple[int, int] | None = None


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

    def lean(self, question: str) -> Lean:
        """How a question leans on turns before it, where there are any; in doubt on nothing."""

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

    def nearness_to_each(self, words: str, others: Sequence[str]) -> list[float]:
        """As `nearness`, to each of several others at once."""

    @property
    def embedder_fingerprint(self) -> str:
        """That of the embedder whose vectors `neutral` takes."""

    def sentences(self, texts: Sequence[str]) -> Vectors:
        """The vectors of sentences, as `neutral` makes them, of shape (n, dimension)."""

    def questions(self, texts: Sequence[str]) -> Vectors:
        """The vectors of questions, as `neutral` makes them, of shape (n, dimension)."""

    def neutral(self, vectors: Vectors) -> Vectors:
        """Vectors of the reader's embedder, less what they say of languages; of the same shape."""
