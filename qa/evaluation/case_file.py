"""Case file: reads and validates cases from JSON Lines, one case a line."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from index.passage import Span
from index.scope import EVERYTHING, Scope, scope_of
from index.text.characters import without_controls
from index.text.normal_forms import nfc
from qa.answering.turns import ROLES, Role, Turn
from qa.errors import BadQuestions
from qa.evaluation import kind_cases
from qa.evaluation.case_checks import Fault, check_texts, short
from qa.evaluation.cases import TYPES, Case, Gold, Plant, Text, Type
from qa.evaluation.kind_cases import Kind, Side, Verdict

if TYPE_CHECKING:
    from pydantic import BaseModel, TypeAdapter, ValidationError

T = TypeVar("T")

# What a field must be, in words: one value by pydantic's type of error, a list by its name.
_VALUES = {
    "string_type": "text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "dict_type": "an object such as {only, language, since, until}",
}
_CHOICES = {
    "type": TYPES,
    "role": ROLES,
    "kind": kind_cases.KINDS,
    "verdict": kind_cases.VERDICTS,
    "more": kind_cases.SIDES,
}
_LISTS = {
    "answers": "a list of lists of texts: facts, each by its aliases",
    "evidence": "a list of {article, quote}",
    "history": "a list of {role, content}, an answer's with citations: {article, start, end}",
    "forbidden": "a list of texts",
    "foreign": "a list of texts",
    "tags": "a list of texts",
    "plant": "a list of {article, after, text}",
    "articles": "a list of texts",
    "also": "a list of texts",
    "points": "a list of lists of texts: points, each by its aliases",
    "sides": "a list of two lists of texts: the facts of both sides, each by its aliases",
}


def load(path: Path, text: Text | None = None) -> list[Case]:
    """Read a file of questions.

    Args:
        path: JSON Lines in UTF-8; empty lines are skipped.
        text: gives the articles, to check that each quote stands in its article, with what the
            case plants there; no check if None.

    Raises:
        BadQuestions: a line cannot be used, or there is no question; the message names the line.
    """
    lines: dict[str, int] = {}
    cases = []
    for number, line in _lines(path):
        try:
            case = _case(line)
            if case.id in lines:
                raise Fault(f"the id {case.id!r} is already that of line {lines[case.id]}")
            if text:
                check_texts(case, text)
        except Fault as fault:
            raise BadQuestions(f"{path} line {number}: {fault}.") from None
        lines[case.id] = number
        cases.append(case)
    if not cases:
        raise BadQuestions(f"{path} holds no question. Write one JSON object a line.")
    return cases


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise BadQuestions(f"Cannot read the questions at {path}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        number = error.object[: error.start].count(b"\n") + 1
        raise BadQuestions(f"{path} line {number}: not UTF-8 text.") from error
    # JSON strings may hold other line ends (U+2028), so only a line feed ends a line.
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, line


def _case(line: str) -> Case:
    from pydantic import ValidationError

    try:
        case: Case = _adapter().validate_json(line, strict=True)
    except ValidationError as error:
        raise Fault(_in_words(error)) from None
    return case


@cache
def _adapter() -> "TypeAdapter[Any]":
    """Pydantic's model of a line; built once, when the first is read."""
    from pydantic import AfterValidator, BaseModel, Field, TypeAdapter

    words = Annotated[str, AfterValidator(_words)]
    passage = Annotated[words, AfterValidator(_as_read)]
    name = Annotated[words, AfterValidator(_one_line)]

    class GoldLine(BaseModel):
        article: words
        quote: passage
        point: int | None = None

    class PlantLine(BaseModel):
        article: words
        after: passage
        text: passage

    class SpanLine(BaseModel):
        article: words
        start: int
        end: int

    class TurnLine(BaseModel):
        role: Role
        content: words
        citations: tuple[Annotated[SpanLine, AfterValidator(_made(Span))], ...] = ()

    aliases = Annotated[tuple[words, ...], Field(min_length=1)]

    class CaseLine(BaseModel):
        id: name
        question: words
        lang: name
        answerable: bool
        answers: tuple[aliases, ...] = ()
        evidence: tuple[Annotated[GoldLine, AfterValidator(_made(Gold))], ...] = ()
        group: name | None = None
        doc_lang: name | None = None
        type: Type | None = None
        history: tuple[Annotated[TurnLine, AfterValidator(_made(Turn))], ...] = ()
        forbidden: tuple[words, ...] = ()
        tags: tuple[words, ...] = ()
        foreign: tuple[words, ...] = ()
        plants: tuple[Annotated[PlantLine, AfterValidator(_made(Plant))], ...] = Field(
            (), alias="plant"
        )
        kind: Kind | None = None
        articles: tuple[words, ...] = ()
        also: tuple[words, ...] = ()
        points: tuple[aliases, ...] = ()
        verdict: Verdict | None = None
        sides: Annotated[tuple[tuple[words, ...], ...], AfterValidator(_two)] = ()
        more: Side | None = None
        scope: Annotated[dict[str, Any], AfterValidator(_scope)] = Field(default_factory=dict)

    return TypeAdapter(Annotated[CaseLine, AfterValidator(_made_case), AfterValidator(_checked)])


def _made(kind: Callable[..., T]) -> Callable[["BaseModel"], T]:
    """A function that makes a frozen type of ours from a validated model of the same fields."""
    return lambda model: kind(**dict(model))


def _made_case(model: "BaseModel") -> Case:
    """A case, with what is said of its kind in a part of its own."""
    fields = dict(model)
    known = {name: fields.pop(name) for name in kind_cases.NAMES}
    scope = fields.pop("scope") or EVERYTHING
    return Case(**fields, wanted=kind_cases.wanted(known), scope=scope)


def _two(sides: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
    if len(sides) != 2:
        raise ValueError(f"must be {_LISTS['sides']}")
    return sides


def _scope(fields: dict[str, Any]) -> Scope:
    names = ("only", "language", "since", "until")
    try:
        if unknown := [name for name in fields if name not in names]:
            raise ValueError(f"it has {unknown[0]!r}, but may have only {', '.join(names)}")
        return scope_of(**fields)
    except ValueError as error:
        raise ValueError(f"cannot be used: {str(error).rstrip('.')}") from None


def _words(text: str) -> str:
    if not text.strip():
        raise ValueError("must be text, but is blank")
    return nfc(text)


def _one_line(text: str) -> str:
    """Names stand in files of lines: qrels, runs, tables."""
    if without_controls(text) != text or len(text.splitlines()) > 1:
        raise ValueError("must be one line without control characters")
    return text


def _as_read(text: str) -> str:
    """As articles are read: LF only, and no byte order mark."""
    return text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")


def _checked(case: Case) -> Case:
    """Check that the fields of a case agree with each other."""
    given = {"answers": case.answers, "evidence": case.evidence}
    if case.wanted:
        points = [gold.point for gold in case.evidence]
        kind_cases.check(case.wanted, case.answerable, given, points)
    for name in given if case.answerable and not case.wanted else ():
        if not given[name]:
            raise ValueError(f"answerable, but without {name}")
    if case.answerable and case.type == "unanswerable":
        raise ValueError("answerable, but of the type unanswerable")
    if case.type == "followup" and not case.history:
        raise ValueError("a followup, but without history")
    if case.type == "injection" and not case.forbidden:
        raise ValueError("an injection, but without forbidden")
    return case


def _in_words(error: "ValidationError") -> str:
    """The first fault of a line, in plain words."""
    fault = error.errors(include_url=False)[0]
    kind, path = fault["type"], fault["loc"]
    if kind == "json_invalid":
        return f"not JSON ({_json_fault(fault['ctx']['error'])})"
    if not path:
        return str(fault["ctx"]["error"]) if kind == "value_error" else "not a JSON object"
    field, (*_, name) = repr(_dotted(path)), path
    if kind == "missing":
        return f"the field {field} is missing"
    if kind == "value_error":
        return f"the field {field} {fault['ctx']['error']}"
    if kind == "literal_error":
        choices = ", ".join(_CHOICES[str(name)])
        return f"the field {field} must be one of {choices}, not {short(str(fault['input']))}"
    if kind in _VALUES:
        return f"the field {field} must be {_VALUES[kind]}"
    return f"the field {path[0]!r} must be {_LISTS[str(path[0])]}"


def _json_fault(reason: str) -> str:
    """Why a line is not JSON, and at which column, in plain words."""
    why, _, column = reason.rpartition(" at line 1 ")
    if "hex escape" in why or "surrogate" in why:
        why = "half of a surrogate pair, which is no character,"
    return f"{why.replace('EOF while parsing', 'it ends in')} at {column}"


def _dotted(path: tuple[int | str, ...]) -> str:
    """Where a value stands in its line, such as `evidence[0].quote`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".")
