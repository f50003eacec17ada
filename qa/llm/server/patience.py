"""Patience: how often and after which pauses a busy server is asked again."""

import asyncio
import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_WHOLE_S = 60.0  # that a server may be busy, or load its model
_FIRST_S, _LONGEST_S = 0.25, 8.0
_RESETS = 3  # connections in a row that are closed without an answer


class Patience:
    """Of one request: pauses that double, with some chance in them, until too much was waited."""

    def __init__(self, seconds: float = _WHOLE_S) -> None:
        self._left, self._pause, self._resets = seconds, _FIRST_S, _RESETS
        self._next = _FIRST_S

    def asked_for(self, seconds: float | None) -> None:
        """Wait so long the next time, as the server asks for; None where it does not say."""
        # So that those who were sent away together do not come back together.
        own = self._pause * random.uniform(0.75, 1.25)
        self._next = own if seconds is None else max(seconds, own / 10)
        self._pause = min(2 * self._pause, _LONGEST_S)

    def ends(self, *, once_more: bool = False) -> bool:
        """Whether it is not to be asked again; `once_more` for a connection that was closed."""
        if once_more:
            self.asked_for(None)
            self._resets -= 1
        return self._next > self._left or self._resets < 0

    async def pause(self) -> None:
        """Wait before it is asked again."""
        self._left -= self._next
        await asyncio.sleep(self._next)


def retry_after(header: str, date: str) -> float | None:
    """The seconds that a server asks to wait, as a number or a date (RFC 9110, 10.2.3).

    Args:
        header: the value of Retry-After, "" where there is none.
        date: that of Date, the server's own clock.
    """
    if header.strip().isascii() and header.strip().isdigit():
        return float(header.strip()[:9])
    try:
        until, now = (_moment(one) for one in (header, date))
    except (ValueError, TypeError):
        return None
    return max(0.0, (until - now).total_seconds())


def _moment(date: str) -> datetime:
    found = parsedate_to_datetime(date)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
