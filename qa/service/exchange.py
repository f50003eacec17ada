"""Exchange: a question and its answer, as data and as a row of the database. Pure."""

import json
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Literal, get_args

from index.text.characters import as_unicode
from qa.answer import Answer

if TYPE_CHECKING:
    from pydantic import TypeAdapter

COLUMNS = "number, question, answer, state, error, asked"  # of a row, in the order of the fields
_UNREADABLE = "What was kept of this answer cannot be read. Ask the question again."

ExchangeState = Literal["done", "stopped", "failed"]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and its answer, or why there is none.

    `number` rises within a conversation and is never given twice, so there may be gaps. `asked` is
    when the exchange was stored, UTC in ISO 8601 to the second. `error` is the reason of one that
    is `failed`.
    """

    number: int
    question: str
    answer: Answer | None
    state: ExchangeState
    error: str
    asked: str


def from_row(
    number: int, question: str, answer: str | None, state: ExchangeState, error: str, asked: str
) -> Exchange:
    """Read a row; one that cannot be read any more is `failed`, and harms no other."""
    try:
        read = None if answer is None else _adapter().validate_json(answer)
    except ValueError:
        return Exchange(number, question, None, "failed", _UNREADABLE, asked)
    if state not in get_args(ExchangeState):
        return Exchange(number, question, read, "failed", _UNREADABLE, asked)
    return Exchange(number, question, read, state, error, asked)


def as_json(answer: Answer) -> str:
    """An answer as `from_row` reads it, without its attempts; a lone surrogate becomes `?`."""
    value = _adapter().dump_python(replace(answer, attempts=()), mode="json")
    return as_unicode(json.dumps(value, ensure_ascii=False))


@cache
def _adapter() -> "TypeAdapter[Answer]":
    from pydantic import TypeAdapter

    return TypeAdapter(Answer)
