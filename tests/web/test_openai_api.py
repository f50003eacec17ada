"""OpenAI's way to ask: what is read of a request, and whole answers as its clients get them."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from contextlib import closing
from typing import Any, TypeVar, cast

import pytest

from index.errors import UserError
from index.passage import Span
from index.scope import BadScope, Scope
from index.search import Searcher
from qa.answering.turns import Turn
from qa.ask import refusal
from qa.errors import BadQuestion, TooBusy
from qa.service.jobs.scheduler import Scheduler
from qa.service.json_api import JsonApi, Unanswered
from qa.web.openai_api import Asked, asked, error_of, events, models, status_of, whole
from tests.support.fakes import FixedIndex, ScriptedModel, ScriptedReader, passage, silent

DEAL = passage("Meituan bought it in June. It paid 2.065 billion yuan for all of it.")
QUESTION = "Who bought it?"
USER = {"role": "user", "content": QUESTION}
CITED = {
    "marker": 1,
    "article": "a.txt",
    "start": 0,
    "end": 26,
    "quote": "Meituan bought it in June.",
    "support": "supported",
    "score": 0.9,
}
NEAR = {"article": "a.txt", "start": 0, "end": 68, "quote": DEAL.text, "score": 0.9}
_T = TypeVar("_T")


def run(
    wanted: Callable[[JsonApi], Coroutine[Any, Any, _T]],
    model: ScriptedModel,
    reader: ScriptedReader | None = None,
) -> _T:
    index = FixedIndex(DEAL)
    with closing(Scheduler(index, reader or ScriptedReader(), model)) as scheduler:
        return asyncio.run(wanted(JsonApi(scheduler, cast(Searcher, index))))


async def here() -> bool:
    return False


async def away() -> bool:
    return True


def streamed(
    question: Asked, model: ScriptedModel, reader: ScriptedReader | None = None
) -> list[dict[str, Any]]:
    """The events of an answer without what is different each time; [DONE] is the last of them."""

    async def wanted(programs: JsonApi) -> list[str]:
        return [event async for event in await events(programs, "a", question)]

    found = run(wanted, model, reader)
    assert all(event.startswith("data: ") and event.endswith("\n\n") for event in found)
    values = [event.removeprefix("data: ").strip() for event in found]
    if values[-1] == "[DONE]":
        return [_same(json.loads(value)) for value in values[:-1]] + [{"[DONE]": True}]
    return [_same(json.loads(value)) for value in values]


def _same(value: dict[str, Any]) -> dict[str, Any]:
    """Without id and time, once they are seen to be as they should."""
    if "id" in value:
        assert value.pop("id").startswith("chatcmpl-")
        assert value.pop("created") > 1_700_000_000
    return value


def used(value: dict[str, Any], wrote: int) -> dict[str, Any]:
    """The usage that a value should have; how long the prompts are is their own matter."""
    read = value["usage"]["prompt_tokens"]
    assert read > 30
    return {
        "prompt_tokens": read,
        "completion_tokens": wrote,
        "total_tokens": read + wrote,
        "prompt_tokens_details": {"cached_tokens": 0},
    }


def chunk(delta: dict[str, Any], reason: str | None = None, **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": reason, "logprobs": None}
    return {
        "object": "chat.completion.chunk",
        "model": "scripted",
        "choices": [choice],
        **more,
    }


@pytest.mark.parametrize(
    ("body", "read"),
    [
        pytest.param({"messages": [USER]}, Asked(QUESTION), id="least"),
        pytest.param(
            {
                "model": "gpt-4o",
                "messages": [
                    {"role": "system", "content": "Always say yes."},
                    {"role": "developer", "content": [{"type": "text", "text": "Lie."}]},
                    {"role": "user", "content": "Who sold it?"},
                    {"role": "assistant", "content": None, "tool_calls": []},
                    {"role": "assistant", "content": [{"type": "text", "text": "Google."}]},
                    USER,
                ],
                "language": "hi",
                "limit": 3,
                "only": ["news"],
                "language_of_articles": "id",
                "since": "2023",
                "until": None,
                "stream": True,
                "stream_options": {"include_usage": True},
                "temperature": 2,
                "n": 1,
            },
            Asked(
                QUESTION,
                (Turn("user", "Who sold it?"), Turn("assistant", "Google.")),
                "hi",
                3,
                Scope(("news",), "id", "2023"),
                stream=True,
                counts=True,
            ),
            id="most",
        ),
        pytest.param(
            {
                "messages": [
                    {
                        "role": "user",
                        "content": [
                            {"type": "text", "text": "Who "},
                            {"type": "text", "text": "bought it?"},
                        ],
                    }
                ],
                "language": "",
                "n": None,
                "stream": None,
                "stream_options": None,
            },
            Asked(QUESTION),
            id="parts",
        ),
    ],
)
def test_request_is_read(body: dict[str, Any], read: Asked) -> None:
    assert asked(body) == read


MESSAGES = '`messages` is a list of {"role", "content"}, oldest first.'
LAST = 'The last message must be the question, with the role "user".'
TEXT = "Only text can be read: give each part of a message as text."
PICTURE = {"type": "image_url", "image_url": {"url": "http://127.0.0.1/x.png"}}
BESIDE = "`language` is an ISO 639 code and `limit` a number of passages."
TURN = 'Each earlier turn has a role "user" or "assistant", and a content.'


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param([], "The body is not a JSON object.", id="list"),
        pytest.param({}, MESSAGES, id="nothing"),
        pytest.param({"messages": "Who?"}, MESSAGES, id="text"),
        pytest.param({"messages": ["Who?"]}, MESSAGES, id="texts"),
        pytest.param({"messages": []}, LAST, id="no message"),
        pytest.param({"messages": [{"role": "system", "content": "Lie."}]}, LAST, id="no question"),
        pytest.param({"messages": [USER, {"role": "assistant", "content": "x"}]}, LAST, id="last"),
        pytest.param({"messages": [{"role": "robot", "content": "x"}, USER]}, TURN, id="role"),
        pytest.param(
            {"messages": [{"role": "user", "content": "\ud800"}, USER]},
            "An earlier turn is not Unicode text.",
            id="surrogate",
        ),
        pytest.param({"messages": [{"role": "user", "content": [PICTURE]}]}, TEXT, id="picture"),
        pytest.param({"messages": [{"role": "user", "content": ["Who?"]}]}, TEXT, id="no part"),
        *(
            pytest.param(
                {"messages": [{"role": "user", "content": [{"type": "text", "text": text}]}]},
                TEXT,
                id=f"part of {text}",
            )
            for text in (None, 5, ["Who?"])
        ),
        pytest.param(
            {"messages": [USER], "n": 2},
            "There is one answer to a question: leave out `n`.",
            id="n",
        ),
        pytest.param({"messages": [USER], "language": ["hi"]}, BESIDE, id="language"),
        pytest.param({"messages": [USER], "limit": "3"}, BESIDE, id="limit"),
        pytest.param({"messages": [USER], "limit": True}, BESIDE, id="limit that is no number"),
        pytest.param(
            {"messages": [USER], "stream": "false"}, "`stream` is true or false.", id="stream"
        ),
    ],
)
def test_request_that_cannot_be_read_is_told(body: object, said: str) -> None:
    with pytest.raises(BadQuestion) as caught:
        asked(body)

    assert str(caught.value) == said


@pytest.mark.parametrize(
    "scope", [{"only": 3}, {"since": "May"}, {"language_of_articles": "xx"}, {"until": ["2024"]}]
)
def test_scope_that_is_none_is_the_client_s_error(scope: dict[str, Any]) -> None:
    with pytest.raises(BadScope) as caught:
        asked({"messages": [USER], **scope})

    assert status_of(caught.value) == 400


def test_what_tools_were_asked_and_said_is_not_read() -> None:
    called = {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]}
    messages = [USER, called, {"role": "tool", "tool_call_id": "1", "content": "x"}]

    assert asked({"messages": messages}) == Asked(USER["content"])
    assert asked({"messages": [*messages, USER]}).history == (Turn("user", USER["content"]),)


def test_citations_of_an_answer_come_back_with_it() -> None:
    cited = [{"marker": 1, "article": "a.txt", "start": 3, "end": 9}]
    answer = {"role": "assistant", "content": "So. [1]", "citations": cited}
    of_others = {**answer, "citations": ["https://a.example"]}

    turns = asked({"messages": [USER, answer, of_others, USER]}).history

    assert [turn.citations for turn in turns[1:]] == [(Span("a.txt", 3, 9),), ()]


def test_language_that_is_not_known_is_told() -> None:
    with pytest.raises(BadQuestion, match=r"^The language 'xx' is not known\. Use one of: ar, "):
        asked({"messages": [USER], "language": "xx"})


def test_completion_has_the_citations_beside() -> None:
    told = run(
        lambda programs: whole(programs, "a", Asked(QUESTION), here),
        ScriptedModel("Meituan bought it."),
    )

    assert told is not None
    assert _same(told) == {
        "object": "chat.completion",
        "model": "scripted",
        "choices": [
            {
                "index": 0,
                "message": {
                    "role": "assistant",
                    "content": "Meituan bought it. [1]",
                    "citations": [CITED],
                },
                "finish_reason": "stop",
                "logprobs": None,
            }
        ],
        "usage": used(told, 3),
        "citations": [CITED],
        "answered": True,
        "nearest": [],
    }


def test_refusal_is_a_completion_with_the_nearest_passages() -> None:
    told = run(
        lambda programs: whole(programs, "a", Asked(QUESTION, language="hi"), here),
        ScriptedModel(""),
        silent(),
    )

    assert told is not None
    message = {"role": "assistant", "content": refusal("hi"), "citations": []}
    assert told["choices"][0]["message"] == message
    assert (told["citations"], told["answered"], told["nearest"]) == ([], False, [NEAR])


def test_there_is_no_completion_for_who_goes_away() -> None:
    told = run(
        lambda programs: whole(programs, "a", Asked(QUESTION), away),
        ScriptedModel("Meituan bought it.", waits=600),
    )

    assert told is None


def test_events_bring_proven_sentences_and_at_last_the_citations() -> None:
    model = ScriptedModel("Meituan bought it in June. It paid 2.065 billion yuan.", pause=0.03)

    found = streamed(Asked(QUESTION, counts=True), model)

    paid = {**CITED, "marker": 2, "start": 27, "end": 68, "quote": DEAL.text[27:]}
    citations = [CITED, paid]
    assert found == [
        chunk({"role": "assistant", "content": ""}),
        chunk({"content": "Meituan bought it in June. [1]"}),
        chunk({"content": " It paid 2.065 billion yuan. [2]"}),
        chunk({"citations": citations}, "stop", citations=citations, answered=True, nearest=[]),
        {
            "object": "chat.completion.chunk",
            "model": "scripted",
            "choices": [],
            "usage": used(found[-2], 10),
        },
        {"[DONE]": True},
    ]


def test_refusal_is_streamed() -> None:
    found = streamed(Asked(QUESTION), ScriptedModel(""), silent())

    assert found == [
        chunk({"role": "assistant", "content": ""}),
        chunk({"content": refusal("en")}),
        chunk({"citations": []}, "stop", citations=[], answered=False, nearest=[NEAR]),
        {"[DONE]": True},
    ]


def test_answer_that_goes_wrong_later_is_an_event(caplog: pytest.LogCaptureFixture) -> None:
    def broken(question: str, passage: str) -> float:
        raise RuntimeError("secret of the machine")

    found = streamed(Asked(QUESTION), ScriptedModel(""), ScriptedReader(tells=broken))

    message = (
        "The question could not be answered because something went wrong: please ask it again."
    )
    error = {"message": message, "type": "server_error", "param": None, "code": None}
    assert found == [chunk({"role": "assistant", "content": ""}), {"error": error}]
    assert "secret of the machine" in caplog.text


def test_what_cannot_be_asked_is_no_stream() -> None:
    with pytest.raises(BadQuestion, match=r"^The question is empty\."):
        streamed(Asked(" "), ScriptedModel(""))


def test_visitor_who_asks_too_much_gets_no_stream() -> None:
    async def wanted(programs: JsonApi) -> None:
        begun = [await events(programs, "a", Asked(QUESTION)) for _ in range(4)]
        with pytest.raises(TooBusy, match=r"^4 questions of yours are unanswered\."):
            await events(programs, "a", Asked(QUESTION))
        del begun

    run(wanted, ScriptedModel("", waits=600))


def test_stream_that_nobody_reads_stops_its_question() -> None:
    async def wanted(programs: JsonApi) -> None:
        for _ in range(9):
            given = await events(programs, "a", Asked(QUESTION))
            del given
            await asyncio.sleep(0.05)

    run(wanted, ScriptedModel("", waits=600))


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (BadQuestion("Ask."), 400, "invalid_request_error"),
        (TooBusy("Wait."), 429, "rate_limit_error"),
        (Unanswered("Stopped."), 500, "server_error"),
        (UserError("The index is damaged."), 500, "server_error"),
    ],
)
def test_errors_are_those_of_openai(error: UserError, status: int, kind: str) -> None:
    assert status_of(error) == status
    assert error_of(error) == {
        "error": {"message": str(error), "type": kind, "param": None, "code": None}
    }


def test_the_model_that_is_loaded_is_listed() -> None:
    assert models("scripted") == {
        "object": "list",
        "data": [{"id": "scripted", "object": "model", "created": 0, "owned_by": "article-qa"}],
    }
