"""Rate limit: so many times a minute for each caller, by a moving window; only home of `limits`."""

import math
import time


class RateLimit:
    """At most so many hits of each caller within any sixty seconds."""

    def __init__(self, a_minute: int) -> None:
        from limits import RateLimitItemPerMinute
        from limits.storage import MemoryStorage
        from limits.strategies import MovingWindowRateLimiter

        self._limit = RateLimitItemPerMinute(a_minute)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def hit(self, caller: str) -> bool:
        """Count one more of a caller; whether it is within the limit. One beyond counts nothing."""
        return bool(self._limiter.hit(self._limit, caller))

    def allows(self, caller: str) -> bool:
        """Whether one more of a caller would be within the limit; counts nothing."""
        return bool(self._limiter.test(self._limit, caller))

    def amount(self, caller: str) -> int:
        """The hits of a caller that count."""
        left = self._limiter.get_window_stats(self._limit, caller).remaining
        return self._limit.amount - left

    def wait(self, caller: str) -> int:
        """Whole seconds, 1 to 60, after which the caller's oldest hit no longer counts."""
        ends = self._limiter.get_window_stats(self._limit, caller).reset_time
        return min(max(1, math.ceil(ends - time.time())), 60)
