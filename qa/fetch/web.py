"""Web: asks for an address as a guest does: robots.txt first, slowly, and only so often."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version

from qa.fetch import addresses, content, robots
from qa.fetch.connection import Connector, Reply
from qa.fetch.outcome import BadAddress, Down, Fetched, Gone, Refused
from qa.fetch.robots import Robots

MOST_REDIRECTS = 5
PAGE_S = 60.0
"""Seconds for one page, its redirects and the rules of its sites included; pauses do not count."""

PAUSE_S = 1.0
"""Seconds between two requests to a host that asks for no longer pause."""

_MOST_FAILURES = 3  # of one host, one after the other: then it is asked no more in this run
_MOVED = {301, 302, 303, 307, 308}
_GONE = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
_LATER = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}
_ROBOTS_BYTES = 5 * 2**20  # of which the beginning is read
_ACCEPT = "text/html,application/xhtml+xml,application/pdf;q=0.9,*/*;q=0.5"


class HostDown(Down):
    """Its host did not answer several times, and is asked no more in this run."""


@dataclass(slots=True)
class _Host:
    """What is known of a host in this run; `next` is when it may be asked again (monotonic)."""

    next: float = 0.0
    failures: int = 0


@dataclass(slots=True)
class Web:
    """The web as this program sees it in one run."""

    connector: Connector = field(default_factory=Connector)
    pause_s: float = PAUSE_S
    page_s: float = PAGE_S
    sleep: Callable[[float], None] = time.sleep
    _robots: dict[str, Robots] = field(default_factory=dict)
    _hosts: dict[str, _Host] = field(default_factory=dict)

    def get(self, address: str, *, final: str = "", etag: str = "", modified: str = "") -> Fetched:
        """Ask for an address in its one form.

        Args:
            address: see `qa.fetch.addresses`.
            final: where it led the last time; what follows is sent there alone.
            etag: the server's mark of what it gave then (RFC 9110, 8.8.3).
            modified: when that was changed, as the server said.

        Raises:
            NotRead: one of its kinds, with the reason.
        """
        known = {"If-None-Match": etag, "If-Modified-Since": modified}
        known = {name: value for name, value in known.items() if value}
        at, left = _checked(address), self.page_s
        for _ in range(MOST_REDIRECTS + 1):
            begun = time.monotonic()
            self._heed_robots(at, begun + left)
            left -= time.monotonic() - begun
            self._wait(at)
            begun = time.monotonic()
            reply = self._ask(at, known if at == final else {}, begun + left)
            left -= time.monotonic() - begun
            if reply.status not in _MOVED:
                return _fetched(address, at, reply)
            at = _next(at, reply)
        raise Refused(f"is redirected more than {MOST_REDIRECTS} times")

    def _wait(self, address: str) -> None:
        """Wait until the host may be asked again."""
        host, asked = self._host(address), self._robots[addresses.site(address)].pause_s
        if (pause := host.next - time.monotonic()) > 0:
            self.sleep(pause)
        host.next = time.monotonic() + max(self.pause_s, asked)

    def _host(self, address: str) -> _Host:
        return self._hosts.setdefault(addresses.host(address), _Host())

    def _ask(self, address: str, headers: dict[str, str], deadline: float) -> Reply:
        host = self._host(address)
        if host.failures >= _MOST_FAILURES:
            raise HostDown("is not asked for: its server did not answer several times")
        try:
            room = partial(_room, address)
            reply = self.connector.get(address, _headers(headers), room, deadline)
            if reply.status in _LATER or reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                raise Down(f"answers {reply.status}")
        except Down as error:
            host.failures += 1
            if "answers 429" in str(error):
                host.failures = _MOST_FAILURES
            raise
        host.failures = 0
        return reply

    def _heed_robots(self, address: str, deadline: float) -> None:
        site = addresses.site(address)
        if self._host(address).failures >= _MOST_FAILURES:
            raise HostDown("is not asked for: its server did not answer several times")
        if site not in self._robots:
            self._robots[site] = self._read_robots(f"{site}/robots.txt", deadline)
        rules = self._robots[site]
        if rules.unreadable:
            raise Down(f"is not asked for: robots.txt of {site} {rules.unreadable}")
        if not rules.allow(address):
            raise Refused(f"is not asked for: robots.txt of {site} does not allow it")

    def _read_robots(self, address: str, deadline: float) -> Robots:
        """The rules of a site; where they cannot be read now, all is forbidden (RFC 9309, 2.3)."""
        at = address
        try:
            for _ in range(MOST_REDIRECTS + 1):
                reply = self.connector.get(at, _headers({}), lambda told: _ROBOTS_BYTES, deadline)
                if reply.status not in _MOVED:
                    break
                at = _next(at, reply)
        except Down as error:
            self._host(address).failures += 1
            return Robots(unreadable=str(error))
        if reply.status == HTTPStatus.OK:
            return robots.parsed(reply.data)
        if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return Robots(unreadable=f"answers {reply.status}")
        return Robots()


def _checked(address: str) -> str:
    """The address, which a journal of others may have in another form.

    Raises:
        Refused: it is none that is asked for.
    """
    try:
        if addresses.address(address) == address:
            return address
    except BadAddress as error:
        raise Refused(f"is not asked for: {error}") from error
    raise Refused("is not in the form in which addresses are kept; forget it and name it anew")


def _headers(more: dict[str, str]) -> dict[str, str]:
    try:
        number = version("article-qa")
    except PackageNotFoundError:
        number = "0"
    return {"User-Agent": f"{robots.TOKEN}/{number}", "Accept": _ACCEPT, **more}


def _next(at: str, reply: Reply) -> str:
    """Where a redirect leads.

    Raises:
        Refused: nowhere that is asked.
    """
    if not reply.headers.get("location"):
        raise Refused(f"answers {reply.status} and does not say where it went")
    try:
        # Servers send UTF-8 where only ASCII may be; it was read as Latin-1.
        place = reply.headers["location"].encode("latin-1").decode("utf-8", "replace")
        return addresses.joined(at, place)
    except BadAddress as error:
        raise Refused(f"is redirected to what is not read: {error}") from error


def _fetched(address: str, final: str, reply: Reply) -> Fetched:
    """What a reply is.

    Raises:
        Gone: there is no such page.
        Refused: its status is none with which there is a page.
    """
    told = reply.headers
    etag, modified = told.get("etag", ""), told.get("last-modified", "")
    if reply.status == HTTPStatus.NOT_MODIFIED:
        return Fetched(address, final, etag=etag, modified=modified, same=True)
    if reply.status in _GONE:
        raise Gone(f"is gone (its server answers {reply.status})")
    if reply.status != HTTPStatus.OK:
        raise Refused(f"cannot be read (its server answers {reply.status})")
    kind, charset = _media_type(told.get("content-type", ""))
    return Fetched(address, final, kind, charset, reply.data, etag[:500], modified[:100])


def _room(address: str, headers: dict[str, str]) -> int:
    kind, _ = _media_type(headers.get("content-type", ""))
    return content.room(Fetched(address, address, kind))


def _media_type(header: str) -> tuple[str, str]:
    """The type in small letters and the charset of a `Content-Type`."""
    from email.message import Message

    message = Message()
    message["Content-Type"] = header[:200]
    if not header.strip():
        return "", ""
    charset = message.get_param("charset", "")
    return message.get_content_type(), charset if isinstance(charset, str) else ""
