"""Result: the outcome of one question of an evaluation; to a line of JSON and back.

The line also holds the question with its known answer: a run can be reported, or compared with
another, without the file of questions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING

from qa.answer import Answer
from qa.evaluation.cases import Case

if TYPE_CHECKING:
    from pydantic import TypeAdapter


RENAMED = {"answer recall": "facts stated", "answer recall raw": "facts stated raw"}
"""Metrics of earlier versions, by their present names."""
_STAGES = {"evidence": "reader", "wrong passage": "reader", "reading": "writer"}


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A passage as it was found; passages are ordered by `score`, best first."""

    article: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of one case.

    `ranks` has for each gold quote the rank of the first passage that hits it, from 1. `answer` is
    None when only the search was scored. `error` is why the question was not asked; such a case
    counts as refused. `stage` is where the question failed, None when it is right; see
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
    """The result of a line; fields that an earlier version did not write have their default.

    Raises:
        ValueError: the line holds no result.
    """
    result = _adapter().validate_json(line)
    values = {RENAMED.get(name, name): value for name, value in result.values.items()}
    stage = _STAGES.get(result.stage or "", result.stage)
    return replace(result, values=values, stage=stage)


@cache
def _adapter() -> "TypeAdapter[Result]":
    from pydantic import TypeAdapter

    return TypeAdapter(Result)
