"""What is found out of a server when it is opened: its model, its context and its abilities."""

from typing import Any

import pytest

from qa.llm.server.errors import Rejected, ServerError
from qa.llm.server.opening import open_server
from qa.verification.calibrations import thresholds
from qa.verification.thresholds import DEFAULT_PAIR, Pair
from tests.support.model_server import (
    ModelServer,
    Said,
    error,
    json_said,
    model_server,
    token,
    whole,
)

YES = whole("Yes", token("Yes", 0.9, No=0.05))


def listing(*names: str, **more: Any) -> Said:
    return json_said({"data": [{"id": name, **more} for name in names]})


def test_the_only_model_is_taken() -> None:
    with model_server(YES) as server:
        model, _ = open_server(server.address)

        assert (model.name, server.completions[0]["model"]) == ("tiny", "tiny")
        assert not thresholds(Pair(model.sha256, DEFAULT_PAIR.embedder)).is_asked


def test_several_models_are_listed_and_none_is_taken() -> None:
    with model_server(YES) as server:
        server.others["/v1/models"] = listing("a", "b")
        with pytest.raises(ServerError, match=r"several models. Name one, .*#a. It has: a, b\."):
            open_server(server.address)
        assert server.completions == []
        assert open_server(f"{server.address}#b")[0].name == "b"


def test_a_model_that_is_not_there_is_told_with_those_that_are() -> None:
    with model_server(YES) as server:
        server.others["/v1/models"] = listing(*(f"m{i}" for i in range(12)))
        with pytest.raises(ServerError, match=r"no model m99. It has: m0, .*m9 and 2 more\."):
            open_server(f"{server.address}#m99")


def test_a_name_of_ollama_may_lack_its_tag() -> None:
    with model_server(YES) as server:
        server.others["/v1/models"] = listing("qwen3:latest", "qwen3:4b")

        assert open_server(f"{server.address}#qwen3")[0].name == "qwen3:latest"


def test_a_server_without_a_list_must_be_told_the_model() -> None:
    with model_server(YES) as server:
        del server.others["/v1/models"]
        assert open_server(f"{server.address}#a")[0].name == "a"
        with pytest.raises(Rejected, match="status 404"):
            open_server(server.address)
        server.others["/v1/models"] = listing()
        with pytest.raises(ServerError, match="does not tell which models"):
            open_server(server.address)


def test_the_path_of_a_file_is_called_by_the_files_name() -> None:
    with model_server(YES) as server:
        server.others["/v1/models"] = listing("/models/qwen-1.5b.gguf")

        assert open_server(server.address)[0].name == "qwen-1.5b"


def of_llama(server: ModelServer, size: int) -> None:
    server.others["/v1/models"] = listing("tiny", meta={"n_ctx_train": 32768})
    server.others["/props"] = json_said({"default_generation_settings": {"n_ctx": size}})


def of_vllm(server: ModelServer, size: int) -> None:
    server.others["/v1/models"] = listing("tiny", max_model_len=size)


def of_ollama(server: ModelServer, size: int) -> None:
    server.others["/api/version"] = json_said({"version": "0.13.0"})
    loaded = {"name": "tiny", "model": "tiny", "context_length": 2 * size}
    server.others["/api/ps"] = json_said({"models": [{"name": "other"}, loaded]})


def of_old_ollama(server: ModelServer, size: int) -> None:
    server.others["/api/version"] = json_said({"version": "0.6.0"})
    server.others["/api/show"] = json_said({"parameters": f"stop a\nnum_ctx    {2 * size}\n"})


KINDS = [of_llama, of_vllm, of_ollama, of_old_ollama]


@pytest.mark.parametrize("kind", KINDS)
def test_the_context_is_asked_for(kind: Any) -> None:
    with model_server(YES) as server:
        kind(server, 4096)
        model, notices = open_server(server.address)

        assert (model._facts.prompt_room, list(notices)) == (4096, [])


@pytest.mark.parametrize("kind", KINDS)
def test_too_little_context_is_refused(kind: Any) -> None:
    with model_server(YES) as server:
        kind(server, 1024)
        with pytest.raises(ServerError, match=r"gives tiny only 1024 tokens.*1792 are needed"):
            open_server(server.address)


def test_a_server_that_does_not_tell_its_context_is_told_of() -> None:
    with model_server(YES) as server:
        _, (notice,) = open_server(server.address)

        assert "does not tell its context" in notice


def test_a_server_that_gives_no_probabilities_is_told_of_and_another_model() -> None:
    with model_server(whole("Yes")) as server:
        without, notices = open_server(server.address)
        server.answers[:] = [YES]
        having, _ = open_server(server.address)

        assert "gives no probabilities" in notices[0]
        assert without.sha256 != having.sha256
        assert having.sha256 == open_server(f"{server.address}#tiny")[0].sha256


def test_probabilities_that_are_refused_are_not_asked_for() -> None:
    def only_without(body: Any) -> Said:
        return error(500, "logprobs is not supported") if "logprobs" in body else whole("Yes")

    with model_server(only_without) as server:
        model, notices = open_server(server.address)

        assert "gives no probabilities" in notices[0]
        assert model._facts.keys["repeat_penalty"] == 1.0


def test_keys_that_a_server_does_not_know_are_left_out() -> None:
    def strict(body: Any) -> Said:
        known = {"model", "messages", "temperature", "max_tokens", "logprobs", "top_logprobs"}
        return YES if set(body) <= known else error(400, "Unrecognized request argument")

    with model_server(strict) as server:
        model, _ = open_server(server.address)

        assert (model._facts.keys, model._facts.has_probabilities) == ({}, True)


THOUGHTS = [
    whole("<think>\nOkay", token("<think>"), token("\n")),
    whole("<think>"),
    whole("", reasoning_content="Okay, the user"),
    whole("", reasoning="Okay"),
]


@pytest.mark.parametrize("thinking", THOUGHTS)
def test_a_model_that_thinks_is_told_not_to_in_the_way_it_heeds(thinking: Said) -> None:
    def heeds_effort(body: Any) -> Said:
        return YES if body.get("reasoning_effort") == "none" else thinking

    def heeds_template(body: Any) -> Said:
        told = body.get("chat_template_kwargs") == {"enable_thinking": False}
        return YES if told else thinking

    for heeds, asked in ((heeds_template, 1), (heeds_effort, 2)):
        with model_server(heeds) as server:
            model, _ = open_server(server.address)

            assert not model._facts.thinks
            assert len(server.completions) == asked


@pytest.mark.parametrize("thinking", THOUGHTS)
def test_a_model_that_thinks_whatever_it_is_told_is_not_asked(thinking: Said) -> None:
    with model_server(thinking) as server:
        model, notices = open_server(server.address)

        assert "thinks before it answers" in notices[0]
        assert (model._facts.thinks, model._facts.has_probabilities) == (True, False)
