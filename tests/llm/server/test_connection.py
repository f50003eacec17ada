"""Requests to a model server: what is asked again, what is refused, how it is cancelled."""

import json
import logging
import os
import signal
import socket
import ssl
import subprocess
import threading
from pathlib import Path

import pytest

from qa.cancellation import StopFlag
from qa.errors import Cancelled
from qa.llm.server.errors import BadReply, CutStream, Rejected, ServerError, Unreachable
from qa.llm.server.opening import open_server
from qa.llm.server.patience import Patience, retry_after
from tests.support.model_server import (
    KEY,
    MESSAGES,
    Said,
    error,
    model_server,
    opened,
    streamed,
    whole,
)

WORDS = streamed("Meituan", " came.")


def draft(answers: list[Said], key: str = "") -> tuple[str, int]:
    """What the model writes, and how often it was asked."""
    with model_server(*answers) as server:
        text = "".join(opened(server, key).write(MESSAGES, 16))
        return text, len(server.completions)


@pytest.mark.parametrize(
    "busy",
    [
        pytest.param(error(429, Retry_After="0"), id="429"),
        pytest.param(error(502), id="502"),
        pytest.param(error(503, "Loading model"), id="503"),
        pytest.param(Said(is_reset=True), id="reset before the first byte"),
    ],
)
def test_a_busy_server_is_asked_again(busy: Said) -> None:
    assert draft([busy, busy, WORDS]) == ("Meituan came.", 3)


def test_a_server_that_asks_to_wait_too_long_is_not_waited_for() -> None:
    with pytest.raises(Rejected, match=r"status 429: slow down. It is asked too much"):
        draft([error(429, "slow down.", Retry_After="3600"), WORDS])


def test_a_server_that_closes_every_connection_is_given_up() -> None:
    with pytest.raises(Unreachable, match="closed the connection without an answer"):
        draft([Said(is_reset=True)])


@pytest.mark.parametrize("status", [400, 418, 500])
def test_other_errors_are_told_at_once(status: int) -> None:
    with model_server(error(status, "It\x1b[31m\nis broken."), WORDS) as server:
        with pytest.raises(Rejected, match=rf"status {status}: It \[31m is broken\.") as raised:
            list(opened(server).write(MESSAGES, 16))
        assert (raised.value.status, len(server.completions)) == (status, 1)


def test_an_error_that_is_a_page_of_its_own_is_told_by_its_status_alone() -> None:
    page = Said((b"<html>" + b"a" * 9000,), 500)

    with pytest.raises(Rejected, match=r"answered with status 500\. Its own log may tell more\."):
        draft([page])


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_told_without_the_key(status: int) -> None:
    with pytest.raises(Rejected, match=r"refuses the key.*ARTICLE_QA_LLM_KEY") as raised:
        draft([error(status, f"Incorrect API key: {KEY}")], KEY)
    assert KEY[:8] not in str(raised.value)


def test_an_error_that_repeats_the_key_is_told_without_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(Rejected, match="Bearer … is odd") as raised:
        draft([error(400, f"Bearer {KEY} is odd")], KEY)
    assert KEY not in f"{raised.value!r} {caplog.text}"


def test_the_key_is_sent_to_the_server() -> None:
    with model_server(WORDS) as server:
        list(opened(server, KEY).write(MESSAGES, 16))
        list(opened(server).write(MESSAGES, 16))

        assert [asked.headers.get("authorization") for asked in server.asked] == [
            f"Bearer {KEY}",
            None,
        ]


def test_a_redirect_is_not_followed_with_the_key() -> None:
    with model_server(WORDS) as other:
        away = error(307, Location=f"{other.address}/chat/completions")
        with pytest.raises(Rejected, match=r"sends on to another address.*not followed"):
            draft([away], KEY)
        assert other.asked == []


def test_a_missing_model_is_told_with_what_to_check() -> None:
    with pytest.raises(Rejected, match=r"status 404: model not found. Check the address and the"):
        draft([error(404, "model not found")])


def test_nothing_is_asked_again_once_a_word_came() -> None:
    with model_server(streamed("Meituan", finish=None, is_cut=True), WORDS) as server:
        words: list[str] = []
        with pytest.raises(CutStream, match="broke off"):
            words += opened(server).write(MESSAGES, 16)
        assert len(server.completions) == 1


@pytest.mark.parametrize("is_done", [True, False])
def test_an_answer_without_an_end_is_cut(is_done: bool) -> None:
    with pytest.raises(CutStream, match="had no end"):
        draft([streamed("Meituan", finish=None, is_done=is_done)])


def test_an_answer_that_says_it_was_aborted_is_cut() -> None:
    with pytest.raises(CutStream):
        draft([streamed("Meituan", finish="abort")])


def test_an_error_in_the_midst_of_an_answer_is_told() -> None:
    broken = b'data: {"error": {"message": "out of memory", "code": 500}}\n\n'
    begun = streamed("Meituan", finish=None, prompt_tokens=None, is_done=False).pieces

    with pytest.raises(ServerError, match="could not answer: out of memory"):
        draft([Said((*begun, broken))])


@pytest.mark.parametrize(
    ("bytes_", "message"),
    [
        (b"data: {broken\n\n", "no JSON"),
        (b'data: ["a"]\n\n', "no object"),
        (b"data: " + b"[" * 100_000 + b"\n\n", "no JSON"),
        (b"data: " + b"a" * (3 * 2**20), "line of more than 1 MB"),
        (b"\n" * (17 * 2**20), "more than 16 MB"),
    ],
)
def test_what_is_no_answer_is_refused_in_bounded_memory(bytes_: bytes, message: str) -> None:
    pieces = tuple(bytes_[at : at + 2**16] for at in range(0, len(bytes_), 2**16))

    with pytest.raises(BadReply, match=message):
        draft([Said(pieces)])


def test_a_whole_answer_that_is_no_json_is_refused() -> None:
    with model_server(Said((b"<html>",))) as server, pytest.raises(BadReply, match="no JSON"):
        opened(server).yes_no(MESSAGES)


def test_a_stream_may_come_in_any_pieces() -> None:
    joined = b"".join(streamed("Müller", " came.").pieces).replace(b"\n", b"\r\n")
    single = tuple(joined[at : at + 1] for at in range(len(joined)))

    assert draft([Said((b": a comment\n\n", *single))]) == ("Müller came.", 1)


def test_a_server_that_waits_is_cancelled_before_its_first_byte() -> None:
    waits = threading.Event()
    with model_server(Said(WORDS.pieces, waits=waits)) as server:
        model, flag = opened(server), StopFlag()
        model.cancel_when(flag)
        threading.Timer(0.2, flag.set).start()
        with pytest.raises(Cancelled):
            list(model.write(MESSAGES, 16))
        assert server.left.wait(10), "the connection was left open"
        assert not waits.is_set()


def test_ctrl_c_closes_the_connection_before_the_first_byte() -> None:
    with model_server(Said(WORDS.pieces, waits=threading.Event())) as server:
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            list(opened(server).write(MESSAGES, 16))
        assert server.left.wait(10), "the connection was left open"


def test_an_answer_that_is_given_up_closes_its_connection() -> None:
    waits, slow = threading.Event(), Said(WORDS.pieces)
    with model_server(slow, Said(WORDS.pieces, waits=waits)) as server:
        model = opened(server)
        words = iter(model.write(MESSAGES, 16))
        assert next(words) == "Meituan"
        words.close()  # type: ignore[attr-defined]
        flag = StopFlag()
        flag.set()
        model.cancel_when(flag)
        with pytest.raises(Cancelled):
            list(model.write(MESSAGES, 16))
        assert len(server.completions) == 1


def test_forks_are_cancelled_apart_and_ask_at_once() -> None:
    waits = threading.Event()
    with model_server(Said(WORDS.pieces, waits=waits), WORDS) as server:
        model = opened(server)
        fork, flag, ended = model.fork(), StopFlag(), threading.Event()
        model.cancel_when(flag)

        def write() -> None:
            with pytest.raises(Cancelled):
                list(model.write(MESSAGES, 16))
            ended.set()

        thread = threading.Thread(target=write)
        thread.start()
        while not server.completions:
            pass
        assert "".join(fork.write(MESSAGES, 16)) == "Meituan came."
        assert not ended.is_set()
        flag.set()
        thread.join()
        assert ended.is_set()


def test_a_server_that_takes_one_at_a_time_is_asked_so() -> None:
    waits = threading.Event()
    with model_server(Said(WORDS.pieces, waits=waits), whole("Yes")) as server:
        model = opened(server, has_probabilities=False)
        model._connection.one_at_a_time()
        thread = threading.Thread(target=lambda: list(model.write(MESSAGES, 16)))
        thread.start()
        while not server.completions:
            pass
        flag = StopFlag()
        threading.Timer(0.2, flag.set).start()
        with pytest.raises(Cancelled):
            model._connection.json(f"{server.address}/chat/completions", {}, flag)
        assert len(server.completions) == 1
        waits.set()
        thread.join()


def test_a_refused_connection_is_told_plainly() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unreachable, match=rf"No model server answers at 127.0.0.1:{port}.*running"):
        open_server(f"http://127.0.0.1:{port}/v1")


def test_an_unknown_host_is_told_plainly() -> None:
    with pytest.raises(Unreachable, match=r"No model server answers at host\.invalid"):
        open_server("http://host.invalid/v1")


def test_a_certificate_that_nobody_vouches_for_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARTICLE_QA_LLM_KEY", KEY)
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    make += ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    try:
        subprocess.run([*make, "-keyout", key, "-out", cert], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("openssl is not here")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    with model_server(whole("Yes"), tls=context) as server:
        with pytest.raises(Unreachable, match=r"certificate .* cannot be verified.*SSL_CERT_FILE"):
            open_server(server.address)
        assert server.asked == []
        monkeypatch.setenv("SSL_CERT_FILE", str(cert))
        assert open_server(server.address)[0].name == "tiny"
        assert server.asked[0].headers["authorization"] == f"Bearer {KEY}"


def test_a_server_without_tls_is_told_apart() -> None:
    with (
        model_server(whole("Yes")) as server,
        pytest.raises(Unreachable, match=r"speaks no TLS.*http:// instead"),
    ):
        open_server(server.address.replace("http:", "https:"))


def test_a_proxy_never_sees_what_goes_to_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    with model_server(WORDS) as server, model_server(error(500)) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("NO_PROXY", "")
        monkeypatch.setenv("no_proxy", "")

        assert "".join(opened(server).write(MESSAGES, 16)) == "Meituan came."
        assert proxy.asked == []


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("2", 2.0),
        (" 120 ", 120.0),
        ("Thu, 01 Jan 1970 00:01:00 GMT", 30.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("Thu, 99 Jan 1970", None),
    ],
)
def test_the_time_to_wait_is_a_number_or_a_date(header: str, seconds: float | None) -> None:
    assert retry_after(header, "Thu, 01 Jan 1970 00:00:30 GMT") == seconds


def test_a_server_that_is_always_busy_is_given_up() -> None:
    patience, pauses = Patience(60.0), 0
    patience.asked_for(None)
    while not patience.ends():
        patience._left -= patience._next
        patience.asked_for(None)
        pauses += 1

    assert 8 <= pauses <= 16


def test_the_same_question_is_the_same_bytes() -> None:
    with model_server(WORDS) as server:
        model = opened(server)
        for _ in range(2):
            list(model.write(MESSAGES, 16))
        model.prefill([MESSAGES])
        one, other = (json.dumps(body) for body in server.completions)
        assert one == other
        assert [message["content"] for message in server.completions[0]["messages"]] == [
            "Answer shortly.",
            "Who came?\nTell it.",
        ]


def test_nothing_is_stored_here() -> None:
    with model_server(WORDS) as server:
        model = opened(server)
        model.reset()
        assert (model.stored(MESSAGES), model.store(MESSAGES, 10**9)) == (0, 0)
        assert server.asked == []
