"""CSV, JSON, JSON Lines -> Markdown: each record in one line that names its values."""

import csv
import html
import io
import itertools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from index.converters import metadata
from index.converters.converted import Converted
from index.converters.tables import line, table
from index.errors import NotText
from index.text.normalise import MAX_CODE_POINTS, clean, decoded

_BODY = ("text", "content", "body", "articleBody")
_TITLE = ("title", "headline")
_DATE = ("date", "datePublished", "published", "published_at", "created_at")
_LANGUAGE = ("language", "lang", "inLanguage")
_SEPARATOR = re.compile(r"sep=([,;\t|])\r?\n", re.IGNORECASE)  # a line for Excel, no row
# Block elements, which editors of web pages write and prose about `<b>` does not.
_HTML = re.compile(r"</(?:p|div|h[1-6]|li|ul|ol|table|blockquote)>|<br ?/?>", re.IGNORECASE)
_SAMPLE = 10_000  # code points of a CSV file from which its delimiter is guessed


def read_csv(data: bytes) -> Converted:
    """Read a CSV file with any delimiter: `,` `;` tab or `|`.

    Raises:
        NotText: it is not UTF-8, or no table.
    """
    text, notices = decoded(data)
    declared = _SEPARATOR.match(text)
    if declared:
        text, delimiter = text[declared.end() :], declared[1]
    else:
        delimiter = _delimiter(text)
    csv.field_size_limit(MAX_CODE_POINTS)
    lines = io.StringIO(text, newline="")
    try:
        # White space around cells is dropped; a quote after a space opens a quoted cell.
        rows = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
        return Converted(table(rows), notices=notices)
    except csv.Error as error:
        raise NotText(f"is not a CSV table ({error})") from error


def _delimiter(text: str) -> str:
    """The delimiter alone: of quotes and the rest the sniffer only guesses."""
    try:
        return csv.Sniffer().sniff(text[:_SAMPLE], ",;\t|").delimiter
    except csv.Error:
        return ","


def read_json(data: bytes) -> Converted:
    """Read a JSON file: an article, several, or any other values.

    Raises:
        NotText: it is not JSON.
    """
    text, notices = decoded(data)
    try:
        value = json.loads(text)
    except ValueError as error:
        raise NotText(f"is not JSON ({error})") from error
    return replace(_json(value), notices=notices)


def _json(value: Any) -> Converted:
    if isinstance(value, list):
        return _several(value)
    if isinstance(value, dict):
        return _article(value) if _is_article(value) else Converted("\n\n".join(_parts(value)))
    return Converted(clean(str(value)))


def read_jsonl(data: bytes) -> Converted:
    """Read a file with one JSON value a line.

    Raises:
        NotText: a line is not JSON; the reason names it.
    """
    values = []
    whole, notices = decoded(data)
    for number, text in enumerate(whole.split("\n"), 1):
        try:
            values += [json.loads(text)] if text.strip() else []
        except ValueError as error:
            raise NotText(f"line {number} is not JSON ({error})") from error
    return replace(_several(values), notices=notices)


def _several(values: list[Any]) -> Converted:
    """Articles as sections, other values as lines, in the order of the file."""
    if len(values) == 1 and _is_article(values[0]):
        return _article(values[0])
    parts = []
    for are_articles, group in itertools.groupby(values, _is_article):
        if are_articles:
            parts += [_section(_article(value)) for value in group]
        else:
            records = filter(None, map(_record, group))
            parts.append("\n".join(f"- {record}" for record in records))
    return Converted("\n\n".join(filter(None, parts)))


def _is_article(value: Any) -> bool:
    return isinstance(value, dict) and any(_text(value.get(key)) for key in _BODY)


def _text(value: Any) -> str:
    """A text, also in an object as WordPress has it; "" for any other value."""
    if isinstance(value, dict):
        value = value.get("rendered")
    return value if isinstance(value, str) and value.strip() else ""


def _article(value: Mapping[str, Any]) -> Converted:
    """An article's text, then its other values, each in a line; who wrote it stays among them."""
    body = next((key for key in _BODY if _text(value.get(key))), "")
    title = next((key for key in _TITLE if _text(value.get(key))), "")
    date = next((key for key in _DATE if metadata.day(value.get(key))), "")
    language = next((key for key in _LANGUAGE if isinstance(value.get(key), str)), "")
    others = {k: v for k, v in value.items() if k not in (body, title, date, language)}
    rest = "\n".join(
        f"- {_record({key: item})}" for key, item in others.items() if _record({key: item})
    )
    return Converted(
        f"{_body(_text(value.get(body)))}\n\n{rest}".strip(),
        metadata.title(html.unescape(_text(value.get(title)))),
        value.get(language, ""),
        metadata.day(value.get(date)),
        metadata.author_of(value),
    )


def _body(text: str) -> str:
    if _HTML.search(text):
        from index.converters.html import markdown

        return markdown(text).strip()
    text = clean(text).replace("\r\n", "\n").strip()
    return text if "\n\n" in text else text.replace("\n", "\n\n")


def _section(article: Converted) -> str:
    """One of several articles of a file; its title and date become text."""
    date = f"- date: {article.date}" if article.date else ""
    heading = f"# {article.title}" if article.title else ""
    return "\n\n".join(filter(None, (heading, article.text, date)))


def _parts(value: Mapping[str, Any]) -> Iterator[str]:
    """An object that is no article: lists of objects under headings, other values in lines."""
    for key, item in value.items():
        if isinstance(item, list) and item and all(isinstance(each, dict) for each in item):
            yield f"## {_line(key)}"
            yield "\n".join(f"- {_record(each)}" for each in item)
        elif text := _record({key: item}):
            yield f"- {text}"


def _record(value: Any) -> str:
    pairs = list(_flatten("", value))
    return line([name for name, _ in pairs], [text for _, text in pairs])


def _flatten(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """(`address.city`, value) of every value inside; a list of plain values is one."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _flatten(f"{name}.{_line(key)}" if name else _line(key), item)
    elif isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        for number, item in enumerate(value, 1):
            yield from _flatten(f"{name} {number}".strip(), item)
    elif isinstance(value, list):
        yield name, ", ".join(filter(None, map(_line, value)))
    else:
        yield name, _line(value)


def _line(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(clean(str(value)).split())
