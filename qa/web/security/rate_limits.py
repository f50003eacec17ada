"""Rates: how many requests one may make, a minute and at once."""

import math
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING

from qa.web.security.rejection import Rejected

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection


class Rate:
    """So many a minute for each of those who ask, over any sixty seconds."""

    def __init__(self, amount: int, message: str) -> None:
        from limits import RateLimitItemPerMinute
        from limits.storage import MemoryStorage
        from limits.strategies import MovingWindowRateLimiter

        self._limit = RateLimitItemPerMinute(amount)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._message = message

    def count(self, who: str) -> None:
        """Count one more.

        Raises:
            Refused: it is one too many; its header Retry-After has seconds.
        """
        if self._limiter.hit(self._limit, who):
            return
        ends = self._limiter.get_window_stats(self._limit, who).reset_time
        wait = max(1, math.ceil(ends - time.time()))
        raise Rejected(
            429, "rate_limit_exceeded", self._message, {"retry-after": str(min(wait, 60))}
        )


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
