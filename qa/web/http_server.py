"""HTTP server: binds a port, runs uvicorn, and ends connections that idle."""

import asyncio
import contextlib
import errno
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from index.errors import UserError
from qa.web.security.middleware import SecurityMiddleware

PORT = 7860
_TRIED = 20  # ports after the usual one, when that is taken and none was asked for
_IDLE_S = 20  # seconds that a connection may ask nothing; browsers ask at once
_GOODBYE_S = 1  # seconds that open connections are given when the server is stopped


@contextlib.contextmanager
def listening(host: str, port: int | None) -> Iterator[socket.socket]:
    """A socket that listens; of the usual ports at the first that is free when None is asked.

    Raises:
        UserError: the port is taken, or the address is not this machine's.
    """
    ports = range(PORT, PORT + _TRIED) if port is None else [port]
    for each in ports:
        try:
            made = _bound(host.strip("[]"), each)
        except (OSError, UnicodeError) as error:
            if _is_taken(error) and each != ports[-1]:
                continue
            raise _unheard(host, port, error) from error
        with made:
            yield made
        return


def _bound(host: str, port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        made.listen()  # from now on the port is taken, though the models are yet to be loaded
    except BaseException:
        made.close()
        raise
    return made


def _is_taken(error: Exception) -> bool:
    return isinstance(error, OSError) and error.errno == errno.EADDRINUSE


def _unheard(host: str, port: int | None, error: Exception) -> UserError:
    if _is_taken(error) and port is None:
        last = PORT + _TRIED - 1
        return UserError(f"Ports {PORT} to {last} are in use. Name a free one with --port.")
    if _is_taken(error):
        return UserError(
            f"Port {port} is in use, perhaps by another article-qa chat. "
            "Name another with --port, or leave it out to take a free one."
        )
    why = (error.strerror if isinstance(error, OSError) else None) or "it is no address"
    return UserError(
        f"Cannot listen on {host}, port {PORT if port is None else port}: {why}. "
        "Name an address of this machine with --host and a free port with --port."
    )


class _Idle:
    """Ends connections that ask nothing, or never end asking: there is room for so many."""

    def __init__(self) -> None:
        self._since: dict[Any, float] = {}

    def end(self, connections: Iterable[Any]) -> None:
        """End those that ask nothing for too long; to be called time and again."""
        now = time.monotonic()
        self._since = {c: self._since.get(c, now) for c in connections if not _is_asking(c)}
        for connection, since in self._since.items():
            if now - since > _IDLE_S and connection.transport:
                connection.transport.close()


def _is_asking(connection: Any) -> bool:
    """Whether a request has begun, by uvicorn's connection, and its answer is not whole."""
    request = getattr(connection, "cycle", None)
    return request is not None and not request.response_complete


def serve(
    app: SecurityMiddleware,
    made: socket.socket,
    ready: Callable[[Callable[[], None]], None],
    ending: Callable[[], None] = lambda: None,
) -> None:
    """Serve until Ctrl-C.

    Args:
        app: the application.
        made: a socket that listens.
        ready: called once the page can be opened, with what ends it.
        ending: called when it is to end, before what is under way is waited for.
    """
    import uvicorn

    idle = _Idle()

    class Server(uvicorn.Server):
        async def on_tick(self, counter: int) -> bool:
            if counter % 10 == 0:  # once a second
                idle.end(self.server_state.connections)
            return await super().on_tick(counter)

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                ready(self.end)

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            ending()
            asyncio.get_running_loop().call_later(_GOODBYE_S, self.hang_up)
            await super().shutdown(sockets)

        def end(self) -> None:
            self.should_exit = True

        def hang_up(self) -> None:
            """A page that is open listens for ever; to the application it is as if it went away."""
            for connection in list(self.server_state.connections):
                if connection.transport:
                    connection.transport.close()

    settings = uvicorn.Config(
        app,
        http="h11",  # the other one, httptools, keeps headers of any length
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5 * _GOODBYE_S,
    )
    Server(settings).run(sockets=[made])
