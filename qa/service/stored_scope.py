"""Stored scope: the articles that a conversation is kept to, as its row of the database. Pure."""

import json

from index.scope import EVERYTHING, BadScope, Scope, scope_of
from index.text.characters import as_unicode


def as_row(scope: Scope) -> str:
    """A scope as `from_row` reads it; a lone surrogate becomes `?`."""
    return as_unicode(json.dumps(scope.fields, ensure_ascii=False))


def from_row(fields: str | None) -> Scope:
    """Read a row; none, and one that cannot be read any more, is of all articles."""
    if fields is None:
        return EVERYTHING
    try:
        parts = json.loads(fields)
        known = {name: parts.get(name) for name in ("only", "language", "since", "until")}
    except (ValueError, AttributeError, RecursionError):
        return EVERYTHING
    try:
        return scope_of(**known)
    except BadScope:
        return EVERYTHING
