"""Events: the bytes of a stream -> its JSON objects (server-sent events), in bounded memory."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from qa.llm.server.errors import BadReply, ServerError, message_of, plain

_LONGEST = 2**20  # bytes of a line; one token with 20 others beside it has 3 KB
_DONE = b"[DONE]"


def events(pieces: Iterable[bytes], host: str) -> Iterator[dict[str, Any]]:
    """Yield the objects of a stream until it says that it is done, or ends.

    Raises:
        BadReply: something in it is no event, or too long.
        ServerError: the server tells of an error in the midst of it.
    """
    for line in _lines(pieces, host):
        data = line.removeprefix(b"data:").strip()
        if data == _DONE:
            return
        if data and (line.startswith(b"data:") or data.startswith(b"{")):
            yield _event(data, host)


def _lines(pieces: Iterable[bytes], host: str) -> Iterator[bytes]:
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole
        if len(rest) > _LONGEST:
            raise BadReply(host, f"sent a line of more than {_LONGEST // 2**20} MB")
    yield rest


def _event(data: bytes, host: str) -> dict[str, Any]:
    try:
        event = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadReply(host, "sent something that is no JSON in its answer") from error
    if not isinstance(event, dict):
        raise BadReply(host, "sent something that is no object in its answer")
    if event.get("error") or event.get("object") == "error":
        told = plain(message_of(event)).rstrip(".")
        raise ServerError(f"The model server at {host} could not answer: {told or 'an error'}.")
    return event
