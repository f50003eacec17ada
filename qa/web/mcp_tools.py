"""MCP tools: asking and searching for MCP clients, over streamable HTTP; only home of mcp.

Gradio makes tools of its functions too, but those ask over HTTP without the caller's password, and
answer in Python's notation. `FastMCP` would write the schemas, but it puts words of its own before
every error, replaces those of wrong arguments, and shows clients the text of unexpected errors.
"""

import contextlib
import json
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from index.errors import UserError
from qa.answering.validation import MOST_PASSAGES
from qa.service.json_api import JsonApi, scope_in, turns
from qa.web.security.visitor_id import visitor_id

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

PATHS = ("/gradio_api/mcp", "/gradio_api/mcp/")  # where clients of Gradio's pages look for tools

_ASK = """Answer a question from the indexed articles, with the exact words that prove it.

The answer is in the question's language, whatever the articles are written in. Its marks such as
[1] are the markers of `citations`, each with the article, the exact words (`quote`) and their place
(`start`, `end`: Unicode code points, half-open; `page`, `slide` or `sheet` in a file that has them,
and `ocr`, from 0 to 1, where the words were read from a picture). When the articles do not tell,
`answered` is false and `nearest` holds the passages that came closest. Takes 10 to 30 seconds."""
_SEARCH = """Find the passages of the indexed articles that are nearest to a question.

Each of `passages`, best first, has the article, its exact words (`quote`), their place (`start`,
`end`: Unicode code points, half-open; `page`, `slide` or `sheet` in a file that has them) and a
cosine (`score`). No language model is asked, so this
takes a fraction of a second."""

_QUESTION = {"type": "string", "description": "The question, in any language."}
_LIMIT = {"type": "integer", "minimum": 1, "maximum": MOST_PASSAGES, "default": 10}
_LANGUAGE = {
    "type": "string",
    "description": "ISO 639 code to answer in, such as hi; left out for the question's own.",
}
_HISTORY = {
    "type": "array",
    "description": "Earlier turns, oldest first; the question may lean on them.",
    "items": {
        "type": "object",
        "properties": {
            "role": {"type": "string", "enum": ["user", "assistant"]},
            "content": {"type": "string"},
            "citations": {
                "type": "array",
                "items": {"type": "object"},
                "description": "Of an answer: the citations that it came with.",
            },
        },
        "required": ["role", "content"],
    },
}
_SCOPE: dict[str, dict[str, Any]] = {
    "only": {
        "type": "array",
        "items": {"type": "string"},
        "description": "Search these articles alone: paths, folders, globs or parts of titles.",
    },
    "language_of_articles": {
        "type": "string",
        "description": "Search articles of this language alone: ISO 639 code.",
    },
    "since": {
        "type": "string",
        "description": "Search articles of this year, month or day (ISO 8601) or later alone.",
    },
    "until": {
        "type": "string",
        "description": "Search articles of this year, month or day or earlier alone.",
    },
}
_TOOLS: dict[str, tuple[str, dict[str, Any]]] = {
    "ask": (
        _ASK,
        {
            "question": _QUESTION,
            "language": _LANGUAGE,
            "limit": {**_LIMIT, "description": "How many passages are searched."},
            "history": _HISTORY,
            **_SCOPE,
        },
    ),
    "search": (
        _SEARCH,
        {
            "question": {**_QUESTION, "description": "What to look for, in any language."},
            "limit": {**_LIMIT, "description": "How many passages are given at most."},
            **_SCOPE,
        },
    ),
}
_LOG = logging.getLogger(__name__)


def manager(programs: JsonApi) -> "StreamableHTTPSessionManager":
    """Answers MCP's requests while its `run()` is entered, each without a session."""
    from mcp.server.lowlevel import Server
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

    server: Server[Any, Any] = Server("article-qa")
    _add_list(server)
    _add_call(server, programs)
    return StreamableHTTPSessionManager(server, stateless=True)


def _add_list(server: "Server[Any, Any]") -> None:
    from mcp.types import Tool, ToolAnnotations

    only_reads = ToolAnnotations(readOnlyHint=True, openWorldHint=False)

    async def tools() -> list[Tool]:
        return [
            Tool(
                name=name,
                description=description,
                inputSchema={
                    "type": "object",
                    "properties": properties,
                    "required": ["question"],
                    "additionalProperties": False,
                },
                annotations=only_reads,
            )
            for name, (description, properties) in _TOOLS.items()
        ]

    server.list_tools()(tools)  # type: ignore[no-untyped-call]  # the library has no types here


def _add_call(server: "Server[Any, Any]", programs: JsonApi) -> None:
    from mcp.types import TextContent

    async def call(name: str, values: dict[str, Any]) -> tuple[list[TextContent], dict[str, Any]]:
        try:
            if name == "search":
                found = await programs.search(
                    values["question"], values.get("limit", 10), scope_in(values)
                )
            elif name == "ask":
                found = await _ask(server, programs, values)
            else:
                raise UserError(f"There is no tool {name!r}. Call ask or search.")
        except UserError:
            raise
        except Exception as error:
            _LOG.exception("A tool could not be called.")
            raise UserError("Something went wrong: please call the tool again.") from error
        return [TextContent(type="text", text=json.dumps(found, ensure_ascii=False))], found

    server.call_tool()(call)


async def _ask(
    server: "Server[Any, Any]", programs: JsonApi, values: Mapping[str, Any]
) -> dict[str, Any]:
    """The answer; until then the client gets notices of progress, if it asked for them."""
    context = server.request_context
    request: Any = context.request
    token = context.meta.progressToken if context.meta else None
    grown = programs.answering(
        visitor_id(request.headers),
        values["question"],
        turns(values.get("history") or []),
        values.get("language") or None,
        values.get("limit", 10),
        scope_in(values),
    )
    notices = 0
    async with contextlib.aclosing(grown):
        async for job in grown:
            if token is not None:
                notices += 1
                await context.session.send_progress_notification(
                    token, notices, message=job.stage, related_request_id=str(context.request_id)
                )
    return programs.result(job)
