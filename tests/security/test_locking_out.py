"""Locking out: whoever guesses a user's password slows down neither that user nor anybody else."""

import asyncio
import time
from pathlib import Path

import pytest

from qa.web.page.translations import accepted_strings
from qa.web.security.middleware import SecurityMiddleware
from qa.web.security.users import Users
from tests.support.browser import Browser, basic, echo, two_users


@pytest.fixture
def door(tmp_path: Path) -> SecurityMiddleware:
    users: Users = two_users(tmp_path)
    return SecurityMiddleware(echo, users=users, words=accepted_strings)


def guess(door: SecurityMiddleware, number: int, name: str = "ana") -> int:
    """A wrong password of one of many addresses, by form or by header."""
    browser = Browser(door, ip=f"10.0.{number // 250}.{number % 250}")
    if number % 2:
        return browser.get("/x", headers=basic(name, f"guess {number}")).status_code
    return browser.signs_in(name, f"guess {number}").status_code


@pytest.fixture
def guessed(door: SecurityMiddleware) -> SecurityMiddleware:
    """Where 40 passwords of ana's were tried from as many addresses."""
    assert {guess(door, number) for number in range(40)} == {401}
    return door


def test_a_user_gets_in_while_the_name_is_guessed_from_many_addresses(
    guessed: SecurityMiddleware,
) -> None:
    begun = time.monotonic()

    assert Browser(guessed, ip="192.0.2.1").signs_in("ana", "sesame").status_code == 303
    assert time.monotonic() - begun < 5


def test_a_guess_is_slowed_once_a_name_was_guessed_often(guessed: SecurityMiddleware) -> None:
    begun = time.monotonic()

    assert (guess(guessed, 41), guess(guessed, 42, "bob")) == (401, 401)
    assert 1 <= time.monotonic() - begun < 5


def test_an_address_that_was_right_before_does_not_wait(
    door: SecurityMiddleware, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Browser(door, ip="192.0.2.1")
    home.signs_in("ana", "sesame")
    for number in range(40):
        guess(door, number)
    monkeypatch.setattr("qa.web.security.attempts._SLOWED_S", 3600)
    home.cookies.clear()

    assert home.signs_in("ana", "sesame").status_code == 303
    assert home.get("/x", headers=basic("ana", "sesame")).status_code == 200


def test_an_address_that_guesses_is_refused_and_no_other(door: SecurityMiddleware) -> None:
    guesser = Browser(door, ip="10.0.0.1")
    statuses = [guesser.signs_in("ana", "no").status_code for _ in range(12)]

    assert statuses == [401] * 10 + [429] * 2
    assert guesser.signs_in("ana", "sesame").status_code == 429
    assert Browser(door, ip="10.0.0.2").signs_in("ana", "sesame").status_code == 303


def test_right_passwords_count_for_nothing(door: SecurityMiddleware) -> None:
    user = Browser(door, ip="192.0.2.1")

    assert {user.signs_in("ana", "sesame").status_code for _ in range(20)} == {303}


def test_guesses_at_once_are_counted_one_by_one(door: SecurityMiddleware) -> None:
    async def at_once() -> list[int]:
        guesser = Browser(door, ip="10.0.0.1")
        calls = [guesser.asks("GET", "/x", headers=basic("ana", f"no {i}")) for i in range(30)]
        return [response.status_code for response in await asyncio.gather(*calls)]

    assert sorted(asyncio.run(at_once())) == [401] * 10 + [429] * 20


def test_a_first_password_goes_before_the_guesses_that_wait(
    door: SecurityMiddleware,
) -> None:
    """Addresses that guessed before send 40 more; who comes after them is checked second."""
    done: list[str] = []

    async def ask(who: str, ip: str, password: str) -> None:
        await Browser(door, ip=ip).asks("GET", "/x", headers=basic("bob", password))
        done.append(who)

    async def all_at_once() -> None:
        guesses = [ask("guesser", f"10.0.1.{i % 8}", f"no {i}") for i in range(40)]
        waiting = [asyncio.create_task(each) for each in guesses]
        await asyncio.sleep(0)
        await asyncio.gather(*waiting, ask("user", "192.0.2.1", "barley:é"))

    for i in range(8):
        assert guess_from(door, f"10.0.1.{i}") == 401
    asyncio.run(all_at_once())

    assert done.index("user") <= 1


def guess_from(door: SecurityMiddleware, ip: str) -> int:
    return Browser(door, ip=ip).get("/x", headers=basic("eve", "no")).status_code
