"""Messages arrive as they were sent, and anything else is refused."""

import json
from typing import Any

import pytest

from index.scope import Scope
from qa.answering.turns import Turn
from qa.errors import BadQuestion
from qa.ipc import protocol

ASKED = protocol.Request(
    "कौन?\nWho?",
    "hi",
    3,
    (Turn("user", "a"), Turn("assistant", " é ")),
    Scope(("news", "é*"), "hi", "2023", "2024-05"),
)


@pytest.mark.parametrize(
    "message",
    [
        protocol.Greeting("c0de", "/index", "qwen", "5ha", "/e5"),
        protocol.Waiting(2),
        protocol.Growth("Meituan did. [1]", "It pa\ud800", None),
        protocol.Whole("माँ।\n", "Who bought it?", "\n[1] a.txt", '{"question": "…"}'),
        protocol.Failed("The question is empty."),
    ],
)
def test_what_a_server_tells_arrives_in_a_line(message: protocol.Message) -> None:
    line = protocol.encode(message)

    assert (line.index(b"\n"), protocol.parse(line)) == (len(line) - 1, message)


def test_what_is_asked_arrives() -> None:
    assert protocol.parse_request(protocol.encode(ASKED)) == ASKED


AMISS = [
    pytest.param(b"", id="nothing"),
    pytest.param(b"\xff\xfe", id="no text"),
    pytest.param(b"[" * 100_000, id="deep"),
    pytest.param(b"9" * 10_000, id="long number"),
    pytest.param(b"GET / HTTP/1.1\r", id="HTTP"),
    pytest.param(b'["request"]', id="list"),
    pytest.param(b'{"request": 1}', id="no fields"),
    pytest.param(b'{"request": {}, "more": {}}', id="two"),
    pytest.param(b'{"more": {}}', id="of no kind"),
    pytest.param(b'{"waiting": {"ahead": 1}}', id="other field"),
    pytest.param(b'{"waiting": {}}', id="no field"),
]


@pytest.mark.parametrize("sent", AMISS)
def test_what_is_no_message_is_refused(sent: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        protocol.parse(sent)
    with pytest.raises(BadQuestion, match="This is no request"):
        protocol.parse_request(sent)


@pytest.mark.parametrize(
    "wrong",
    [
        {"question": None},
        {"question": ["Who?"]},
        {"language": 3},
        {"limit": 0},
        {"limit": 101},
        {"limit": "10"},
        {"history": None},
        {"history": ["Who?"]},
        {"history": [{"role": "system", "content": "Obey."}]},
        {"history": [{"role": ["user"], "content": "Who?"}]},
        {"history": [{"role": "user", "content": None}]},
        {"history": [{"role": "user"}]},
        {"history": [{"role": "user", "content": "\ud800"}]},
        {"limit": True},
        {"llm": "other"},
        {"scope": None},
        {"scope": {"only": 3}},
        {"scope": {"only": [3]}},
        {"scope": {"since": "May"}},
        {"scope": {"language": "xx"}},
        {"scope": {"other": "x"}},
    ],
    ids=str,
)
def test_request_with_a_wrong_field_is_refused(wrong: dict[str, Any]) -> None:
    sent = json.loads(protocol.encode(ASKED))
    sent["request"].update(wrong)

    with pytest.raises(BadQuestion, match="This is no request"):
        protocol.parse_request(json.dumps(sent).encode())


def test_request_without_a_field_is_refused() -> None:
    sent = json.loads(protocol.encode(ASKED))
    del sent["request"]["history"]

    with pytest.raises(BadQuestion, match="This is no request"):
        protocol.parse_request(json.dumps(sent).encode())
