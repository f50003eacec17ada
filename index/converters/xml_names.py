"""XML names: elements and attributes by their names without namespace. Pure."""

from functools import lru_cache
from typing import Any


def local(element: Any) -> str:
    """An element's name without its namespace; "" of a comment."""
    tag = element.tag
    return _name(tag) if isinstance(tag, str) else ""


@lru_cache(maxsize=10_000)  # names of a file, which could be made up
def _name(tag: str) -> str:
    return tag.rpartition("}")[2]


def attribute(element: Any, name: str, default: str = "") -> str:
    """An attribute by its name without namespace."""
    for key in element.keys():  # noqa: SIM118 - an element holds its children
        if _name(key) == name:
            return str(element.get(key))
    return default


def child(element: Any, *names: str) -> Any:
    """The first child of one of these names, or None."""
    return next((each for each in element if local(each) in names), None)
