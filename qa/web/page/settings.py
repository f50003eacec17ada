"""Settings: the ones that a browser keeps in a cookie, and the visitor whose browser it is."""

import json
import math
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from index.scope import EVERYTHING, Scope
from index.text.languages import ENGLISH_NAMES
from qa.service.chat import AskOptions, Offer, Visitor
from qa.web.page.layout import LOOKS, MOST_SEARCHED
from qa.web.page.translations import pick
from qa.web.security.visitor_id import user_name, visitor_id

COOKIE = "article-qa-settings"
NAMES = ("language", "llm", "limit", "look", "page")
_LONGEST_COOKIE = 2000  # characters
_PASSAGES = 10  # that are searched unless a person chooses otherwise


def visitor(request: Any) -> Visitor:
    """The visitor who sent a request, with their settings and the language of their page."""
    id, kept = visitor_id(request.headers), read_cookie(request.cookies)
    page = pick(kept.get("page"), request.headers.get("accept-language"))
    return Visitor(id, page, user_name(id), kept)


def read_cookie(cookies: Mapping[str, str]) -> dict[str, str]:
    """The settings in a browser's cookies; none when they cannot be read."""
    try:
        found = json.loads(unquote(cookies.get(COOKIE, "")[:_LONGEST_COOKIE]))
    except (ValueError, RecursionError):
        return {}
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}


def usable(who: Visitor, offer: Offer) -> dict[str, Any]:
    """A visitor's settings by their parts of the page; the default for each that is not offered."""
    kept = who.kept
    limit = kept.get("limit", "")
    return {
        "language": kept.get("language") if kept.get("language") in ENGLISH_NAMES else "",
        "llm": kept.get("llm") if kept.get("llm") in offer.models else offer.models[0],
        "limit": min(int(limit), MOST_SEARCHED) if limit.isdecimal() and int(limit) else _PASSAGES,
        "look": kept.get("look") if kept.get("look") in LOOKS else LOOKS[0],
        "page": who.page,
    }


def ask_options(
    language: str | None, llm: str | None, limit: float | None, chosen: Scope = EVERYTHING
) -> AskOptions:
    """How to answer a question, by the values of the settings' parts and what was chosen."""
    passages = int(limit) if limit and math.isfinite(limit) else _PASSAGES
    limit = min(max(passages, 1), MOST_SEARCHED)
    return AskOptions(language or None, llm or None, limit, chosen)
