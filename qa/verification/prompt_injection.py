"""Prompt injection: sentences of an article that tell a reader, or a machine, what to do. Pure.

An article is there to be quoted, not obeyed. By the tables of `prompts/instructions.toml`: words of
command with what is to be written, tokens of chat templates, tasks put as questions.
"""

from functools import cache
from typing import Any

import regex

import prompts
from index.text.normal_forms import nfkc

# A letter or mark that cannot be seen parts no words: "ig\u200bnore".
_UNSEEN = regex.compile(r"\p{Cf}")
# What may stand before the first word: list marks, but no quotation mark. A command in quotes that
# opens a sentence is mostly what somebody said.
_BEGIN = r"^[\s\-–—*•#>¡¿(]*+"
_END = r"[\s।.!?！。]*$"
# Code points between a verb and its thing, and of a sentence's end: an order is soon said, and an
# endless line must not cost time squared.
_APART = 200
_LAST = 300


def is_instruction(sentence: str) -> bool:
    """Whether a sentence of an article gives an order or a task instead of telling something."""
    text = _UNSEEN.sub("", nfkc(sentence)).casefold()
    whole, last = _patterns()
    return any(pattern.search(text) for pattern in whole) or any(
        pattern.search(text[-_LAST:]) for pattern in last
    )


Patterns = list[regex.Pattern[str]]


@cache
def _patterns() -> tuple[Patterns, Patterns]:
    """The patterns for a whole sentence, and those for its end."""
    tables = prompts.table("instructions").values()
    whole = (pattern for table in tables for pattern in _written(table))
    last = (pattern for table in tables if table.get("last") for pattern in _commands(table))
    return [_compiled(pattern) for pattern in whole], [_compiled(pattern) for pattern in last]


def _compiled(pattern: str) -> regex.Pattern[str]:
    # In the same form as the sentence: NFKC takes letters apart that NFC leaves whole.
    return regex.compile(nfkc(pattern), regex.DOTALL)


def _written(table: dict[str, Any]) -> list[str]:
    commands = [] if table.get("last") or "tasks" not in table else _commands(table)
    return [*table.get("anywhere", []), *table.get("quiz", []), *commands]


def _commands(table: dict[str, Any]) -> list[str]:
    """Patterns of a verb of command, at the beginning of a sentence or, in some languages, last."""
    tasks, actions, things = (_any_of(table[name]) for name in ("tasks", "actions", "things"))
    if table.get("last"):
        return [rf"{tasks}{_END}", rf"{things}.{{0,{_APART}}}{actions}{_END}"]
    begin = _BEGIN + table["starts"]
    return [rf"{begin}{tasks}(?!,)", rf"{begin}{actions}.{{0,{_APART}}}{things}"]


def _any_of(words: list[str]) -> str:
    """One of these words, whole, but for Chinese, which has no space between words."""
    joined = "|".join(words)
    return rf"(?:(?<![^\W\p{{Han}}])(?:{joined})(?:(?<=\p{{Han}})|(?![^\W\p{{Han}}])))"
