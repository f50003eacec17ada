"""Prompts: text files with front matter; a loader that rejects missing and unused values.

Knows no model and no article.
"""

import string
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent
_FENCE = "+++\n"


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt file: `settings` from its front matter, and a text with `$holes`."""

    name: str
    settings: dict[str, Any]
    template: string.Template

    def fill(self, **values: str) -> str:
        """The text with every hole filled.

        Raises:
            ValueError: a hole has no value, or a value no hole; the message names them.
        """
        holes = set(self.template.get_identifiers())
        if missing := sorted(holes - values.keys()):
            raise ValueError(f"prompts/{self.name}.md needs a value for {', '.join(missing)}")
        if unused := sorted(values.keys() - holes):
            raise ValueError(f"prompts/{self.name}.md has no place for {', '.join(unused)}")
        return self.template.substitute(values)


@cache
def load(name: str) -> Prompt:
    """Read `prompts/NAME.md`: TOML front matter between two `+++` lines, then the text."""
    text = (_FOLDER / f"{name}.md").read_text(encoding="utf-8")
    settings: dict[str, Any] = {}
    if text.startswith(_FENCE):
        front, text = text.removeprefix(_FENCE).split(_FENCE, 1)
        settings = tomllib.loads(front)
    return Prompt(name, settings, string.Template(text.strip()))


@cache
def table(name: str) -> dict[str, Any]:
    """Words and patterns by language: `prompts/NAME.toml`."""
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def refusals() -> dict[str, str]:
    """What is said when the articles do not tell, by ISO 639 language code."""
    return table("refusals")


def says(language: str) -> str:
    """What stands before a quotation, in a language or else in English."""
    return phrase("quoting", "says", language)


def phrase(file: str, name: str, language: str, **values: object) -> str:
    """What `prompts/FILE.toml` has under a name, in a language or else in English, holes filled."""
    words: dict[str, str] = table(file)[name]
    return string.Template(words.get(language, words["en"])).substitute(values)
