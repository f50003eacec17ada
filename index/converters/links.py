"""Links: what a feed (RSS, Atom, JSON Feed) or a sitemap names, as JSON; fetches nothing.

trafilatura's own readers of these leave out addresses by their look, and dates; see
docs/formats.md. Runs in the sandboxed worker, as feeds come from anywhere.
"""

import json
import zlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

from index.converters import metadata
from index.converters.archive import refuse_entities
from index.converters.converted import Converted
from index.converters.xml_names import local
from index.errors import NotText

MAX_LINKS = 50_000  # of one sitemap (sitemaps.org)
MAX_UNPACKED = 52_428_800  # bytes of one sitemap (sitemaps.org)
_LONGEST = 2000  # code points of an address
_GZIP = b"\x1f\x8b"
_GZIP_BITS = 16 + zlib.MAX_WBITS
_JSON_FEED = "https://jsonfeed.org/version/"
_NOT_A_FEED = "is neither a feed nor a sitemap"

Link = dict[str, str]
"""`address`, `date` (a day of ISO 8601 or "") and `changed`, as the file tells it, or ""."""


def read(data: bytes) -> Converted:
    """Read a feed or sitemap, or a list of addresses as text; the first line is its own address.

    The text is JSON: `kind` is feed, sitemap or index (a sitemap of sitemaps), `links` are those it
    names, in its order, and `without` counts its entries that have no address.

    Raises:
        NotText: it is none of these, or damaged.
    """
    address, _, content = data.partition(b"\n")
    content = _unpacked(content).strip()
    base = address.decode()
    kind, found = _json(content) if content[:1] == b"{" else _xml_or_list(content, base)
    links: list[Link] = []
    without = 0
    for link in found:
        if not link["address"]:
            without += 1
        elif len(links) < MAX_LINKS and (absolute := _absolute(base, link["address"])):
            links.append({**link, "address": absolute, "changed": link["changed"][:40]})
    return Converted(json.dumps({"kind": kind, "links": links, "without": without}))


def _unpacked(data: bytes) -> bytes:
    if not data.startswith(_GZIP):
        return data
    try:
        unpacker = zlib.decompressobj(_GZIP_BITS)
        unpacked = unpacker.decompress(data, MAX_UNPACKED + 1)
    except zlib.error as error:
        raise NotText("is a damaged .gz file") from error
    if len(unpacked) > MAX_UNPACKED or unpacker.unconsumed_tail:
        raise NotText(f"unpacks to more than {MAX_UNPACKED // 2**20} MB")
    if not unpacker.eof:
        raise NotText("is a .gz file that was cut")
    return unpacked


def _absolute(base: str, address: str) -> str:
    """An address as seen from the file's own; "" for one that is none, or too long."""
    try:
        absolute = urljoin(base, address.strip())
    except ValueError:
        return ""
    return absolute if len(absolute) <= _LONGEST else ""


# JSON Feed (jsonfeed.org/version/1.1)


def _json(data: bytes) -> tuple[str, Iterator[Link]]:
    try:
        feed = json.loads(data)
    except ValueError as error:
        raise NotText(_NOT_A_FEED) from error
    version, items = feed.get("version"), feed.get("items")
    if not (str(version).startswith(_JSON_FEED) and isinstance(items, list)):
        raise NotText(_NOT_A_FEED)
    return "feed", (_json_item(item if isinstance(item, dict) else {}) for item in items)


def _json_item(item: dict[str, Any]) -> Link:
    """An item; its `id` stands for an address that it lacks where it is one."""
    address = item.get("url") or item.get("external_url") or _web(item.get("id"))
    changed = item.get("date_modified")
    return {
        "address": address if isinstance(address, str) else "",
        "date": metadata.day(item.get("date_published")),
        "changed": changed if isinstance(changed, str) else "",
    }


# RSS 0.9 to 2.0, RSS 1.0 (RDF), Atom (RFC 4287), sitemaps


def _xml_or_list(data: bytes, base: str) -> tuple[str, Iterator[Link]]:
    if b"<" not in data:
        return _list(data)
    root = _tree(data, base)
    name = local(root)
    if name == "urlset":
        return "sitemap", map(_place, _children(root, "url"))
    if name == "sitemapindex":
        return "index", map(_place, _children(root, "sitemap"))
    if name == "feed":
        return "feed", map(_atom_entry, _children(root, "entry"))
    if name in ("rss", "RDF"):
        return "feed", map(_rss_item, (one for one in root.iter() if local(one) == "item"))
    raise NotText(_NOT_A_FEED)


def _list(data: bytes) -> tuple[str, Iterator[Link]]:
    """A sitemap as text: an address on each line."""
    lines = [line.strip() for line in data.decode("utf-8-sig", "replace").splitlines()]
    addresses = [line for line in lines if line]
    if not addresses or not all(map(_web, addresses)):
        raise NotText(_NOT_A_FEED)
    return "sitemap", ({"address": line, "date": "", "changed": ""} for line in addresses)


def _tree(data: bytes, base: str) -> Any:
    """The tree, as far as it can be read: many feeds name a letter that XML does not know."""
    from lxml import etree

    refuse_entities(data)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False
    )
    try:
        root = etree.fromstring(data, parser, base_url=base)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotText(_NOT_A_FEED) from error
    if root is None:
        raise NotText(_NOT_A_FEED)
    return root


def _place(one: Any) -> Link:
    return {"address": _text(one, "loc"), "date": "", "changed": _text(one, "lastmod")}


def _atom_entry(entry: Any) -> Link:
    links = [link for link in _children(entry, "link") if link.get("href")]
    pages = [link for link in links if link.get("rel", "alternate") == "alternate"]
    pages.sort(key=lambda link: "html" not in link.get("type", "html"))
    content = next((one for one in _children(entry, "content") if one.get("src")), None)
    if pages:
        address = urljoin(pages[0].base or "", pages[0].get("href").strip())
    elif content is not None:
        address = urljoin(content.base or "", content.get("src").strip())
    else:
        address = _web(_text(entry, "id"))
    date = metadata.day(_text(entry, "published") or _text(entry, "issued"))
    return {"address": address, "date": date, "changed": _text(entry, "updated")}


def _rss_item(item: Any) -> Link:
    """An item: its link, else its guid where that is an address."""
    guid = next(_children(item, "guid"), None)
    permanent = guid is not None and guid.get("isPermaLink", "true").strip() != "false"
    atom = next((one for one in _children(item, "link") if one.get("href")), None)
    return {
        "address": _text(item, "link")
        or (atom.get("href") if atom is not None else "")
        or (_web(_text(item, "guid")) if permanent else ""),
        "date": metadata.day(_text(item, "pubDate") or _text(item, "date")),
        "changed": "",  # pubDate is when it came out, whatever was changed since
    }


def _children(element: Any, name: str) -> Iterator[Any]:
    return (child for child in element if local(child) == name)


def _text(element: Any, name: str) -> str:
    """The words of the first child of this name that has any."""
    texts = ("".join(child.itertext()).strip() for child in _children(element, name))
    return next(filter(None, texts), "")


def _web(text: object) -> str:
    """The text, if it is an address of the web."""
    is_web = isinstance(text, str) and text.lower().startswith(("http://", "https://"))
    return str(text) if is_web else ""
