"""Visitor id: the name under which a request is served, `user:NAME` or `anon:ID`. Pure.

The security middleware writes it into the header HEADER, which no client can set; what lies behind
the middleware reads it there.
"""

from collections.abc import Mapping

HEADER = "x-article-qa-visitor"
_USER = "user:"
_ANONYMOUS = "anon:"


def user_id(name: str) -> str:
    """The visitor id of a user who has signed in."""
    return _USER + name


def anonymous_id(browser: str) -> str:
    """The visitor id of a browser, by the random id in its cookie, where there are no users."""
    return _ANONYMOUS + browser


def user_name(visitor: str) -> str:
    """The user's name in a visitor id; empty when nobody has signed in."""
    return visitor.removeprefix(_USER) if visitor.startswith(_USER) else ""


def visitor_id(headers: Mapping[str, str]) -> str:
    """The visitor id of a request that has passed the middleware, by its headers."""
    return str(headers[HEADER])
