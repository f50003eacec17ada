"""The page under a sub-path, behind proxies that strip it and that do not; answered for real."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import gradio_client  # type: ignore[import-untyped]
import httpx  # the client that the library of MCP takes
import httpx2
import openai
import pytest
from click.testing import CliRunner
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from starlette.types import Scope

from index.errors import UserError
from qa.cli.main import main
from qa.web.gradio.route_allowlist import _PATHS, _PREFIXES
from qa.web.mcp_tools import PATHS
from qa.web.security.probes import HEALTH, READY
from qa.web.security.root_path import TAKEN, below, checked, with_root
from tests.support.bakery import LOAVES, bakery
from tests.support.browser import HTML, two_users
from tests.support.paths import ROOT
from tests.support.reverse_proxy import MISSING, NGINX, nginx, small
from tests.support.served import Served

ANA = ("ana", "sesame")
SAID = "The bakery sold 400 loaves in May. [1]"


@pytest.mark.parametrize(
    ("given", "root"), [("/qa", "/qa"), ("/qa/", "/qa"), ("/a/b-c.d", "/a/b-c.d"), ("/", "")]
)
def test_root_path_has_no_slash_at_its_end(given: str, root: str) -> None:
    assert checked(given) == root


@pytest.mark.parametrize("given", ["qa", "//evil.example", "/../x", "/q a", "/<b>", "/qa?x", "/v1"])
def test_other_root_paths_are_refused(given: str) -> None:
    with pytest.raises(UserError):
        checked(given)

    result = CliRunner().invoke(main, ["chat", "--root-path", given])
    assert (result.exit_code, given in result.output) == (2, True)


def test_what_the_page_s_own_paths_begin_with_is_no_root_path() -> None:
    sources = "".join(path.read_text() for path in (ROOT / "qa/web").rglob("*.py"))
    ours = re.findall(r'@app\.(?:get|post)\("/([^/"]+)', sources)
    gradio = [path.split("/")[1] for path in (*_PATHS, *_PREFIXES, *PATHS)]
    doors = [path.strip("/") for path in (HEALTH, READY, "/login", "/logout")]

    assert {"page", "v1", "original"} < set(ours)
    assert {name for name in (*ours, *gradio, *doors) if name} == TAKEN


@pytest.mark.parametrize(
    ("path", "under"),
    [
        ("/qa/x", "/x"),
        ("/x", "/x"),
        ("/qa/", "/"),
        ("/", "/"),
        ("/qax", "/qax"),
        ("/x/qa", "/x/qa"),
    ],
)
def test_path_is_the_same_whichever_way_a_proxy_passes_it_on(path: str, under: str) -> None:
    scope: Scope = {"type": "http", "path": path, "raw_path": path.encode()}
    given = with_root(scope, "/qa")

    assert below(given) == under
    assert given["path"] == "/qa" + under
    assert given["raw_path"] == given["path"].encode()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """For ana and bob, with every API, under /qa."""
    folder = tmp_path_factory.mktemp("guarded")
    users = two_users(folder)
    with bakery(folder, users=users, mcp=True, metrics=True, root_path="/qa") as server:
        yield server


@pytest.fixture(
    scope="module",
    params=[
        pytest.param((small, True), id="strips"),
        pytest.param((small, False), id="passes whole"),
        pytest.param((nginx, True), id="nginx strips"),
        pytest.param((nginx, False), id="nginx passes whole"),
    ],
)
def shown(
    request: pytest.FixtureRequest, guarded: Served, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of the page, behind a proxy."""
    proxy, strips = request.param
    if proxy is nginx and not NGINX:
        pytest.skip(MISSING)
    with proxy(guarded.url, "/qa", tmp_path_factory.mktemp("proxy"), strips=strips) as address:
        yield f"{address}/qa"


@contextmanager
def signed_in(shown: str) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=shown, headers=HTML) as client:
        client.post("/login", data={"username": ANA[0], "password": ANA[1]})
        yield client


@pytest.mark.slow
def test_people_sign_in_and_out_below_the_root_path(shown: str) -> None:
    with httpx2.Client(base_url=shown, headers=HTML) as client:
        sent = client.get("/")
        form = client.get("/login")
        entered = client.post("/login", data={"username": ANA[0], "password": ANA[1]})
        page = client.get("/")
        bare = client.get(shown.removesuffix("/"))
        token = re.search(r'name="token" value="([^"]+)"', client.get("/logout").text)
        left = client.post("/logout", data={"token": token[1] if token else ""})

    assert sent.headers["location"] == "/qa/login"
    assert 'action="/qa/login"' in form.text
    assert entered.headers["location"] == "/qa/"
    assert "Path=/qa;" in entered.headers["set-cookie"]
    assert (page.status_code, 'src="/qa/page/page.js"' in page.text) == (200, True)
    assert bare.status_code in (200, 301, 308)
    assert left.headers["location"] == "/qa/login"
    assert "Path=/qa;" in left.headers["set-cookie"]


@pytest.mark.slow
def test_files_pages_and_articles_are_below_the_root_path(shown: str) -> None:
    with signed_in(shown) as client:
        article = client.get("/article/bakery.txt")
        answers = [
            client.get(f"/{path}")
            for path in ("page/page.css", "original/bakery.txt", "places?part=b", "metrics")
        ]
        outside = client.get(shown.replace("/qa", "/page/page.css"))

    assert '<base href="/qa/">' in article.text
    assert [answer.status_code for answer in answers] == [200] * len(answers)
    assert outside.status_code == 404
    assert httpx2.get(f"{shown}/ready").text == "ok\n"


@pytest.mark.slow
def test_programs_ask_below_the_root_path(shown: str) -> None:
    gradio = gradio_client.Client(f"{shown}/", auth=ANA, verbose=False)
    told = gradio.predict(LOAVES, api_name="/ask")
    gradio.close()
    with openai.OpenAI(base_url=f"{shown}/v1", api_key=":".join(ANA)) as client:
        messages: Any = [{"role": "user", "content": LOAVES}]
        completion = client.chat.completions.create(model="article-qa", messages=messages)

    assert told["answer"] == SAID
    assert completion.choices[0].message.content == SAID
    assert asyncio.run(_told_by_tool(f"{shown}/gradio_api/mcp")) == SAID


async def _told_by_tool(address: str) -> Any:
    async with (
        httpx.AsyncClient(auth=ANA, timeout=60) as http,
        streamable_http_client(address, http_client=http) as (receives, sends, _),
        ClientSession(receives, sends) as session,
    ):
        await session.initialize()
        result = await session.call_tool("ask", {"question": LOAVES})
    return (result.structuredContent or {})["answer"]
