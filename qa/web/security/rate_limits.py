"""Rate limits: how many requests a client may make in a minute and at once."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING

from qa.rate_limit import RateLimit
from qa.web.security.rejection import Rejected

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection


class Rate:
    """Limits the requests of each client in any sixty seconds."""

    def __init__(self, amount: int, message: str) -> None:
        self._limit, self._message = RateLimit(amount), message

    def count(self, client: str) -> None:
        """Count one request.

        Raises:
            Rejected: it is one too many; the header Retry-After has seconds.
        """
        if not self.add(client):
            raise self._rejection(client)

    def add(self, client: str) -> bool:
        """Count one request; whether it is within the limit."""
        return self._limit.hit(client)

    def check(self, client: str) -> None:
        """Count nothing.

        Raises:
            Rejected: one more request would be one too many.
        """
        if not self._limit.allows(client):
            raise self._rejection(client)

    def counted(self, client: str) -> int:
        """The client's requests of the last sixty seconds."""
        return self._limit.amount(client)

    def _rejection(self, client: str) -> Rejected:
        wait = str(self._limit.wait(client))
        return Rejected(429, "rate_limit_exceeded", self._message, {"retry-after": wait})


class AtOnce:
    """Limits the requests of each client at the same time."""

    def __init__(self, amount: int, message: str) -> None:
        self._amount, self._message = amount, message
        self._now: Counter[str] = Counter()

    @contextmanager
    def count(self, client: str) -> Iterator[None]:
        """Count a request until the end of the block.

        Raises:
            Rejected: it is one too many.
        """
        if self._now[client] >= self._amount:
            raise Rejected(429, "too_many_at_once", self._message, {"retry-after": "1"})
        self._now[client] += 1
        try:
            yield
        finally:
            self._now[client] -= 1
            if not self._now[client]:
                del self._now[client]

    @contextmanager
    def apart(self, client: str) -> Iterator[None]:
        """Do not count a request that is counted, until the end of the block."""
        self._now[client] -= 1
        try:
            yield
        finally:
            self._now[client] += 1


def address(connection: "HTTPConnection") -> str:
    """The address to count a request by when there is no user: a home's IPv6 addresses are one.

    A proxy may pass on the address that its client claims, and that may be anything.
    """
    host = connection.client.host if connection.client else ""
    try:
        found = ip_address(host.partition("%")[0])
    except ValueError:
        return "nowhere"
    if isinstance(found, IPv6Address) and not found.ipv4_mapped:
        return str(IPv6Address(int(found) >> 64 << 64))
    return str(found)
