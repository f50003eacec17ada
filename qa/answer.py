"""Answer, Citation: the model's words -> text whose every citation is real. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import regex

from index.sentences import sentences
from qa.evidence import Sentence
from qa.support import Support

_MARK = regex.compile(r"\s*\[\s*\d+(?:\s*[,;–-]\s*\d+)*\s*\]")
_HALF_MARK = regex.compile(r"\s*\[[\s\d,;–-]*\Z")
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
    """An answer as it grows; `done` once it is whole and checked.

    Until then `text` is what the model has written so far and `citations` is empty. A refusal has
    `answered` False, no citation, and the nearest passages.
    """

    question: str
    language: str
    text: str = ""
    answered: bool = False
    citations: tuple[Citation, ...] = ()
    nearest: tuple[Nearest, ...] = ()
    timings: Timings = field(default_factory=Timings)
    done: bool = False


def visible(draft: str) -> str:
    """What may be shown of a draft: no marks, no half-written mark, nothing of a coming NONE."""
    text = draft.lstrip()
    if NONE.startswith(text) or text.startswith(NONE):
        return ""
    return _HALF_MARK.sub("", _MARK.sub("", text)).rstrip()


def is_none(draft: str) -> bool:
    """Whether the model said that the passage does not tell."""
    return not visible(draft).strip(" .\n\"'*")


def cite(answer: Answer, draft: str, prove: Callable[[str], Support]) -> Answer:
    """Keep the sentences of a finished draft that are proven, each with its marks.

    The model's own marks are dropped: a citation is made by `prove`, or not at all. Sentences
    without proof are left out; `answered` is False when none is left.
    """
    kept: list[str] = []
    cited: dict[Sentence, Citation] = {}
    for claim in claims(draft):
        proof = prove(claim)
        if proof.state == "unsupported":
            continue
        marks = []
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
            marks.append(f"[{cited.setdefault(sentence, made).marker}]")
        kept.append(_attach(claim, "".join(marks)))
    return replace(
        answer, text=" ".join(kept), answered=bool(kept), citations=tuple(cited.values()), done=True
    )


def claims(draft: str) -> list[str]:
    """The sentences of a draft without marks and without what only repeats."""
    lines = (line.strip() for line in sentences(_MARK.sub("", draft)))
    return list(dict.fromkeys(line for line in lines if regex.search(r"[\p{L}\p{N}]", line)))


def _attach(claim: str, marks: str) -> str:
    return f"{claim} {marks}" if marks else claim


def nearest(passages: Sequence[Nearest], limit: int = 3) -> tuple[Nearest, ...]:
    """The few that a refusal shows."""
    return tuple(passages[:limit])
