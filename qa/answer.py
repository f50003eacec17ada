"""Answer, Citation: the model's words -> text whose every citation is real. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

import regex

from index.sentences import sentences
from qa.text.alignment import MARK, clean, plain
from qa.verification.support import Support

_HALF_MARK = regex.compile(r"(?<!\s)\s*\[[\s\d,;–-]*\Z")
# A link or tag whose end is still to come, or never does; `[text]` may go on as a link.
_OPEN_LINK = r"(?:!?\[)+[^\[\]]{0,200}(?:\]\([^)]{0,2000})?"
_OPEN_TAG = r"</?(?:[a-z][a-z0-9-]*(?:[\s/:][^<>]*)?)?|<!.*"
_HALF_LINK = regex.compile(rf"(?:(?:{_OPEN_LINK}|{_OPEN_TAG})\s*)+\Z", regex.I | regex.S)
_BRACKETED = regex.compile(r"(?:!?\[)+[^\[\]]{0,200}\]\Z")
_BULLET = regex.compile(r"^[ \t]*[•*–-][ \t]+", regex.MULTILINE)
_LIST_NUMBER = regex.compile(r"^[ \t]*(\d{1,2})[.)][ \t]+", regex.MULTILINE)
# "1. Energy is first. 2. Games follow."
_NEXT_NUMBER = regex.compile(r"(?<=[.!?।。！？][\"”’)]?\s*)(\d{1,2})[.)]\s+(?=\p{L})")
_BARE_NUMBER = regex.compile(r"\d{1,2}[.)]")
_LETTER = regex.compile(r"\p{L}")
_STATES = regex.compile(r"[\p{L}\p{N}].*(?<![?？؟][\s\"”’)]*)\Z", regex.DOTALL)


@dataclass(frozen=True, slots=True)
class Citation:
    """The exact words that prove a sentence: `article.text[start:end] == quote`.

    `start` and `end` are code points, half-open. `score` is a cosine. `marker` is the number in
    the answer's `[n]`.
    """

    marker: int
    article: str
    start: int
    end: int
    quote: str
    support: Literal["supported", "partial"]
    score: float


@dataclass(frozen=True, slots=True)
class Nearest:
    """A passage near the question, shown when there is no answer. `score` is a cosine."""

    article: str
    start: int
    end: int
    quote: str
    score: float


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
    it answers, as log-odds, by the model and the search. `draft` is what it wrote, whole, empty
    when it was not let write, `confidence` the mean log-probability of its tokens; `dropped` are
    its sentences that were not said. `words` are what it copied from the passage, if asked to.
    `right` is how far it leaned to each of these when asked whether it is right, as log-odds.
    """

    article: str
    start: int
    end: int
    draft: str = ""
    dropped: tuple[str, ...] = ()
    tells: float = 0.0
    confidence: float = 0.0
    words: str = ""
    right: tuple[float, ...] = ()


Stage = Literal["searching", "reading", "writing", "checking", "done"]
"""What is being done to answer; reading, writing and checking begin anew with each passage."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it grows; `done` once it is whole.

    `text` holds the sentences that are proven, each with its marks. `draft` is the sentence being
    written or checked: it may turn out unproven and go. `stage` is what is being done. A refusal
    has `answered` False, no citation, and the nearest passages. `standing` is the question that was
    searched for, when earlier turns had to be understood to make it. `attempts` are there once it
    is done: those that were written, in that order, then those that were only asked about.
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
    attempts: tuple[Attempt, ...] = ()
    stage: Stage = "searching"


def visible(draft: str) -> str:
    """What may be shown of a draft: no mark, link or tag, whole or half written."""
    return str(_BRACKETED.sub("", _plain(draft))).rstrip()


def claims(draft: str) -> list[str]:
    """The sentences of a draft that state something: no marks, no repetition, no question.

    Small models like to say the question once more before they answer it.
    """
    lines = _joined(line.strip() for line in sentences(_plain(draft)))
    return list(dict.fromkeys(line for line in lines if _STATES.search(line)))


def finished(draft: str) -> tuple[list[str], str]:
    """The claims of an unfinished draft that no further word can change, and the one under way.

    `It cost ca. 2` may go on as `ca. 200 million`: where a sentence ends is only known once a
    letter of the next one is.
    """
    *whole, last = claims(draft) or [""]
    return (whole, last) if _LETTER.search(last) else ([], " ".join([*whole, last]))


def _plain(draft: str) -> str:
    text: str = _HALF_LINK.sub("", _HALF_MARK.sub("", plain(MARK.sub("", draft))))
    text = _BULLET.sub("", text)
    # Numbers are list marks when they begin at 1; "29. Juni" is a date.
    if first := _LIST_NUMBER.search(text):
        text = _without_numbers(text) if first[1] == "1" else text
    return text.strip()


def _without_numbers(text: str) -> str:
    """A list without its marks, at line beginnings and, where they count on, within a line."""
    after = 2

    def left(match: regex.Match[str]) -> str:
        nonlocal after
        if int(match[1]) != after:
            return str(match[0])
        after += 1
        return ""

    return str(_NEXT_NUMBER.sub(left, _LIST_NUMBER.sub("", text)))


def _joined(lines: Iterable[str]) -> Iterator[str]:
    """The sentences, each bare "29." with what follows it; alone it is a sentence itself."""
    bare, alone = "", True
    for line in lines:
        if _BARE_NUMBER.fullmatch(line):
            bare = f"{bare} {line}".lstrip()
        elif line:
            yield f"{bare} {line}".lstrip()
            bare, alone = "", False
    if bare and alone:
        yield bare


def add(answer: Answer, claim: str, proof: Support) -> Answer:
    """The answer with one more sentence and its marks; as it was when that is unproven or said.

    The model's own marks are never used: a citation is made from a proof, or not at all.
    """
    claim = clean(claim)  # an article's own words may hold links, and marks of its footnotes
    if proof.state == "unsupported" or f" {claim} [" in f" {answer.text}":
        return answer
    cited = {(c.article, c.start): c for c in answer.citations}
    marks = ""
    for sentence in proof.sentences:
        made = Citation(
            len(cited) + 1,
            sentence.article,
            sentence.start,
            sentence.end,
            sentence.text,
            proof.state,
            round(proof.score, 4),
        )
        marks += f"[{cited.setdefault((made.article, made.start), made).marker}]"
    text = f"{answer.text} {claim} {marks}".lstrip()
    return replace(answer, text=text, answered=True, citations=tuple(cited.values()))
