"""One turn of a conversation, from whatever a file or a program gives."""

import pytest

from qa.answering.turns import Turn, parse

ROLE = 'has a role that is not "user" or "assistant"'


def test_turn_is_a_role_and_a_content() -> None:
    assert parse({"role": "user", "content": " Who? ", "name": "ana"}) == Turn("user", " Who? ")


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
