"""The chat page: which event of which part calls which function."""

from collections.abc import AsyncGenerator, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.scope import Scope
from qa.service.chat import Offer, Visitor
from qa.service.json_api import JsonApi
from qa.service.uploads import MAX_BYTES
from qa.web.gradio import confinement
from qa.web.gradio.api import ENDPOINTS, add_endpoints
from qa.web.page import settings
from qa.web.page.events import PageEvents
from qa.web.page.handlers import INTERNAL, Changes, Handlers
from qa.web.page.layout import Layout, lay_out, translations
from qa.web.page.settings import ask_options

if TYPE_CHECKING:
    import gradio as gr

_DAY_S = 24 * 3600
_FOLLOW_S = 3  # seconds after which an open page looks whether articles came or went


def mount(app: Any, events: PageEvents, programs: JsonApi, offer: Offer, file_bytes: int) -> None:
    """Put the page at the root of a server, and with it Gradio's API.

    Args:
        app: the server's application.
        events: what the page's events do.
        programs: what the API offers.
        offer: what people may choose and do.
        file_bytes: the longest file that can be uploaded.
    """
    import gradio as gr

    words = translations()
    blocks = Page(events, programs, offer, words).blocks()
    gr.mount_gradio_app(
        app,
        blocks,
        path="/",
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size=file_bytes,
        ssr_mode=False,
        pwa=False,
        i18n=words,
        mcp_server=False,
        theme=_theme(),
    )
    uploads = not offer.read_only
    confinement.confine(app, blocks, ENDPOINTS, uploads=uploads, upload_bytes=MAX_BYTES)


class Page:
    """The page of one server."""

    def __init__(
        self, events: PageEvents, programs: JsonApi, offer: Offer, words: "gr.I18n"
    ) -> None:
        self._events, self._programs, self._offer = events, programs, offer
        self._words: Callable[[str], Any] = words
        self._layout: Layout
        self._handlers: Handlers

    def blocks(self) -> "gr.Blocks":
        """The page, ready to be served."""
        self._layout = lay_out(self._offer, self._words)
        self._handlers = Handlers(self._layout.parts)
        with self._layout.blocks as blocks:
            self._connect_chat(blocks)
            self._connect_articles()
            self._connect_settings()
            add_endpoints(blocks, self._programs)
        queued: gr.Blocks = blocks.queue(
            default_concurrency_limit=None,
            # To tell all who wait whenever a call begins, the queue ends when one has gone.
            status_update_rate=_DAY_S,
        )
        confinement.limit(queued)
        return queued

    def _connect_chat(self, blocks: "gr.Blocks") -> None:
        """Connect asking, and going from one conversation to another."""
        import gradio as gr

        part, events, on = self._layout.parts, self._events, self._handlers.on
        here, search = part["conversation"], part["search"]
        options = [part["language"], part["llm"], part["limit"], part["chosen"]]
        asks = [
            on(
                [part["send"].click, part["box"].submit],
                lambda who, data, at, text, editing, *values: events.ask(
                    who, at, text, ask_options(*values), editing
                ),
                [here, part["box"], part["editing"], *options],
            ),
            on([part["turns"].click], self._click_exchange, [here, *options]),
        ]
        moves = [
            on([blocks.load], self._arrive),
            on([part["begin"].click], lambda who, data: events.begin(who)),
            on([part["listing"].click], self._click_conversation, [here, search]),
        ]
        following = [
            self._handlers.then(event, self._follow, [here, search]) for event in (*asks, *moves)
        ]
        # An answer that is watched belongs to one conversation: who goes to another leaves it.
        gr.on(
            [part["begin"].click, part["listing"].click],
            None,
            cancels=following,
            queue=False,
            **INTERNAL,
        )
        on([part["chips"].click], self._click_chip, [here, part["chosen"]])
        on([part["halt"].click], lambda who, data, at: events.stop(who, at), [here])
        on([part["cancel"].click], lambda who, data: events.cancel_edit())
        on(
            [part["search"].change],
            lambda who, data, at, words: events.search(who, at, words),
            [here, search],
        )

    def _connect_articles(self) -> None:
        """Connect searching, adding and removing articles."""
        part, articles, on = self._layout.parts, self._events.articles, self._handlers.on
        find = part["find"]
        on([find.change], lambda who, data, words: articles.list(who, words), [find])
        shown = [find, part["shown"], part["conversation"]]
        on([part["articles"].click], self._click_article, shown)
        if self._offer.watching:
            self._follow_articles()
        if self._offer.read_only:
            return
        # What Gradio would make of them first leaves an empty file for each.
        on([part["files"].upload], self._add, [part["files"], find], preprocess=False)
        on([part["reread"].click], lambda who, data, words: articles.reread(who, words), [find])

    def _follow_articles(self) -> None:
        """List the articles anew when the watcher has changed them."""
        import gradio as gr

        part, articles = self._layout.parts, self._events.articles
        self._handlers.on(
            [gr.Timer(_FOLLOW_S).tick],
            lambda who, data, words, shown, seen: articles.follow(who, words, shown, seen),
            [part["find"], part["shown"], part["version"]],
        )

    def _connect_settings(self) -> None:
        """Have the browser keep the settings; it shows the page accordingly."""
        for name in settings.NAMES:
            part = self._layout.parts[name]
            keep = f"(value) => articleQa.keep({name!r}, value)"
            part.input(None, [part], None, js=keep, **INTERNAL)

    def _arrive(self, who: Visitor, data: Mapping[str, str]) -> Changes:
        return {
            **self._events.arrive(who, data.get("c", "")),
            **settings.usable(who, self._offer),
        }

    def _follow(self, who: Visitor, data: object, at: str, search: str) -> AsyncGenerator[Changes]:
        return self._events.follow(who, at, search)

    def _click_exchange(
        self, who: Visitor, data: Mapping[str, str], at: str, *values: Any
    ) -> Changes:
        number, options = _number(data.get("number")), ask_options(*values)
        match data.get("act"):
            case "ask":
                return self._events.ask(who, at, data.get("question", ""), options, 0)
            case "retry":
                return self._events.retry(who, at, number, options)
            case "edit":
                return self._events.edit(who, at, number)
            case "delete":
                return self._events.remove(who, at, number)
        return {}

    def _click_conversation(
        self, who: Visitor, data: Mapping[str, str], at: str, search: str
    ) -> Changes:
        id = data.get("id", "")
        match data.get("act"):
            case "open":
                return self._events.open(who, id, search)
            case "rename":
                return self._events.rename(who, at, id, data.get("title", ""), search)
            case "delete":
                return self._events.delete(who, at, id, search)
        return {}

    def _click_chip(self, who: Visitor, data: Mapping[str, Any], at: str, chosen: Scope) -> Changes:
        scope = self._events.scope
        match data.get("act"):
            case "choose":
                return scope.choose(who, at, chosen, _texts(data.get("places")))
            case "drop":
                return scope.drop(who, at, chosen, str(data.get("place")))
            case "clear":
                return scope.clear(who, at)
        return {}

    async def _click_article(
        self, who: Visitor, data: Mapping[str, str], search: str, shown: int, at: str
    ) -> AsyncGenerator[Changes]:
        articles = self._events.articles
        if data.get("act") == "more":
            yield articles.more(who, search, shown)
        elif data.get("act") == "only":
            yield self._events.scope.only(who, at, str(data.get("place")))
        elif data.get("act") == "remove":
            async for changes in articles.remove(who, data.get("id", ""), search):
                yield changes

    async def _add(
        self, who: Visitor, data: object, files: Any, search: object
    ) -> AsyncGenerator[Changes]:
        paths = [Path(file["path"]) for file in files or ()]
        # Gradio has seen that they were uploaded, but for addresses that it takes for streams.
        named = [(path.name, path) for path in paths if path.is_absolute()]
        async for changes in self._events.articles.add(who, named, str(search or "")):
            yield {**changes, "files": None}


def _number(value: object) -> int:
    digits = str(value)[:9]
    return int(digits) if digits.isdecimal() else 0


def _texts(values: object) -> list[str]:
    """The texts of a list that a browser sent."""
    found = values if isinstance(values, list) else []
    return [value for value in found if isinstance(value, str)]


def _theme() -> Any:
    """Fonts of the system alone: nothing is fetched from anywhere."""
    import gradio as gr

    fonts = ["var(--words)"]
    return gr.themes.Base(primary_hue="blue", neutral_hue="slate", font=fonts, font_mono=fonts)
