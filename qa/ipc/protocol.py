"""Protocol: the messages between `ask` and a running `chat`, one JSON object a line. Pure.

    chat  Greeting                                program, index and models
    ask   Request                                 if they are those that it would use itself
    chat  Waiting* Growth* then Whole, or Failed  at every change, and every AGAIN_S without one

A side that gets an unexpected message closes the connection; `ask` then answers by itself.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from index.scope import EVERYTHING, Scope, scope_of
from qa.answering.turns import Turn
from qa.answering.turns import parse as parse_turn
from qa.answering.validation import MOST_PASSAGES, is_count
from qa.errors import BadQuestion

PROTOCOL = 1
AGAIN_S = 2.0  # seconds after which a chat repeats its last message, as a heartbeat
LONGEST = 4_000_000  # bytes of a line; a history may have a million, more when it is escaped


@dataclass(frozen=True, slots=True)
class Greeting:
    """Message of the server: all that its answers depend on; where it differs nothing is asked.

    `code` is the program's hash, `llm` and `llm_sha256` name the language model that is loaded,
    `index` and `embedder` are folders.
    """

    code: str
    index: str
    llm: str
    llm_sha256: str
    embedder: str
    protocol: int = PROTOCOL


@dataclass(frozen=True, slots=True)
class Request:
    """Message of the client: a question with the arguments of `qa.ask.ask`."""

    question: str
    language: str | None = None
    limit: int = 10
    history: tuple[Turn, ...] = ()
    scope: Scope = EVERYTHING


@dataclass(frozen=True, slots=True)
class Waiting:
    """Message of the server: `before` questions are answered first; 0 once it is the turn."""

    before: int


@dataclass(frozen=True, slots=True)
class Growth:
    """Message of the server: an answer as it grows; see `qa.answer.Answer` for the fields."""

    text: str
    draft: str
    standing: str | None


@dataclass(frozen=True, slots=True)
class Whole:
    """Last message of the server: the answer, its sources as text, and the line of `ask --json`.

    The server makes both texts: to detect the language of a quote needs the slowest import.
    """

    text: str
    standing: str | None
    sources: str
    json: str
    draft: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """Last message of the server: why there is no answer, in the words of a UserError."""

    message: str


Message = Greeting | Request | Waiting | Growth | Whole | Failed
_KINDS: dict[str, type[Message]] = {
    kind.__name__.lower(): kind for kind in (Greeting, Waiting, Growth, Whole, Failed)
}


def greeting(code: str, index: Path, embedder: Path, models: Mapping[str, str]) -> Greeting:
    """The greeting of an index and its models; `models` has `llm` and `llm_sha256`."""
    llm, sha256 = models["llm"], models["llm_sha256"]
    return Greeting(code, str(index.resolve()), llm, sha256, str(embedder.resolve()))


def encode(message: Message) -> bytes:
    """A message as a line of JSON, in ASCII, so that a lone surrogate arrives as it is."""
    return json.dumps({type(message).__name__.lower(): asdict(message)}).encode() + b"\n"


def parse(line: bytes) -> Message:
    """Parse a message of a server; it is trusted, and only its form is checked.

    Raises:
        ValueError: it is no message of this protocol.
    """
    kind, fields = _only(_json(line))
    try:
        return _KINDS[kind](**fields)
    except (KeyError, TypeError) as error:
        raise ValueError(f"There is no such message: {error}") from error


def parse_request(line: bytes) -> Request:
    """Parse the request of a client, whatever it sends; each field is checked.

    Raises:
        BadQuestion: it is no request of this protocol.
    """
    try:
        kind, fields = _only(_json(line))
        turns = tuple(parse_turn(turn) for turn in fields["history"])
        found = Request(**{**fields, "history": turns, "scope": scope_of(**fields["scope"])})
    except (ValueError, KeyError, TypeError) as error:
        raise BadQuestion(f"This is no request: {error}") from error
    if kind != "request" or not _is_sound(found):
        raise BadQuestion("This is no request: something in it is of another kind.")
    return found


def _is_sound(found: Request) -> bool:
    return (
        isinstance(found.question, str)
        and isinstance(found.language, str | None)
        and is_count(found.limit)
        and 1 <= found.limit <= MOST_PASSAGES
    )


def _json(line: bytes) -> Any:
    try:
        return json.loads(line)
    except RecursionError as error:
        raise ValueError("It is nested too deep.") from error


def _only(value: Any) -> tuple[str, dict[str, Any]]:
    """The kind and the fields of a message."""
    if isinstance(value, dict) and len(value) == 1:
        ((kind, fields),) = value.items()
        if isinstance(fields, dict):
            return kind, fields
    raise ValueError("It is not one object in another.")
