"""Slow requests: who sends a body slowly, or never whole, takes no place of anybody else."""

import asyncio
import logging
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import httpx2
import pytest

from qa.web.security.middleware import SecurityMiddleware
from qa.web.security.request_body import AWAITED_AT_ONCE
from tests.support.bakery import bakery
from tests.support.browser import Browser, echo, error
from tests.support.served import Served

UPLOAD = "/gradio_api/upload"
CHAT = "/v1/chat/completions"
QUESTION = {"messages": [{"role": "user", "content": "When does the bakery open?"}]}


@pytest.fixture
def door() -> Browser:
    return Browser(SecurityMiddleware(echo, requests_at_once=3))


def test_body_that_drips_is_waited_for_no_longer(
    door: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def drips() -> object:
        for _ in range(100):
            yield b"x"
            await asyncio.sleep(0.02)

    monkeypatch.setattr("qa.web.security.request_body.FIRST_S", 0.2)

    assert error(door.post("/x", content=drips())) == (408, "invalid_request_error", "too_slow")


def test_long_body_may_take_its_time(door: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    async def flows() -> object:
        for _ in range(6):
            yield b"x" * 5_000
            await asyncio.sleep(0.1)

    monkeypatch.setattr("qa.web.security.request_body.FIRST_S", 0.3)

    assert door.post("/x", content=flows()).json()["bytes"] == 30_000


def test_bodies_that_are_awaited_hold_no_place(door: Browser) -> None:
    async def never() -> object:
        yield b"x"
        await asyncio.sleep(3600)

    async def beside() -> list[int]:
        waiting = [asyncio.create_task(door.asks("POST", "/x", content=never())) for _ in range(9)]
        await asyncio.sleep(0.1)
        others = [door.asks("GET", "/y"), door.asks("POST", "/y", content=b"whole")]
        statuses = [(await each).status_code for each in others]
        for task in waiting:
            task.cancel()
        return statuses

    assert asyncio.run(beside()) == [200, 200]


def test_of_too_many_bodies_the_one_furthest_behind_is_given_up(door: Browser) -> None:
    async def sent(pieces: int) -> object:
        for _ in range(pieces):
            yield b"x" * 50_000
        await asyncio.sleep(3600)

    async def asked() -> list[int]:
        fast, *slow = [
            asyncio.create_task(door.asks("POST", "/x", content=sent(pieces)))
            for pieces in (9, *[1] * AWAITED_AT_ONCE)
        ]
        done, _ = await asyncio.wait(slow, return_when=asyncio.FIRST_COMPLETED)
        statuses = [task.result().status_code for task in done]
        assert not fast.done()
        for task in (fast, *slow):
            task.cancel()
        return statuses

    assert asyncio.run(asked()) == [408]


# A server that runs


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with bakery(tmp_path_factory.mktemp("slow")) as server:
        yield server


def begin(stack: ExitStack, server: Served, path: str, claimed: int) -> socket.socket:
    """A request that claims a length and sends one byte."""
    host, port = urlsplit(server.url).netloc.split(":")
    connection = stack.enter_context(socket.create_connection((host, int(port)), 10))
    kind = "multipart/form-data; boundary=x" if path == UPLOAD else "application/json"
    head = f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: {kind}\r\n"
    connection.sendall(f"{head}Content-Length: {claimed}\r\n\r\n-".encode())
    return connection


@pytest.mark.slow
def test_uploads_that_do_not_come_take_no_room(server: Served) -> None:
    with ExitStack() as stack:
        for _ in range(AWAITED_AT_ONCE):
            begin(stack, server, UPLOAD, 50_000_000)
        files = {"files": ("a.txt", b"The bakery bakes bread.")}

        assert httpx2.post(server.url + UPLOAD, files=files).status_code == 200


@pytest.mark.slow
def test_questions_that_do_not_come_lock_nobody_out(server: Served) -> None:
    with ExitStack() as stack:
        begun = [begin(stack, server, CHAT, 1000) for _ in range(250)]
        answer = httpx2.post(server.url + CHAT, json=QUESTION, timeout=60)

        assert answer.status_code == 200
        assert httpx2.get(server.url + "/v1/models").status_code == 200
        assert begun[0].recv(100).startswith(b"HTTP/1.1 408 ")


@pytest.mark.slow
@pytest.mark.parametrize(
    "path", [CHAT, UPLOAD, "/gradio_api/call/search", "/gradio_api/queue/join"]
)
def test_client_that_goes_away_amid_its_body_leaves_no_word(
    server: Served, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO), ExitStack() as stack:
        for _ in range(10):
            begin(stack, server, path, 1000)
        stack.close()
        assert httpx2.get(server.url + "/v1/models").status_code == 200

    assert [r.getMessage()[:200] for r in caplog.records if r.levelno >= logging.WARNING] == []
