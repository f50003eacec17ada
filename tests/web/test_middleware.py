"""The door, asked as servers ask: who passes, as whom, and what the others are told."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from index.errors import UserError
from qa.errors import BadUsers
from qa.web.page.translations import accepted_strings
from qa.web.security.middleware import SecurityMiddleware, check_address
from qa.web.security.users import Users
from tests.support.browser import HTML, Browser, echo, error, two_users, visitor


@pytest.fixture
def users(tmp_path: Path) -> Users:
    return two_users(tmp_path)


@pytest.fixture
def open_door() -> Browser:
    return Browser(SecurityMiddleware(echo))


@pytest.fixture
def guarded(users: Users) -> Browser:
    return Browser(
        SecurityMiddleware(echo, users=users, words=accepted_strings), "https://qa.example.org"
    )


# Health


def test_health_is_told_without_a_login(open_door: Browser, guarded: Browser) -> None:
    for door in (open_door, guarded):
        response = door.get("/health")

        assert (response.status_code, response.text) == (200, "ok\n")
        assert response.headers["cache-control"] == "no-store"
        assert "set-cookie" not in response.headers


def test_health_is_told_under_the_page_s_own_names_alone(open_door: Browser) -> None:
    assert open_door.get("/health", headers={"host": "evil.example"}).status_code == 403


def test_nothing_below_health_is_open(guarded: Browser) -> None:
    assert guarded.get("/health/").status_code == 401


# Names and origins


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:7860", "127.0.0.1:1", "[::1]:7860"])
def test_page_answers_to_this_machine(open_door: Browser, host: str) -> None:
    assert open_door.get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example:7860", "192.168.1.2", "[::2]"]
)
def test_name_that_leads_here_from_elsewhere_is_refused(open_door: Browser, host: str) -> None:
    response = open_door.get("/", headers={"host": host, **HTML})

    assert (response.status_code, response.headers["content-type"], response.text) == (
        403,
        "text/plain; charset=utf-8",
        "Without users the page answers to 127.0.0.1, ::1, localhost only. Open it by such a "
        "name, or have it started with --auth FILE to serve it by other names.\n",
    )
    assert "set-cookie" not in response.headers


@pytest.mark.parametrize("host", ["", "evil.example@localhost", "localhost/x", "local host", "["])
def test_host_that_is_none_is_refused(open_door: Browser, host: str) -> None:
    assert error(open_door.get("/", headers={"host": host})) == (
        400,
        "invalid_request_error",
        "bad_host",
    )


def test_two_hosts_are_refused(open_door: Browser) -> None:
    hosts = [("host", "localhost"), ("host", "evil.example")]

    assert open_door.get("/", headers=hosts).status_code == 400


def test_page_answers_to_names_it_is_given(users: Users) -> None:
    door = SecurityMiddleware(echo, hosts=frozenset({"qa.local"}))

    assert Browser(door, "http://qa.local").get("/").status_code == 200
    assert Browser(door).get("/").status_code == 403


def test_users_may_use_any_name(guarded: Browser) -> None:
    assert guarded.get("/", auth=("ana", "sesame")).status_code == 200


@pytest.mark.parametrize(
    "origin",
    ["http://localhost:7860", "HTTP://LOCALHOST:7860", "http://127.0.0.1:7860"],
)
def test_page_may_ask_itself(origin: str) -> None:
    browser = Browser(SecurityMiddleware(echo), origin.lower())

    assert browser.post("/v1/chat", headers={"origin": origin}).status_code == 200


@pytest.mark.parametrize(
    ("base", "origin"),
    [("https://qa.example.org:443", "https://qa.example.org"), ("http://q.org", "http://q.org:80")],
)
def test_port_of_the_scheme_may_be_left_out(users: Users, base: str, origin: str) -> None:
    browser = Browser(SecurityMiddleware(echo, users=users, words=accepted_strings), base)

    assert browser.post("/", headers={"origin": origin}, auth=("ana", "sesame")).is_success


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://localhost",
        "http://localhost:3000",
        "http://localhost:7860.evil.example",
        "http://evil.example@localhost:7860",
        "chrome-extension://localhost:7860",
        "null",
        "",
    ],
)
def test_other_page_may_not_ask(open_door: Browser, method: str, origin: str) -> None:
    response = asyncio.run(open_door.asks(method, "/v1/chat", headers={"origin": origin}))

    assert error(response) == (403, "invalid_request_error", "origin_forbidden")


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_other_page_may_link_here_but_load_nothing(open_door: Browser, site: str) -> None:
    def status(mode: str) -> int:
        headers = {"sec-fetch-site": site, "sec-fetch-mode": mode}
        return open_door.get("/", headers=headers).status_code

    assert [status(mode) for mode in ("navigate", "no-cors", "cors")] == [200, 403, 403]


# Sizes


def pieces(*sizes: int) -> AsyncIterator[bytes]:
    async def sent() -> AsyncIterator[bytes]:
        for size in sizes:
            yield b"x" * size

    return sent()


def test_body_may_have_a_megabyte(open_door: Browser) -> None:
    assert open_door.post("/", content=b"x" * 1_000_000).json()["bytes"] == 1_000_000
    assert error(open_door.post("/", content=b"x" * 1_000_001)) == (
        413,
        "invalid_request_error",
        "too_large",
    )


def test_body_in_pieces_is_counted(open_door: Browser) -> None:
    assert open_door.post("/", content=pieces(600_000, 400_000)).json()["bytes"] == 1_000_000
    response = open_door.post("/", content=pieces(600_000, 400_000, 1))

    assert error(response) == (413, "invalid_request_error", "too_large")
    assert response.headers["connection"] == "close"


def test_application_that_swallows_the_end_of_a_long_body_answers_nothing() -> None:
    async def careless(scope: Any, receive: Any, send: Any) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"all of it"})

    response = Browser(SecurityMiddleware(careless)).post("/", content=pieces(600_000, 600_000))

    assert error(response) == (413, "invalid_request_error", "too_large")


def test_fault_of_the_application_stays_its_own() -> None:
    async def faulty(scope: Any, receive: Any, send: Any) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Browser(SecurityMiddleware(faulty)).post("/", content=b"x")


@pytest.mark.parametrize("length", ["-1", "1e3", "ten", "٣", ""])
def test_length_that_is_no_number_is_refused(open_door: Browser, length: str) -> None:
    headers = {"content-length": length.encode()}

    assert open_door.post("/", headers=headers).status_code == 400


def test_length_of_many_digits_is_too_long(open_door: Browser) -> None:
    assert open_door.post("/", headers={"content-length": "9" * 5000}).status_code == 413


def test_upload_has_a_limit_of_its_own() -> None:
    browser = Browser(SecurityMiddleware(echo, upload_bytes=2_000_000))
    long = b"x" * 1_500_000

    assert browser.post("/gradio_api/upload", content=long).json()["bytes"] == 1_500_000
    assert browser.post("/gradio_api/upload/", content=long).status_code == 413
    assert browser.post("/gradio_api/upload", content=pieces(1_500_000, 600_000)).is_error


# Rates


def test_too_many_requests_are_told_when_to_come_again() -> None:
    door = SecurityMiddleware(echo, requests_a_minute=3)
    told = [Browser(door).get("/x") for _ in range(4)]

    assert [response.status_code for response in told] == [200, 200, 200, 429]
    assert error(told[3]) == (429, "rate_limit_error", "rate_limit_exceeded")
    assert 1 <= int(told[3].headers["retry-after"]) <= 60


def test_static_files_are_not_counted() -> None:
    browser = Browser(SecurityMiddleware(echo, requests_a_minute=1))
    paths = ["/x", "/assets/a.js", "/static/a.css", "/svelte/a.js", "/y"]

    assert [browser.get(path).status_code for path in paths] == [200, 200, 200, 200, 429]


def test_each_address_has_its_own_count() -> None:
    door = SecurityMiddleware(echo, requests_a_minute=1)
    addresses = ["10.0.0.1", "10.0.0.2", "10.0.0.1", "2001:db8::1", "2001:db8::2", "2001:db9::1"]
    told = [Browser(door, ip=address).get("/x").status_code for address in addresses]

    assert told == [200, 200, 429, 200, 429, 200]


def test_each_user_has_their_own_count(users: Users) -> None:
    door = SecurityMiddleware(echo, users=users, requests_a_minute=3, words=accepted_strings)
    ana, bob = Browser(door), Browser(door)
    ana.signs_in("ana", "sesame")
    bob.signs_in("bob", "barley:é")

    assert [ana.get("/x").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert bob.get("/x").status_code == 200


def test_so_many_requests_may_be_open_at_once() -> None:
    may_end = asyncio.Event()

    async def waiting(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/long":
            await may_end.wait()
        await echo(scope, receive, send)

    async def ask() -> list[httpx2.Response]:
        door = SecurityMiddleware(waiting, requests_at_once=2)
        one, other = Browser(door, ip="10.0.0.1"), Browser(door, ip="10.0.0.2")
        long = [asyncio.create_task(one.asks("GET", "/long")) for _ in range(2)]
        await asyncio.sleep(0.05)
        told = [await browser.asks("GET", "/x") for browser in (one, other)]
        may_end.set()
        return [*told, *(await asyncio.gather(*long)), await one.asks("GET", "/x")]

    told = asyncio.run(ask())

    assert [response.status_code for response in told] == [429, 200, 200, 200, 200]
    assert error(told[0]) == (429, "rate_limit_error", "too_many_at_once")


# Visitors without names


def test_visitor_is_the_same_from_then_on(open_door: Browser) -> None:
    first = visitor(open_door.get("/x"))

    assert re.fullmatch("anon:[0-9a-f]{32}", first)
    assert visitor(open_door.post("/y")) == first
    assert visitor(Browser(open_door.door).get("/x")) != first


def test_cookie_of_a_visitor_is_theirs_alone_and_lasts(open_door: Browser) -> None:
    response = open_door.get("/x")
    id = visitor(response).removeprefix("anon:")

    assert response.headers.get_list("set-cookie") == [
        f"article-qa-visitor={id}; Max-Age=34560000; Path=/; HttpOnly; SameSite=Lax"
    ]


def test_cookie_is_renewed_with_each_page(open_door: Browser) -> None:
    first, data, page = (open_door.get(path).headers for path in ("/x", "/x", "/"))

    assert "set-cookie" not in data
    assert page["set-cookie"] == first["set-cookie"]


def test_cookie_of_https_stays_there() -> None:
    response = Browser(SecurityMiddleware(echo), "https://localhost").get("/")

    assert response.headers["set-cookie"].endswith("; HttpOnly; SameSite=Lax; Secure")


@pytest.mark.parametrize("cookie", ["", "x", "A" * 32, "a" * 33, "user:ana", "../" * 11])
def test_malformed_cookie_is_replaced(open_door: Browser, cookie: str) -> None:
    response = open_door.get("/x", headers={"cookie": f"article-qa-visitor={cookie}"})

    assert visitor(response) != f"anon:{cookie}"
    assert response.headers["set-cookie"].startswith("article-qa-visitor=")


@pytest.mark.parametrize(
    "name", ["x-article-qa-visitor", "X-Article-QA-Visitor", "x_article_qa-visitor"]
)
def test_visitor_cannot_say_who_they_are(open_door: Browser, guarded: Browser, name: str) -> None:
    headers = {name: "user:bob"}

    assert visitor(open_door.get("/x", headers=headers)).startswith("anon:")
    assert visitor(guarded.get("/x", headers=headers, auth=("ana", "sesame"))) == "user:ana"
    assert guarded.get("/x", headers=headers).status_code == 401


# What the application gets and gives


GUARDS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "content-security-policy": "default-src 'self'; script-src 'self' 'unsafe-inline' "
    "'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' "
    "data:; connect-src 'self'; media-src 'self' blob: data:; worker-src 'self' blob:; "
    "frame-ancestors 'none'; base-uri 'self'; form-action 'self'; object-src 'none'",
}


def test_every_response_is_guarded(open_door: Browser, guarded: Browser) -> None:
    responses = [
        open_door.get("/"),
        open_door.get("/", headers={"host": "evil.example"}),
        open_door.post("/", content=b"x" * 2_000_000),
        guarded.get("/"),
        guarded.get("/login"),
        guarded.get("/logout"),
    ]

    assert [response.status_code for response in responses] == [200, 403, 413, 401, 200, 303]
    for response in responses:
        assert {name: response.headers[name] for name in GUARDS} == GUARDS
        assert response.headers["cache-control"] == "no-store"


def test_only_what_is_everybodys_may_be_cached() -> None:
    async def own(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"cache-control", b"public, max-age=60")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body"})

    page = Browser(SecurityMiddleware(own))
    kept = {
        path: page.get(path).headers["cache-control"] for path in ("/article/1", "/assets/a.js")
    }

    assert kept == {"/article/1": "no-store", "/assets/a.js": "public, max-age=60"}


def test_guards_of_the_application_are_kept_where_they_are_stricter() -> None:
    async def own(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"Content-Security-Policy", b"sandbox"), (b"X-Frame-Options", b"SAMEORIGIN")]
        headers = [(name.lower(), value) for name, value in headers]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body"})

    headers = Browser(SecurityMiddleware(own)).get("/").headers

    assert headers.get_list("content-security-policy") == [
        "sandbox",
        GUARDS["content-security-policy"],
    ]
    assert headers.get_list("x-frame-options") == ["DENY"]


def test_request_of_the_server_is_not_changed() -> None:
    scope = {"type": "http", "method": "GET", "path": "/x", "headers": [(b"host", b"localhost")]}
    seen = []

    async def keep(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope)

    asyncio.run(SecurityMiddleware(keep)({**scope, "state": {"model": "loaded"}}, None, None))  # type: ignore[arg-type]

    assert list(seen[0]["state"]) == ["model", "visitor"]
    assert scope["headers"] == [(b"host", b"localhost")]


def test_start_and_end_of_the_server_pass() -> None:
    seen = []

    async def keep(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope)

    asyncio.run(SecurityMiddleware(keep)({"type": "lifespan"}, None, None))  # type: ignore[arg-type]

    assert seen == [{"type": "lifespan"}]


@pytest.mark.parametrize(
    ("more", "answer"),
    [
        ({}, {"type": "websocket.accept"}),
        ({"host": "evil.example"}, {"reason": "host_forbidden"}),
        ({"origin": "http://localhost:7860"}, {"type": "websocket.accept"}),
        ({"origin": "https://evil.example"}, {"reason": "origin_forbidden"}),
    ],
)
def test_websocket_passes_the_same_door(more: dict[str, str], answer: dict[str, Any]) -> None:
    closed = {"type": "websocket.close", "code": 1008}

    assert websocket(SecurityMiddleware(echo), more) == (
        answer if "type" in answer else closed | answer
    )


def test_websocket_is_for_users_alone(users: Users) -> None:
    closed = {"type": "websocket.close", "code": 1008, "reason": "unauthorized"}

    assert (
        websocket(
            SecurityMiddleware(echo, users=users, words=accepted_strings), {"accept": "text/html"}
        )
        == closed
    )
    known = {"authorization": "Bearer ana:sesame"}
    assert websocket(SecurityMiddleware(echo, users=users, words=accepted_strings), known) == {
        "type": "websocket.accept"
    }


def websocket(door: SecurityMiddleware, more: dict[str, str]) -> Any:
    """What is answered to one that asks to be accepted."""
    sent: list[Any] = []
    headers = [
        (name.encode(), value.encode())
        for name, value in ({"host": "localhost:7860"} | more).items()
    ]

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "websocket", "scheme": "ws", "path": "/ws", "headers": headers}
    asyncio.run(door(scope, receive, send))
    (answer,) = sent
    return answer


# Users and addresses


def test_door_does_not_open_with_a_bad_file_of_users(tmp_path: Path) -> None:
    with pytest.raises(BadUsers, match=f"{tmp_path / 'none'}"):
        SecurityMiddleware(echo, users=Users(tmp_path / "none"), words=accepted_strings)


def test_door_is_shut_while_the_file_of_users_is_bad(
    users: Users, guarded: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    guarded.signs_in("ana", "sesame")
    good = users.path.read_text(encoding="utf-8")
    users.path.write_text("half a line", encoding="utf-8")

    assert error(guarded.get("/x")) == (503, "server_error", "no_users")
    assert [record.getMessage()[:7] for record in caplog.records] == ["Line 1 "]
    users.path.write_text(good, encoding="utf-8")
    assert visitor(guarded.get("/x")) == "user:ana"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost", "::ffff:127.0.0.1"]
)
def test_address_of_this_machine_is_fine(host: str) -> None:
    assert (check_address(host, False), check_address(host, True)) == (None, None)


@pytest.mark.parametrize(
    ("host", "place"),
    [
        ("0.0.0.0", "0.0.0.0"),
        ("::", "::"),
        ("192.168.1.2", "192.168.1.2"),
        ("qa.local", "qa.local"),
        ("", "every address"),
    ],
)
def test_address_that_others_reach_needs_users(host: str, place: str) -> None:
    with pytest.raises(UserError) as caught:
        check_address(host, False)

    assert str(caught.value) == (
        f"Refuses to bind to {place} without --auth: whoever reaches it could read the articles. "
        "Make users with: article-qa users add NAME --auth FILE; then give --auth FILE. "
        "Or bind to 127.0.0.1."
    )
    assert check_address(host, True) == (
        f"Passwords and answers travel unencrypted to {place}, unless a proxy with TLS stands "
        "before it and is named by --proxy. It should pass on Host and X-Forwarded-Proto."
    )
