"""The server: what browsers fetch of it, and all that it keeps to itself."""

import http.client
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from qa.service.chat import AskOptions, Visitor
from qa.service.uploads import MAX_BYTES
from qa.web.page.views import STATIC
from qa.web.security.middleware import COOKIE
from tests.support.bakery import LOAVES, bakery
from tests.support.browser import HTML, basic, two_users
from tests.support.fakes import until
from tests.support.served import Served

pytestmark = pytest.mark.slow

PAGE = {"accept-language": "en", **HTML}


@pytest.fixture(scope="module")
def open_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """For everybody on this machine."""
    with bakery(tmp_path_factory.mktemp("open")) as server:
        yield server


@pytest.fixture(scope="module")
def read_only(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Where articles cannot be added, for ana and bob."""
    folder = tmp_path_factory.mktemp("guarded")
    with bakery(folder, read_only=True, users=two_users(folder)) as server:
        yield server


def test_there_are_no_tools_unless_they_are_offered(open_server: Served) -> None:
    for path in ("/gradio_api/mcp", "/gradio_api/mcp/", "/gradio_api/mcp/sse"):
        assert asked_for(open_server, path)[0] == 404
        assert asked_for(open_server, path, "POST")[0] == 404


# Proofs, exports, articles


@contextmanager
def browser(server: Served, visitor: str = "b" * 32) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=server.url, headers=PAGE, cookies={COOKIE: visitor}) as client:
        yield client


@pytest.fixture(scope="module")
def conversation(open_server: Served) -> str:
    """One of the browser's, with one question whose title no ASCII holds."""
    question = f"बेकरी: {LOAVES}"
    who = Visitor(f"anon:{'b' * 32}")
    id = open_server.chat.ask(who, "", question, AskOptions())
    until(lambda: open_server.chat.running(who, id) is None)
    return id


def test_proof_is_a_part_of_the_page_or_one_of_its_own(
    open_server: Served, conversation: str
) -> None:
    with browser(open_server) as client:
        alone = client.get(f"/proof/{conversation}/1/1")
        part = client.get(f"/proof/{conversation}/1/1?part")
        missing = [client.get(f"/proof/{conversation}/{at}") for at in ("1/9", "2/1", "1/near-1")]

    kinds = {answer.headers["content-type"] for answer in (alone, part, *missing)}
    assert kinds == {"text/html; charset=utf-8"}
    assert (alone.status_code, part.status_code) == (200, 200)
    assert "The bakery sold 400 loaves in May." in part.text
    assert "<html" in alone.text
    assert "<html" not in part.text
    assert [answer.status_code for answer in missing] == [404, 404, 404]


@pytest.mark.parametrize(
    ("suffix", "kind", "begins"),
    [
        ("md", "text/markdown; charset=utf-8", "# बेकरी: How many loaves"),
        ("json", "application/json", '{\n  "format": 1,'),
    ],
)
def test_conversation_is_saved_under_its_title(
    open_server: Served, conversation: str, suffix: str, kind: str, begins: str
) -> None:
    with browser(open_server) as client:
        saved = client.get(f"/export/{conversation}.{suffix}")

    assert (saved.status_code, saved.headers["content-type"]) == (200, kind)
    assert saved.text.startswith(begins)
    assert "The bakery sold 400 loaves in May." in saved.text
    title = f"बेकरी {LOAVES[:-1]}.{suffix}"
    plain = re.sub("[^ -~]", "_", title)
    assert saved.headers["content-disposition"] == (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(title)}"
    )


def test_nobody_else_sees_a_conversation(open_server: Served, conversation: str) -> None:
    paths = (
        *(f"/proof/{conversation}/{at}" for at in ("1/1", "0/1", "1/near-1")),
        *(f"/export/{conversation}.{suffix}" for suffix in ("md", "json")),
    )
    with browser(open_server, "c" * 32) as other, httpx2.Client(base_url=open_server.url) as none:
        answers = [client.get(path) for client in (other, none) for path in paths]

    assert {answer.status_code for answer in answers} == {404}
    assert not any("400" in answer.text for answer in answers)


def test_article_and_files_of_the_page_are_served(open_server: Served) -> None:
    with browser(open_server) as client:
        article = client.get("/article/bakery.txt")
        style, *scripts = (
            client.get(f"/page/{name}") for name in ("page.css", "page.js", "places.js")
        )

    assert article.headers["content-type"] == "text/html; charset=utf-8"
    assert "Nobody expected that, said Dr. Rao." in article.text
    assert style.headers["content-type"] == "text/css; charset=utf-8"
    assert style.content == (STATIC / "page.css").read_bytes()
    kinds = {script.headers["content-type"] for script in scripts}
    assert kinds == {"text/javascript; charset=utf-8"}
    assert [script.content for script in scripts] == [
        (STATIC / name).read_bytes() for name in ("page.js", "places.js")
    ]


def test_articles_are_offered_for_what_is_typed(open_server: Served) -> None:
    with browser(open_server) as client:
        found = client.get("/places", params={"part": "BREAD of"})
        none = client.get(
            "/places", params={"part": "<b>zeppelin"}, headers={"accept-language": "hi"}
        )
        odd = [
            client.get(f"/places?{query}").status_code
            for query in ("", "part=", "part=%ff%00", "part=a&part=b", f"part={'x' * 20_000}")
        ]

    assert (found.status_code, found.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert found.text.count('role="option"') == 1
    assert 'data-place="bakery.txt"' in found.text
    assert "कुछ नहीं मिला।" in none.text
    assert "zeppelin" not in none.text
    assert odd == [200] * 5


# What is on the disk


def asked_for(server: Served, path: str, method: str = "GET") -> tuple[int, bytes]:
    """What a client gets that sends a path as it stands."""
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=10)
    connection.request(method, path)
    answer = connection.getresponse()
    status, body = answer.status, answer.read()
    connection.close()
    return status, body


UP = ("..", "%2e%2e", "%2E.", "..%2f..", "%2e%2e%2f%2e%2e", "..%5c..", "....//", "%252e%252e%252f")
WEIRD = [
    *(f"/export/{up}{end}" for up in UP for end in ("", ".json", "/catalog.sqlite.md")),
    *(f"/proof/{up}/1/1" for up in UP),
    *(f"/article/{up}/{up}/catalog.sqlite" for up in UP),
    *(f"/page/{up}/en.toml" for up in UP),
    *("/page/en.toml", "/page/login.html.jinja", "/page/", "/page/page.css%00"),
    *("/export/%00.json", "/export/.json", "/export/x.txt", "/export/x", "/article/", "/article/x"),
    *(f"/{room}/{'x' * 5000}" for room in ("export", "article", "page")),
    *("/proof/x/1/1", "/proof/%F0%9F%98%80/1/1", "/article/%ff", "/article//etc/passwd"),
]


@pytest.mark.parametrize("path", [pytest.param(path, id=path[:40]) for path in WEIRD])
def test_weird_names_find_nothing(open_server: Served, path: str) -> None:
    status, body = asked_for(open_server, path)

    assert status == 404
    assert not _of_the_disk(body)


def _of_the_disk(body: bytes) -> bool:
    return any(sign in body for sign in (b"SQLite format", b"root:", b"[build-system]", b"name = "))


@pytest.mark.parametrize("room", ["file=", "file/", "proxy=", "custom_component/"])
def test_gradio_reads_no_file(open_server: Served, room: str) -> None:
    index = open_server.chat.library._folder
    relative = "../" * 12 + "etc/passwd"
    encoded = "%2e%2e%2f" * 12 + "etc%2fpasswd"
    for place in (
        *(
            "/etc/passwd",
            "%2Fetc%2Fpasswd",
            relative,
            encoded,
            "pyproject.toml",
            "./pyproject.toml",
        ),
        *(str(index / name) for name in ("catalog.sqlite", "conversations.sqlite")),
        *("file:///etc/passwd", f"{open_server.url}/config", "http://192.0.2.1/x"),
    ):
        status, body = asked_for(open_server, f"/gradio_api/{room}{place}")
        assert (status, body) == (404, b'{"detail":"Not Found"}')


@pytest.mark.parametrize("room", ["static", "assets", "svelte"])
def test_gradio_s_own_files_are_all_that_it_serves(open_server: Served, room: str) -> None:
    for up in UP:
        for place in ("etc/passwd", "gradio/routes.py", "package.json"):
            status, body = asked_for(open_server, f"/{room}/{f'{up}/' * 9}{place}")
            assert status in (403, 404)
            assert not _of_the_disk(body)


@pytest.mark.parametrize(
    "path",
    [
        *("/monitoring", "/monitoring/summary", "/openapi.json", "/docs", "/pwa_icon"),
        *(f"/gradio_api/{name}" for name in ("vibe-code", "dev/reload", "runs", "deep_link")),
        *(f"/gradio_api/{name}" for name in ("component_server", "process_recording", "token")),
        *("/GRADIO_API/file=/etc/passwd", "//gradio_api/file=/etc/passwd"),
        *("/gradio_api//file=/etc/passwd", "/gradio_api/call/askew", "/gradio_api/queue/../file=/"),
    ],
)
def test_what_gradio_has_and_nobody_needs_is_not_there(open_server: Served, path: str) -> None:
    assert asked_for(open_server, path)[0] == 404
    assert asked_for(open_server, path, "POST")[0] in (404, 405)


def given(server: Served, function: str, *values: Any, clicked: object = None) -> str:
    """All that the queue says of a function of the page that is called by its number."""
    config = httpx2.get(f"{server.url}/config").json()
    number = next(d["id"] for d in config["dependencies"] if _named(config, d, function))
    session = f"session{time.monotonic_ns()}"
    with httpx2.Client(base_url=f"{server.url}/gradio_api/queue") as client:
        sent = {"fn_index": number, "session_hash": session, "data": values, "event_data": clicked}
        client.post("/join", json=sent).raise_for_status()
        said = ""
        with client.stream("GET", f"/data?session_hash={session}") as events:
            for line in events.iter_lines():
                said += line
                if "process_completed" in line:
                    return said
    raise AssertionError(said)


def test_a_session_without_a_name_stops_nobody(open_server: Served) -> None:
    join = f"{open_server.url}/gradio_api/queue/join"

    for session in ("", "a<gradio-sep>b", "x" * 1000):
        sent = {"fn_index": 0, "session_hash": session, "data": []}
        assert [httpx2.post(join, json=sent).status_code for _ in range(3)] == [400, 400, 400]
    assert '"success":true' in given(open_server, "begin")


def _named(config: Any, function: Any, name: str) -> bool:
    """Whether it is the function `/name`, or one that the part `name` of the page sets off."""
    if name.startswith("/"):
        return bool(function["api_name"] == name[1:])
    parts = {part["id"]: part["props"].get("elem_id") for part in config["components"]}
    return name in [parts.get(target[0]) for target in function["targets"]]


@pytest.mark.parametrize(
    "clicked",
    [
        *(None, [], 7, {}, {"act": "choose"}, {"act": "drop"}, {"act": ["choose"]}),
        {"act": "choose", "places": "bakery.txt"},
        {"act": "choose", "places": 7},
        {"act": "choose", "places": [None, {}, ["bakery.txt"]]},
        {"act": "drop", "place": {"a": ["b"]}},
        {"act": "clear", "places": ["x" * 900_000]},
    ],
)
def test_odd_clicks_on_chips_choose_nothing(open_server: Served, clicked: object) -> None:
    said = given(open_server, "chips", "", {"only": ["./bakery.txt"]}, clicked=clicked)

    assert '"success":true' in said
    assert "bakery.txt" not in said  # nor is a state taken from who asks


def test_chips_are_of_articles_and_folders_alone(open_server: Served) -> None:
    def choose(*places: str) -> str:
        clicked = {"act": "choose", "places": places}
        return given(open_server, "chips", "", None, clicked=clicked)

    assert "Bread of the north" in choose("bakery.txt")
    for place in ("../bakery.txt", "/etc/passwd", "<img src=x onerror=alert(1)>", "x" * 500_000):
        said = choose("bakery.txt", place)
        assert "not indexed any more" in said
        assert not any(part in said for part in ("Bread", "onerror", "passwd", "xxxx"))


def claimed(path: object) -> dict[str, Any]:
    return {"path": str(path), "orig_name": "x.txt", "meta": {"_type": "gradio.FileData"}}


def test_no_file_is_read_that_a_client_says_it_uploaded(
    open_server: Served, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("The launch code is 4711. Nobody may know it.\n", encoding="utf-8")
    before = open_server.chat.library.articles()

    for function, values in (
        ("files", ([claimed(secret)], "")),
        ("find", (claimed(secret),)),
        ("/ask", (claimed(secret), "", 10, None)),
        ("/search", (claimed(secret), 10)),
    ):
        said = given(open_server, function, *values)
        assert '"success":false' in said
        assert "4711" not in said

    assert open_server.chat.library.articles() == before
    assert "it was not uploaded by a user" in capfd.readouterr().err


def test_nothing_is_fetched_that_a_client_says_it_uploaded(
    open_server: Served, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    looked_up: list[object] = []
    found = socket.getaddrinfo

    def look_up(host: Any, *more: Any, **named: Any) -> Any:
        looked_up.append(host)
        return found(host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)

    for values in (
        [claimed("http://away.test/x.txt")],
        [{**claimed("x"), "url": "http://away.test"}],
    ):
        assert '"success":false' in given(open_server, "files", values, "")

    assert "away.test" not in looked_up
    assert capfd.readouterr().err.count("Traceback") == 2


def upload(server: Served, data: bytes, **headers: str) -> httpx2.Response:
    files = {"files": ("mill.txt", data)}
    return httpx2.post(f"{server.url}/gradio_api/upload", files=files, headers=headers)


def test_what_was_uploaded_is_read(open_server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = open_server.chat.library._folder.parent
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(folder / "uploads"))
    (path,) = upload(open_server, b"The mill grinds rye. It was built in 1950.\n").json()

    assert '"success":true' in given(open_server, "files", [claimed(path)], "")
    assert open_server.chat.library.text("mill.txt").startswith("The mill grinds rye.")
    assert not Path(path).exists()


def test_uploads_have_a_limit(open_server: Served, read_only: Served) -> None:
    ana = basic("ana", "sesame")

    assert upload(open_server, b"x" * 1_100_000).status_code == 200
    assert upload(open_server, b"x" * (MAX_BYTES + 200_000)).status_code == 413
    assert upload(read_only, b"x" * 1_100_000, **ana).status_code == 413
    assert upload(read_only, b"x", **ana).status_code == 404


# Users


def test_strangers_are_shown_the_way_in(read_only: Served) -> None:
    page = httpx2.get(read_only.url, headers=PAGE)

    assert (page.status_code, page.headers["location"]) == (303, "/login")
    for path in (
        *("/proof/x/1/1", "/export/x.md", "/article/bakery.txt", "/places?part=b", "/config"),
        "/v1/models",
    ):
        assert asked_for(read_only, path)[0] == 401


def test_a_user_s_conversation_is_no_other_user_s(read_only: Served) -> None:
    ana = Visitor("user:ana")
    id = read_only.chat.ask(ana, "", LOAVES, AskOptions())
    until(lambda: read_only.chat.running(ana, id) is None)
    path = f"{read_only.url}/export/{id}.md"

    hers, his = (
        httpx2.get(path, headers=basic(*who)) for who in (("ana", "sesame"), ("bob", "barley:é"))
    )

    assert (hers.status_code, his.status_code) == (200, 404)
    assert "400 loaves" in hers.text


def test_headers_have_a_limit(read_only: Served) -> None:
    host, port = read_only.url.removeprefix("http://").split(":")

    with socket.create_connection((host, int(port)), timeout=10) as client:
        client.sendall(b"GET /login HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * 66_000)
        assert client.recv(100).startswith(b"HTTP/1.1 400 ")
