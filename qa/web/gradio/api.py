"""Gradio's API: `ask` and `search` for programs, by Gradio's clients or plain HTTP.

The clients show the functions' docstrings as far as their arguments.
"""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from index.errors import UserError
from index.scope import scope_of
from qa.service.json_api import JsonApi, turns
from qa.web.gradio.private_names import add_endpoint, is_connected
from qa.web.security.visitor_id import visitor_id

if TYPE_CHECKING:
    import gradio as gr

ENDPOINTS = ("ask", "search")


def add_endpoints(blocks: "gr.Blocks", programs: JsonApi) -> None:
    """Offer asking and searching to programs; to be called within `blocks`."""
    import gradio as gr

    async def ask(
        request: gr.Request,
        question: str,
        language: str = "",
        limit: int = 10,
        history: list[dict[str, Any]] | None = None,
        only: list[str] | None = None,
        language_of_articles: str = "",
        since: str = "",
        until: str = "",
    ) -> dict[str, Any]:
        """Answer a question from the indexed articles, with the exact words that prove it.

        The answer is in the question's language, whatever the articles are written in, and
        its marks such as [1] are the citations' markers. When the articles do not tell,
        `answered` is false and `nearest` holds the passages that came closest.

        Args:
            request: who asks; not given by programs.
            question: the question, in any language.
            language: ISO 639 code to answer in, such as hi; empty for the question's own.
            limit: how many passages are searched, 1 to 100.
            history: earlier turns, oldest first, each {"role": "user" or "assistant",
                "content": text}; the question may lean on them. An answer may have the
                "citations" that it came with.
            only: search these articles alone: paths, folders, globs or parts of titles.
            language_of_articles: search articles of this ISO 639 code alone.
            since: search articles of this year, month or day (ISO 8601) or later alone.
            until: search articles of this year, month or day or earlier alone.

        Returns:
            question, language, answer, answered, citations (marker, article, start, end,
            quote, support, score), nearest, timings and models; start and end count Unicode
            code points of the article's text. scope is there where not all were searched,
            verdict (yes or no) where the articles tell whether something is so.
        """

        async def gone() -> bool:
            return not is_connected(blocks, request.session_hash)

        with _user_errors(gr):
            visitor, earlier = visitor_id(request.headers), turns(history or [])
            scope = scope_of(only, language_of_articles, since, until)
            answer = await programs.ask(
                visitor, question, earlier, language or None, limit, scope, gone=gone
            )
            return answer or {}

    async def search(
        question: str,
        limit: int = 10,
        only: list[str] | None = None,
        language_of_articles: str = "",
        since: str = "",
        until: str = "",
    ) -> dict[str, Any]:
        """Find the passages of the indexed articles that are nearest to a question.

        No language model is asked, so this takes a fraction of a second.

        Args:
            question: what to look for, in any language.
            limit: how many passages are given at most, 1 to 100.
            only: search these articles alone: paths, folders, globs or parts of titles.
            language_of_articles: search articles of this ISO 639 code alone.
            since: search articles of this year, month or day (ISO 8601) or later alone.
            until: search articles of this year, month or day or earlier alone.

        Returns:
            question, passages (article, start, end, quote, score) best first, and timings;
            scope where not all were searched.
        """
        with _user_errors(gr):
            scope = scope_of(only, language_of_articles, since, until)
            return await programs.search(question, limit, scope)

    add_endpoint(ask, "ask")
    add_endpoint(search, "search")


@contextlib.contextmanager
def _user_errors(gr: Any) -> Iterator[None]:
    """Send a UserError's message to the program; other errors stay in the server's log."""
    try:
        yield
    except UserError as error:
        raise gr.Error(str(error), print_exception=False) from error
