"""`users` from the command line."""

import os
import pty
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from qa.cli.main import Commands
from qa.cli.users import users
from qa.web.security.users import Users

CODE = """
from qa.cli.main import Commands
from qa.cli.users import users
main = Commands()
main.add_command(users)
main()
"""


def run(*words: str | Path, input: str = "") -> tuple[int, str, str]:
    main = Commands()
    main.add_command(users)
    result = CliRunner().invoke(main, ["users", *map(str, words)], input=input)
    return result.exit_code, result.stdout, result.stderr


def typed(path: Path, *answers: str) -> str:
    """What a person sees on a terminal who types these answers."""
    child, terminal = pty.fork()
    if not child:
        words = ["users", "add", "ana", "--auth", str(path)]
        os.execv(sys.executable, [sys.executable, "-c", CODE, *words])
    seen = b""
    waiting = list(answers)
    while data := _read(terminal):
        seen += data
        if waiting and seen.endswith(b": "):
            os.write(terminal, waiting.pop(0).encode() + b"\n")
    os.waitpid(child, 0)
    os.close(terminal)
    return seen.decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1024)
    except OSError:  # Linux says so of a terminal that nobody has open any more
        return b""


def test_password_is_the_first_line_of_what_is_piped_in(tmp_path: Path) -> None:
    path = tmp_path / "users"

    assert run("add", "ana", "--auth", path, input="पासवर्ड 1\nmore\n") == (0, "ana is added.\n", "")
    assert Users(path).check("ana", "पासवर्ड 1")


def test_password_is_asked_twice_and_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "users"

    assert typed(path, "sesame", "barley", "sesame", "sesame") == (
        "Password: \nRepeat for confirmation: \nError: The two entered values do not match.\n"
        "Password: \nRepeat for confirmation: \nana is added.\n"
    )
    assert Users(path).check("ana", "sesame")


def test_user_who_is_there_gets_another_password(tmp_path: Path) -> None:
    path = tmp_path / "users"
    run("add", "ana", "--auth", path, input="sesame\n")

    told = run("add", "ana", "--auth", path, input="barley\n")

    assert told == (0, "The password of ana is changed.\n", "")
    assert Users(path).check("ana", "barley")


def test_users_are_listed_and_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARTICLE_QA_AUTH", str(tmp_path / "users"))
    for name in ("bob", "ana"):
        run("add", name, input="sesame\n")

    assert run("list") == (0, "bob\nana\n", "")
    assert run("remove", "bob") == (0, "bob is removed.\n", "")
    assert run("list") == (0, "ana\n", "")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param(("add", "a b"), "A user's name has 1 to 64 of the signs", id="name"),
        pytest.param(("add", "ana"), "A password has 1 to 72 bytes", id="no password"),
        pytest.param(("list",), "No file of users at ", id="no file"),
        pytest.param(("remove", "ana"), "No file of users at ", id="nobody to remove"),
    ],
)
def test_what_cannot_be_is_told_with_exit_code_2(
    tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    code, out, error = run(*words, "--auth", tmp_path / "users")

    assert (code, out) == (2, "")
    assert error.startswith(f"article-qa: {told}")
    assert list(tmp_path.iterdir()) == []
