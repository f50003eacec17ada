"""Local server: answers the `ask` of other processes at the desk of a `chat`, by a Unix socket.

The socket lies in the index's folder and is for its owner alone, whoever may use the page.
"""

import fcntl
import logging
import math
import os
import select
import socket
import stat
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial
from pathlib import Path

from index.errors import UserError
from qa.environment import source_hash
from qa.errors import TooBusy
from qa.ipc import protocol, unix_socket
from qa.ipc.unix_socket import NAME, Lines, Waker
from qa.service.answer_format import answer_json, sources_text
from qa.service.job import Job
from qa.service.scheduler import Scheduler

# Whoever is not taken answers by itself. So many do not keep out those on the page for long.
_AT_ONCE = 8
_REQUEST_S = 5.0  # seconds in which a request must have come
_SEND_S = 60.0  # seconds in which what is sent must be taken
_ACCEPT_AGAIN_S = 0.02  # seconds after which connections are taken again when one could not be
_LOG = logging.getLogger(__name__)


@contextmanager
def serving(
    index: Path, embedder: Path, desk: Scheduler, models: Callable[[], Mapping[str, str]]
) -> Iterator[None]:
    """Answer `ask` of the same index and models meanwhile, if no other process does.

    Where there can be no socket there is none, and nothing is said: it spares time, no more.

    Args:
        index: folder of the index.
        embedder: folder of the embedder.
        desk: where questions are put.
        models: gives the models of now, as `ask --json` names them.
    """
    program = source_hash()  # before anybody changes it
    with ExitStack() as stack:
        with suppress(OSError):
            made = stack.enter_context(_listening(index))
            greeting = partial(protocol.greeting, program, index, embedder)
            server = _Server(made, desk, models, greeting)
            stack.callback(server.close)
        yield


@contextmanager
def _listening(index: Path) -> Iterator[socket.socket]:
    """The socket of an index, for this process alone until it ends, however it does.

    Raises:
        OSError: another process has it, or the system has none.
    """
    with unix_socket.opened(index) as folder, socket.socket(socket.AF_UNIX) as made:
        # The system's lock goes with its process: what lies there while we have it was left behind.
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _clear(folder)
        made.bind(unix_socket.address(index, folder))
        try:
            os.chmod(NAME, 0o600, dir_fd=folder)  # before anybody can connect
            made.listen()
            yield made
        finally:
            _clear(folder)


def _clear(folder: int) -> None:
    """Remove a socket of this name, and nothing else."""
    with suppress(FileNotFoundError):
        if stat.S_ISSOCK(os.stat(NAME, dir_fd=folder, follow_symlinks=False).st_mode):
            os.unlink(NAME, dir_fd=folder)


class _Server:
    """Takes connections by one thread, and answers each by another."""

    def __init__(
        self,
        made: socket.socket,
        desk: Scheduler,
        models: Callable[[], Mapping[str, str]],
        greeting: Callable[[Mapping[str, str]], protocol.Greeting],
    ) -> None:
        self._made, self._desk, self._models, self._greeting = made, desk, models, greeting
        self._closed, self._taken = False, 0
        self._talks: list[tuple[threading.Thread, socket.socket]] = []
        self._accepting = threading.Thread(target=self._accept, name="local", daemon=True)
        self._accepting.start()

    def close(self) -> None:
        """Take no more, and hang up on all."""
        self._closed = True
        _hang_up(self._made)  # wakes who accepts
        self._accepting.join(1)
        for _, connection in self._talks:
            _hang_up(connection)
        for thread, _ in self._talks:
            thread.join(1)

    def _accept(self) -> None:
        while not self._closed:
            try:
                connection, _ = self._made.accept()
            except OSError:
                time.sleep(_ACCEPT_AGAIN_S)  # the end, or too many open files
                continue
            self._talks = [talk for talk in self._talks if talk[0].is_alive()]
            if len(self._talks) >= _AT_ONCE or not unix_socket.is_own(connection):
                connection.close()
                continue
            self._taken += 1
            who = f"terminal:{self._taken}"  # no user's name has a colon
            thread = threading.Thread(target=self._talk, args=(connection, who), daemon=True)
            self._talks.append((thread, connection))
            thread.start()

    def _talk(self, connection: socket.socket, visitor: str) -> None:
        try:
            with connection:
                self._answer(connection, visitor)
        except OSError:
            pass  # it has gone, is too slow, or we hang up
        except Exception:
            _LOG.exception("A question of a terminal could not be answered.")

    def _answer(self, connection: socket.socket, visitor: str) -> None:
        models = self._models()
        _say(connection, self._greeting(models))
        line = Lines(connection).next(_REQUEST_S)
        try:
            job = self._ask(protocol.request(line), visitor, models["llm"])
        except TooBusy:
            return  # here; where it was asked it is answered, if more slowly
        except UserError as error:
            _say(connection, protocol.Failed(str(error)))
            return
        try:
            self._follow(connection, job)
        finally:
            job.stop()
        if end := _end(job, models):
            _say(connection, end)

    def _ask(self, request: protocol.Request, visitor: str, llm: str) -> Job:
        # Each is a visitor of its own: how much visitors of the page may ask is not for the owner.
        return self._desk.ask(
            request.question,
            visitor=visitor,
            history=request.history,
            language=request.language,
            limit=request.limit,
            llm=llm,  # as it was told, though a page may have another loaded meanwhile
        )

    def _follow(self, connection: socket.socket, job: Job) -> None:
        """Tell how the answer grows until it is over; who is slow to listen misses some of it.

        Raises:
            OSError: the other end has gone.
        """
        sent: protocol.Message | None = None
        due = 0.0  # when a sign of life is due
        with closing(Waker()) as waker, job.subscribed(waker.wake):
            while True:
                waker.clear()  # before looking, so that no change is missed
                if job.over:
                    return
                now = _now(job)
                if now != sent or time.monotonic() >= due:
                    if _takes(connection):
                        _say(connection, now)
                        sent = now
                    due = time.monotonic() + protocol.AGAIN_S
                _wait(connection, waker, due - time.monotonic())


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _now(job: Job) -> protocol.Waiting | protocol.Growth:
    answer = job.answer
    if answer is None:
        return protocol.Waiting(job.ahead)
    return protocol.Growth(answer.text, answer.draft, answer.standing)


def _end(job: Job, models: Mapping[str, str]) -> protocol.Whole | protocol.Failed | None:
    """How it ended; None if it was stopped, of which the other end learns by our hanging up."""
    answer = job.answer
    if job.state == "done" and answer:
        line = answer_json(answer, dict(models))
        return protocol.Whole(answer.text, answer.standing, sources_text(answer), line)
    return protocol.Failed(job.error) if job.state == "failed" else None


def _say(connection: socket.socket, message: protocol.Message) -> None:
    connection.settimeout(_SEND_S)
    connection.sendall(protocol.line(message))


def _takes(connection: socket.socket) -> bool:
    """Whether there is room for more that is sent."""
    poll = select.poll()
    poll.register(connection, select.POLLOUT)
    return bool(poll.poll(0))


def _wait(connection: socket.socket, waker: Waker, seconds: float) -> None:
    """Wait for a change, `seconds` at most.

    Raises:
        OSError: the other end has hung up, or says what it should not.
    """
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    poll.register(waker, select.POLLIN)
    changed = poll.poll(max(0, math.ceil(seconds * 1000)))
    if any(descriptor == connection.fileno() for descriptor, _ in changed):
        raise ConnectionError("the other end has gone, or speaks out of turn")
