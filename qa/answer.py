"""Answer, Citation: the model's words -> text whose every citation is real. Pure."""

from dataclasses import dataclass, field, replace
from typing import Literal

import regex

from index.sentences import sentences
from qa.support import Support

_MARK = regex.compile(r"\s*\[\s*\d+(?:\s*[,;–-]\s*\d+)*\s*\]")
_HALF_MARK = regex.compile(r"\s*\[[\s\d,;–-]*\Z")
_STATES = regex.compile(r"[\p{L}\p{N}].*(?<![?？؟][\s\"”’)]*)\Z", regex.DOTALL)
NONE = "NONE"


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
class Answer:
    """An answer as it grows; `done` once it is whole.

    `text` holds the sentences that are proven, each with its marks. `draft` is the sentence being
    written, not checked yet: it may turn out unproven and go. A refusal has `answered` False, no
    citation, and the nearest passages.
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


def visible(draft: str) -> str:
    """What may be shown of a draft: no marks, no half-written mark, nothing of a coming NONE."""
    if NONE.startswith(draft.lstrip()) or draft.lstrip().startswith(NONE):
        return ""
    text: str = _HALF_MARK.sub("", _MARK.sub("", draft.lstrip()))
    return text.rstrip()


def is_none(draft: str) -> bool:
    """Whether the model said that the passage does not tell."""
    return not visible(draft).strip(" .\n\"'*")


def claims(draft: str) -> list[str]:
    """The sentences of a draft that state something: no marks, no repetition, no question.

    Small models like to say the question once more before they answer it.
    """
    lines = (line.strip() for line in sentences(_MARK.sub("", draft)))
    return list(dict.fromkeys(line for line in lines if _STATES.search(line)))


def add(answer: Answer, claim: str, proof: Support) -> Answer:
    """The answer with one more sentence and its marks; as it was when the sentence is unproven.

    The model's own marks are never used: a citation is made from a proof, or not at all.
    """
    if proof.state == "unsupported":
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
