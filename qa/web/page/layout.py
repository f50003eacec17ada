"""Layout: the parts of the page and their places. Knows nothing of their events."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from index.articles.formats import FORMATS
from index.scope import EVERYTHING
from index.text.languages import ENGLISH_NAMES
from qa.service.chat import Offer
from qa.web.page.translations import LANGUAGES, own_name, strings

if TYPE_CHECKING:
    import gradio as gr

LOOKS = ("system", "light", "dark")
MOST_SEARCHED = 30  # passages; more take seconds and have not been seen to help
_QUESTION_LENGTH = 4000  # code points that can be typed
_LISTEN = "articleQa.listen(element, trigger)"  # qa/web/page/static/page.js
# The name stands beside the button too, since a list that is not shown is not heard either.
_MENU = (
    '<h1 class="hidden">article-qa</h1>'
    '<button type="button" data-menu aria-controls="side" aria-expanded="false">☰</button>'
)
_PANEL = '<aside id="proof" hidden></aside>'

_COMPLETION = '<div id="matches" hidden></div>'  # qa/web/page/static/places.js fills it


@dataclass(frozen=True, slots=True)
class Layout:
    """The page and its parts by name."""

    blocks: "gr.Blocks"
    parts: dict[str, Any]


def translations() -> "gr.I18n":
    """The page's words for Gradio's parts; a language has the name that Gradio knows it by."""
    import gradio as gr

    return gr.I18n(**{strings(code)["gradio"]: dict(strings(code)) for code in LANGUAGES})


def lay_out(offer: Offer, say: Callable[[str], Any]) -> Layout:
    """Make the page's parts; `say` gives a text by its name in the visitor's language."""
    import gradio as gr

    parts: dict[str, Any] = {}

    def part(kind: Callable[..., Any], name: str, *values: Any, **settings: Any) -> None:
        if kind is gr.HTML:
            settings["apply_default_css"] = False  # qa/web/page/static/page.css has it all
        parts[name] = kind(*values, elem_id=name, **settings)

    def searching(name: str, words: str) -> None:
        label = say(words)
        part(gr.Textbox, name, label=label, placeholder=label, show_label=False, max_length=200)

    with gr.Blocks(title="article-qa", analytics_enabled=False, fill_width=True) as blocks:
        states = (
            *(("conversation", ""), ("editing", 0), ("shown", 0), ("chosen", EVERYTHING)),
            ("version", 0),
        )
        for name, value in states:
            parts[name] = gr.State(value)
        part(gr.HTML, "menu", _MENU, js_on_load=None)
        with gr.Column(elem_id="side", min_width=0):
            part(gr.HTML, "brand", '<p aria-hidden="true">article-qa</p>', js_on_load=None)
            part(gr.Button, "begin", say("new"))
            searching("search", "search_conversations")
            part(gr.HTML, "listing", "", js_on_load=_LISTEN)
            part(gr.HTML, "person", "")
        with gr.Tabs(elem_id="rooms"):
            with gr.Tab(say("chat"), elem_id="room-chat"):
                _chat(gr, part, parts, say)
            with gr.Tab(say("articles"), elem_id="room-articles"):
                _articles(gr, part, searching, say, offer)
            with gr.Tab(say("settings"), elem_id="room-settings"):
                _settings(gr, part, say, offer)
        part(gr.HTML, "panel", _PANEL, js_on_load=None)
    return Layout(blocks, parts)


def _chat(gr: Any, part: Callable[..., None], parts: dict[str, Any], say: Any) -> None:
    part(gr.HTML, "turns", "", js_on_load=_LISTEN)
    part(gr.HTML, "live", "", js_on_load=None)
    part(gr.HTML, "said", "", js_on_load=None)
    with gr.Column(elem_id="composer"):
        part(gr.HTML, "notice", "", js_on_load=None)
        with gr.Row(elem_id="banner", visible=False) as parts["banner"]:
            part(gr.HTML, "editing_words", "")
            part(gr.Button, "cancel", say("cancel"), size="sm", scale=0)
        part(gr.HTML, "chips", "", js_on_load=_LISTEN)
        part(gr.HTML, "completion", _COMPLETION, js_on_load=None)
        with gr.Row(elem_id="line"):
            part(
                gr.Textbox,
                "box",
                label=say("question"),
                placeholder=say("placeholder"),
                show_label=False,
                container=False,
                lines=1,
                max_lines=8,
                max_length=_QUESTION_LENGTH,
                scale=8,
                html_attributes=gr.InputHTMLAttributes(enterkeyhint="send"),
            )
            part(gr.Button, "send", say("ask"), variant="primary", scale=0)
            part(gr.Button, "halt", say("stop"), variant="stop", scale=0, visible=False)


def _articles(gr: Any, part: Callable[..., None], searching: Any, say: Any, offer: Offer) -> None:
    part(gr.HTML, "outcome", "", js_on_load=None)
    part(gr.HTML, "changing", "", js_on_load=None)
    if not offer.read_only:
        part(
            gr.File,
            "files",
            label=say("upload"),
            file_count="multiple",
            file_types=sorted(FORMATS),
            height=150,
        )
    part(gr.HTML, "limits", "", js_on_load=None)
    if not offer.read_only:
        part(gr.Button, "reread", say("reread"), size="sm")
    searching("find", "search_articles")
    part(gr.HTML, "articles", "", js_on_load=_LISTEN)


def _settings(gr: Any, part: Callable[..., None], say: Any, offer: Offer) -> None:
    languages = sorted((own_name(code), code) for code in ENGLISH_NAMES)
    part(
        gr.Dropdown,
        "language",
        [(say("as_asked"), ""), *languages],
        value="",
        label=say("answer_language"),
    )
    part(
        gr.Dropdown,
        "llm",
        list(offer.models),
        value=offer.models[0],
        label=say("model"),
        info=say("model_info"),
        interactive=len(offer.models) > 1,
    )
    info = say("passages_info")
    part(gr.Slider, "limit", 1, MOST_SEARCHED, 10, step=1, label=say("passages"), info=info)
    looks = [(say(f"look_{look}"), look) for look in LOOKS]
    part(gr.Radio, "look", looks, value=LOOKS[0], label=say("look"))
    pages = [(strings(code)["name"], code) for code in LANGUAGES]
    part(gr.Radio, "page", pages, value="en", label=say("page_language"))
    part(gr.HTML, "kept", "")
