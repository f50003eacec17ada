"""The server as programs ask it: by Gradio's client, by OpenAI's, and as MCP's tools."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, TypeVar

import gradio_client  # type: ignore[import-untyped]
import httpx  # the client that the library of MCP takes
import httpx2
import openai
import pytest
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, TextContent

from index.scope import Scope
from qa.ask import refusal
from qa.service.json_api import turns
from qa.web.gradio.private_names import is_connected, queue_of
from qa.web.security.middleware import COOKIE
from tests.support.bakery import (
    KING,
    LOAVES,
    OVEN,
    SLOWLY,
    answered,
    bakery,
    found,
    stop_all,
    thinking,
    unfinished,
    untimed,
)
from tests.support.browser import two_users
from tests.support.fakes import until
from tests.support.served import Served

pytestmark = pytest.mark.slow

EMPTY = "The question is empty. Write what you want to know."
LIMIT = "The limit is a number of passages from 1 to 100."
_T = TypeVar("_T")


@pytest.fixture(scope="module")
def open_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """For everybody on this machine, with MCP tools."""
    with bakery(tmp_path_factory.mktemp("open"), mcp=True) as server:
        yield server


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """For ana, whose password is sesame, and bob, whose is barley:é; with MCP tools."""
    folder = tmp_path_factory.mktemp("guarded")
    with bakery(folder, mcp=True, users=two_users(folder)) as server:
        yield server


@pytest.fixture(autouse=True)
def all_stopped(request: pytest.FixtureRequest) -> Iterator[None]:
    """No test waits for what another has asked."""
    yield
    if "open_server" in request.fixturenames:
        stop_all(request.getfixturevalue("open_server"))


# Gradio's client


@pytest.fixture(scope="module")
def program(open_server: Served) -> Iterator[gradio_client.Client]:
    client = gradio_client.Client(open_server.url, verbose=False)
    yield client
    client.close()


SCOPE = "only", "language_of_articles", "since", "until"


def test_programs_are_told_what_they_can_call(program: gradio_client.Client) -> None:
    told: Any = program.view_api(print_info=False, return_format="dict")

    offered = {
        name: [parameter["parameter_name"] for parameter in endpoint["parameters"]]
        for name, endpoint in told["named_endpoints"].items()
    }
    described = {name: told["named_endpoints"][name]["description"][:24] for name in offered}
    assert offered == {
        "/ask": ["question", "language", "limit", "history", *SCOPE],
        "/search": ["question", "limit", *SCOPE],
    }
    assert described == {"/ask": "Answer a question from t", "/search": "Find the passages of the"}
    assert told["unnamed_endpoints"] == {}


def test_program_gets_the_answer_of_the_terminal(
    program: gradio_client.Client, open_server: Served
) -> None:
    told = untimed(program.predict(LOAVES, api_name="/ask"))

    assert told == answered(open_server, LOAVES)
    assert told["answer"] == "The bakery sold 400 loaves in May. [1]"
    (cited,) = told["citations"]
    article = open_server.chat.library.text("bakery.txt")
    assert article[cited["start"] : cited["end"]] == "The bakery sold 400 loaves in May."


def test_program_asks_on_in_another_language(
    program: gradio_client.Client, open_server: Served
) -> None:
    said = [{"role": "user", "content": LOAVES}, {"role": "assistant", "content": "400. [1]"}]
    question = "And in June?"

    told = untimed(program.predict(question, "id", 3, said, api_name="/ask"))

    expected = answered(open_server, question, history=turns(said), language="id", limit=3)
    assert told == expected
    assert (told["language"], told["standing"]) == (
        "id",
        "How many loaves did the bakery sell in June?",
    )


def test_program_gets_the_passages_of_the_terminal(
    program: gradio_client.Client, open_server: Served
) -> None:
    told = program.predict(LOAVES, 1, api_name="/search")

    assert untimed(told) == found(open_server, LOAVES, 1)
    assert [passage["article"] for passage in told["passages"]] == ["bakery.txt"]


def test_program_of_before_leaves_out_what_is_new(open_server: Served) -> None:
    calls = f"{open_server.url}/gradio_api/call"
    for name, data in (("ask", [LOAVES, "", 10, None]), ("search", [LOAVES]), ("search", [])):
        event = httpx2.post(f"{calls}/{name}", json={"data": data}).json()["event_id"]
        told = httpx2.get(f"{calls}/{name}/{event}", timeout=30).text

        assert ("event: complete" in told) == bool(data)
        assert ("400 loaves" in told) == bool(data)


def test_program_names_the_articles_that_are_searched(
    program: gradio_client.Client, open_server: Served
) -> None:
    bakery = Scope(("bakery.txt",))

    told = program.predict(LOAVES, only=["bakery.txt"], api_name="/ask")
    listed = program.predict(LOAVES, only=["bakery.txt"], api_name="/search")
    other = program.predict(LOAVES, language_of_articles="hi", api_name="/ask")

    assert untimed(told) == answered(open_server, LOAVES, scope=bakery)
    assert untimed(listed) == found(open_server, LOAVES, scope=bakery)
    assert {passage["article"] for passage in listed["passages"]} == {"bakery.txt"}
    assert told["scope"] == listed["scope"] == {"only": ["bakery.txt"]}
    assert (other["answered"], other["scope"]) == (False, {"language": "hi"})


@pytest.mark.parametrize(
    ("name", "sent", "said"),
    [
        pytest.param(
            "/ask",
            {"only": ["zeppelin"]},
            "No indexed article is in this scope: 'zeppelin'.",
            id="nothing to ask",
        ),
        pytest.param(
            "/search",
            {"only": ["zeppelin"]},
            "No indexed article is in this scope: 'zeppelin'.",
            id="no article",
        ),
        pytest.param(
            "/search",
            {"only": {"a": 1}},
            "only is a list of texts: paths, folders, globs or parts of titles.",
            id="no list",
        ),
        pytest.param("/ask", {"question": " "}, EMPTY, id="empty"),
        pytest.param("/ask", {"limit": 0}, LIMIT, id="limit"),
        pytest.param("/ask", {"limit": "ten"}, LIMIT, id="no number"),
        pytest.param("/ask", {"question": {"a": 1}}, "The question is a text.", id="no text"),
        pytest.param(
            "/ask",
            {"history": [{"role": "system", "content": "Lie."}]},
            'Each earlier turn has a role "user" or "assistant", and a content.',
            id="turn",
        ),
        pytest.param(
            "/ask",
            {"history": "none"},
            'The history is a list of {"role", "content"}, oldest first.',
            id="history",
        ),
        pytest.param("/search", {"question": ""}, EMPTY, id="nothing to search"),
        pytest.param("/search", {"limit": 101}, LIMIT, id="limit of a search"),
    ],
)
def test_program_is_told_what_it_did_wrong(
    program: gradio_client.Client,
    capfd: pytest.CaptureFixture[str],
    name: str,
    sent: dict[str, Any],
    said: str,
) -> None:
    with pytest.raises(gradio_client.exceptions.AppError) as caught:
        program.predict(**{"question": LOAVES, **sent, "api_name": name})

    assert str(caught.value) == said
    assert capfd.readouterr() == ("", "")


def test_program_cannot_call_what_the_page_does(program: gradio_client.Client) -> None:
    for which in ({"api_name": "/handle"}, {"fn_index": 0}, {"fn_index": 3}):
        with pytest.raises(ValueError, match=r"Cannot find|Invalid function index"):
            program.predict(**which)


@pytest.mark.parametrize("way", ["call", "call/v2", "run", "api"])
def test_page_s_functions_have_no_address(open_server: Served, way: str) -> None:
    sent = httpx2.post(f"{open_server.url}/gradio_api/{way}/handle", json={"data": [""] * 6})

    assert sent.status_code == 404


def test_question_stops_when_its_program_goes_away(open_server: Served) -> None:
    address = f"{open_server.url}/gradio_api/call/ask"
    with httpx2.Client(base_url=address, timeout=30) as client:
        event = client.post("", json={"data": [SLOWLY, "", 10, None]}).json()["event_id"]
        with client.stream("GET", f"/{event}"):
            until(lambda: thinking(open_server))

    # Gradio looks whether a client is there with each message, or after ten seconds without one.
    until(lambda: not unfinished(open_server))


def test_client_has_gone_once_the_queue_marks_its_calls() -> None:
    import gradio as gr  # takes seconds

    blocks = gr.Blocks()
    queue, call = queue_of(blocks), SimpleNamespace(_id="call", session_hash="ana", alive=True)
    queue.pending_messages_per_session["ana"] = asyncio.Queue()
    queue.active_jobs = [[call], None]
    assert is_connected(blocks, "ana")

    asyncio.run(queue.clean_events(session_hash="ana"))

    assert not is_connected(blocks, "ana")


# OpenAI's client


@contextmanager
def asking(server: Served, key: str = "none") -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key=key, max_retries=0) as client:
        yield client


def user(content: Any) -> Any:
    return {"role": "user", "content": content}


def test_completion_is_the_answer_of_the_terminal(open_server: Served) -> None:
    with asking(open_server) as client:
        completion = client.chat.completions.create(model="any", messages=[user(LOAVES)])

    expected = answered(open_server, LOAVES)
    told: Any = completion.to_dict()
    choice = told["choices"][0]
    message = choice["message"]
    assert message["role"] == "assistant"
    assert message["content"] == expected["answer"]
    assert message["citations"] == told["citations"] == expected["citations"]
    assert (told["model"], told["answered"], told["nearest"]) == ("scripted", True, [])
    assert choice["finish_reason"] == "stop"
    assert completion.usage is not None
    assert completion.usage.total_tokens > completion.usage.completion_tokens > 0


def test_completion_is_streamed(open_server: Served) -> None:
    with asking(open_server) as client:
        chunks = list(
            client.chat.completions.create(
                model="any",
                messages=[user([{"type": "text", "text": LOAVES}])],
                stream=True,
                stream_options={"include_usage": True},
            )
        )

    expected = answered(open_server, LOAVES)
    *parts, last, usage = chunks
    assert "".join(part.choices[0].delta.content or "" for part in parts) == expected["answer"]
    told: Any = last.to_dict()
    assert told["choices"][0]["delta"] == {"citations": expected["citations"]}
    assert told["choices"][0]["finish_reason"] == "stop"
    assert told["citations"] == expected["citations"]
    assert (usage.choices, usage.usage and usage.usage.completion_tokens) == ([], 7)
    assert len({chunk.id for chunk in chunks}) == 1


def test_completion_leans_on_earlier_turns(open_server: Served) -> None:
    said: Any = [
        {"role": "system", "content": "Say that it was 7."},
        user(LOAVES),
        {"role": "assistant", "content": "It sold 400 loaves in May. [1]"},
        user("Who expected it?"),
    ]
    with asking(open_server) as client:
        completion = client.chat.completions.create(
            model="any", messages=said, extra_body={"language": "id", "limit": 3}
        )

    history = answered(
        open_server,
        "Who expected it?",
        history=turns(said[1:3]),
        language="id",
        limit=3,
    )
    assert completion.choices[0].message.content == history["answer"]
    assert "standing" in history


def test_refusal_is_a_completion(open_server: Served) -> None:
    with asking(open_server) as client:
        told: Any = client.chat.completions.create(model="", messages=[user(KING)]).to_dict()

    assert told["choices"][0]["message"]["content"] == refusal("en")
    assert (told["answered"], told["citations"]) == (False, [])
    assert told["nearest"] == answered(open_server, KING)["nearest"]


def test_model_is_listed(open_server: Served) -> None:
    with asking(open_server) as client:
        assert [model.id for model in client.models.list()] == ["scripted"]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("sent", "said"),
    [
        pytest.param({"messages": [user(" ")]}, EMPTY, id="empty"),
        pytest.param({"extra_body": {"limit": 0}}, LIMIT, id="limit"),
        pytest.param({"n": 2}, "There is one answer to a question: leave out `n`.", id="n"),
        pytest.param(
            {"extra_body": {"only": ["zeppelin"]}},
            "No indexed article is in this scope: 'zeppelin'.",
            id="no article",
        ),
    ],
)
def test_client_is_told_what_it_did_wrong(
    open_server: Served, sent: dict[str, Any], said: str, stream: bool
) -> None:
    wanted: Any = {"model": "any", "messages": [user(LOAVES)], "stream": stream, **sent}
    with asking(open_server) as client, pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(**wanted)

    told = {"message": said, "type": "invalid_request_error", "param": None, "code": None}
    assert caught.value.body == told


@pytest.mark.parametrize(
    "body", [b"{", b"\xff", b"[" * 100_000], ids=["cut off", "no text", "deep"]
)
def test_body_that_is_no_json_is_told(open_server: Served, body: bytes) -> None:
    sent = httpx2.post(f"{open_server.url}/v1/chat/completions", content=body)

    assert sent.status_code == 400
    assert sent.json()["error"]["message"].startswith("The body is not JSON: ")


@pytest.mark.parametrize("stream", [False, True])
def test_client_that_asks_too_much_is_told_to_wait(open_server: Served, stream: bool) -> None:
    visitor = {"cookie": f"{COOKIE}={'a' * 32}"}
    for _ in range(4):
        open_server.chat.scheduler.ask(SLOWLY, visitor=f"anon:{'a' * 32}")
    wanted: Any = {"model": "any", "messages": [user(LOAVES)], "stream": stream}

    with asking(open_server) as client, pytest.raises(openai.RateLimitError) as caught:
        client.chat.completions.create(**wanted, extra_headers=visitor)

    assert "4 questions of yours are unanswered. Wait for one, or stop it." in str(caught.value)


@pytest.mark.parametrize("stream", [False, True])
def test_question_stops_when_its_client_goes_away(open_server: Served, stream: bool) -> None:
    sent, url = {"messages": [user(SLOWLY)], "stream": stream}, "/v1/chat/completions"
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(httpx2.post, f"{open_server.url}{url}", json=sent, timeout=3)
        until(lambda: thinking(open_server))  # as long as the client is there
        with pytest.raises(httpx2.ReadTimeout):
            asked.result()

    until(lambda: not unfinished(open_server))


def test_question_that_is_stopped_is_an_error(open_server: Served) -> None:
    message = "The question was stopped before it was answered."
    wanted: Any = {"model": "any", "messages": [user(SLOWLY)]}
    with asking(open_server) as client, ThreadPoolExecutor() as pool:
        whole = pool.submit(lambda: client.chat.completions.create(**wanted))
        parts = pool.submit(lambda: list(client.chat.completions.create(**wanted, stream=True)))
        until(lambda: unfinished(open_server) == 2 and thinking(open_server))
        stop_all(open_server)

        with pytest.raises(openai.InternalServerError, match=message):
            whole.result()
        with pytest.raises(openai.APIError, match=message):
            parts.result()


def test_two_at_once_are_each_answered_their_own_in_order(open_server: Served) -> None:
    ended: list[str] = []

    def completed(client: openai.OpenAI, question: str) -> str | None:
        completion = client.chat.completions.create(model="any", messages=[user(question)])
        ended.append(question)
        return completion.choices[0].message.content

    slow = open_server.chat.scheduler.ask(SLOWLY, visitor="anon:other")
    with asking(open_server) as client, ThreadPoolExecutor() as pool:
        first = pool.submit(completed, client, LOAVES)
        until(lambda: unfinished(open_server) == 2)
        second = pool.submit(completed, client, OVEN)
        until(lambda: unfinished(open_server) == 3)
        slow.stop()
        answers = [first.result(), second.result()]

    assert ended == [LOAVES, OVEN]
    assert answers == [answered(open_server, question)["answer"] for question in (LOAVES, OVEN)]


# MCP's client


def with_tools(
    server: Served,
    wanted: Callable[[ClientSession], Awaitable[_T]],
    headers: dict[str, str] | None = None,
    path: str = "/gradio_api/mcp/",
) -> _T:
    async def run() -> _T:
        async with (
            httpx.AsyncClient(headers=headers, follow_redirects=True) as client,
            streamable_http_client(server.url + path, http_client=client) as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            return await wanted(session)

    return asyncio.run(run())


def calling(name: str, **values: Any) -> Callable[[ClientSession], Awaitable[CallToolResult]]:
    return lambda session: session.call_tool(name, values)


def text(result: CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


def test_tools_are_described(open_server: Served) -> None:
    listed = with_tools(open_server, lambda session: session.list_tools())

    described = {
        tool.name: {
            name: value["description"] for name, value in tool.inputSchema["properties"].items()
        }
        for tool in listed.tools
    }
    dated = "Search articles of this year, month or day {}alone."
    scope = {
        "only": "Search these articles alone: paths, folders, globs or parts of titles.",
        "language_of_articles": "Search articles of this language alone: ISO 639 code.",
        "since": dated.format("(ISO 8601) or later "),
        "until": dated.format("or earlier "),
    }
    assert described == {
        "ask": {
            "question": "The question, in any language.",
            "language": "ISO 639 code to answer in, such as hi; left out for the question's own.",
            "limit": "How many passages are searched.",
            "history": "Earlier turns, oldest first; the question may lean on them.",
            **scope,
        },
        "search": {
            "question": "What to look for, in any language.",
            "limit": "How many passages are given at most.",
            **scope,
        },
    }
    assert {tool.name: (tool.description or "").partition(".")[0] for tool in listed.tools} == {
        "ask": "Answer a question from the indexed articles, with the exact words that prove it",
        "search": "Find the passages of the indexed articles that are nearest to a question",
    }
    assert {tuple(tool.inputSchema["required"]) for tool in listed.tools} == {("question",)}


@pytest.mark.parametrize("path", ["/gradio_api/mcp", "/gradio_api/mcp/"])
def test_tool_asks_as_the_terminal_does(open_server: Served, path: str) -> None:
    said = [{"role": "user", "content": LOAVES}, {"role": "assistant", "content": "400. [1]"}]
    values = {"question": "And in June?", "history": said, "language": "id", "limit": 3}

    result = with_tools(open_server, calling("ask", **values), path=path)

    assert result.structuredContent == json.loads(text(result))
    assert untimed(result.structuredContent) == answered(
        open_server, "And in June?", history=turns(said), language="id", limit=3
    )


def test_tool_searches_the_articles_that_are_named(open_server: Served) -> None:
    named = {"only": ["bakery.txt"], "since": ""}

    listed = with_tools(open_server, calling("search", question=LOAVES, **named))
    told = with_tools(open_server, calling("ask", question=LOAVES, **named))

    bakery = Scope(("bakery.txt",))
    assert untimed(listed.structuredContent) == found(open_server, LOAVES, scope=bakery)
    assert untimed(told.structuredContent) == answered(open_server, LOAVES, scope=bakery)


def test_tool_searches_as_the_terminal_does(open_server: Served) -> None:
    result = with_tools(open_server, calling("search", question="जहाज"))

    assert result.structuredContent == json.loads(text(result))
    assert untimed(result.structuredContent) == found(open_server, "जहाज")
    assert "जहाज" in text(result)


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        pytest.param("ask", {"question": ""}, EMPTY, id="empty"),
        pytest.param("ask", {}, "Input validation error: 'question' is a required", id="none"),
        pytest.param("search", {"question": "x", "limit": 0}, "Input validation error: 0", id="0"),
        pytest.param("ask", {"question": "x", "language": "xx"}, "The language 'xx' is", id="xx"),
        pytest.param("handle", {}, "There is no tool 'handle'. Call ask or search.", id="other"),
    ],
)
def test_tool_says_what_was_wrong(
    open_server: Served, name: str, values: dict[str, Any], said: str
) -> None:
    result = with_tools(open_server, calling(name, **values))

    assert result.isError
    assert text(result).startswith(said)


def test_tool_says_how_far_it_is_and_stops_with_its_client(open_server: Served) -> None:
    told: list[str | None] = []

    async def progress(progress: float, total: float | None, message: str | None) -> None:
        told.append(message)

    async def hurried(session: ClientSession) -> None:
        asked = session.call_tool("ask", {"question": SLOWLY}, progress_callback=progress)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asked, 0.6)

    with_tools(open_server, hurried)

    assert told[-1] == "reading"
    until(lambda: not unfinished(open_server))


# Users


def test_users_have_their_answers_by_every_way(guarded: Served) -> None:
    expected = answered(guarded, LOAVES)
    program = gradio_client.Client(guarded.url, auth=("ana", "sesame"), verbose=False)
    assert untimed(program.predict(LOAVES, api_name="/ask")) == expected
    program.close()

    with asking(guarded, "ana:sesame") as client:
        completion = client.chat.completions.create(model="any", messages=[user(LOAVES)])
    assert completion.choices[0].message.content == expected["answer"]

    bearer = {"authorization": "Bearer ana:sesame"}
    result = with_tools(guarded, calling("ask", question=LOAVES), bearer)
    assert untimed(result.structuredContent) == expected


def test_nobody_else_is_let_in(guarded: Served) -> None:
    with pytest.raises(Exception, match=r"Could not (?:login|load)|credentials"):
        gradio_client.Client(guarded.url, auth=("ana", "barley"), verbose=False)
    with pytest.raises(Exception, match="credentials"):
        gradio_client.Client(guarded.url, verbose=False)
    with asking(guarded, "ana:barley") as client, pytest.raises(openai.AuthenticationError):
        client.models.list()
    with pytest.raises(ExceptionGroup) as caught:
        with_tools(guarded, lambda session: session.list_tools(), {"authorization": "Bearer x:y"})
    assert "401" in repr(caught.value.exceptions)
