"""Users at the door: signing in and out, by page, by program and by header."""

import asyncio
from pathlib import Path
from typing import Any

import httpx2
import pytest
from bs4 import BeautifulSoup, Tag

from qa.web.page.translations import accepted_strings
from qa.web.security.middleware import SecurityMiddleware
from qa.web.security.users import Users
from tests.support.browser import (
    HTML,
    Browser,
    Clock,
    basic,
    echo,
    error,
    hashed,
    two_users,
    visitor,
)

ATTACK = "\"><script>alert(1)</script>'&"


@pytest.fixture
def users(tmp_path: Path) -> Users:
    return two_users(tmp_path)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def guarded(users: Users, clock: Clock) -> Browser:
    return Browser(
        SecurityMiddleware(echo, users=users, clock=clock, words=accepted_strings),
        "https://qa.example.org",
    )


def page(response: httpx2.Response) -> BeautifulSoup:
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return BeautifulSoup(response.text, "html.parser")


def one(found: Tag, selector: str) -> Tag:
    (tag,) = found.select(selector)
    return tag


def alert(response: httpx2.Response) -> str:
    return one(page(response), "[role=alert]").text


def user(browser: Browser, **more: dict[str, str]) -> str:
    """Whom the door takes one for."""
    response = browser.get("/x", **more)
    return "nobody" if response.status_code == 401 else visitor(response)


# The way in


def test_stranger_is_shown_the_way_to_the_page(guarded: Browser) -> None:
    response = guarded.get("/articles?secret=1", headers=HTML)

    assert (response.status_code, response.headers["location"]) == (303, "/login")


@pytest.mark.parametrize(
    ("headers", "scheme"),
    [
        ({}, 'Basic realm="article-qa", charset="UTF-8"'),
        ({"sec-fetch-mode": "cors", "sec-fetch-site": "same-origin"}, "Bearer"),
    ],
    ids=["program", "script of a page, where the browser would show a window"],
)
def test_program_of_a_stranger_is_told_what_it_lacks(
    guarded: Browser, headers: dict[str, str], scheme: str
) -> None:
    response = guarded.get("/v1/models", headers=headers)

    assert response.json() == {
        "error": {
            "message": "No name and password, or wrong ones. Give them by HTTP Basic, or as Bearer "
            "NAME:PASSWORD (an OpenAI client's api_key), or sign in at /login.",
            "type": "invalid_request_error",
            "code": "unauthorized",
        }
    }
    assert (response.status_code, response.headers["www-authenticate"]) == (401, scheme)


def test_static_files_and_posts_are_for_users_too(guarded: Browser) -> None:
    assert guarded.get("/assets/a.js").status_code == 401
    assert guarded.post("/", headers=HTML).status_code == 401


def test_user_signs_in_with_the_fields_of_the_page(guarded: Browser) -> None:
    form = one(page(guarded.get("/login", headers=HTML)), "form")
    typed = {"username": " ana ", "password": "sesame"}
    fields = {field["name"]: typed[str(field["name"])] for field in form.select("input")}
    response = guarded.post(str(form["action"]), data=fields, headers=HTML)

    assert (response.status_code, response.headers["location"]) == (303, "/")
    assert user(guarded) == "user:ana"


def test_session_is_a_cookie_that_scripts_and_other_sites_do_not_get(guarded: Browser) -> None:
    (cookie,) = guarded.signs_in("ana", "sesame").headers.get_list("set-cookie")
    value, *attributes = cookie.split("; ")

    assert (value[:19], len(value)) == ("article-qa-session=", 19 + 43)
    assert sorted(attributes) == ["HttpOnly", "Path=/", "SameSite=lax", "Secure"]


def test_session_without_tls_is_no_secure_cookie(users: Users) -> None:
    response = Browser(SecurityMiddleware(echo, users=users, words=accepted_strings)).signs_in(
        "ana", "sesame"
    )

    assert "secure" not in response.headers["set-cookie"].lower()


def test_two_users_at_once_are_two(guarded: Browser) -> None:
    other = Browser(guarded.door, guarded.base)
    guarded.signs_in("ana", "sesame")
    other.signs_in("bob", "barley:é")

    assert [user(guarded), user(other), user(guarded)] == ["user:ana", "user:bob", "user:ana"]


def test_user_who_is_in_sees_no_page_to_sign_in(guarded: Browser) -> None:
    guarded.signs_in("ana", "sesame")
    response = guarded.get("/login", headers=HTML)

    assert (response.status_code, response.headers["location"]) == (303, "/")


@pytest.mark.parametrize(
    ("name", "password"), [("ana", "barley"), ("eve", "sesame"), ("", ""), ("ana", "x" * 100)]
)
def test_wrong_password_shows_the_page_again(guarded: Browser, name: str, password: str) -> None:
    response = guarded.signs_in(name, password)

    assert (response.status_code, alert(response)) == (401, "Name or password is wrong.")
    assert one(page(response), "input[name=username]")["value"] == name
    assert "value" not in one(page(response), "input[name=password]").attrs
    assert "set-cookie" not in response.headers
    assert "www-authenticate" not in response.headers
    assert user(guarded) == "nobody"


def test_form_that_is_none_is_a_wrong_password(guarded: Browser) -> None:
    for more in (
        {"content": b"\xff\xfe"},
        {"json": {"username": "ana", "password": "sesame"}},
        {"files": {"username": ("a", b"ana"), "password": ("b", b"sesame")}},
        {"data": {"username": "a" * 5000}},
        {"content": b"--x", "headers": {**HTML, "content-type": "multipart/form-data"}},
    ):
        assert guarded.post("/login", **{"headers": HTML, **more}).status_code == 401


def test_form_that_never_ends_is_not_awaited(
    guarded: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slowly() -> Any:
        yield b"username=ana&"
        await asyncio.sleep(60)

    monkeypatch.setattr("qa.web.security.request_body.FIRST_S", 0.05)
    kind = {"content-type": "application/x-www-form-urlencoded"}

    assert guarded.post("/login", content=slowly(), headers={**HTML, **kind}).status_code == 408


def test_sign_in_leads_nowhere_else(guarded: Browser) -> None:
    fields = {"username": "ana", "password": "sesame", "next": "https://evil.example"}
    for path in ("/login?next=//evil.example", "/login/?next=https://evil.example"):
        assert "evil" not in guarded.get(path, headers=HTML).text
        response = guarded.post(path, data=fields, headers=HTML)
        assert (response.status_code, response.headers["location"]) == (303, "/")


def test_other_site_cannot_sign_anybody_in(guarded: Browser) -> None:
    response = guarded.signs_in(
        "bob", "barley:é", headers={**HTML, "origin": "https://evil.example"}
    )

    assert (response.status_code, "set-cookie" in response.headers) == (403, False)


def test_page_below_a_path_of_the_server_stays_below_it(users: Users) -> None:
    async def mounted(scope: object, receive: object, send: object) -> None:
        below = {**scope, "root_path": "/qa"}  # type: ignore[dict-item]
        await SecurityMiddleware(echo, users=users, words=accepted_strings)(below, receive, send)  # type: ignore[arg-type]

    browser = Browser(mounted)

    assert browser.get("/qa/x", headers=HTML).headers["location"] == "/qa/login"
    assert one(page(browser.get("/qa/login", headers=HTML)), "form")["action"] == "/qa/login"


def test_without_users_there_is_nothing_to_sign_in_to() -> None:
    assert user(Browser(SecurityMiddleware(echo)))[:5] == "anon:"
    assert Browser(SecurityMiddleware(echo)).get("/login").json()["header"] != []


# The page


def test_page_can_be_used_by_all(guarded: Browser) -> None:
    found = page(guarded.get("/login", headers=HTML))

    assert one(found, "html")["lang"] == "en"
    assert one(found, "title").text == one(found, "h1").text == "Sign in"
    assert {label["for"]: label.text for label in found.select("label")} == {
        "username": "Name",
        "password": "Password",
    }
    assert {field["id"]: field["autocomplete"] for field in found.select("input")} == {
        "username": "username",
        "password": "current-password",
    }
    assert found.select("script, [src], [role=alert]") == []
    assert [link["href"] for link in found.select("[href]")] == ["data:,"]


def test_page_speaks_the_language_that_is_asked_for(users: Users) -> None:
    def words(accepted: str) -> dict[str, str]:
        names = "title", "name", "password", "button", "wrong", "wait"
        return {"lang": accepted} | {f"login_{name}": f"{name} {ATTACK}" for name in names}

    browser = Browser(SecurityMiddleware(echo, users=users, words=words))
    response = browser.signs_in("ana", "no", headers={**HTML, "accept-language": ATTACK})

    assert one(page(response), "html")["lang"] == ATTACK
    assert alert(response) == f"wrong {ATTACK}"
    assert one(page(response), "button").text == f"button {ATTACK}"


def test_name_that_is_markup_stays_a_name(guarded: Browser) -> None:
    response = guarded.signs_in(ATTACK, "sesame")

    assert "<script" not in response.text
    assert one(page(response), "input[name=username]")["value"] == ATTACK


# The way out


def sign_out(browser: Browser) -> httpx2.Response:
    """Press the button of the page that asks."""
    form = one(page(browser.get("/logout", headers=HTML)), "form")
    token = one(form, "input[name=token]")["value"]
    return browser.post(str(form["action"]), data={"token": token}, headers=HTML)


def test_who_signs_out_is_nobody(guarded: Browser) -> None:
    guarded.signs_in("ana", "sesame")
    kept = dict(guarded.cookies)
    response = sign_out(guarded)

    assert (response.status_code, response.headers["location"]) == (303, "/login")
    assert dict(guarded.cookies) == {}
    guarded.cookies.update(kept)
    assert user(guarded) == "nobody"


def test_a_link_signs_nobody_out(guarded: Browser) -> None:
    guarded.signs_in("ana", "sesame")
    shown = guarded.get("/logout", headers=HTML)

    assert (shown.status_code, one(page(shown), "h1").text) == (200, "Sign out")
    assert one(page(shown), "p").text == "Signed in as ana"
    assert user(guarded) == "user:ana"


def test_a_form_without_this_session_s_token_signs_nobody_out(guarded: Browser) -> None:
    other = Browser(guarded.door, guarded.base)
    for browser, name, password in ((guarded, "ana", "sesame"), (other, "bob", "barley:é")):
        browser.signs_in(name, password)
    bobs = one(page(other.get("/logout", headers=HTML)), "input[name=token]")["value"]

    for data in ({}, {"token": ""}, {"token": "é"}, {"token": str(bobs)}):
        assert guarded.post("/logout", data=data, headers=HTML).status_code == 200
    assert user(guarded) == "user:ana"


def test_who_is_nobody_signs_out_of_nothing(guarded: Browser) -> None:
    for response in (guarded.get("/logout", headers=HTML), guarded.post("/logout", headers=HTML)):
        assert (response.status_code, response.headers["location"]) == (303, "/login")


def test_session_ends_after_twelve_hours_without_use(guarded: Browser, clock: Clock) -> None:
    guarded.signs_in("ana", "sesame")
    for hours in (11.9, 11.9, 11.9):
        clock.now += hours * 3600
        assert user(guarded) == "user:ana"
    clock.now += 12 * 3600

    assert user(guarded) == "nobody"


def test_sign_in_ends_the_session_before(guarded: Browser) -> None:
    guarded.signs_in("ana", "sesame")
    old = dict(guarded.cookies)
    guarded.signs_in("bob", "barley:é")
    assert user(guarded) == "user:bob"

    guarded.cookies = httpx2.Cookies(old)
    assert user(guarded) == "nobody"


@pytest.mark.parametrize("headers", [{}, basic("ana", "sesame")], ids=["session", "header"])
def test_user_who_is_removed_is_out_at_once(
    guarded: Browser, users: Users, headers: dict[str, str]
) -> None:
    if not headers:
        guarded.signs_in("ana", "sesame")
    assert user(guarded, headers=headers) == "user:ana"

    users.remove("ana")

    assert user(guarded, headers=headers) == "nobody"


@pytest.mark.parametrize("headers", [{}, basic("ana", "sesame")], ids=["session", "header"])
def test_other_password_ends_what_the_old_one_opened(
    guarded: Browser, users: Users, headers: dict[str, str]
) -> None:
    if not headers:
        guarded.signs_in("ana", "sesame")
    assert user(guarded, headers=headers) == "user:ana"

    users.path.write_text(f"ana:{hashed('barley')}\n", encoding="utf-8")

    assert user(guarded, headers=headers) == "nobody"


# Programs


def test_gradio_client_signs_in(guarded: Browser) -> None:
    response = guarded.signs_in("ana", "sesame", headers={"accept": "*/*"})

    assert (response.status_code, response.json()) == (200, {"success": True})
    assert list(response.cookies) == ["article-qa-session"]
    assert user(guarded) == "user:ana"
    assert error(guarded.signs_in("ana", "no", headers={"accept": "*/*"})) == (
        401,
        "invalid_request_error",
        "unauthorized",
    )


def test_form_in_parts_signs_in(guarded: Browser) -> None:
    fields = {"username": (None, "bob"), "password": (None, "barley:é")}

    assert guarded.post("/login", files=fields).json() == {"success": True}


@pytest.mark.parametrize(
    ("header", "who"),
    [
        pytest.param(basic("ana", "sesame"), "user:ana", id="Basic"),
        pytest.param(basic("bob", "barley:é"), "user:bob", id="Basic, colon and accent"),
        pytest.param({"authorization": "bearer ana:sesame"}, "user:ana", id="Bearer"),
        pytest.param({"authorization": "Bearer bob:barley:é"}, "user:bob", id="Bearer, accent"),
        pytest.param(basic("ana", "barley"), "nobody", id="wrong password"),
        pytest.param(basic("eve", "sesame"), "nobody", id="no user"),
        pytest.param({"authorization": "Bearer sesame"}, "nobody", id="no name"),
        pytest.param({"authorization": "Bearer ana"}, "nobody", id="no password"),
        pytest.param({"authorization": "Basic ana:sesame"}, "nobody", id="no base64"),
        pytest.param({"authorization": "Basic //79"}, "nobody", id="no text"),
        pytest.param({"authorization": "Digest ana:sesame"}, "nobody", id="other scheme"),
    ],
)
def test_header_tells_who_asks(guarded: Browser, header: dict[str, str], who: str) -> None:
    sent = {name: value.encode() for name, value in header.items()}

    assert user(guarded, headers=sent) == who  # type: ignore[arg-type]


def test_password_of_a_header_is_checked_every_five_minutes(
    guarded: Browser, clock: Clock, users: Users, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = []
    check = users.check

    def counted(name: str, password: str) -> bool:
        checked.append(clock.now)
        return check(name, password)

    monkeypatch.setattr(users, "check", counted)
    for _ in range(5):
        assert user(guarded, headers=basic("ana", "sesame")) == "user:ana"
        assert user(guarded, headers={"authorization": "Bearer ana:sesame"}) == "user:ana"
        clock.now += 100

    assert checked == [1000, 1300]
    assert user(guarded, headers=basic("ana", "Sesame")) == "nobody"


def test_many_requests_at_once_need_one_check(guarded: Browser) -> None:
    async def together() -> list[httpx2.Response]:
        asked = (guarded.asks("GET", "/x", headers=basic("ana", "sesame")) for _ in range(30))
        return await asyncio.gather(*asked)

    assert {visitor(response) for response in asyncio.run(together())} == {"user:ana"}


def test_passwords_cannot_be_tried_without_end(guarded: Browser) -> None:
    told = [guarded.signs_in("ana", f"guess {number}") for number in range(10)]
    assert {response.status_code for response in told} == {401}

    page = guarded.signs_in("ana", "sesame")
    program = guarded.signs_in("ana", "sesame", headers={})
    header = guarded.get("/x", headers=basic("ana", "sesame"))

    assert [page.status_code, program.status_code, header.status_code] == [429, 429, 429]
    assert alert(page) == "Too many attempts. Wait a minute."
    assert 1 <= int(page.headers["retry-after"]) <= 60
    assert Browser(guarded.door, ip="10.0.0.9").signs_in("ana", "sesame").status_code == 303


def test_passwords_cannot_be_tried_in_headers_either(guarded: Browser) -> None:
    told = [guarded.get("/x", headers=basic("ana", f"guess {number}")) for number in range(11)]

    assert [response.status_code for response in told] == [401] * 10 + [429]


def test_what_is_no_address_is_one_with_all_of_its_kind(guarded: Browser) -> None:
    told = [Browser(guarded.door, ip=f"x{i}").signs_in(f"u{i}", "guess") for i in range(11)]

    assert [response.status_code for response in told] == [401] * 10 + [429]
