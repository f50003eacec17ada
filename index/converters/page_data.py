"""Page data: the article in the JSON of a page that only a script fills.

Reads JSON-LD's `articleBody`, and what frameworks leave for their own scripts (`__NEXT_DATA__`,
`window.__INITIAL_STATE__ = {…}`). Runs no script.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from index.converters import metadata

_BODY = ("articleBody", "body", "bodyHtml", "content", "contentHtml", "text", "html", "blocks")
_TITLE = ("headline", "title", "name")
_DATE = ("datePublished", "publishedAt", "published", "date", "createdAt")
_PIECE = ("text", "content", "html", "value", "children")
_STATE = re.compile(r"(?:window\.|self\.|var |let |const )?[\w.\[\]\"']{1,60}\s*=\s*(?=[{\[])")
_SHORTEST = 20  # code points of a text: a button's label is shorter
_MOST_VALUES = 200_000
_DEEPEST = 20  # levels of blocks in blocks
_LOADING = re.compile(
    r"[\W\d_]*(?:(?:please|wait|loading|page|app|content|is|the|spinner|lädt|chargement|cargando|"
    r"carregando|memuat|загрузка|加载中|载入中|読み込み中|लोड हो रहा है)[\W\d_]*){0,8}",
    re.IGNORECASE,
)
_NEEDS_SCRIPT = re.compile(r"\bjava ?script\b|\bscripts?\b.{0,40}(?:enable|turn)|browser", re.I)


@dataclass(frozen=True, slots=True)
class PageData:
    """An article as a page's data for scripts has it; `text` may be HTML."""

    text: str
    title: str = ""
    date: str = ""
    author: str = ""
    told: bool = False  # whether it calls itself an article's text


def is_only_a_script(text: str) -> bool:
    """Whether a page's words say no more than that it loads, or that it needs a script."""
    text = " ".join(text.split())
    short = len(text) < 400
    return short and bool(_LOADING.fullmatch(text) or _NEEDS_SCRIPT.search(text))


def without_loading(text: str) -> str:
    """A page's text without the lines that say that it loads: `Loading…`."""
    parts = text.split("\n\n")
    kept = [part for part in parts if not part.rstrip().endswith(("…", "..."))
            or not _LOADING.fullmatch(part)]  # fmt: skip
    return "\n\n".join(kept)


def page_data(scripts: Iterable[tuple[str, str]]) -> PageData | None:
    """The longest article in the JSON of a page's scripts, (type, text) each; None without one."""
    found = [data for value in _values(scripts) for data in _articles(value)]
    return max(found, key=lambda data: (data.told, bool(data.title), len(data.text)), default=None)


def _values(scripts: Iterable[tuple[str, str]]) -> Iterator[Any]:
    for kind, text in scripts:
        if not kind.endswith("json"):
            match = _STATE.match(text) if kind in ("", "text/javascript", "module") else None
            text = text[match.end() :] if match else ""
        if text:
            try:
                yield json.JSONDecoder(strict=False).raw_decode(text)[0]
            except (ValueError, RecursionError):
                continue


def _articles(value: Any) -> Iterator[PageData]:
    """Every object inside that has a text."""
    todo, left = [value], _MOST_VALUES
    while todo and left:
        left -= 1
        one = todo.pop()
        if isinstance(one, dict):
            key, text = next(((k, t) for k in _BODY if (t := _prose(one.get(k)))), ("", ""))
            if text:
                yield replace(_told(one, text), told=key == "articleBody")
            todo += [each for name, each in one.items() if name != key or not text]
        elif isinstance(one, list):
            todo += one


def _told(value: Mapping[str, Any], text: str) -> PageData:
    titles = (metadata.title(value.get(key)) for key in _TITLE)
    dates = (metadata.day(value.get(key)) for key in _DATE)
    title, date = next(filter(None, titles), ""), next(filter(None, dates), "")
    return PageData(text, title, date, metadata.author_of(value))


def _prose(value: Any) -> str:
    text = "\n\n".join(_pieces(value, 0))
    return text if (len(text) >= _SHORTEST and " " in text.strip()) or _is_wide(text) else ""


def _is_wide(text: str) -> bool:
    return len(text) >= _SHORTEST and sum(letter >= "\u2e80" for letter in text) * 2 > len(text)


def _pieces(value: Any, depth: int) -> Iterator[str]:
    """The texts of blocks: `[{"type": "paragraph", "text": "…"}]`, and lists of texts."""
    if isinstance(value, str) and value.strip():
        yield value.strip()
    elif isinstance(value, list) and depth < _DEEPEST:
        for each in value:
            yield from _pieces(each, depth + 1)
    elif isinstance(value, dict) and depth < _DEEPEST:
        inner = next((value[key] for key in ("rendered", *_PIECE) if value.get(key)), None)
        yield from _pieces(inner, depth + 1)
