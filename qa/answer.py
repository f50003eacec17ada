"""Answer, Citation: an answer with its evidence, as it grows. Data only."""

from dataclasses import dataclass, field
from typing import Literal

from index.passage import Page
from index.scope import EVERYTHING, Scope

Support = Literal["supported", "partial", "metadata"]
"""How a sentence is proven: by the quote, in part by it, or by what is known of the article."""


@dataclass(frozen=True, slots=True)
class Citation:
    """The exact words that prove a sentence: `article.text[start:end] == quote`.

    `start` and `end` are code points, half-open. `score` is a cosine. `marker` is the number in
    the answer's `[n]`. What is told of an article rather than in it, as its title, has `metadata`
    for `support`, and neither span nor quote. `said` are the words of the quote as they stand in
    the answer between quotation marks; empty where it does not quote them. `page` is the page,
    slide or sheet that the quote begins on, in a file that has any; `address` that of a web page
    that was fetched, or "".
    """

    marker: int
    article: str
    start: int
    end: int
    quote: str
    support: Support
    score: float
    said: str = ""
    page: Page | None = None
    address: str = ""


@dataclass(frozen=True, slots=True)
class Nearest:
    """A passage near the question, shown when there is no answer. `score` is a cosine."""

    article: str
    start: int
    end: int
    quote: str
    score: float
    page: Page | None = None
    address: str = ""


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds since the question was asked, and tokens read, spared and written."""

    retrieve_s: float = 0.0
    first_token_s: float = 0.0
    total_s: float = 0.0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    answer_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """What the model made of one passage, before any of it was checked; for those who study it.

    `[start, end)` are code points of the article: what the model was shown. `tells` is how surely
    it answers, as log-odds, by the reader and the model. `draft` is what it wrote, whole, empty
    when it was not let write, `confidence` the mean log-probability of its tokens; `dropped` are
    its sentences that were not said. `right` is how surely each of those that were judged is
    right, as log-odds, by the reader.
    """

    article: str
    start: int
    end: int
    draft: str = ""
    dropped: tuple[str, ...] = ()
    tells: float = 0.0
    confidence: float = 0.0
    right: tuple[float, ...] = ()


Stage = Literal["searching", "reading", "writing", "checking", "done"]
"""What is being done to answer; reading, writing and checking begin anew with each passage."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it grows; `done` once it is whole.

    `text` holds the sentences that are proven, each with its marks. `draft` is the sentence being
    written or checked: it may turn out unproven and go. `stage` is what is being done. A refusal
    has `answered` False, no citation, and the nearest passages. `standing` is the question that was
    searched for, when earlier turns had to be understood to make it. `scope` says which articles
    were searched. `attempts` are there once it
    is done, in the order in which they were written. `verdict` is "yes" or "no" where the question
    was whether something is so and the articles tell it, else empty.
    """

    question: str
    language: str
    text: str = ""
    draft: str = ""
    answered: bool = False
    citations: tuple[Citation, ...] = ()
    nearest: tuple[Nearest, ...] = ()
    timings: Timings = field(default_factory=Timings)
    done: bool = False
    standing: str | None = None
    scope: Scope = EVERYTHING
    attempts: tuple[Attempt, ...] = ()
    stage: Stage = "searching"
    verdict: str = ""
