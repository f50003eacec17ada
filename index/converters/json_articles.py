"""JSON articles: objects that hold an article -> its text, title, day, language and author. Pure.

Knows the names that programs use: JSON Feed 1.1, schema.org, WordPress, news services.
"""

import html
import re
from collections.abc import Mapping
from typing import Any

from index.converters import metadata
from index.converters.converted import Converted
from index.text.normalise import clean

BODY = (
    "content_html", "content_text", "text", "content", "body", "articleBody", "article_body",
    "full_text", "fullText", "body_html", "html",
)  # fmt: skip
# A body only where there is a title: `description` says something of anything.
_SHORT_BODY = ("description", "summary", "abstract", "excerpt", "selftext")
_BODIES = frozenset(BODY + _SHORT_BODY)
_TITLE = ("title", "headline")
_DATE = (
    "date", "datePublished", "date_published", "published", "published_at", "publishedAt",
    "published_date", "publish_date", "pubDate", "pub_date", "created_at", "createdAt",
    "dateCreated", "created",
)  # fmt: skip
_LANGUAGE = ("language", "lang", "inLanguage")
_MARKUP = {"content_html", "body_html", "html"}
# Block elements, which editors of web pages write and prose about `<b>` does not; or inline ones
# that are closed.
_HTML = re.compile(
    r"</(?:p|div|h[1-6]|li|ul|ol|table|blockquote)>|<br ?/?>"
    r"|<(a|b|i|em|strong|span|sup|sub|u|mark|code)(?: [^<>]*)?>[^<>]{1,500}</\1>",
    re.IGNORECASE,
)
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
_HEADING = re.compile(r"^(#{1,5}) ", re.MULTILINE)
_MOST_BLOCKS = 10_000


def is_article(value: Any) -> bool:
    """Whether a value is an object with the text of an article."""
    return isinstance(value, dict) and not _BODIES.isdisjoint(value) and bool(_body_key(value))


def _body_key(value: Mapping[str, Any]) -> str:
    keys = BODY if not _first(value, _TITLE) else (*BODY, *_SHORT_BODY)
    return _first(value, keys)


def _first(value: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    return next((key for key in keys if _text(value.get(key))), "")


def _text(value: Any) -> str:
    """A text, also of an object or of paragraphs as WordPress and editors have them, else ""."""
    if isinstance(value, dict):
        value = value.get("rendered") or value.get("text") or value.get("data")
        value = value.get("text") if isinstance(value, dict) else value
    if isinstance(value, list) and 0 < len(value) <= _MOST_BLOCKS:
        texts = [each if isinstance(each, str) else _block(each) for each in value]
        value = "\n\n".join(texts) if all(texts) else ""
    return value if type(value) is str and value.strip() else ""


def _block(value: Any) -> str:
    """A paragraph of an editor, or its list, which has `items`."""
    if not isinstance(value, dict):
        return ""
    data = value.get("data")
    items = value.get("items") or (data.get("items") if isinstance(data, dict) else None)
    if isinstance(items, list) and items and all(isinstance(item, str) for item in items):
        return "\n".join(f"- {item}" for item in items)
    return _text(value)


def article(value: Mapping[str, Any]) -> tuple[Converted, dict[str, Any]]:
    """An article, and the values of its object that are none of its text, title, day, language."""
    body = _body_key(value)
    title, language = _first(value, _TITLE), _language(value)
    date = next((key for key in _DATE if metadata.day(value.get(key))), "")
    used = {body, title, date, language} | ({"content_text"} if body == "content_html" else set())
    others = {key: item for key, item in value.items() if key not in used}
    found = Converted(
        _markdown(_text(value.get(body)), markup=body in _MARKUP),
        _title(value.get(title)),
        value.get(language, ""),
        metadata.day(value.get(date)),
        metadata.author_of(value),
    )
    return found, others


def of_file(value: Any) -> tuple[Converted, set[str]]:
    """What a file that holds articles says of itself, and by which keys."""
    if not isinstance(value, dict):
        return Converted(""), set()
    title, language = _first(value, _TITLE), _language(value)
    told = Converted(
        "", _title(value.get(title)), value.get(language, ""), "", metadata.author_of(value)
    )
    return told, {title, language}


def section(found: Converted, rest: str, number: int) -> str:
    """One of several articles of a file: under its title or number, with its day as text."""
    date = f"- date: {found.date}" if found.date else ""
    text = _HEADING.sub(r"#\1 ", found.text)
    title = found.title or (number if number > 1 else "")
    others = "\n".join(filter(None, (date, rest)))
    return "\n\n".join(filter(None, (f"# {title}" if title else "", text, others)))


def _language(value: Mapping[str, Any]) -> str:
    return next((key for key in _LANGUAGE if type(value.get(key)) is str), "")


def _title(value: Any) -> str:
    return metadata.title(html.unescape(_TAG.sub("", _text(value))))


def _markdown(text: str, *, markup: bool) -> str:
    if markup or _HTML.search(text):
        from index.converters.html import markdown

        return markdown(text).strip()
    text = clean(text).replace("\r\n", "\n").strip()
    return text if "\n\n" in text else text.replace("\n", "\n\n")
