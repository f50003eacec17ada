"""Turn: one turn of a conversation; reads those before a question from a file."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

from index.passage import Span
from index.text.characters import is_unicode
from index.text.normal_forms import nfc
from qa.errors import BadHistory

Role = Literal["user", "assistant"]
ROLES: tuple[Role, ...] = get_args(Role)
# Bytes of a file: hundreds of turns. Only the last few are looked at.
_LARGEST = 1_000_000
_MOST_CITED = 1000  # places of a turn; no answer has more


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a conversation, as people read it.

    `citations` are the places that an answer cites, in the order of its marks, where they are
    known; those of metadata are empty ranges.
    """

    role: Role
    content: str
    citations: tuple[Span, ...] = ()


def load(path: Path) -> tuple[Turn, ...]:
    """Read the turns before a question from a JSON file, oldest first.

    Args:
        path: a list of {"role", "content"}, or an object with such a list as "history".

    Raises:
        BadHistory: it cannot be read or used; the message says why and what to give.
    """
    try:
        value = json.loads(_text(path))
    except (ValueError, RecursionError) as error:
        raise BadHistory(path, f"is not JSON ({error})") from None
    turns = value.get("history") if isinstance(value, dict) else value
    if not isinstance(turns, list):
        raise BadHistory(path, "holds no list of turns")
    return tuple(_turn(path, number, turn) for number, turn in enumerate(turns, 1))


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise BadHistory(path, f"cannot be read: {error.strerror}") from None
    if len(data) > _LARGEST:
        raise BadHistory(path, f"is larger than {_LARGEST // 1_000_000} MB; keep the last turns")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadHistory(path, "is not UTF-8 text") from None


def parse(value: object) -> Turn:
    """The turn of a `{role, content}`, in NFC; other keys are ignored.

    An answer may have its `citations`, as `ask --json` gives them.

    Raises:
        ValueError: it is none; the message says what it has or lacks.
    """
    fields: dict[str, object] = value if isinstance(value, dict) else {}
    role, content = fields.get("role"), fields.get("content")
    if role not in ROLES:
        raise ValueError('has a role that is not "user" or "assistant"')
    if not isinstance(content, str) or not content.strip():
        raise ValueError("has no content")
    if not is_unicode(content):
        raise UnicodeError("is not Unicode text")
    return Turn(role, nfc(content), _places(fields.get("citations") or ()))


def _places(citations: object) -> tuple[Span, ...]:
    """The places of a list of `{article, start, end}`; other keys are ignored."""
    wrong = ValueError("has citations that are no list of {article, start, end}")
    if not isinstance(citations, list | tuple) or len(citations) > _MOST_CITED:
        raise wrong
    places = []
    for each in citations:
        parts: dict[str, object] = each if isinstance(each, dict) else {}
        article, start, end = (parts.get(name) for name in ("article", "start", "end"))
        if not isinstance(article, str) or not is_unicode(article):
            raise wrong
        if type(start) is not int or type(end) is not int or not 0 <= start <= end:
            raise wrong
        places.append(Span(article, start, end))
    return tuple(places)


def _turn(path: Path, number: int, value: object) -> Turn:
    try:
        turn = parse(value)
    except ValueError as error:
        raise BadHistory(path, f"turn {number} {error}") from None
    return replace(turn, content=turn.content.strip())
