"""Result: what came of one question of an evaluation; to a line of JSON and back.

The line holds all there is, the question with its known answer too: a run can be reported, or
compared with another, when the file of questions is gone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from qa.answer import Answer
from qa.evaluation.cases import Case

if TYPE_CHECKING:
    from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A passage as it was found; `score` is what passages are ordered by, best first."""

    article: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one case.

    `ranks` has for each gold quote the rank of the first passage that hits it, from 1. `answer` is
    None when only the search was tried. `error` is why the question was not asked; such a case
    counts as refused. `stage` is what lost the question, None when it is right; see
    `qa/evaluation/failures.py`.
    """

    case: Case
    ranks: tuple[int | None, ...] = ()
    answer: Answer | None = None
    error: str | None = None
    values: Mapping[str, float] = field(default_factory=dict)
    stage: str | None = None
    passages: tuple[Retrieved, ...] = ()


def as_json(result: Result) -> bytes:
    """A result as one line, without the line end."""
    return _adapter().dump_json(result)


def from_json(line: bytes) -> Result:
    """The result that a line holds; what an earlier version did not write has its default.

    Raises:
        ValueError: it is not such a line.
    """
    return _adapter().validate_json(line)


@cache
def _adapter() -> "TypeAdapter[Result]":
    from pydantic import TypeAdapter

    return TypeAdapter(Result)
