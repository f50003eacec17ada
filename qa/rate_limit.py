"""Rate limit: so many times a minute for each caller, by a moving window on a clock nobody sets."""

import math
import threading
import time
from collections import deque
from collections.abc import Callable

_WINDOW_S = 60.0


class RateLimit:
    """At most so many hits of each caller within any sixty seconds; any thread may ask.

    Args:
        a_minute: how many.
        clock: gives the present time, in seconds, and never goes back.
    """

    def __init__(self, a_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock = a_minute, clock
        self._hits: dict[str, deque[float]] = {}  # by caller: when, the oldest first
        self._swept = clock()
        self._lock = threading.Lock()

    def hit(self, caller: str) -> bool:
        """Count one more of a caller; whether it is within the limit. One beyond counts nothing."""
        with self._lock:
            self._sweep()
            hits = self._recent(caller)
            if len(hits) >= self._most:
                return False
            hits.append(self._clock())
            self._hits[caller] = hits
            return True

    def allows(self, caller: str) -> bool:
        """Whether one more of a caller would be within the limit; counts nothing."""
        return self.amount(caller) < self._most

    def amount(self, caller: str) -> int:
        """The hits of a caller that count."""
        with self._lock:
            return len(self._recent(caller))

    def wait(self, caller: str) -> int:
        """Whole seconds, 1 to 60, after which the caller's oldest hit no longer counts."""
        with self._lock:
            hits = self._recent(caller)
            ends = hits[0] + _WINDOW_S - self._clock() if hits else 0
        return max(1, math.ceil(ends))

    def _recent(self, caller: str) -> deque[float]:
        """The hits of a caller that count."""
        hits = self._hits.get(caller, deque())
        oldest = self._clock() - _WINDOW_S
        while hits and hits[0] <= oldest:
            hits.popleft()
        return hits

    def _sweep(self) -> None:
        """Once a minute, forget the callers of whom nothing counts."""
        if self._clock() - self._swept > _WINDOW_S:
            self._swept = self._clock()
            self._hits = {caller: hits for caller in self._hits if (hits := self._recent(caller))}
