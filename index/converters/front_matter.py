"""Front matter: the settings before a Markdown text, in YAML, TOML or JSON; only home of PyYAML.

`---` … `---` (Jekyll), `+++` … `+++` and an object of JSON (Hugo).
"""

import json
import re
import tomllib
from collections.abc import Mapping
from typing import Any

# Front matter holds a few lines; a parser of YAML takes its time over more.
_LONGEST = 16_384  # code points
_YAML = re.compile(rf"---[ \t]*\n(.{{0,{_LONGEST}}}?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_TOML = re.compile(rf"\+\+\+[ \t]*\n(.{{0,{_LONGEST}}}?)\n\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL)


def front_matter(text: str) -> tuple[Mapping[str, Any], str]:
    """(settings, the text behind them); without settings the text is as it was.

    Values of YAML are texts, lists and objects of texts; those of TOML and JSON keep their kinds.
    """
    for pattern, reader in ((_YAML, _yaml), (_TOML, _toml)):
        if match := pattern.match(text):
            settings = reader(match[1])
            if isinstance(settings, dict):
                return settings, text[match.end() :]
    return _json(text) if text.startswith("{") else ({}, text)


def _yaml(text: str) -> Any:
    import yaml

    try:
        # BaseLoader makes text of every value, and nothing else of any.
        return yaml.load(text, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError):  # of a letter's number, too
        return None


def _toml(text: str) -> Any:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return None


def _json(text: str) -> tuple[Mapping[str, Any], str]:
    try:
        settings, end = json.JSONDecoder().raw_decode(text[:_LONGEST])
    except (ValueError, RecursionError):
        return {}, text
    after = re.match(r"[ \t]*(?:\n|\Z)", text[end:])
    if not isinstance(settings, dict) or not settings or after is None:
        return {}, text
    return settings, text[end + after.end() :]
