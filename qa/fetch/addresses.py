"""Addresses: the one form of a web address by which it is asked for, kept and compared."""

import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from index.text.characters import is_unicode
from qa.fetch.outcome import BadAddress

if TYPE_CHECKING:
    import httpx2

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_HOST = re.compile(rb"[a-z0-9_.:-]+", re.IGNORECASE)
_LONGEST = 2000  # code points
_PORTS = {"http": 80, "https": 443}
_LAST_PORT = 65535
# A percent sign that begins no octet, which servers read in ways of their own (RFC 3986, 2.1).
_BARE_PERCENT = re.compile(r"%(?![0-9a-fA-F]{2})")


def is_address(text: str) -> bool:
    """Whether a text is meant as an address, of whatever kind, and not as a path."""
    return _SCHEME.match(text) is not None


def address(text: str) -> str:
    """An address in its one form: without fragment, standard port, and letters beyond ASCII.

    Raises:
        BadAddress: it is none, is neither http nor https, or holds a name and password.
    """
    shown = ascii(text[:100])
    if len(text) > _LONGEST or not is_unicode(text):
        raise BadAddress(f"The address {shown} is too long or not UTF-8. Check it.")
    url = _parsed(_BARE_PERCENT.sub("%25", text.strip()), shown)
    if url.scheme not in _PORTS:
        raise BadAddress(f"{shown} is neither http nor https. Name a web address or a path.")
    if url.userinfo:
        raise BadAddress("An address with a user or password in it is not read. Leave them out.")
    host = url.raw_host.decode("ascii").rstrip(".")
    named = _HOST.fullmatch(host.encode()) and not host.startswith((".", "-"))
    if not named or (url.port is not None and not 0 < url.port <= _LAST_PORT):
        raise BadAddress(f"{shown} names no host. Write it as https://example.org/page.")
    port = "" if url.port in (None, _PORTS[url.scheme]) else f":{url.port}"
    place = f"[{host}]" if ":" in host else host
    return f"{url.scheme}://{place}{port}{url.raw_path.decode('ascii')}"


def _parsed(text: str, shown: str) -> "httpx2.URL":
    import httpx2

    try:
        return httpx2.URL(text)
    except (httpx2.InvalidURL, ValueError) as error:
        raise BadAddress(f"{shown} is no web address. Check it.") from error


def joined(base: str, reference: str) -> str:
    """An address that another one leads to.

    Raises:
        BadAddress: it is none.
    """
    try:
        return address(urljoin(base, reference.strip()))
    except ValueError as error:
        raise BadAddress(f"{reference[:100]!a} is no web address.") from error


def site(of: str) -> str:
    """The scheme, host and port of an address in its one form: what robots.txt is about."""
    scheme, _, rest = of.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"


def host(of: str) -> str:
    """The host and port of an address in its one form: what is asked one page at a time."""
    return site(of).partition("://")[2]
