"""Rates: how many requests one may make, a minute and at once."""

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
    """So many a minute for each of those who ask, over any sixty seconds."""

    def __init__(self, amount: int, message: str) -> None:
        self._limit, self._message = RateLimit(amount), message

    def count(self, who: str) -> None:
        """Count one more.

        Raises:
            Refused: it is one too many; its header Retry-After has seconds.
        """
        if not self._limit.hit(who):
            wait = str(self._limit.wait(who))
            raise Rejected(429, "rate_limit_exceeded", self._message, {"retry-after": wait})


class AtOnce:
    """So many at a time for each of those who ask."""

    def __init__(self, amount: int, message: str) -> None:
        self._amount, self._message = amount, message
        self._now: Counter[str] = Counter()

    @contextmanager
    def count(self, who: str) -> Iterator[None]:
        """Count one until the end of the block.

        Raises:
            Refused: it is one too many.
        """
        if self._now[who] >= self._amount:
            raise Rejected(429, "too_many_at_once", self._message, {"retry-after": "1"})
        self._now[who] += 1
        try:
            yield
        finally:
            self._now[who] -= 1
            if not self._now[who]:
                del self._now[who]


def address(connection: "HTTPConnection") -> str:
    """Whom to count a request to where no name is known: a home's IPv6 addresses are one.

    A proxy may pass on what its client says of where it is, and that may be anything.
    """
    host = connection.client.host if connection.client else ""
    try:
        found = ip_address(host.partition("%")[0])
    except ValueError:
        return "nowhere"
    if isinstance(found, IPv6Address) and not found.ipv4_mapped:
        return str(IPv6Address(int(found) >> 64 << 64))
    return str(found)
