"""OpenAI API: `POST /v1/chat/completions`, with the citations beside the answer.

The shapes are those of OpenAI's API reference, "Chat completions". What a client may set there and
has no meaning here, as the temperature, is left unread: answers are always the same.
"""

import contextlib
import json
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from index.errors import UserError
from index.scope import EVERYTHING, BadScope, Scope
from qa.answering.turns import Turn
from qa.answering.validation import check_language, is_count
from qa.errors import BadQuestion, TooBusy
from qa.service.jobs.job import Job
from qa.service.json_api import JsonApi, Unanswered, scope_in, turns

# Instructions of a client, and what its tools gave: articles alone are answered from.
_UNREAD = ("system", "developer", "tool", "function")
_KINDS = {400: "invalid_request_error", 429: "rate_limit_error", 500: "server_error"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client wants: its last message is the question, those before are the history."""

    question: str
    history: tuple[Turn, ...] = ()
    language: str | None = None
    limit: int = 10
    scope: Scope = EVERYTHING
    stream: bool = False
    counts: bool = False


def asked(body: object) -> Asked:
    """Read the body of a request.

    Raises:
        BadQuestion, BadScope: it lacks what is needed, or asks for what there is not.
    """
    if not isinstance(body, dict):
        raise BadQuestion("The body is not a JSON object.")
    if body.get("n") not in (None, 1):
        raise BadQuestion("There is one answer to a question: leave out `n`.")
    messages = body.get("messages")
    if not isinstance(messages, list) or not all(isinstance(m, dict) for m in messages):
        raise BadQuestion('`messages` is a list of {"role", "content"}, oldest first.')
    said = [
        {
            "role": message.get("role"),
            "content": _text(message.get("content")),
            "citations": _cited(message.get("citations")),
        }
        for message in messages
        if message.get("role") not in _UNREAD
    ]
    # An assistant that called a tool may have said nothing.
    said = [turn for turn in said if turn["role"] != "assistant" or turn["content"].strip()]
    if not said or said[-1]["role"] != "user":
        raise BadQuestion('The last message must be the question, with the role "user".')
    language, limit = body.get("language"), body.get("limit", 10)
    if not isinstance(language, str | None) or not is_count(limit):
        raise BadQuestion("`language` is an ISO 639 code and `limit` a number of passages.")
    check_language(language or None)
    if not isinstance(stream := body.get("stream"), bool | None):
        raise BadQuestion("`stream` is true or false.")
    options = body.get("stream_options")
    counts = isinstance(options, dict) and bool(options.get("include_usage"))
    history = turns([turn for turn in said[:-1] if turn["content"].strip()])
    return Asked(
        said[-1]["content"],
        history,
        language or None,
        limit,
        scope_in(body),
        bool(stream),
        counts,
    )


def _text(content: object) -> str:
    """A message's text, given as such or in parts."""
    if isinstance(content, list):
        parts = [part for part in content if isinstance(part, dict)]
        texts = [part.get("text") for part in parts if part.get("type") == "text"]
        if len(texts) != len(content) or not all(isinstance(text, str) for text in texts):
            raise BadQuestion("Only text can be read: give each part of a message as text.")
        return "".join(map(str, texts))
    return content if isinstance(content, str) else ""


def _cited(citations: object) -> list[object]:
    """The citations of an answer that was given here; those of other servers mean nothing."""
    ours = isinstance(citations, list) and all(
        isinstance(each, dict) and "article" in each for each in citations
    )
    return list(citations) if ours and isinstance(citations, list) else []


def models(name: str) -> dict[str, Any]:
    """`GET /v1/models`."""
    model = {"id": name, "object": "model", "created": 0, "owned_by": "article-qa"}
    return {"object": "list", "data": [model]}


async def whole(
    programs: JsonApi, visitor: str, asked: Asked, gone: Callable[[], Awaitable[bool]]
) -> dict[str, Any] | None:
    """The completion in one piece; None when the client went away, as `await gone()` tells.

    Raises:
        BadQuestion, TooBusy, Unanswered: there is none.
    """
    told = await programs.ask(
        visitor,
        asked.question,
        asked.history,
        asked.language,
        asked.limit,
        asked.scope,
        gone=gone,
    )
    if told is None:
        return None
    message = {"role": "assistant", "content": told["answer"], "citations": told["citations"]}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    head = _head(told["models"]["llm"], "chat.completion")
    return {**head, "choices": [choice], "usage": _usage(told), **_beside(told)}


async def events(programs: JsonApi, visitor: str, asked: Asked) -> AsyncIterator[str]:
    """The completion as server-sent events: proven sentences as they come, citations last.

    Raises:
        BadQuestion, TooBusy: it was not asked. What goes wrong later is an event.
    """
    begun = _events(programs, visitor, asked)
    first = await anext(begun)

    async def given() -> AsyncIterator[str]:
        async with contextlib.aclosing(begun):
            yield first
            async for event in begun:
                yield event

    return given()


async def _events(programs: JsonApi, visitor: str, asked: Asked) -> AsyncGenerator[str]:
    head = _head(programs.llm, "chat.completion.chunk")
    written: str | None = None
    answering = programs.answering(
        visitor, asked.question, asked.history, asked.language, asked.limit, asked.scope
    )
    async with contextlib.aclosing(answering):
        async for job in answering:
            if written is None:
                written = ""
                yield _event(_chunk(head, {"role": "assistant", "content": ""}))
            if fresh := _fresh(job, written):
                written += fresh
                yield _event(_chunk(head, {"content": fresh}))
    try:
        told = programs.result(job)
    except UserError as error:
        yield _event(error_of(error))
        return
    last = _chunk(head, {"citations": told["citations"]}, "stop")
    yield _event({**last, **_beside(told)})
    if asked.counts:
        yield _event({**head, "choices": [], "usage": _usage(told)})
    yield "data: [DONE]\n\n"


def _fresh(job: Job, written: str) -> str:
    """What of the answer is proven and was not sent yet."""
    return job.answer.text.removeprefix(written) if job.answer else ""


def error_of(error: UserError) -> dict[str, Any]:
    """An error as OpenAI's clients read it."""
    kind = _KINDS[status_of(error)]
    return {"error": {"message": str(error), "type": kind, "param": None, "code": None}}


def status_of(error: UserError) -> int:
    """The HTTP status of an error."""
    if isinstance(error, TooBusy):
        return 429
    if isinstance(error, BadQuestion | BadScope) and not isinstance(error, Unanswered):
        return 400
    return 500


def _head(model: str, kind: str) -> dict[str, Any]:
    id = f"chatcmpl-{secrets.token_hex(12)}"
    return {"id": id, "object": kind, "created": int(time.time()), "model": model}


def _chunk(
    head: Mapping[str, Any], delta: dict[str, Any], reason: str | None = None
) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": reason, "logprobs": None}
    return {**head, "choices": [choice]}


def _beside(told: Mapping[str, Any]) -> dict[str, Any]:
    """What OpenAI's clients do not know, beside what they do."""
    beside = "citations", "answered", "nearest", "verdict", "standing", "scope"
    return {key: told[key] for key in beside if key in told}


def _usage(told: Mapping[str, Any]) -> dict[str, Any]:
    timings = told["timings"]
    read, wrote = timings["prompt_tokens"], timings["answer_tokens"]
    return {
        "prompt_tokens": read,
        "completion_tokens": wrote,
        "total_tokens": read + wrote,
        "prompt_tokens_details": {"cached_tokens": timings["cached_tokens"]},
    }


def _event(value: dict[str, Any]) -> str:
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n"
