"""Export: a conversation as Markdown and as JSON, for a file. Pure.

What people, articles and the model wrote is shown as it is and never taken for Markdown: it makes
no heading, link, picture or HTML wherever the file is read.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import regex

from index.scope import Scope
from qa.answer import Answer, Citation, Nearest
from qa.service.answer_format import answer_fields, json_text, page_text, safe
from qa.service.conversations import Conversation
from qa.service.exchange import Exchange

FORMAT = 1  # of the JSON; goes up when a key goes or means something else

# CommonMark's marks and those of its common extensions; before a line's text also what would make
# it a list, a table or a heading. A bare address is parted where GitHub's rules would make a link.
_MARK = regex.compile(
    r"[\\`*_{}\[\]#|~$^@]|:(?=//)|(?<=\bwww)\.|\A[-+=:]|(?<=\A[0-9]{1,9})[.)]", regex.I
)
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_ENTITY = regex.compile("[&<>]")


def markdown(
    conversation: Conversation, exchanges: Sequence[Exchange], titles: Mapping[str, str]
) -> str:
    """A conversation for people; each answer with its sources, quoted in full.

    Args:
        conversation: gives the heading.
        exchanges: oldest first.
        titles: of articles, by their names; one without has its name alone.
    """
    blocks = [
        f"# {_inline(conversation.title)}",
        f"Begun {_inline(conversation.created)}, last asked {_inline(conversation.updated)}.",
        _scope("Kept to", conversation.scope, titles),
    ]
    for exchange in exchanges:
        blocks += _blocks(exchange, titles)
    return "\n\n".join(block for block in blocks if block) + "\n"


def json(conversation: Conversation, exchanges: Sequence[Exchange]) -> str:
    """A conversation for scripts: indented, each exchange with the keys of `ask --json`.

    `number`, `asked`, `state` and `error` are added to them, and `models` is not there. `scope` is
    there only where the conversation is kept to some articles.
    """
    scope = conversation.scope
    whole = {
        "format": FORMAT,
        **asdict(conversation),
        "scope": scope.fields,
        "exchanges": [_fields(exchange) for exchange in exchanges],
    }
    if scope.is_all:
        del whole["scope"]
    return json_text(whole, indent=2) + "\n"


def named(conversation: Conversation, exchanges: Sequence[Exchange]) -> set[str]:
    """The articles and folders that a conversation names, whose titles are worth knowing."""
    answers = [exchange.answer for exchange in exchanges if exchange.answer]
    scopes = conversation.scope, *(answer.scope for answer in answers)
    cited = (citation.article for answer in answers for citation in answer.citations)
    return {*cited, *(place for scope in scopes for place in scope.places)}


def _blocks(exchange: Exchange, titles: Mapping[str, str]) -> Iterator[str]:
    """Paragraphs; an empty one is to be left out."""
    yield f"## {_inline(exchange.question)}"
    yield f"*Asked {_inline(exchange.asked)}*"
    answer = exchange.answer
    if answer and answer.standing:
        yield f"*Understood as:* {_inline(answer.standing)}"
    if answer:
        yield _scope("Asked only", answer.scope, titles)
    yield _text(answer.text) if answer else ""
    if exchange.state == "stopped":
        yield "*Stopped before it was whole.*"
    if exchange.state == "failed":
        yield f"*Failed:* {_inline(exchange.error)}"
    if answer:
        yield from _sources(answer, titles)


def _scope(words: str, scope: Scope, titles: Mapping[str, str]) -> str:
    """Which articles were asked, by their titles; empty where all were."""
    if scope.is_all:
        return ""
    names = [f"{titles[p]}, {p}" if titles.get(p, p) != p else p for p in scope.places]
    others = str(scope.without_places)
    return f"*{words}:* {_inline('; '.join([*names, *([others] if others else [])]))}"


def _sources(answer: Answer, titles: Mapping[str, str]) -> Iterator[str]:
    if answer.answered:
        yield "Sources:" if answer.citations else ""
        for citation in answer.citations:
            yield _source(citation, titles, rf"\[{citation.marker}\] ")
    elif answer.nearest:
        yield "Nearest passages:"
        for nearest in answer.nearest:
            yield _source(nearest, titles)


def _source(place: Citation | Nearest, titles: Mapping[str, str], mark: str = "") -> str:
    """An item of a list: where the words stand, and the words."""
    title = _inline(titles.get(place.article, ""))
    if isinstance(place, Citation) and place.support == "metadata":
        return f"- {mark}{title}{', ' if title else ''}{_inline(place.article)}"
    at = _inline(page_text(place.page).removeprefix(", "))
    where = f"{_inline(place.article)}{', ' if at else ''}{at} {place.start}-{place.end}"
    lines = [f"- {mark}{title}{', ' if title else ''}{where}", ""]
    quote = _text(place.quote).replace("\n", "\n  > ")
    return "\n".join([*lines, f"  > {quote}"])


def _text(text: str) -> str:
    """A paragraph that has a text's lines, without the empty ones."""
    lines = (line.strip() for line in text.splitlines())
    return "\\\n".join(_escaped(line) for line in lines if line)


def _inline(text: str) -> str:
    """A text on one line."""
    return _escaped(" ".join(text.split()))


def _escaped(line: str) -> str:
    marked = _MARK.sub(r"\\\g<0>", safe(line))
    return str(_ENTITY.sub(lambda match: _ENTITIES[match[0]], marked))


def _fields(exchange: Exchange) -> dict[str, Any]:
    """An exchange; where nothing was answered, the keys of an answer are there and empty."""
    answer = exchange.answer or Answer(exchange.question, "")
    return {
        "number": exchange.number,
        "asked": exchange.asked,
        "state": exchange.state,
        "error": exchange.error,
        **answer_fields(replace(answer, question=exchange.question)),
    }
