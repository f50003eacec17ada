"""Server: a running `chat` answers the `ask` of other processes over a Unix socket.

The socket lies in the index's folder; only the owner's processes can connect, whoever may use the
page.
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
from qa.service.jobs.job import Job
from qa.service.jobs.scheduler import Scheduler

# Connections at a time; an `ask` that is refused answers by itself. So few do not keep out the
# visitors of the page for long.
_AT_ONCE = 8
_REQUEST_S = 5.0  # seconds in which a request must have come
_SEND_S = 60.0  # seconds in which the other end must have taken a message
_ACCEPT_AGAIN_S = 0.02  # seconds to wait after a connection could not be accepted
_LOG = logging.getLogger(__name__)


@contextmanager
def serving(
    index: Path, embedder: Path, scheduler: Scheduler, models: Callable[[], Mapping[str, str]]
) -> Iterator[None]:
    """Answer the `ask` of other processes until the end of the block, if no other process does.

    Where the system allows no socket nothing is served, without a message: it only saves time.

    Args:
        index: folder of the index.
        embedder: folder of the embedder.
        scheduler: answers the questions.
        models: gives the models loaded at the moment, as `ask --json` names them.
    """
    program = source_hash()  # before anybody changes the files
    with ExitStack() as stack:
        with suppress(OSError):
            listener = stack.enter_context(_listening(index))
            greeting = partial(protocol.greeting, program, index, embedder)
            server = _Server(listener, scheduler, models, greeting)
            stack.callback(server.close)
        yield


@contextmanager
def _listening(index: Path) -> Iterator[socket.socket]:
    """The socket of an index, held by this process alone until it ends, even by a crash.

    Raises:
        OSError: another process has it, or the system has none.
    """
    with unix_socket.opened(index) as folder, socket.socket(socket.AF_UNIX) as listener:
        # The lock ends with its process: a socket that is there while we hold it was left behind.
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _clear(folder)
        listener.bind(unix_socket.address(index, folder))
        try:
            os.chmod(NAME, 0o600, dir_fd=folder)  # before anybody can connect
            listener.listen()
            yield listener
        finally:
            _clear(folder)


def _clear(folder: int) -> None:
    """Remove a socket of this name, but no other file."""
    with suppress(FileNotFoundError):
        if stat.S_ISSOCK(os.stat(NAME, dir_fd=folder, follow_symlinks=False).st_mode):
            os.unlink(NAME, dir_fd=folder)


class _Server:
    """Accepts connections in one thread, and answers each in a thread of its own."""

    def __init__(
        self,
        listener: socket.socket,
        scheduler: Scheduler,
        models: Callable[[], Mapping[str, str]],
        greeting: Callable[[Mapping[str, str]], protocol.Greeting],
    ) -> None:
        self._listener, self._scheduler = listener, scheduler
        self._models, self._greeting = models, greeting
        self._closed, self._accepted = False, 0
        self._clients: list[tuple[threading.Thread, socket.socket]] = []
        self._accepting = threading.Thread(target=self._accept, name="ipc", daemon=True)
        self._accepting.start()

    def close(self) -> None:
        """Accept no more connections, and close all that are open."""
        self._closed = True
        _hang_up(self._listener)  # wakes the thread that accepts
        self._accepting.join(1)
        for _, connection in self._clients:
            _hang_up(connection)
        for thread, _ in self._clients:
            thread.join(1)

    def _accept(self) -> None:
        while not self._closed:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                time.sleep(_ACCEPT_AGAIN_S)  # the server closes, or too many files are open
                continue
            self._clients = [client for client in self._clients if client[0].is_alive()]
            if len(self._clients) >= _AT_ONCE or not unix_socket.is_own(connection):
                connection.close()
                continue
            self._accepted += 1
            visitor = f"terminal:{self._accepted}"  # no user's name has a colon
            thread = threading.Thread(target=self._handle, args=(connection, visitor), daemon=True)
            self._clients.append((thread, connection))
            thread.start()

    def _handle(self, connection: socket.socket, visitor: str) -> None:
        try:
            with connection:
                self._answer(connection, visitor)
        except OSError:
            pass  # the client has gone or is too slow, or this server closes
        except Exception:
            _LOG.exception("A question of a terminal could not be answered.")

    def _answer(self, connection: socket.socket, visitor: str) -> None:
        models = self._models()
        _send(connection, self._greeting(models))
        line = Lines(connection).next(_REQUEST_S)
        try:
            job = self._ask(protocol.parse_request(line), visitor, models["llm"])
        except TooBusy:
            return  # the client answers by itself, if more slowly
        except UserError as error:
            _send(connection, protocol.Failed(str(error)))
            return
        try:
            self._follow(connection, job)
        finally:
            job.stop()
        if end := _end(job, models):
            _send(connection, end)

    def _ask(self, request: protocol.Request, visitor: str, llm: str) -> Job:
        # Each is a visitor of its own: the limits of a visitor of the page are not for the owner.
        return self._scheduler.ask(
            request.question,
            visitor=visitor,
            history=request.history,
            language=request.language,
            limit=request.limit,
            scope=request.scope,
            llm=llm,  # that of the greeting, though the page may have loaded another meanwhile
        )

    def _follow(self, connection: socket.socket, job: Job) -> None:
        """Send the answer as it grows, until the job is over; a slow client misses some messages.

        Raises:
            OSError: the other end has gone.
        """
        sent: protocol.Message | None = None
        due = 0.0  # when the next heartbeat is due
        with closing(Waker()) as waker, job.subscribed(waker.wake):
            while True:
                waker.clear()  # before looking, so that no change is missed
                if job.over:
                    return
                now = _now(job)
                if now != sent or time.monotonic() >= due:
                    if _takes(connection):
                        _send(connection, now)
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
    """The last message of a job; None if it was stopped, when the connection is just closed."""
    answer = job.answer
    if job.state == "done" and answer:
        line = answer_json(answer, dict(models))
        return protocol.Whole(answer.text, answer.standing, sources_text(answer), line)
    return protocol.Failed(job.error) if job.state == "failed" else None


def _send(connection: socket.socket, message: protocol.Message) -> None:
    connection.settimeout(_SEND_S)
    connection.sendall(protocol.encode(message))


def _takes(connection: socket.socket) -> bool:
    """Whether a message can be sent without waiting for the client."""
    poll = select.poll()
    poll.register(connection, select.POLLOUT)
    return bool(poll.poll(0))


def _wait(connection: socket.socket, waker: Waker, seconds: float) -> None:
    """Wait until the waker is woken, `seconds` at most.

    Raises:
        OSError: the client has hung up, or sends more than its request.
    """
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    poll.register(waker, select.POLLIN)
    changed = poll.poll(max(0, math.ceil(seconds * 1000)))
    if any(descriptor == connection.fileno() for descriptor, _ in changed):
        raise ConnectionError("the client has gone, or speaks out of turn")
