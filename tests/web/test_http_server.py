"""A port that is taken at once, and a server that ends connections and itself."""

import asyncio
import logging
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest
from starlette.responses import StreamingResponse

from index.errors import UserError
from qa.web.http_server import listening, serve
from qa.web.security.middleware import SecurityMiddleware


@contextmanager
def taken() -> Iterator[int]:
    with listening("127.0.0.1", 0) as one:
        yield one.getsockname()[1]


def test_port_is_taken_as_soon_as_it_is_asked_for() -> None:
    with taken() as port, pytest.raises(UserError) as caught, listening("127.0.0.1", port):
        pass

    assert str(caught.value) == (
        f"Port {port} is in use, perhaps by another article-qa chat. "
        "Name another with --port, or leave it out to take a free one."
    )


def test_next_free_port_is_taken_when_none_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with taken() as port:
        monkeypatch.setattr("qa.web.http_server.PORT", port)
        with listening("127.0.0.1", None) as found:
            assert port < found.getsockname()[1] < port + 20
        monkeypatch.setattr("qa.web.http_server._PORTS", 1)
        with pytest.raises(UserError) as caught, listening("127.0.0.1", None):
            pass

    assert str(caught.value) == (f"Ports {port} to {port} are in use. Name a free one with --port.")


@pytest.mark.parametrize(
    "host", ["192.0.2.1", "a" * 70, "x..y", "::9:9"], ids=["other", "long", "dots", "ipv6"]
)
def test_address_that_is_not_this_machine_s_is_told(host: str) -> None:
    with pytest.raises(UserError) as caught, listening(host, 0):
        pass

    assert re.fullmatch(
        rf"Cannot listen on {re.escape(host)}, port 0: [^.]+\. "
        r"Name an address of this machine with --host and a free port with --port\.",
        str(caught.value),
    )


# The end


async def endless(scope: Any, receive: Any, send: Any) -> None:
    async def events() -> Any:
        while True:
            yield "data: still here\n\n"
            await asyncio.sleep(0.05)

    if scope["type"] == "http":
        await StreamingResponse(events())(scope, receive, send)


@pytest.mark.slow
def test_connection_that_asks_nothing_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa.web.http_server._IDLE_S", 0.5)
    ends: list[Callable[[], None]] = []
    with listening("127.0.0.1", 0) as made:
        host = made.getsockname()
        thread = threading.Thread(
            target=serve, args=(SecurityMiddleware(endless), made, ends.append)
        )
        thread.start()
        with (
            httpx2.stream("GET", f"http://127.0.0.1:{host[1]}") as page,
            socket.create_connection(host, timeout=10) as silent,
            socket.create_connection(host, timeout=10) as slow,
        ):
            slow.sendall(b"GET / HTTP/1.1\r\nHost: local")
            assert (silent.recv(1), slow.recv(1)) == (b"", b"")
            lines = page.iter_lines()
            assert all(next(lines) in ("data: still here", "") for _ in range(99))
            ends[0]()
        thread.join(5)


def test_server_ends_though_a_page_listens(caplog: pytest.LogCaptureFixture) -> None:
    ends: list[Callable[[], None]] = []
    caplog.set_level(logging.WARNING)
    with listening("127.0.0.1", 0) as made:
        url = f"http://127.0.0.1:{made.getsockname()[1]}"
        thread = threading.Thread(
            target=serve, args=(SecurityMiddleware(endless), made, ends.append)
        )
        thread.start()
        with httpx2.stream("GET", url) as page:
            lines = page.iter_lines()
            assert next(lines) == "data: still here"
            ends[0]()
            thread.join(5)

    assert not thread.is_alive()
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
