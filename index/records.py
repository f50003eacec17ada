"""CSV, JSON, JSON Lines -> Markdown: each record in one line with the names of its values."""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from index import told
from index.errors import NotText
from index.rows import line, table
from index.text import MAX_CODE_POINTS, clean, decode
from index.told import Converted

_BODY = ("text", "content", "body", "articleBody")
_TITLE = ("title", "headline")
_DATE = ("date", "datePublished", "published", "published_at", "created_at")
_LANGUAGE = ("language", "lang", "inLanguage")
_SEPARATOR = re.compile(r"sep=([,;\t|])\r?\n", re.IGNORECASE)  # a line for Excel, no row
_SAMPLE = 10_000  # characters of a CSV file that show what parts its cells


def read_csv(data: bytes) -> Converted:
    """Read a CSV file, whatever parts its cells: `,` `;` tab or `|`.

    Raises:
        NotText: it is not UTF-8, or no table.
    """
    text = decode(data)
    told = _SEPARATOR.match(text)
    text, delimiter = (text[told.end() :], told[1]) if told else (text, _delimiter(text))
    csv.field_size_limit(MAX_CODE_POINTS)
    lines = io.StringIO(text, newline="")
    try:
        # What stands around a cell is dropped anyhow; a quote after a space is a quote.
        return Converted(table(csv.reader(lines, delimiter=delimiter, skipinitialspace=True)))
    except csv.Error as error:
        raise NotText(f"is not a CSV table ({error})") from error


def _delimiter(text: str) -> str:
    """What parts the cells; all else that a sniffer says is a guess, and quotes are of one kind."""
    try:
        return csv.Sniffer().sniff(text[:_SAMPLE], ",;\t|").delimiter
    except csv.Error:
        return ","


def read_json(data: bytes) -> Converted:
    """Read a JSON file: an article, several, or any other values.

    Raises:
        NotText: it is not JSON.
    """
    try:
        value = json.loads(decode(data))
    except ValueError as error:
        raise NotText(f"is not JSON ({error})") from error
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
    for number, text in enumerate(decode(data).split("\n"), 1):
        try:
            values += [json.loads(text)] if text.strip() else []
        except ValueError as error:
            raise NotText(f"line {number} is not JSON ({error})") from error
    return _several(values)


def _several(values: list[Any]) -> Converted:
    articles = [value for value in values if isinstance(value, dict) and _is_article(value)]
    if len(values) == 1 and articles:
        return _article(articles[0])
    if values and len(articles) == len(values):
        return Converted("\n\n".join(_section(_article(value)) for value in articles))
    return Converted("\n".join(f"- {_record(value)}" for value in values))


def _is_article(value: Mapping[str, Any]) -> bool:
    return any(isinstance(value.get(key), str) and value[key].strip() for key in _BODY)


def _article(value: Mapping[str, Any]) -> Converted:
    """Its text, then what else it tells, each value in a line."""
    used = [
        next((k for k in keys if isinstance(value.get(k), str)), None) for keys in (_BODY, _TITLE)
    ]
    body, title = used
    date = next((told.day(value[key]) for key in _DATE if key in value), "")
    language = next((value[key] for key in _LANGUAGE if isinstance(value.get(key), str)), "")
    others = {k: v for k, v in value.items() if k not in (body, title, *_DATE, *_LANGUAGE)}
    text = clean(value[body] if body else "").replace("\r\n", "\n").strip()
    text = text if "\n\n" in text else text.replace("\n", "\n\n")
    rest = "\n".join(
        f"- {_record({key: item})}" for key, item in others.items() if _record({key: item})
    )
    return Converted(
        f"{text}\n\n{rest}".strip(), told.title(value[title]) if title else "", language, date
    )


def _section(article: Converted) -> str:
    """One of several articles in a file, which have one title and date between them: none."""
    date = f"- date: {article.date}" if article.date else ""
    heading = f"# {article.title}" if article.title else ""
    return "\n\n".join(filter(None, (heading, article.text, date)))


def _parts(value: Mapping[str, Any]) -> Iterator[str]:
    """An object of other things: lists of objects under headings, the rest in lines."""
    for key, item in value.items():
        if isinstance(item, list) and item and all(isinstance(each, dict) for each in item):
            yield f"## {_line(key)}"
            yield "\n".join(f"- {_record(each)}" for each in item)
        elif text := _record({key: item}):
            yield f"- {text}"


def _record(value: Any) -> str:
    pairs = list(_flat("", value))
    return line([name for name, _ in pairs], [text for _, text in pairs])


def _flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """(`address.city`, value) of every value below; plain lists in one."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _flat(f"{name}.{_line(key)}" if name else _line(key), item)
    elif isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        for number, item in enumerate(value, 1):
            yield from _flat(f"{name} {number}".strip(), item)
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
