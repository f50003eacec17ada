"""Route allowlist: what it lets pass; Gradio itself is tried in test_app.py."""

import asyncio
from pathlib import Path
from typing import Any

import httpx2
import pytest

from qa.web.gradio.route_allowlist import RouteAllowlist
from qa.web.gradio.session_limits import SessionLimits
from qa.web.gradio.upload_quota import UploadQuota

UPLOAD = "/gradio_api/upload"
NAMES = frozenset({"ask"})


async def gradio(scope: Any, receive: Any, send: Any) -> None:
    while scope["path"] == UPLOAD:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionError("gone")
        if not message.get("more_body"):
            break
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"Gradio"})


def answer(allowlist: RouteAllowlist, path: str, content: Any = b"") -> tuple[int, str]:
    async def ask() -> httpx2.Response:
        transport = httpx2.ASGITransport(allowlist)
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.post(path, content=content)

    found = asyncio.run(ask())
    return found.status_code, found.text


def unused() -> SessionLimits:
    """Limits of no page, to which nobody listens here."""
    return SessionLimits(None)


@pytest.fixture
def allowlist(tmp_path: Path) -> RouteAllowlist:
    quota = UploadQuota(tmp_path, most=100)
    return RouteAllowlist(gradio, NAMES, unused(), True, quota)


def test_what_the_page_needs_is_open_and_all_else_is_not(allowlist: RouteAllowlist) -> None:
    paths = ("/", "/gradio_api/call/ask", "/gradio_api/call/asks", "/gradio_api/file=x")

    assert [answer(allowlist, path)[0] for path in paths] == [200, 200, 404, 404]


def test_a_long_query_is_not_read(allowlist: RouteAllowlist) -> None:
    progress = "/gradio_api/upload_progress?upload_id="

    assert answer(allowlist, progress + "x" * 900) == (200, "Gradio")
    assert answer(allowlist, progress + "x" * 1000)[0] == 404


def test_an_upload_comes_while_there_is_room_for_it(allowlist: RouteAllowlist) -> None:
    async def pieces(count: int) -> Any:
        for _ in range(count):  # which nobody knows beforehand
            yield b"x" * 10

    full = (507, "Too much waits to be added. Try again when it is.")

    assert answer(allowlist, UPLOAD, b"x" * 100) == (200, "Gradio")
    assert answer(allowlist, UPLOAD, b"x" * 101) == full
    assert answer(allowlist, UPLOAD, pieces(10)) == (200, "Gradio")
    assert answer(allowlist, UPLOAD, pieces(11)) == full


def test_there_may_be_no_uploads_or_no_limit_to_them() -> None:
    assert answer(RouteAllowlist(gradio, NAMES, unused(), False), UPLOAD)[0] == 404
    assert answer(RouteAllowlist(gradio, NAMES, unused(), True), UPLOAD, b"x" * 1000)[0] == 200
