"""Session limits: how many sessions that nobody listens to Gradio keeps, and for how long.

Each page that is loaded and each call of a program is a session, with a state and with messages
that wait to be fetched. Whoever leaves without fetching them would fill the memory.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from qa.web.gradio.private_names import forget_session, queue_of, unfinished_calls

# A program fetches its answer at once; a telephone that slept comes back to its page.
_LEFT = 100
_LEFT_S = 3600.0


class SessionLimits:
    """Forgets the sessions of a page that were left longest ago.

    Args:
        blocks: the page, mounted.
        most: sessions without a call at work and without a listener.
        seconds: how long each of them is kept at most.
        clock: gives the present time, in seconds.
    """

    def __init__(
        self,
        blocks: Any,
        most: int = _LEFT,
        seconds: float = _LEFT_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._blocks, self._most, self._seconds, self._clock = blocks, most, seconds, clock
        self._listeners: Counter[str] = Counter()
        self._used: dict[str, float] = {}  # when each session was, the longest ago first

    def use(self, session: str) -> None:
        """Note that a session is used now, and forget those that were left."""
        self._used.pop(session, None)
        self._used[session] = self._clock()
        calls = unfinished_calls(queue_of(self._blocks))
        kept = {session, *self._listeners, *(call.session_hash for call in calls)}
        left = [name for name in self._used if name not in kept]
        oldest, expired = len(left) - self._most, self._clock() - self._seconds
        for place, name in enumerate(left):
            if place < oldest or self._used[name] < expired:
                del self._used[name]
                forget_session(self._blocks, name)

    @contextmanager
    def listening(self, session: str) -> Iterator[None]:
        """Keep a session until the end of the block."""
        self._listeners[session] += 1
        try:
            yield
        finally:
            self._listeners[session] -= 1
            if not self._listeners[session]:
                del self._listeners[session]
            if session in self._used:
                self.use(session)
