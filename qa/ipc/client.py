"""Client: `ask` has its question answered by the `chat` that runs on the same index, if one does.

Imports nothing slow: the time that this saves is its only purpose.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from index.errors import UserError
from qa.ipc import protocol
from qa.ipc.unix_socket import Lines, connected

if TYPE_CHECKING:
    from qa.ipc.protocol import Greeting, Growth, Request, Whole

# Seconds that a message is waited for.
_GREETING_S = 0.5  # a server greets at once; one that does not is suspended, or worse
_BEGINNING_S = 5.0  # by then it has sent at least that the question waits
_SILENCE_S = 15.0  # a server that runs sends a heartbeat every AGAIN_S


class NotServed(Exception):
    """No server answers this question, and nothing of an answer was shown."""


def answers(
    index: Path, request: "Request", llm: str | None, embedder: str | None, *, drafts: bool
) -> "Iterator[Growth | Whole]":
    """Yield the answer as it grows, the last one whole; there is always at least one.

    Args:
        index: folder of the index.
        request: the question.
        llm: the language model as named in the command, None for the default.
        embedder: the embedder as named in the command, None for the default.
        drafts: whether sentences are shown before they are proven.

    Raises:
        NotServed: there is no server, or one with other models, or it ended before anything
            could be shown.
        UserError: the question cannot be answered, or the server ended later.
    """
    begun = False
    try:
        for grown in _growing(index, request, llm, embedder):
            begun = begun or bool(grown.text or grown.standing or (drafts and grown.draft))
            if begun:
                yield grown
    except (OSError, ValueError) as error:
        if not begun:
            raise NotServed from error
        raise UserError(
            "The article-qa chat that was answering has ended, or says no more. Ask again: "
            "without it (--no-server) the answer takes some seconds more."
        ) from error


def whole(index: Path, request: "Request", llm: str | None, embedder: str | None) -> "Whole":
    """The whole answer; see `answers`.

    Raises:
        NotServed: there is no server, or one with other models, or it ended.
        UserError: the question cannot be answered.
    """
    try:
        *_, answer = _growing(index, request, llm, embedder)
    except (OSError, ValueError) as error:
        raise NotServed from error
    assert isinstance(answer, protocol.Whole)
    return answer


def _growing(
    index: Path, request: "Request", llm: str | None, embedder: str | None
) -> "Iterator[Growth | Whole]":
    """As `answers`, but raises OSError and ValueError as the system and the protocol do."""
    with connected(index, _GREETING_S) as connection:
        lines, expected = Lines(connection), _greeting(index, llm, embedder)
        if protocol.parse(lines.next(_GREETING_S)) != expected:
            raise ConnectionError("another program or index, or other models")
        connection.sendall(_encoded(request))
        last, patience = None, _BEGINNING_S
        while True:
            message, patience = protocol.parse(lines.next(patience)), _SILENCE_S
            if message == last:  # a heartbeat
                continue
            last = message
            if isinstance(message, protocol.Failed):
                raise UserError(message.message)
            if isinstance(message, protocol.Waiting):
                _print_place(message.before)
            elif isinstance(message, protocol.Growth | protocol.Whole):
                yield message
            if isinstance(message, protocol.Whole):
                return


def _greeting(index: Path, llm: str | None, embedder: str | None) -> "Greeting":
    """The greeting of a server that gives the answers which this process would give by itself."""
    from qa.environment import source_hash
    from qa.weights.checksums import known_sha256
    from qa.weights.paths import embedder_path, expected_llm_path

    try:
        file, folder = expected_llm_path(llm), Path(embedder_path(embedder))
    except UserError as error:
        raise ConnectionError("there is no such model") from error
    sha256 = known_sha256(file)
    if sha256 is None:
        raise ConnectionError("no process has loaded this model as it is")
    return protocol.greeting(source_hash(), index, folder, {"llm": file.stem, "llm_sha256": sha256})


def _encoded(request: "Request") -> bytes:
    line = protocol.encode(request)
    if len(line) > protocol.LONGEST:
        raise ConnectionError("too long a history for a line")
    return line


def _print_place(before: int) -> None:
    """Tell a person at a terminal how many questions are answered first."""
    if before and sys.stderr.isatty():
        questions = "1 question is" if before == 1 else f"{before} questions are"
        click.echo(f"{questions} before yours.", err=True)
