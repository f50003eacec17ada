"""Page author: who wrote a web page, by its data for machines: JSON-LD, then meta tags.

Nobody is guessed from the page's words, as trafilatura does where these name none.
"""

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from index.converters import metadata

_META = (
    *("citation_author", "author", "authors", "article:author", "og:article:author", "byl"),
    *("dc.creator", "dc:creator", "dcterms.creator", "parsely-author", "sailthru.author"),
)
# What an author of is the page's: not a comment, a review or a picture on it.
_WRITTEN = re.compile(r"\w*(?:Article|Posting|Page)|Report|CreativeWork|Book|Chapter|Thesis|Recipe")


def page_author(tree: Any) -> str:
    """The author of a parsed page; "" if its data for machines names none."""
    found = itertools.chain(_by_json(tree), _by_tags(tree))
    return next(filter(None, found), "")


def _by_tags(tree: Any) -> Iterator[str]:
    told: dict[str, list[str]] = {}
    for tag in tree.iterfind(".//head/meta[@content]"):
        name = tag.get("name") or tag.get("property") or tag.get("itemprop") or ""
        told.setdefault(name.strip().lower(), []).append(tag.get("content"))
    return (metadata.author(told[name]) for name in _META if name in told)


def _by_json(tree: Any) -> Iterator[str]:
    for script in tree.iter("script"):
        if script.get("type", "").strip().lower() == "application/ld+json":
            nodes = list(_nodes(script.text or ""))
            named = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str)}
            for node in filter(_is_written, nodes):
                yield metadata.author(_resolved(node.get("author"), named))


def _nodes(text: str) -> Iterator[dict[str, Any]]:
    """The objects of JSON-LD: those at the top, and those of a graph."""
    try:
        value = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return
    for each in value if isinstance(value, list) else [value]:
        graph = each.get("@graph") if isinstance(each, dict) else None
        nodes = graph if isinstance(graph, list) else [each]
        yield from (node for node in nodes if isinstance(node, dict))


def _is_written(node: dict[str, Any]) -> bool:
    kinds = node.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return any(isinstance(kind, str) and _WRITTEN.fullmatch(kind) for kind in kinds)


def _resolved(author: Any, named: Mapping[str, Any]) -> Any:
    """An author, or a list of them, as told in full where it only refers to another object."""
    if isinstance(author, list):
        return [_told(each, named) for each in author]
    return _told(author, named)


def _told(author: Any, named: Mapping[str, Any]) -> Any:
    place = author.get("@id") if isinstance(author, dict) and "name" not in author else None
    return named.get(place, author) if isinstance(place, str) else author
