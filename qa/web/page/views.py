"""Views: conversations, answers, excerpts and notices as HTML; everything is escaped here.

The templates are in `templates/`; text of people, articles and the model can never become markup in
them. Knows no server.
"""

import html
import itertools
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote as in_address

from index.errors import UserError
from index.storage.catalog import Entry
from index.storage.places import Place
from index.text.characters import as_unicode
from index.text.languages import detect
from qa.service.conversations import Conversation
from qa.service.library import ArticleRow
from qa.templates import Templates
from qa.text.language_names import language_name
from qa.web.page.answer_runs import spoken
from qa.web.page.page_names import ocr_words, page_words
from qa.web.page.translations import strings
from qa.web.page.view_models import Chip, ExcerptView, ExchangeView, SheetView

STATIC = Path(__file__).parent / "static"
_TEMPLATES = Path(__file__).parent / "templates"
_SERIALS = itertools.count()
_SKIPPED = 50  # files that were not read, of which a folder may hold thousands
_QUOTE_LENGTH = 280  # code points of a passage that a list shows


def turns(
    conversation: str,
    exchanges: Sequence[ExchangeView],
    page: str,
    examples: Sequence[tuple[str, str]],
    asking: bool,
) -> str:
    """A conversation's exchanges, or examples of questions when there are none."""
    return render(
        "turns.html.jinja",
        page,
        conversation=conversation,
        exchanges=exchanges,
        examples=examples,
        asking=asking,
    )


def live(exchange: ExchangeView) -> str:
    """The exchange that is being answered."""
    return render("live.html.jinja", exchange.page, conversation=exchange.conversation, x=exchange)


def conversations(found: Sequence[Conversation], current: str, page: str, search: str) -> str:
    """The list of conversations."""
    return render(
        "list.html.jinja", page, conversations=found, current=current, search=bool(search)
    )


def proven(found: ExcerptView, page: str, *, alone: bool = False, root: str = "") -> str:
    """The excerpt of a citation: the content of the panel, or a page of its own.

    All links count from the chat page, which is at `root` and a slash.
    """
    template = "proof_page.html.jinja" if alone else "proof.html.jinja"
    return render(template, page, p=found, root=root)


def article(entry: Entry, text: str, page: str, root: str = "") -> str:
    """The text of an article, a page of its own; its links count from `root` and a slash."""
    return render("article.html.jinja", page, entry=entry, text=text, root=root)


def sheet(shown: SheetView, page: str) -> str:
    """A page of a PDF that proves an answer: a part of the panel."""
    return render("sheet.html.jinja", page, p=shown)


def no_sheet(error: Exception, page: str) -> str:
    """Why a page is not shown as a picture: a part of the panel, beside the text."""
    say = strings(page)
    known = say.get(f"error_{type(error).__name__}")
    words = known or say["no_picture"].format(reason=error)
    return f"<p class='trouble'>{html.escape(words)}</p>"


def articles(
    shelved: Sequence[ArticleRow],
    count: int,
    page: str,
    *,
    search: str = "",
    problems: Sequence[str] = (),
    skipped: Sequence[tuple[str, str]] = (),
    read_only: bool = False,
    folders: Sequence[Place] = (),
) -> str:
    """The articles that are indexed, and folders that they lie in."""
    return render(
        "articles.html.jinja",
        page,
        shelved=shelved,
        count=count,
        search=search,
        problems=problems,
        skipped=skipped,
        most_skipped=_SKIPPED,
        read_only=read_only,
        folders=folders,
        named=lambda language: language_name(language, page),
    )


def chips(chosen: Sequence[Chip], page: str) -> str:
    """The articles and folders that a conversation is kept to, each with a button that drops it.

    No two are the same text, so that the browser always sees that they are there.
    """
    return render("chips.html.jinja", page, chips=chosen, serial=next(_SERIALS))


def places(found: Sequence[Place], page: str) -> str:
    """The articles and folders that are offered for what is typed."""
    return render("places.html.jinja", page, places=found)


def progress(done: int, total: int, words: str, page: str) -> str:
    """The progress of a change of the articles; `total` is 0 when it is not known."""
    return render("progress.html.jinja", page, done=done, total=total, words=words)


def notice(
    text: str,
    page: str,
    kind: str = "good",
    names: Sequence[tuple[str, str]] = (),
    keep: str = "",
) -> str:
    """A notice of success or failure; `names` are files with the reason for each.

    Where it has `keep`, the browser keeps that once it is closed, as the setting `uncalibrated`.
    """
    return render("notice.html.jinja", page, text=text, kind=kind, names=names, keep=keep)


def problem(error: UserError, page: str) -> str:
    """A notice of what went wrong, in the page's language where it has words for it."""
    words = strings(page).get(f"error_{type(error).__name__}") or str(error)
    return notice(words, page, "bad")


def paragraph(text: str) -> str:
    """A text as one paragraph."""
    return f"<p class='about'>{html.escape(text)}</p>"


def said(text: str) -> str:
    """A text that screen readers speak whenever it changes."""
    return f"<p class='hidden' role='status'>{html.escape(text)}</p>"


def person(name: str, page: str) -> str:
    """The user's name and a link to sign out; empty when there are no users."""
    return render("person.html.jinja", page, name=name)


def render(template: str, page: str, /, **values: Any) -> str:
    """A template of `templates/` in one of the page's languages."""
    say = SimpleNamespace(**strings(page))  # `say.copy` is a word, and no method of a mapping
    values |= {"say": say, "code": page, "detect": detect, "spoken": spoken}
    values["at_page"] = lambda place: page_words(place, page)
    values["by_ocr"] = lambda sure: ocr_words(sure, page)
    return as_unicode(_templates().render(template, values))  # a file's name may not be UTF-8


@cache
def _templates() -> Templates:
    return Templates(_TEMPLATES, flat=_flat, path=lambda id: in_address(id, safe="/"))


def _flat(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _QUOTE_LENGTH else flat[: _QUOTE_LENGTH - 1] + "…"
