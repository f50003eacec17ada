"""Forwarded headers: nobody but a proxy that was named says whose request it passes on."""

import asyncio
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest
from click.testing import CliRunner

from qa.cli.main import main
from qa.web.http_server import listening, serve
from qa.web.security.middleware import SecurityMiddleware
from tests.support.bakery import bakery
from tests.support.browser import HTML, Browser

CLAIMS = {
    "Forwarded": "for=192.0.2.9;host=evil.example;proto=https",
    "X-Forwarded-For": "192.0.2.9",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Prefix": "/evil",
    "X_Forwarded_Host": "evil.example",
}


async def mirror(scope: Any, receive: Any, send: Any) -> None:
    """Tell what the application sees of a client."""
    if scope["type"] != "http":
        return
    names = sorted(name.decode().lower() for name, _ in scope["headers"])
    seen = {"client": scope["client"][0], "scheme": scope["scheme"], "headers": names}
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps(seen).encode()})


@contextmanager
def mirrored(proxies: Sequence[str]) -> Iterator[str]:
    ready, ends = threading.Event(), []

    def begun(end: Any) -> None:
        ends.append(end)
        ready.set()

    with listening("127.0.0.1", 0) as listener:
        arguments = SecurityMiddleware(mirror), listener, begun, lambda: None, proxies
        thread = threading.Thread(target=serve, args=arguments, daemon=True)
        thread.start()
        assert ready.wait(60)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        ends[0]()
        thread.join(20)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("proxies", "client", "scheme"),
    [
        ([], "127.0.0.1", "http"),
        (["192.0.2.0/24"], "127.0.0.1", "http"),
        (["127.0.0.1"], "192.0.2.9", "https"),
        (["127.0.0.0/8"], "192.0.2.9", "https"),
    ],
)
def test_only_a_named_proxy_is_believed(proxies: list[str], client: str, scheme: str) -> None:
    with mirrored(proxies) as url:
        seen = httpx2.get(url, headers=CLAIMS).json()

    assert (seen["client"], seen["scheme"]) == (client, scheme)
    assert not [name for name in seen["headers"] if "forwarded" in name]


@pytest.mark.slow
def test_page_carries_no_address_that_a_client_claims(tmp_path: Any) -> None:
    with bakery(tmp_path) as server:
        for path in ("/", "/config"):
            page = httpx2.get(server.url + path, headers={**HTML, **CLAIMS})

            assert page.status_code == 200
            assert "evil" not in page.text


def test_client_cannot_be_another_address_by_what_it_claims() -> None:
    async def asked() -> list[int]:
        browser = Browser(SecurityMiddleware(mirror, requests_a_minute=3))
        claims = [{"x-forwarded-for": f"192.0.2.{i}"} for i in range(5)]
        return [(await browser.asks("GET", "/x", headers=each)).status_code for each in claims]

    assert asyncio.run(asked()) == [200] * 3 + [429] * 2


@pytest.mark.parametrize("address", ["proxy.example", "300.1.1.1", "10.0.0.1/8", "*", ""])
def test_proxy_is_an_address_or_a_network(address: str) -> None:
    result = CliRunner().invoke(main, ["chat", "--proxy", address])

    assert result.exit_code == 2
    assert "is no IP address and no network" in result.output
