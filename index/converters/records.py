"""JSON, JSON Lines -> Markdown: articles at any depth, and records in lines that name their values.

Numbers stay as they are written: `7.50` is not 7.5.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from index.converters.converted import Converted
from index.converters.json_articles import article, is_article, of_file, section
from index.converters.tables import line, table
from index.errors import NotText
from index.text.normalise import clean, decoded

_MOST_NUMBERS = 100  # of a list; more are a series or a vector
_MOST_NESTED = 24  # of a list of lists; more are a shape on a map or a matrix
_MOST_NAMED = 5


class _Number(str):
    """A number as it is written."""

    __slots__ = ()


@dataclass(slots=True)
class _Reader:
    """Writes the values of a file, and notes what it leaves out.

    `holders` are the lists and objects with articles in them, by `id`; `numbers` the names of
    lists that were too long.
    """

    holders: set[int]
    numbers: dict[str, None] = field(default_factory=dict)
    articles: list[Converted] = field(default_factory=list)

    def blocks(self, value: Any, said: set[str]) -> Iterator[str]:
        """A value as Markdown; `said` are keys that are said elsewhere."""
        if is_article(value):
            yield self._article(value)
        elif isinstance(value, dict):
            yield from self._object(value, said)
        elif isinstance(value, list):
            yield from self._list("", value)
        elif text := _line(value):
            yield text

    def _article(self, value: Mapping[str, Any]) -> str:
        found, others = article(value)
        nested = {key: item for key, item in others.items() if id(item) in self.holders}
        plain = {key: item for key, item in others.items() if key not in nested}
        rest = "\n".join(f"- {text}" for text in map(self._pair, plain.items()) if text)
        self.articles.append(found)
        own = section(found, rest, len(self.articles))
        return "\n\n".join(
            [own, *(block for item in nested.values() for block in self.blocks(item, set()))]
        )

    def _object(self, value: Mapping[str, Any], said: set[str]) -> Iterator[str]:
        """An object that is no article: lists under headings, other values in lines."""
        lines: list[str] = []
        later: list[Any] = []
        for key, item in value.items():
            if is_article(item) or id(item) in self.holders:
                later.append(item)
            elif (
                isinstance(item, list)
                and item
                and all(isinstance(each, dict | list) for each in item)
            ):
                yield from _list_of(lines)
                lines = []
                yield from self._list(f"## {_line(key)}", item)
            elif key not in said and (text := self._pair((key, item))):
                lines.append(text)
        yield from _list_of(lines)
        for item in later:
            yield from self.blocks(item, set())

    def _list(self, heading: str, values: Sequence[Any]) -> Iterator[str]:
        if _is_table(values):
            yield from filter(None, (heading, table([list(map(_line, row)) for row in values])))
            return
        records: list[str] = []
        for value in values:
            if is_article(value) or id(value) in self.holders:
                yield from _list_of(records, heading)
                records, heading = [], ""
                yield from self.blocks(value, set())
            elif text := self.record(value):
                records.append(text)
        yield from _list_of(records, heading)

    def _pair(self, pair: tuple[str, Any]) -> str:
        return self.record({pair[0]: pair[1]})

    def record(self, value: Any) -> str:
        """A value in one line that names each value in it."""
        pairs = [(name, text) for name, text in self._flatten("", value) if text]
        return line([name for name, _ in pairs], [text for _, text in pairs])

    def _flatten(self, name: str, value: Any) -> Iterator[tuple[str, str]]:
        """(`address.city`, value) of every value inside; a list of plain values is one."""
        if isinstance(value, dict):
            for key, item in value.items():
                yield from self._flatten(f"{name}.{_line(key)}" if name else _line(key), item)
        elif not isinstance(value, list):
            yield name, _line(value)
        elif count := _too_many_numbers(value):
            self.numbers[name] = None
            yield name, f"({count} numbers)"
        elif any(isinstance(item, dict | list) for item in value):
            for number, item in enumerate(value, 1):
                yield from self._flatten(f"{name} {number}".strip(), item)
        else:
            yield name, ", ".join(filter(None, map(_line, value)))

    def notices(self) -> tuple[str, ...]:
        """A line about the lists that were left out."""
        if not self.numbers:
            return ()
        names = [name or "a list" for name in self.numbers]
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        return (f"long lists of numbers were left out: {', '.join(names[:_MOST_NAMED])}{more}",)


def read_json(data: bytes) -> Converted:
    """Read a JSON file: an article, several at any depth, or any other values.

    Raises:
        NotText: it is not JSON.
    """
    text, notices = decoded(data)
    try:
        value = _parsed(text)
    except ValueError as error:
        if "Extra data" not in str(error) or len(value := _lines(text)) < 2:
            raise NotText(f"is not JSON ({error})") from error
    return _document(value, notices)


def read_jsonl(data: bytes) -> Converted:
    """Read a file with one JSON value a line.

    Raises:
        NotText: a line is not JSON; the reason names it.
    """
    text, notices = decoded(data)
    return _document(_lines(text), notices)


def _lines(text: str) -> list[Any]:
    values = []
    for number, each in enumerate(text.split("\n"), 1):
        try:
            values += [_parsed(each)] if each.strip(" \t\r\x1e") else []
        except ValueError as error:
            raise NotText(f"line {number} is not JSON ({error})") from error
    return values


def _parsed(text: str) -> Any:
    text = text.strip(" \t\r\n\x1e")  # RFC 7464 has a mark before each value
    return json.loads(text, parse_float=_Number, parse_int=_Number, object_pairs_hook=_object)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; a name that stands twice in it has both values."""
    found = dict(pairs)
    if len(found) < len(pairs):
        several: dict[str, list[Any]] = {}
        for name, value in pairs:
            several.setdefault(name, []).append(value)
        found = {name: each if len(each) > 1 else each[0] for name, each in several.items()}
    return found


def _document(value: Any, notices: tuple[str, ...]) -> Converted:
    holders = set[int]()
    _find_articles(value, holders)
    reader = _Reader(holders)
    told, said = of_file(value) if id(value) in holders else (Converted(""), set())
    text = "\n\n".join(reader.blocks(value, said))
    if len(reader.articles) == 1 and not (isinstance(value, list) and len(value) > 1):
        text = _alone(text, reader.articles[0])
        told = reader.articles[0]
    return replace(told, text=text, notices=(*notices, *reader.notices()))


def _alone(text: str, found: Converted) -> str:
    """The text of the only article of a file: its title and day are metadata."""
    before, _, after = text.partition(section(found, "", 1))
    return "\n\n".join(filter(None, (before.strip(), found.text, after.strip())))


def _find_articles(value: Any, holders: set[int]) -> bool:
    """Note the lists and objects that hold articles, this one among them."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    found = [_find_articles(each, holders) for each in inner if isinstance(each, dict | list)]
    own = isinstance(value, dict) and is_article(value)
    if any(found):
        holders.add(id(value))
    return own or any(found)


def _list_of(records: Sequence[str], heading: str = "") -> Iterator[str]:
    if records:
        yield from filter(None, (heading, "\n".join(f"- {record}" for record in records)))


def _is_table(values: Sequence[Any]) -> bool:
    """Whether a list of lists is rows of cells, of which some are words."""
    rows = all(isinstance(row, list) and not _has_inner(row) for row in values)
    words = (
        (isinstance(cell, str) and type(cell) is str for row in values[:2] for cell in row)
        if rows
        else ()
    )
    return rows and len(values) > 1 and any(words)


def _has_inner(row: Sequence[Any]) -> bool:
    return any(isinstance(cell, dict | list) for cell in row)


def _too_many_numbers(value: list[Any]) -> int:
    """How many numbers a long list of nothing else holds, in lists inside it too; else 0."""
    count, nested, waiting = 0, False, [value]
    while waiting:
        for each in waiting.pop():
            if isinstance(each, list):
                waiting.append(each)
                nested = True
            elif isinstance(each, _Number):
                count += 1
            else:
                return 0
    return count if count > (_MOST_NESTED if nested else _MOST_NUMBERS) else 0


def _line(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(clean(str(value)).split())
