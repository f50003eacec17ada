"""The chat page: what each of its parts sets off, and the API beside it; only home of gradio."""

import asyncio
import contextlib
import math
import os
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from index.errors import UserError
from qa.service.chat import AskOptions, Offer, Visitor
from qa.service.json_api import JsonApi, turns
from qa.web.page.events import Changes, PageEvents, Part, chosen, wanted
from qa.web.page.layout import MOST_SEARCHED, Layout, lay_out, translations
from qa.web.page.translations import pick
from qa.web.security.middleware import HEADER
from qa.web.security.queue_limits import QueueLimits, print_exc
from qa.web.security.route_allowlist import RouteAllowlist
from qa.web.security.upload_quota import UploadQuota

if TYPE_CHECKING:
    import gradio as gr

_USER = "user:"  # as the door names those who have signed in
_KEPT = ("language", "llm", "limit", "look", "page")  # settings that a browser keeps
_NAMES = frozenset({"ask", "search"})  # what programs may call
_DAY_S = 24 * 3600
_SESSIONS = 2000  # pages and calls whose state is kept; Gradio's 10,000 would take 2 GB
_QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


def mount(
    app: Any, visits: PageEvents, programs: JsonApi, offer: Offer, *, upload_bytes: int
) -> None:
    """Put the page at the root of a server, and with it the API."""
    import gradio as gr

    words = translations()
    blocks = Page(visits, programs, offer, words).blocks()
    gr.mount_gradio_app(
        app,
        blocks,
        path="/",
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size=upload_bytes,
        ssr_mode=False,
        pwa=False,
        i18n=words,
        mcp_server=False,
        theme=_theme(),
    )
    _confine(app.routes[-1], blocks, offer)


def _confine(mounted: Any, blocks: Any, offer: Offer) -> None:
    """Let Gradio read no file but those that were uploaded, and fetch nothing from anywhere."""
    from gradio import processing_utils, queueing

    # Only launch() sets it; without it any path of this machine is taken for an uploaded file.
    blocks.has_launched = True
    vars(processing_utils)["async_ssrf_protected_get"] = _unfetched
    vars(queueing)["traceback"] = SimpleNamespace(print_exc=print_exc)
    own = os.environ.get("GRADIO_TEMP_DIR")  # Gradio's usual folder is others' too
    arrivals = UploadQuota(Path(own)) if own else None
    mounted.app = RouteAllowlist(
        mounted.app, _NAMES, uploads=not offer.read_only, arrivals=arrivals
    )


async def _unfetched(url: str) -> None:
    """Stands for what fetches the address of a file that a program claims to have uploaded."""
    raise PermissionError("Nothing is fetched from other machines.")


def visitor(request: Any) -> Visitor:
    """Who sent a request, as the door told, and the language they read the page in."""
    id = str(request.headers[HEADER])
    kept = chosen(request.cookies)
    page = pick(kept.get("page"), request.headers.get("accept-language"))
    name = id.removeprefix(_USER) if id.startswith(_USER) else ""
    return Visitor(id, page, name, kept)


class Page:
    """The page of one server."""

    def __init__(
        self, visits: PageEvents, programs: JsonApi, offer: Offer, words: "gr.I18n"
    ) -> None:
        self._visits, self._programs, self._offer = visits, programs, offer
        self._words: Callable[[str], Any] = words
        self._layout: Layout

    def blocks(self) -> "gr.Blocks":
        """The page, ready to be served."""
        self._layout = lay_out(self._offer, self._words)
        with self._layout.blocks as blocks:
            self._chatting(blocks)
            self._collecting()
            self._choosing()
            self._offering()
        queued: gr.Blocks = blocks.queue(
            default_concurrency_limit=None,
            # To tell all who wait whenever a call begins, the queue ends when one has gone.
            status_update_rate=_DAY_S,
        )
        QueueLimits(queued._queue)
        queued.state_session_capacity = _SESSIONS
        return queued

    def _chatting(self, blocks: "gr.Blocks") -> None:
        """What asking sets off, and going from one conversation to another."""
        import gradio as gr

        part, visits = self._layout.parts, self._visits
        here, search, find = part["conversation"], part["search"], part["find"]
        wishes = [part["language"], part["llm"], part["limit"]]
        asks = [
            self._on(
                [part["send"].click, part["box"].submit],
                lambda who, data, at, text, editing, *w: visits.ask(
                    who, at, text, _wishes(*w), editing
                ),
                [here, part["box"], part["editing"], *wishes],
            ),
            self._on([part["turns"].click], self._turn, [here, *wishes]),
        ]
        moves = [
            self._on([blocks.load], self._arrive, []),
            self._on([part["begin"].click], lambda who, data: visits.begin(who), []),
            self._on([part["listing"].click], self._listed, [here, search]),
        ]
        following = [
            step.then(self._handler(self._follow), [here, search], self._every(), **_QUIET)
            for step in (*asks, *moves)
        ]
        # An answer that is watched belongs to one conversation: who goes to another leaves it.
        gr.on(
            [part["begin"].click, part["listing"].click],
            None,
            cancels=following,
            queue=False,
            **_QUIET,
        )
        self._on([part["halt"].click], lambda who, data, at: visits.stop(who, at), [here])
        self._on([part["cancel"].click], lambda who, data: visits.let_be(), [])
        self._on(
            [part["search"].change],
            lambda who, data, at, words: visits.search(who, at, words),
            [here, search],
        )
        self._on([find.change], lambda who, data, words: visits.articles(who, words), [find])

    def _collecting(self) -> None:
        """What adding and removing articles sets off."""
        part, visits = self._layout.parts, self._visits
        find, shown = part["find"], part["shown"]

        async def listed(who: Visitor, data: Mapping[str, str], words: str, rows: int) -> Any:
            if data.get("act") == "more":
                yield visits.more(who, words, rows)
            elif data.get("act") == "remove":
                async for changes in visits.take_out(who, data.get("id", ""), words):
                    yield changes

        async def added(who: Visitor, data: object, files: Any, words: object) -> Any:
            paths = [Path(file["path"]) for file in files or ()]
            # Gradio has seen that they were uploaded, but for addresses that it takes for streams.
            named = [(path.name, path) for path in paths if path.is_absolute()]
            async for changes in visits.add(who, named, str(words or "")):
                yield {**changes, "files": None}

        self._on([part["articles"].click], listed, [find, shown])
        if self._offer.read_only:
            return
        # What Gradio would make of them first leaves an empty file for each.
        self._on([part["files"].upload], added, [part["files"], find], preprocess=False)
        self._on([part["reread"].click], lambda who, data, words: visits.reread(who, words), [find])

    def _choosing(self) -> None:
        """Settings are kept by the browser, which shows the page accordingly."""
        for name in _KEPT:
            part = self._layout.parts[name]
            keep = f"(value) => articleQa.keep({name!r}, value)"
            part.input(None, [part], None, js=keep, **_QUIET)

    def _offering(self) -> None:
        """The API of Gradio; its clients show the docstrings down to their arguments."""
        import gradio as gr

        programs, blocks = self._programs, self._layout.blocks

        async def ask(
            request: gr.Request,
            question: str,
            language: str = "",
            limit: int = 10,
            history: list[dict[str, str]] | None = None,
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
                    "content": text}; the question may lean on them.

            Returns:
                question, language, answer, answered, citations (marker, article, start, end,
                quote, support, score), nearest, timings and models; start and end count Unicode
                code points of the article's text.
            """

            async def gone() -> bool:
                return request.session_hash not in blocks._queue.pending_messages_per_session

            with _said(gr):
                who, said = str(request.headers[HEADER]), turns(history or [])
                told = await programs.ask(who, question, said, language or None, limit, gone=gone)
                return told or {}

        async def search(question: str, limit: int = 10) -> dict[str, Any]:
            """Find the passages of the indexed articles that are nearest to a question.

            No language model is asked, so this takes a fraction of a second.

            Args:
                question: what to look for, in any language.
                limit: how many passages are given at most, 1 to 100.

            Returns:
                question, passages (article, start, end, quote, score) best first, and timings.
            """
            with _said(gr):
                return await programs.search(question, limit)

        offer: Any = vars(gr)["api"]  # which the library does not declare as its own
        offer(ask, api_name="ask", concurrency_limit=None)
        offer(search, api_name="search", concurrency_limit=None)

    def _arrive(self, who: Visitor, data: Mapping[str, str]) -> Changes:
        return {**self._visits.arrive(who, data.get("c", "")), **wanted(who, self._offer)}

    async def _follow(
        self, who: Visitor, data: object, at: str, search: str
    ) -> AsyncIterator[Changes]:
        async for changes in self._visits.follow(who, at, search):
            yield changes

    def _turn(self, who: Visitor, data: Mapping[str, str], at: str, *wishes: Any) -> Changes:
        """What was clicked among the exchanges."""
        number, wanted = _number(data.get("number")), _wishes(*wishes)
        match data.get("act"):
            case "ask":
                return self._visits.ask(who, at, data.get("question", ""), wanted, 0)
            case "retry":
                return self._visits.retry(who, at, number, wanted)
            case "edit":
                return self._visits.edit(who, at, number)
            case "delete":
                return self._visits.remove(who, at, number)
        return {}

    def _listed(self, who: Visitor, data: Mapping[str, str], at: str, words: str) -> Changes:
        """What was clicked among the conversations."""
        id = data.get("id", "")
        match data.get("act"):
            case "open":
                return self._visits.open(who, id, words)
            case "rename":
                return self._visits.rename(who, at, id, data.get("title", ""), words)
            case "delete":
                return self._visits.delete(who, at, id, words)
        return {}

    def _on(
        self,
        triggers: Sequence[Any],
        step: Callable[..., Any],
        inputs: Sequence[Any],
        *,
        preprocess: bool = True,
    ) -> Any:
        import gradio as gr

        outputs, how = self._every(), {"preprocess": preprocess, **_QUIET}
        return gr.on(triggers, self._handler(step), list(inputs), outputs, **how)

    def _every(self) -> list[Any]:
        return list(self._layout.parts.values())

    def _handler(self, step: Callable[..., Any]) -> Callable[..., AsyncIterator[Any]]:
        """A step as Gradio calls it: who it is and what was clicked come first."""
        import gradio as gr

        async def handle(
            request: gr.Request, event: gr.EventData, *values: Any
        ) -> AsyncIterator[Any]:
            who = visitor(request)
            clicked = getattr(event, "_data", None)
            data = {**request.query_params, **(clicked if isinstance(clicked, dict) else {})}
            try:
                made = await asyncio.to_thread(step, who, data, *values)
                if not isinstance(made, AsyncIterator):
                    yield self._updates(made)
                    return
                async for changes in made:
                    yield self._updates(changes)
            except UserError as error:
                yield self._updates(self._visits.trouble(who, error))

        return handle

    def _updates(self, changes: Changes) -> dict[Any, Any]:
        """Changes by part as Gradio reads them; parts that this page lacks are left out."""
        import gradio as gr

        parts = self._layout.parts
        known = {parts[name]: _update(change) for name, change in changes.items() if name in parts}
        return known or {parts["shown"]: gr.skip()}  # Gradio takes {} for a value


def _update(change: Any) -> Any:
    import gradio as gr

    if isinstance(change, Part):
        return gr.update(visible=change.visible)
    return change


def _wishes(language: str | None, llm: str | None, limit: float | None) -> AskOptions:
    passages = int(limit) if limit and math.isfinite(limit) else 10
    return AskOptions(language or None, llm or None, min(max(passages, 1), MOST_SEARCHED))


def _number(value: object) -> int:
    digits = str(value)[:9]
    return int(digits) if digits.isdecimal() else 0


@contextlib.contextmanager
def _said(gr: Any) -> Iterator[None]:
    """What a program did wrong is told to it; the rest stays in the server's log."""
    try:
        yield
    except UserError as error:
        raise gr.Error(str(error), print_exception=False) from error


def _theme() -> Any:
    """Fonts of the system alone: nothing is fetched from anywhere."""
    import gradio as gr

    fonts = ["var(--words)"]
    return gr.themes.Base(primary_hue="blue", neutral_hue="slate", font=fonts, font_mono=fonts)
