"""Case file: reads and validates cases from JSON Lines, one case a line."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from index.passage import Span
from index.text.characters import without_controls
from index.text.normal_forms import nfc
from qa.answering.turns import ROLES, Role, Turn
from qa.errors import BadQuestions
from qa.evaluation.cases import TYPES, Case, Gold, Plant, Text, Type, find_spans, planted

if TYPE_CHECKING:
    from pydantic import BaseModel, TypeAdapter, ValidationError

T = TypeVar("T")

# What a field must be, in words: one value by pydantic's type of error, a list by its name.
_VALUES = {"string_type": "text", "bool_type": "true or false"}
_CHOICES = {"type": TYPES, "role": ROLES}
_LISTS = {
    "answers": "a list of lists of texts: facts, each by its aliases",
    "evidence": "a list of {article, quote}",
    "history": "a list of {role, content}",
    "forbidden": "a list of texts",
    "foreign": "a list of texts",
    "tags": "a list of texts",
    "plant": "a list of {article, after, text}",
}


class _Fault(Exception):
    """A line that cannot be used; the message says why."""


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
                raise _Fault(f"the id {case.id!r} is already that of line {lines[case.id]}")
            if text:
                _check_plants(case, text)
                _check_quotes(case, planted(text, case.plants))
        except _Fault as fault:
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
        raise _Fault(_in_words(error)) from None
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

    class PlantLine(BaseModel):
        article: words
        after: passage
        text: passage

    class TurnLine(BaseModel):
        role: Role
        content: words

    class CaseLine(BaseModel):
        id: name
        question: words
        lang: name
        answerable: bool
        answers: tuple[Annotated[tuple[words, ...], Field(min_length=1)], ...] = ()
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

    return TypeAdapter(Annotated[CaseLine, AfterValidator(_made(Case)), AfterValidator(_checked)])


def _made(kind: Callable[..., T]) -> Callable[["BaseModel"], T]:
    """A function that makes a frozen type of ours from a validated model of the same fields."""
    return lambda model: kind(**dict(model))


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
    for name, given in (("answers", case.answers), ("evidence", case.evidence)):
        if case.answerable and not given:
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
        return f"the field {field} must be one of {choices}, not {_short(str(fault['input']))}"
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


def _check_plants(case: Case, text: Text) -> None:
    for plant in case.plants:
        if plant.after not in _article(plant.article, text):
            raise _Fault(
                f"the words {_short(plant.after)}, to plant after, are not in {plant.article}"
            )


def _check_quotes(case: Case, text: Text) -> None:
    for gold in case.evidence:
        whole = _article(gold.article, text)
        spans = find_spans(gold, whole)
        if not spans:
            raise _Fault(f"the quote {_short(gold.quote)} is not in {gold.article}")
        if len({_lines_around(span, whole) for span in spans}) > 1:
            raise _Fault(
                f"the quote {_short(gold.quote)} is at {len(spans)} different places of "
                f"{gold.article}; make it longer"
            )


def _article(article: str, text: Text) -> str:
    try:
        return text(article)
    except KeyError:
        raise _Fault(f"there is no article {article!r}") from None


def _lines_around(span: Span, text: str) -> str:
    """The lines a span stands in: equal for every span of a text that is merely repeated."""
    start = text.rfind("\n", 0, span.start) + 1
    end = text.find("\n", span.end)
    return text[start : end if end >= 0 else len(text)].strip()


def _short(quote: str) -> str:
    return repr(quote if len(quote) <= 60 else quote[:59] + "…")
