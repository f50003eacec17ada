"""Completions: `POST /v1/chat/completions` as OpenAI's clients ask it, with the citations beside.

The shapes are those of OpenAI's API reference, "Chat completions". What a client may set there and
has no meaning here, as the temperature, is left unread: answers are always the same.
"""

import contextlib
import json
import secrets
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from qa.answer import Answer
from qa.ask import check_language
from qa.desk import Job
from qa.errors import BadQuestion
from qa.followups import Turn
from qa.programs import Programs, turns

_UNREAD = ("system", "developer")  # instructions of a client: articles alone are answered from


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client wants: its last message is the question, those before are the history."""

    question: str
    history: tuple[Turn, ...] = ()
    language: str | None = None
    limit: int = 10
    stream: bool = False
    counts: bool = False


def asked(body: object) -> Asked:
    """Read the body of a request.

    Raises:
        BadQuestion: it lacks what is needed, or asks for what there is not.
    """
    if not isinstance(body, dict):
        raise BadQuestion("The body is not a JSON object.")
    if body.get("n") not in (None, 1):
        raise BadQuestion("There is one answer to a question: leave out `n`.")
    messages = body.get("messages")
    if not isinstance(messages, list) or not all(isinstance(m, dict) for m in messages):
        raise BadQuestion('`messages` is a list of {"role", "content"}, oldest first.')
    said = [
        {"role": message.get("role"), "content": _text(message.get("content"))}
        for message in messages
        if message.get("role") not in _UNREAD
    ]
    if not said or said[-1]["role"] != "user":
        raise BadQuestion('The last message must be the question, with the role "user".')
    language, limit = body.get("language"), body.get("limit", 10)
    if not isinstance(language, str | None) or not isinstance(limit, int):
        raise BadQuestion("`language` is an ISO 639 code and `limit` a number of passages.")
    check_language(language or None)
    options = body.get("stream_options")
    counts = isinstance(options, dict) and bool(options.get("include_usage"))
    history = turns([turn for turn in said[:-1] if turn["content"]])
    return Asked(
        said[-1]["content"], history, language or None, limit, bool(body.get("stream")), counts
    )


def _text(content: object) -> str:
    """A message's text, given as such or in parts."""
    if isinstance(content, list):
        parts = [part for part in content if isinstance(part, dict)]
        if len(parts) != len(content) or any(part.get("type") != "text" for part in parts):
            raise BadQuestion("Only text can be read: give each part of a message as text.")
        return "".join(str(part.get("text", "")) for part in parts)
    return content if isinstance(content, str) else ""


def models(name: str) -> dict[str, Any]:
    """`GET /v1/models`."""
    model = {"id": name, "object": "model", "created": 0, "owned_by": "article-qa"}
    return {"object": "list", "data": [model]}


async def whole(programs: Programs, visitor: str, asked: Asked, gone: Any) -> dict[str, Any] | None:
    """The completion in one piece; None when the client went away, as `await gone()` tells.

    Raises:
        BadQuestion, TooBusy, Unanswered: there is none.
    """
    answering = programs.answering(
        visitor, asked.question, asked.history, asked.language, asked.limit
    )
    async with contextlib.aclosing(answering):
        async for grown in answering:
            job = grown
            if await gone():
                return None
    told = programs.told(job)
    assert job.answer is not None, "what is told has an answer"
    citations = told["citations"]
    message = {"role": "assistant", "content": told["answer"], "citations": citations}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    head = _head(told["models"]["llm"], "chat.completion")
    extra = {"citations": citations, "answered": told["answered"], "nearest": told["nearest"]}
    return {**head, "choices": [choice], "usage": _usage(job.answer), **extra}


async def events(programs: Programs, visitor: str, asked: Asked) -> AsyncIterator[str]:
    """The completion as server-sent events: proven sentences as they come, citations last."""
    head = _head("article-qa", "chat.completion.chunk")
    written = ""
    yield _event(_chunk(head, {"role": "assistant", "content": ""}))
    try:
        async for job in programs.answering(
            visitor, asked.question, asked.history, asked.language, asked.limit
        ):
            fresh = _fresh(job, written)
            if fresh:
                written += fresh
                yield _event(_chunk(head, {"content": fresh}))
        told = programs.told(job)
    except BadQuestion as error:
        yield _event(error_of(str(error)))
        return
    assert job.answer is not None, "what is told has an answer"
    extra = {
        "citations": told["citations"],
        "answered": told["answered"],
        "nearest": told["nearest"],
    }
    yield _event({**_chunk(head, {"citations": told["citations"]}, "stop"), **extra})
    if asked.counts:
        yield _event({**head, "choices": [], "usage": _usage(job.answer)})
    yield "data: [DONE]\n\n"


def _fresh(job: Job, written: str) -> str:
    """What of the answer is proven and was not sent yet."""
    return job.answer.text.removeprefix(written) if job.answer else ""


def error_of(message: str, kind: str = "invalid_request_error") -> dict[str, Any]:
    """An error as OpenAI's clients read it."""
    return {"error": {"message": message, "type": kind, "param": None, "code": None}}


def _head(model: str, kind: str) -> dict[str, Any]:
    id = f"chatcmpl-{secrets.token_hex(12)}"
    return {"id": id, "object": kind, "created": int(time.time()), "model": model}


def _chunk(
    head: Mapping[str, Any], delta: dict[str, Any], reason: str | None = None
) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": reason, "logprobs": None}
    return {**head, "choices": [choice]}


def _usage(answer: Answer) -> dict[str, Any]:
    timings = asdict(answer.timings)
    read, wrote = timings["prompt_tokens"], timings["answer_tokens"]
    return {
        "prompt_tokens": read,
        "completion_tokens": wrote,
        "total_tokens": read + wrote,
        "prompt_tokens_details": {"cached_tokens": timings["cached_tokens"]},
    }


def _event(value: dict[str, Any]) -> str:
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n"
