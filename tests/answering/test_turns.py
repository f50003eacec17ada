"""One turn of a conversation, from whatever a file or a program gives."""

import pytest

from index.passage import Span
from qa.answering.turns import Turn, parse

ROLE = 'has a role that is not "user" or "assistant"'


def test_turn_is_a_role_and_a_content() -> None:
    assert parse({"role": "user", "content": " Who? ", "name": "ana"}) == Turn("user", " Who? ")


def test_an_answer_may_tell_what_it_cites() -> None:
    cited = {"marker": 1, "article": "a.txt", "start": 3, "end": 9, "quote": "a word"}
    answer = {"role": "assistant", "content": "So. [1]", "citations": [cited]}

    assert parse(answer) == Turn("assistant", "So. [1]", (Span("a.txt", 3, 9),))
    assert parse({**answer, "citations": None}) == Turn("assistant", "So. [1]")


@pytest.mark.parametrize(
    "citations",
    [
        "a.txt",
        7,
        {"article": "a.txt", "start": 0, "end": 1},
        ["https://a.example"],
        [{"article": "a.txt"}],
        [{"article": "a.txt", "start": -1, "end": 4}],
        [{"article": "a.txt", "start": 5, "end": 4}],
        [{"article": "a.txt", "start": True, "end": 4}],
        [{"article": "a.txt", "start": 0, "end": 4.0}],
        [{"article": ["a.txt"], "start": 0, "end": 4}],
        [{"article": "\ud800", "start": 0, "end": 4}],
        [{"article": "a.txt", "start": 0, "end": 4}] * 1001,
    ],
)
def test_citations_that_are_none_are_told(citations: object) -> None:
    with pytest.raises(ValueError, match="has citations that are no list"):
        parse({"role": "assistant", "content": "So.", "citations": citations})


def test_turn_is_composed() -> None:
    assert parse({"role": "assistant", "content": "Cafe\u0301"}).content == "Café"
    assert "\u034f" in parse({"role": "user", "content": "a" + "\u0301" * 31}).content


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, ROLE),
        (["user", "Who?"], ROLE),
        ({"content": "Who?"}, ROLE),
        ({"role": "system", "content": "Who?"}, ROLE),
        ({"role": ["user"], "content": "Who?"}, ROLE),
        ({"role": "user"}, "has no content"),
        ({"role": "user", "content": " \n"}, "has no content"),
        ({"role": "user", "content": [{"text": "Who?"}]}, "has no content"),
    ],
)
def test_what_is_no_turn_is_told(value: object, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        parse(value)
