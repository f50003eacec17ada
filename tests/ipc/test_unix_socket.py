"""Lines that come by a socket: in pieces, late, without an end, or not at all."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from qa.ipc import unix_socket
from qa.ipc.unix_socket import Lines, is_own

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    one, other = socket.socketpair()
    with one, other:
        yield one, other


def test_lines_come_in_pieces_and_several_at_once(pair: Pair) -> None:
    lines = Lines(pair[0])
    pair[1].sendall(b"one\ntwo\nth")

    assert [lines.next(1), lines.next(1)] == [b"one", b"two"]
    pair[1].sendall(b"ree\n")
    assert lines.next(1) == b"three"


def test_who_hangs_up_in_a_line_said_nothing(pair: Pair) -> None:
    pair[1].sendall(b"on")
    pair[1].close()

    with pytest.raises(ConnectionError):
        Lines(pair[0]).next(1)


def test_who_says_a_letter_now_and_then_has_no_more_time(pair: Pair) -> None:
    def dawdle() -> None:
        for _ in range(20):
            pair[1].sendall(b"a")
            time.sleep(0.02)

    slow, begun = threading.Thread(target=dawdle), time.monotonic()
    slow.start()
    with pytest.raises(TimeoutError):
        Lines(pair[0]).next(0.1)

    assert time.monotonic() - begun < 0.3
    slow.join()


def test_line_without_end_is_given_up(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unix_socket, "LONGEST", 1000)
    pair[1].sendall(b"a" * 2000)

    with pytest.raises(ConnectionError, match="too long"):
        Lines(pair[0]).next(1)


def test_other_end_is_of_the_same_user(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_own(pair[0])
    monkeypatch.setattr("os.geteuid", lambda: 12345)
    assert not is_own(pair[0])
