"""HTTP server: binds a port, runs uvicorn, and closes idle connections.

Here alone private names of uvicorn are used, `on_tick`, `server_state` and `cycle`, which
tests/system/test_private_names.py guards.
"""

import asyncio
import contextlib
import errno
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from index.errors import UserError
from qa.web.memory import settle, tidy
from qa.web.security.middleware import SecurityMiddleware

if TYPE_CHECKING:
    import uvicorn

PORT = 7860
_PORTS = 20  # ports after the usual one that are tried, when it is taken and none was named
_IDLE_S = 20  # seconds that a connection may be without a request; browsers send one at once
_GOODBYE_S = 1  # seconds that open connections are given when the server is stopped
_TICKS = 10  # of uvicorn in a second
_TIDY_S = 5  # seconds after which free memory is given back


@contextlib.contextmanager
def listening(host: str, port: int | None) -> Iterator[socket.socket]:
    """A socket that listens; when `port` is None, at the first of the usual ports that is free.

    Raises:
        UserError: the port is taken, or the address is not this machine's.
    """
    ports = range(PORT, PORT + _PORTS) if port is None else [port]
    for each in ports:
        try:
            listener = _bind(host.strip("[]"), each)
        except (OSError, UnicodeError) as error:
            if _is_taken(error) and each != ports[-1]:
                continue
            raise _cannot_listen(host, port, error) from error
        with listener:
            yield listener
        return


def _bind(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen()  # the port is taken from here on, though the models are not yet loaded
    except BaseException:
        listener.close()
        raise
    return listener


def _is_taken(error: Exception) -> bool:
    return isinstance(error, OSError) and error.errno == errno.EADDRINUSE


def _cannot_listen(host: str, port: int | None, error: Exception) -> UserError:
    if _is_taken(error) and port is None:
        last = PORT + _PORTS - 1
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


class _IdleConnections:
    """Closes connections that send no request, or never a whole one: a process may have so many."""

    def __init__(self) -> None:
        self._since: dict[Any, float] = {}

    def close(self, connections: Iterable[Any]) -> None:
        """Close connections that have been idle for too long; to be called time and again."""
        now = time.monotonic()
        self._since = {c: self._since.get(c, now) for c in connections if not _is_busy(c)}
        for connection, since in self._since.items():
            if now - since > _IDLE_S:
                _close(connection)


def _connections(server: "uvicorn.Server") -> list[Any]:
    """The open connections of a server."""
    return list(server.server_state.connections)


def _is_busy(connection: Any) -> bool:
    """Whether a connection's request has begun, and its response is not complete."""
    request = getattr(connection, "cycle", None)
    return request is not None and not request.response_complete


def _close(connection: Any) -> None:
    if connection.transport:
        connection.transport.close()


def serve(
    app: SecurityMiddleware,
    listener: socket.socket,
    ready: Callable[[Callable[[], None]], None],
    ending: Callable[[], None] = lambda: None,
    proxies: Iterable[str] = (),
) -> None:
    """Serve until Ctrl-C.

    Args:
        app: the application.
        listener: a socket that listens.
        ready: called once the page can be opened, with a function that ends the server.
        ending: called when the server is to end, before requests under way are waited for.
        proxies: addresses and networks of proxies that are believed what they say of their clients.
    """
    import uvicorn

    settle()
    idle, trusted = _IdleConnections(), list(proxies)

    class Server(uvicorn.Server):
        async def on_tick(self, counter: int) -> bool:
            if counter % _TICKS == 0:
                idle.close(_connections(self))
            if counter % (_TIDY_S * _TICKS) == 0:
                tidy()
            return await super().on_tick(counter)

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                ready(self.end)

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            ending()
            asyncio.get_running_loop().call_later(_GOODBYE_S, self.close_connections)
            await super().shutdown(sockets)

        def end(self) -> None:
            self.should_exit = True

        def close_connections(self) -> None:
            """An open page listens for ever; to the application it is as if it went away."""
            for connection in _connections(self):
                _close(connection)

    settings = uvicorn.Config(
        app,
        http="h11",  # the other one, httptools, keeps headers of any length
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=bool(trusted),
        forwarded_allow_ips=trusted,
        timeout_graceful_shutdown=5 * _GOODBYE_S,
    )
    Server(settings).run(sockets=[listener])
