"""Request checks: the Host that is asked for, and the site that asks."""

import re
from typing import TYPE_CHECKING

from qa.web.security.rejection import Rejected

if TYPE_CHECKING:
    from starlette.datastructures import Headers

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[^\s:/?#@\[\]\\]+)(?::(?P<port>\d{1,5}))?")
_PORTS = {"http": "80", "https": "443"}


def check_host(headers: "Headers", hosts: frozenset[str] | None) -> None:
    """Raise Rejected for a Host that is not one of `hosts`; None allows any.

    Another site may let its own name resolve to this machine (DNS rebinding); its page would have
    the same origin as this one.
    """
    given = headers.getlist("host")
    match = _HOST.fullmatch(given[0]) if len(given) == 1 else None
    if not match:
        raise Rejected(400, "bad_host", "The request does not say one Host. Send its header.")
    name = match["name"].strip("[]").rstrip(".").lower()
    if hosts is not None and name not in hosts:
        raise Rejected(
            403,
            "host_forbidden",
            f"Without users the page answers to {', '.join(sorted(hosts))} only. Open it by such a "
            "name, or have it started with --auth FILE to serve it by other names.",
        )


def check_site(headers: "Headers") -> None:
    """Raise Rejected for a request that another site's page makes by its visitor's browser.

    A link on such a page may be followed. Another port of this machine is another site too.
    """
    origin = headers.get("origin")
    is_foreign = origin is not None and _origin(origin) != _own_origin(origin, headers["host"])
    site, mode = (headers.get(f"sec-fetch-{name}", "") for name in ("site", "mode"))
    if is_foreign or (site in ("cross-site", "same-site") and mode != "navigate"):
        raise Rejected(
            403,
            "origin_forbidden",
            "Another site's page may not ask here. Open the page itself; where a proxy stands "
            "before it, have that pass on the header Host as it came.",
        )


def _origin(origin: str) -> tuple[str, str] | None:
    """Host and port of an Origin header; None for `null` and anything else."""
    scheme, separator, rest = origin.lower().partition("://")
    match = _HOST.fullmatch(rest) if separator and scheme in _PORTS else None
    return (match["name"], match["port"] or _PORTS[scheme]) if match else None


def _own_origin(origin: str, host: str) -> tuple[str, str]:
    """Our host and port, taking the scheme from the Origin header: a proxy may hide ours."""
    return _origin(f"{origin.partition('://')[0]}://{host}") or ("", "")
