"""The address of a model server, its key, and the id that stands for its weights."""

import pytest

from qa.llm.server.address import ServerAddress, identity, is_server, parse
from qa.llm.server.errors import ServerError


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ("http://localhost:8080/v1", ("http://localhost:8080/v1", "")),
        ("http://localhost:8080", ("http://localhost:8080/v1", "")),
        ("HTTP://Localhost:8080/v1/", ("http://localhost:8080/v1", "")),
        ("https://host/v1#Qwen/Qwen3-4B", ("https://host/v1", "Qwen/Qwen3-4B")),
        ("http://host:11434/v1#llama3.2:3b", ("http://host:11434/v1", "llama3.2:3b")),
        ("http://[::1]:8080/v1#a", ("http://[::1]:8080/v1", "a")),
        ("https://host/openai/deployments/a#b", ("https://host/openai/deployments/a", "b")),
    ],
)
def test_an_address_may_name_its_model(option: str, expected: tuple[str, str]) -> None:
    found = parse(option, {})

    assert (is_server(option), found.base, found.model) == (True, *expected)


@pytest.mark.parametrize("option", [None, "qwen", "/models/http.gguf", "ftp://host/v1", "http"])
def test_what_is_no_address_is_a_file_or_a_name(option: str | None) -> None:
    assert not is_server(option)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("http://name:pass@host/v1", "ARTICLE_QA_LLM_KEY"),
        ("http://host/v1?api_key=secret", "ARTICLE_QA_LLM_KEY"),
        ("http://", "no address of a server"),
        ("http://host:99999/v1", "no address of a server"),
        ("http://[::1/v1", "no address of a server"),
        ("http://ho st/v1", "no address of a server"),
        ("http://host/v1#a\nb", "no address of a server"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_its_secrets(
    option: str, message: str
) -> None:
    with pytest.raises(ServerError, match=message) as raised:
        parse(option, {})
    assert "pass" not in str(raised.value).replace("password", "")
    assert "secret" not in str(raised.value)


def test_the_key_is_no_part_of_what_is_printed() -> None:
    found = parse("http://host/v1", {"ARTICLE_QA_LLM_KEY": " sk-123 \n"})

    assert found.key == "sk-123"
    assert "sk-123" not in f"{found} {found!r} {found.host} {found.root}"


@pytest.mark.parametrize("key", ["sk 123", "sk-1\r\nHost: x", "schlüssel"])
def test_a_key_that_cannot_be_sent_is_refused_and_not_shown(key: str) -> None:
    with pytest.raises(ServerError, match="ARTICLE_QA_LLM_KEY holds") as raised:
        parse("http://host/v1", {"ARTICLE_QA_LLM_KEY": key})
    assert key not in str(raised.value)


def test_an_id_goes_by_address_name_and_probabilities_alone() -> None:
    one, other = (ServerAddress("http://a/v1", key=key) for key in ("", "sk-123"))
    known = {
        identity(where, model, has_probabilities=has)
        for where in (one, other)
        for model in ("a", "b")
        for has in (True, False)
    }

    assert {len(id) for id in known} == {64}
    assert len(known) == 4


@pytest.mark.parametrize(
    ("base", "is_local"),
    [
        ("http://localhost:1/v1", True),
        ("http://127.0.0.2/v1", True),
        ("http://[::1]/v1", True),
        ("http://192.168.0.2/v1", False),
        ("https://localhost.example.org/v1", False),
    ],
)
def test_only_this_machine_is_reached_without_a_proxy(base: str, is_local: bool) -> None:
    assert ServerAddress(base).is_local == is_local
