"""One socket in an index's folder: who may have it, and all that can be said to it amiss."""

import socket
import stat
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from index.articles.files import find
from qa.cli.main import main
from qa.evaluation.attacks import planted_index
from qa.ipc import protocol, server, unix_socket
from qa.ipc.unix_socket import NAME, Lines, connected
from tests.support.fakes import HashEmbedder, jobs_of, stuck, until
from tests.support.local_server import ANSWER, QUESTION, Named, named, quick, served_locally

REQUEST = protocol.encode(protocol.Request(QUESTION))


@pytest.fixture
def names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Named:
    monkeypatch.setenv("ARTICLE_QA_CACHE", str(tmp_path / "cache"))
    return named(tmp_path)


@contextmanager
def greeted(names: Named) -> Iterator[tuple[socket.socket, Lines]]:
    with connected(names.index, 5) as connection:
        lines = Lines(connection)
        assert isinstance(protocol.parse(lines.next(5)), protocol.Greeting)
        yield connection, lines


def end(lines: Lines) -> protocol.Message:
    """What an answer ends with."""
    while isinstance(message := protocol.parse(lines.next(30)), protocol.Waiting | protocol.Growth):
        pass
    return message


def answered(names: Named) -> str:
    with greeted(names) as (connection, lines):
        connection.sendall(REQUEST)
        whole = end(lines)
    assert isinstance(whole, protocol.Whole)
    return whole.text


def test_socket_is_its_owners_alone_and_goes_with_the_server(names: Named) -> None:
    with served_locally(names, quick()):
        mode = (names.index / NAME).lstat().st_mode
        assert (stat.S_ISSOCK(mode), stat.S_IMODE(mode)) == (True, 0o600)
        assert answered(names) == ANSWER

    assert list(names.index.iterdir()) == []


def test_socket_that_a_killed_server_left_is_replaced(names: Named) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(names.index / NAME))

    with served_locally(names, quick()):
        assert answered(names) == ANSWER


def test_second_server_leaves_the_first_its_socket(names: Named) -> None:
    with served_locally(names, quick()):
        with served_locally(names, stuck()):
            assert answered(names) == ANSWER
        assert answered(names) == ANSWER
    with served_locally(names, quick()):
        assert answered(names) == ANSWER


def test_file_of_the_same_name_is_left_alone(names: Named) -> None:
    (names.index / NAME).write_text("mine")

    with served_locally(names, quick()), pytest.raises(OSError, match=r"."):
        answered(names)
    assert (names.index / NAME).read_text() == "mine"


def test_path_longer_than_an_address_may_be(names: Named) -> None:
    folder = names.index
    for _ in range(4):
        folder = folder / ("f" * 60)
    folder.mkdir(parents=True)
    deep = Named(folder, names.llm, names.embedder)

    with served_locally(deep, quick()):
        assert answered(deep) == ANSWER


def test_system_without_such_sockets_goes_without(
    names: Named, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError("the file system has no sockets")

    monkeypatch.setattr("os.chmod", refuse)

    with served_locally(names, quick()):
        assert list(names.index.iterdir()) == []


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", "This is no request: ", id="HTTP"),
        pytest.param(b"[" * 50_000 + b"\n", "This is no request: ", id="deep"),
        pytest.param(b'{"request": {"question": 1}}\n', "This is no request: ", id="half"),
        pytest.param(
            protocol.encode(protocol.Request(" ")), "The question is empty.", id="an empty question"
        ),
        pytest.param(
            protocol.encode(protocol.Request("Who?", "xx")),
            "The language 'xx' is not known.",
            id="language",
        ),
    ],
)
def test_what_cannot_be_asked_is_told(names: Named, sent: bytes, reason: str) -> None:
    with served_locally(names, quick()):
        with greeted(names) as (connection, lines):
            connection.sendall(sent)
            failed = end(lines)
        assert isinstance(failed, protocol.Failed)
        assert failed.message.startswith(reason)
        assert answered(names) == ANSWER


def test_who_is_slow_or_too_long_is_hung_up_on(
    names: Named, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "_REQUEST_S", 0.05)
    monkeypatch.setattr(unix_socket, "LONGEST", 1000)

    with served_locally(names, quick()):
        for sent in (REQUEST[:10], b"a" * 5000):
            with greeted(names) as (connection, lines):
                connection.sendall(sent)
                with pytest.raises(OSError, match=r"."):
                    lines.next(5)
        assert answered(names) == ANSWER


def test_only_so_many_are_taken_at_once(names: Named, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_AT_ONCE", 2)

    with served_locally(names, quick()):
        with greeted(names), greeted(names), pytest.raises(OSError, match=r"."):
            answered(names)

        def is_taken() -> bool:
            try:
                return answered(names) == ANSWER
            except OSError:
                return False

        until(is_taken)


def test_other_users_are_hung_up_on(names: Named, monkeypatch: pytest.MonkeyPatch) -> None:
    with served_locally(names, quick()), connected(names.index, 5) as kept:
        assert Lines(kept).next(5)
        monkeypatch.setattr(unix_socket, "is_own", lambda connection: False)
        with socket.socket(socket.AF_UNIX) as made:
            made.connect(str(names.index / NAME))
            assert made.recv(1) == b""


@pytest.mark.parametrize("how", ["hangs up", "speaks out of turn"])
def test_question_is_stopped_when_the_client(names: Named, how: str) -> None:
    with served_locally(names, stuck()) as scheduler:
        with greeted(names) as (connection, _):
            connection.sendall(REQUEST)
            until(lambda: jobs_of(scheduler))
            if how == "speaks out of turn":
                connection.sendall(REQUEST)
                until(lambda: not jobs_of(scheduler))
        until(lambda: not jobs_of(scheduler))


def test_who_waits_is_told_how_many_are_before(
    names: Named, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "AGAIN_S", 60.0)  # a busy machine may take seconds to stop

    with served_locally(names, stuck()) as scheduler:
        first = scheduler.ask(QUESTION, visitor="a")
        with greeted(names) as (connection, lines):
            connection.sendall(REQUEST)
            assert protocol.parse(lines.next(30)) == protocol.Waiting(1)
            first.stop()
            assert protocol.parse(lines.next(30)) in (
                protocol.Waiting(0),
                protocol.Growth("", "", None),
            )


def test_who_waits_is_told_again(names: Named, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "AGAIN_S", 0.05)

    with served_locally(names, stuck()), greeted(names) as (connection, lines):
        connection.sendall(REQUEST)
        messages = [protocol.parse(lines.next(5)) for _ in range(10)]  # more than there is to tell

    assert messages[-1] == messages[-2]


def test_visitors_of_the_page_do_not_use_up_what_a_terminal_may_ask(names: Named) -> None:
    with served_locally(names, quick()):
        assert [answered(names) for _ in range(35)] == [ANSWER] * 35


def test_end_of_the_server_ends_what_is_asked(names: Named) -> None:
    with ExitStack() as clients:
        with served_locally(names, stuck()):
            connection, asking = clients.enter_context(greeted(names))
            _, idle = clients.enter_context(greeted(names))
            connection.sendall(REQUEST)
            assert protocol.parse(asking.next(5))
            begun = time.monotonic()

        assert time.monotonic() - begun < 2
        for lines in (asking, idle):
            with pytest.raises(ConnectionError):
                end(lines)


def test_who_does_not_listen_misses_what_is_between(
    names: Named, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "_takes", lambda connection: False)

    with served_locally(names, quick()), greeted(names) as (connection, lines):
        connection.sendall(REQUEST)
        assert isinstance(protocol.parse(lines.next(30)), protocol.Whole)


def test_there_is_no_room_for_more_than_is_listened_to() -> None:
    ours, other = socket.socketpair()
    with ours, other:
        assert server._takes(ours)
        ours.setblocking(False)
        with pytest.raises(BlockingIOError):
            ours.sendall(b"a" * 10**7)
        assert not server._takes(ours)


def test_index_is_listed_checked_copied_and_made_anew_with_a_socket_in_it(
    two_articles: Path, articles: Path, names: Named, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.cli.opening.embedder", lambda name: HashEmbedder())

    def run(*words: str) -> str:
        result = CliRunner().invoke(main, words)
        assert (result.exit_code, result.stderr) == (0, ""), result.output
        return result.stdout

    index = ("--index", str(two_articles))
    before = run("status", *index)
    with served_locally(Named(two_articles, names.llm, names.embedder), quick()):
        assert (two_articles / NAME).is_socket()
        assert run("status", *index) == before
        assert run("status", "--check", *index) == "good\n"
        assert not [found for found in find(articles.parent) if found.path.parent == two_articles]
        assert run("index", *index, "--rebuild").startswith("2 added")
        planted_index([], two_articles, articles.parent / "copy", HashEmbedder())
        assert (two_articles / NAME).is_socket()
