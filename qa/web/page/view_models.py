"""View models: an answer as the page shows it, without HTML. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from index.converters.page_words import Box
from index.passage import Page
from index.text.languages import detect
from qa.answer import Answer, Citation, Nearest
from qa.service.exchange import Exchange
from qa.service.jobs.job import Job
from qa.web.page.answer_runs import AnswerRun, answer_runs
from qa.web.page.excerpt import Excerpt
from qa.web.page.page_names import page_words
from qa.web.page.translations import strings

_STAGES = ("searching", "reading", "writing", "checking")
Entry = Callable[[str], tuple[str, str]]
"""The title and the language of an article, by its id; both empty when it is not indexed."""


@dataclass(frozen=True, slots=True)
class Chip:
    """An article or folder that a conversation is kept to.

    `name` is its title, or its path; `is_there` is false where it is not indexed any more.
    """

    path: str
    name: str
    language: str = ""
    is_there: bool = True


@dataclass(frozen=True, slots=True)
class StageView:
    """A stage of the work; `state` is `over`, `now` or `later`."""

    words: str
    state: str


@dataclass(frozen=True, slots=True)
class ExchangeView:
    """One exchange as its template reads it."""

    conversation: str
    number: int
    question: str
    answer: Answer
    state: str
    error: str
    entry: Entry
    page: str
    is_last: bool = False
    is_live: bool = False
    stage: str = "done"
    ahead: int = 0
    elapsed: float = 0.0

    @property
    def asked_in(self) -> str:
        """The question's language."""
        return detect(self.question)

    @property
    def language(self) -> str:
        """The answer's language."""
        return self.answer.language

    @property
    def standing(self) -> str:
        """The standalone question, where the question leaned on earlier turns; else empty."""
        return self.answer.standing or ""

    @property
    def kept_to(self) -> list[Chip]:
        """The articles and folders that alone were asked; empty where all were."""
        return [Chip(path, *named(path, self.entry)) for path in self.answer.scope.places]

    @property
    def draft(self) -> str:
        """The sentence being written."""
        return self.answer.draft if self.is_live else ""

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The citations of the answer."""
        return self.answer.citations

    @property
    def nearest(self) -> tuple[Nearest, ...]:
        """The nearest passages, while there is no answer."""
        return self.answer.nearest

    @property
    def answer_runs(self) -> list[AnswerRun]:
        """The answer's text, cut into runs."""
        return answer_runs(self.answer, self.language_of)

    @property
    def is_refusal(self) -> bool:
        """Whether the answer is a refusal."""
        return self.answer.done and not self.answer.answered

    @property
    def took(self) -> float:
        """Seconds until the answer was whole."""
        return self.answer.timings.total_s if self.answer.done else 0.0

    @property
    def copy(self) -> str:
        """The answer with its sources, as the button Copy gives it."""
        sources = "\n".join(
            f"[{c.marker}] {c.article}{', ' if c.page else ''}{page_words(c.page, self.page)}: "
            f"{c.quote}"
            for c in self.citations
        )
        return f"{self.answer.text}\n\n{sources}".strip()

    @property
    def stages(self) -> list[StageView]:
        """The stages of the work, or the one line of a question that waits."""
        say = strings(self.page)
        if self.stage == "waiting":
            return [StageView(say["waiting"].format(ahead=self.ahead), "now")]
        if self.stage == "loading":
            return [StageView(say["loading"], "now")]
        now = _STAGES.index(self.stage) if self.stage in _STAGES else len(_STAGES)
        states = ["over"] * now + ["now"] + ["later"] * len(_STAGES)
        return [StageView(say[name], state) for name, state in zip(_STAGES, states, strict=False)]

    @property
    def status(self) -> str:
        """The present stage, for screen readers."""
        return next((stage.words for stage in self.stages if stage.state == "now"), "")

    def link(self, marker: int) -> str:
        """The address of a citation's excerpt."""
        return f"proof/{self.conversation}/{self.number}/{marker}"

    def near_link(self, number: int) -> str:
        """The address of a nearest passage's excerpt, by its number from 1."""
        return f"proof/{self.conversation}/{self.number}/near-{number}"

    def named(self, article: str) -> str:
        """An article's title, or its id."""
        return named(article, self.entry)[0]

    def language_of(self, article: str) -> str:
        """An article's language."""
        return self.entry(article)[1]

    def title_of(self, marker: int) -> str:
        """The title of the article that a citation quotes."""
        return next((self.named(c.article) for c in self.citations if c.marker == marker), "")

    def page_of(self, marker: int) -> Page | None:
        """The page that a citation quotes."""
        return next((c.page for c in self.citations if c.marker == marker), None)

    def support_of(self, marker: int) -> str:
        """How well a citation supports the answer."""
        return next((c.support for c in self.citations if c.marker == marker), "partial")


def named(path: str, entry: Entry) -> tuple[str, str]:
    """What to call an article or folder, and in which language."""
    title, language = entry(path)
    return title or path, language


def recorded(
    exchange: Exchange, conversation: str, entry: Entry, page: str, last: bool
) -> ExchangeView:
    """A stored exchange."""
    answer = exchange.answer or Answer(exchange.question, detect(exchange.question))
    return ExchangeView(
        conversation,
        exchange.number,
        exchange.question,
        answer,
        exchange.state,
        exchange.error,
        entry,
        page,
        is_last=last,
    )


def growing(job: Job, conversation: str, number: int, entry: Entry, page: str) -> ExchangeView:
    """An exchange whose answer is being made."""
    return ExchangeView(
        conversation,
        number,
        job.question,
        job.answer or Answer(job.question, detect(job.question), scope=job.request.scope),
        "live",
        "",
        entry,
        page,
        is_live=True,
        stage=job.stage,
        ahead=job.ahead,
        elapsed=job.elapsed,
    )


@dataclass(frozen=True, slots=True)
class ExcerptView:
    """A citation or a nearest passage in its article; `before` and `after` are links.

    `marker` is 0 for a passage. `here` is the marker of its words among the pieces of `proof`,
    which is None when the article is not indexed any more. `page` is where they begin, in a file
    that has pages; `is_drawn` says whether its pages can be shown as pictures.
    """

    article: str
    title: str
    language: str
    language_name: str
    quote: str
    marker: int
    here: int
    support: str
    score: float
    proof: Excerpt | None
    link: str
    before: str = ""
    after: str = ""
    page: Page | None = None
    is_drawn: bool = False


SheetState = Literal["marked", "elsewhere", "unfound", "scanned"]
"""Whether the cited words are marked on this page or stand on another; are not found with
certainty; or were read from a picture before the index kept where on it each word stands."""


@dataclass(frozen=True, slots=True)
class SheetView:
    """A page as its template reads it.

    `link` is the address of this fragment. `boxes` are in shares of the picture, each turned about
    its middle by `lean` degrees with the clock. `first` is the page that the cited words begin on,
    and `goes_on` the one that they go on to, 0 where there is none. `ocr` is how sure the engine
    was that read them on this page, 0 where none did.
    """

    article: str
    title: str
    quote: str
    link: str
    number: int
    count: int
    state: SheetState
    boxes: tuple[Box, ...] = ()
    lean: float = 0.0
    first: int = 0
    goes_on: int = 0
    ocr: float = 0.0
