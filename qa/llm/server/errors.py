"""Errors of a model server: each one line that says what to do; none holds the key.

UserError (index/errors.py)
  └─ ServerError         the model server cannot be used, or did not answer
       ├─ Unreachable    no connection: refused, no such host, TLS, silence
       ├─ Rejected       an answer with another status than 200; it has the status
       ├─ BadReply       an answer that is not of this protocol
       └─ CutStream      an answer that ended before its end
"""

import json
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

import regex

from index.errors import UserError

_LONGEST = 200  # code points of a server's own words that are shown
_UNSEEN = regex.compile(r"[\p{C}\s]+")
_CODED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


class ServerError(UserError):
    """The model server cannot be used, or did not answer."""


class Unreachable(ServerError):
    """There is no connection to the server."""


class Rejected(ServerError):
    """The server answered with another status than 200.

    `told` are its own words, shortened and without the key.
    """

    def __init__(self, host: str, status: int, told: str = "") -> None:
        self.status, self.told = status, told
        super().__init__(_of_status(host, status, told))


class BadReply(ServerError):
    """What the server sent is not of this protocol."""

    def __init__(self, host: str, why: str) -> None:
        super().__init__(
            f"The model server at {host} {why}. Is it an OpenAI-compatible server, and is the "
            "address its API, as in http://localhost:8080/v1 ?"
        )


class CutStream(ServerError):
    """The server ended its answer before the end."""

    def __init__(self, host: str, why: str = "the connection was closed") -> None:
        super().__init__(
            f"The model server at {host} broke off in the midst of an answer ({why}). Ask again."
        )


def plain(told: str) -> str:
    """A server's own words as they can be shown: one line, no control characters, not too long."""
    line = str(_UNSEEN.sub(" ", told)).strip()
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]} …"


def _of_status(host: str, status: int, told: str) -> str:
    if status in _CODED:  # its words may repeat parts of the key
        return (
            f"The model server at {host} refuses the key (status {status}). Set the variable "
            "ARTICLE_QA_LLM_KEY to a key that it accepts."
        )
    if 300 <= status < 400:
        return (
            f"The model server at {host} sends on to another address (status {status}), which is "
            "not followed. Give the address it leads to with --llm."
        )
    words = f": {told.rstrip('.')}" if told else ""
    return f"The model server at {host} answered with status {status}{words}.{_advice(status)}"


def _advice(status: int) -> str:
    if status == HTTPStatus.NOT_FOUND:
        return " Check the address and the name of the model behind # in --llm."
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return " It is asked too much; ask again later."
    return " Its own log may tell more." if status >= 500 else ""


def words_of(body: bytes) -> str:
    """What an error says, in the forms of several servers; nothing where it is a page of HTML."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    return message_of(said)


def message_of(said: Any) -> str:
    """The message in a JSON object that tells of an error."""
    for name in ("error", "message", "detail"):
        inner = said.get(name) if isinstance(said, dict) else None
        if inner:
            return inner if isinstance(inner, str) else message_of(inner) or json.dumps(inner)
    return ""


def unconnected(host: str, error: Exception) -> str:
    """Why there is no connection, in plain words."""
    why = plain(str(error)) or type(error).__name__
    causes = " ".join(map(repr, _causes(error)))
    if "CERTIFICATE_VERIFY_FAILED" in why or "CertificateError" in causes:
        return (
            f"The certificate of the model server at {host} cannot be verified ({why}). "
            "If it is your own, name its authority's file: SSL_CERT_FILE=ca.pem"
        )
    if "SSL" in why or "SSLError" in causes:
        return (
            f"The model server at {host} speaks no TLS that can be used ({why}). "
            "If it speaks none, write http:// instead of https://"
        )
    return (
        f"No model server answers at {host} ({why}). Is it running, and is the address "
        "that --llm gives right?"
    )


def _causes(error: BaseException | None) -> Iterable[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
