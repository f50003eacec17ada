"""Passage, Span: what a search finds, and where it stands."""

from dataclasses import dataclass
from functools import cached_property

from index.text.languages import detect


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of code points in an article's text."""

    article: str
    start: int
    end: int


@dataclass(frozen=True)
class Passage:
    """A chunk that may answer a question.

    `score` is the cosine of question and passage, -1 to 1; `rank_score` is what passages are
    ordered by. `elsewhere` is every other place the same text stands at, `copies` every place
    where a near-copy of the article says nearly the same. `focus` is the sentence nearest to the
    question, as a half-open range of code points in the article.
    """

    article: str
    start: int
    end: int
    text: str
    context: str
    score: float
    rank_score: float
    elsewhere: tuple[Span, ...] = ()
    copies: tuple[Span, ...] = ()
    focus: tuple[int, int] | None = None

    @cached_property
    def language(self) -> str:
        """The ISO 639 code of the text's language, which may not be its article's: a quotation."""
        return detect(self.text)
