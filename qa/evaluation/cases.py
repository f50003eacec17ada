"""Case: a question with its known answer; reads and checks files of them, JSON Lines."""

import json
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from index.passage import Span
from qa.answering.turns import ROLES, Turn
from qa.errors import BadQuestions

TYPES = (
    "factoid",
    "list",
    "why",
    "compare",
    "followup",
    "unanswerable",
    "false_premise",
    "injection",
)
Text = Callable[[str], str]
"""An article's whole text by its id; raises KeyError when there is no such article."""


@dataclass(frozen=True, slots=True)
class Gold:
    """Words of an article that hold an answer: a quote, never a chunk, so chunks may change."""

    article: str
    quote: str


@dataclass(frozen=True, slots=True)
class Plant:
    """Words that no author wrote, set right after others in an article: an attack to withstand."""

    article: str
    after: str
    text: str


@dataclass(frozen=True, slots=True)
class Case:
    """A question of an evaluation.

    `answers` lists the facts an answer must state, each by its aliases. `group` is shared by the
    same question in other languages; `doc_lang` is the language of the articles that answer it.
    `history` are earlier turns, from `user` and `assistant`. `plants`, the field `plant` of the
    file, are set into the articles before this one question is asked (see `planted`); `forbidden`
    are words by which an answer shows that it obeyed them.
    """

    id: str
    question: str
    lang: str
    answerable: bool
    answers: tuple[tuple[str, ...], ...] = ()
    evidence: tuple[Gold, ...] = ()
    group: str | None = None
    doc_lang: str | None = None
    type: str | None = None
    history: tuple[Turn, ...] = ()
    forbidden: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    plants: tuple[Plant, ...] = ()


class _Fault(Exception):
    """What is wrong with one line."""


def load(path: Path, text: Text | None = None) -> list[Case]:
    """Read a file of questions.

    Args:
        path: JSON Lines in UTF-8; empty lines are passed over.
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
                raise _Fault(f"the id {case.id!r} is that of line {lines[case.id]} already")
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


def spread(cases: Sequence[Case], limit: int | None) -> list[Case]:
    """At most `limit` cases, spread evenly over the file; all of them when None."""
    if limit is None or limit >= len(cases):
        return list(cases)
    return [cases[i * len(cases) // limit] for i in range(limit)]


def places(gold: Gold, text: str) -> list[Span]:
    """Everywhere the quote stands in its article's text, in order."""
    found = []
    start = text.find(gold.quote)
    while start >= 0:
        found.append(Span(gold.article, start, start + len(gold.quote)))
        start = text.find(gold.quote, start + 1)
    return found


def planted(text: Text, plants: Sequence[Plant]) -> Text:
    """The articles with each plant set in, in order, after every place its `after` stands at.

    Every place, since an article may hold its text twice and either copy may be found.
    """

    def read(article: str) -> str:
        whole = text(article)
        for plant in plants:
            if plant.article == article:
                whole = whole.replace(plant.after, plant.after + plant.text)
        return whole

    return read


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
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _Fault(f"not JSON ({error})") from None
    if not isinstance(value, dict):
        raise _Fault("not a JSON object")
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise _Fault("half of a surrogate pair, which is no character") from None
    case = Case(
        _string(value, "id"),
        _string(value, "question"),
        _string(value, "lang"),
        _boolean(value, "answerable"),
        _answers(value.get("answers", [])),
        _evidence(value.get("evidence", [])),
        _optional(value, "group"),
        _optional(value, "doc_lang"),
        _optional(value, "type"),
        _history(value.get("history", [])),
        _strings(value.get("forbidden", []), "forbidden"),
        _strings(value.get("tags", []), "tags"),
        _plants(value.get("plant", [])),
    )
    _check_sense(case)
    return case


def _check_sense(case: Case) -> None:
    if case.type is not None and case.type not in TYPES:
        raise _Fault(f"the type {case.type!r} is not one of {', '.join(TYPES)}")
    for name, given in (("answers", case.answers), ("evidence", case.evidence)):
        if case.answerable and not given:
            raise _Fault(f"answerable, but without {name}")
    if case.answerable and case.type == "unanswerable":
        raise _Fault("answerable, but of the type unanswerable")
    if any(turn.role not in ROLES for turn in case.history):
        raise _Fault(f"a role of the history is not one of {', '.join(ROLES)}")
    if case.type == "followup" and not case.history:
        raise _Fault("a followup, but without history")
    if case.type == "injection" and not case.forbidden:
        raise _Fault("an injection, but without forbidden")


def _check_plants(case: Case, text: Text) -> None:
    for plant in case.plants:
        if plant.after not in _article(plant.article, text):
            raise _Fault(
                f"{_short(plant.after)}, to plant after, does not stand in {plant.article}"
            )


def _check_quotes(case: Case, text: Text) -> None:
    for gold in case.evidence:
        whole = _article(gold.article, text)
        found = places(gold, whole)
        if not found:
            raise _Fault(f"the quote {_short(gold.quote)} does not stand in {gold.article}")
        if len({_around(place, whole) for place in found}) > 1:
            raise _Fault(
                f"the quote {_short(gold.quote)} stands at {len(found)} different places in "
                f"{gold.article}; make it longer"
            )


def _article(article: str, text: Text) -> str:
    try:
        return text(article)
    except KeyError:
        raise _Fault(f"there is no article {article!r}") from None


def _around(place: Span, text: str) -> str:
    """The lines a place stands in: equal for every place of a text that is merely repeated."""
    start = text.rfind("\n", 0, place.start) + 1
    end = text.find("\n", place.end)
    return text[start : end if end >= 0 else len(text)].strip()


def _string(value: Mapping[str, Any], name: str) -> str:
    if name not in value:
        raise _Fault(f"the field {name!r} is missing")
    if not isinstance(value[name], str) or not value[name].strip():
        raise _Fault(f"the field {name!r} must be text")
    return unicodedata.normalize("NFC", value[name])


def _optional(value: Mapping[str, Any], name: str) -> str | None:
    return None if value.get(name) is None else _string(value, name)


def _boolean(value: Mapping[str, Any], name: str) -> bool:
    if name not in value:
        raise _Fault(f"the field {name!r} is missing")
    if not isinstance(value[name], bool):
        raise _Fault(f"the field {name!r} must be true or false")
    return bool(value[name])


def _strings(value: object, name: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
        raise _Fault(f"the field {name!r} must be a list of texts")
    return tuple(unicodedata.normalize("NFC", v) for v in value)


def _answers(value: object) -> tuple[tuple[str, ...], ...]:
    if not isinstance(value, list) or not all(isinstance(v, list) and v for v in value):
        raise _Fault("the field 'answers' must be a list of lists of texts: facts, each by aliases")
    return tuple(_strings(aliases, "answers") for aliases in value)


def _evidence(value: object) -> tuple[Gold, ...]:
    if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
        raise _Fault("the field 'evidence' must be a list of {article, quote}")
    return tuple(Gold(_string(v, "article"), _as_read(_string(v, "quote"))) for v in value)


def _plants(value: object) -> tuple[Plant, ...]:
    if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
        raise _Fault("the field 'plant' must be a list of {article, after, text}")
    return tuple(
        Plant(_string(v, "article"), _as_read(_string(v, "after")), _as_read(_string(v, "text")))
        for v in value
    )


def _as_read(quote: str) -> str:
    """As articles are read: LF only, and no byte order mark."""
    return quote.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")


def _history(value: object) -> tuple[Turn, ...]:
    if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
        raise _Fault("the field 'history' must be a list of {role, content}")
    return tuple(Turn(cast(Any, _string(v, "role")), _string(v, "content")) for v in value)


def _short(quote: str) -> str:
    return repr(quote if len(quote) <= 60 else quote[:59] + "…")
