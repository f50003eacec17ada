"""Login attempts: who may try a password now, so that guessing is slow and nobody is locked out.

A wrong password counts for the address that it came from, which may try a few a minute. A name may
be tried by everybody, or anybody could lock its user out; when many tried it in vain, those whom it
never let in wait a second more. Passwords are checked one at a time, and those of addresses with
fewer wrong ones first: a right one need not wait for the guesses of others.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from typing import TYPE_CHECKING

from qa.web.security.rate_limits import Rate
from qa.web.security.sessions import Sessions
from qa.web.security.users import Users

if TYPE_CHECKING:
    import anyio

# Wrong passwords of everybody for one name, after which strangers to it wait.
_OF_A_NAME = 30
_SLOWED_S = 1.0
_FAMILIAR_S = 90 * 24 * 3600  # an address that a name was right from, since it last was
_LONGEST_NAME = 64


class Attempts:
    """Counts wrong passwords, and lets passwords be checked in turn.

    Args:
        users: whose passwords are tried.
        a_minute: wrong passwords from one address.
        message: what to do after too many.
        clock: gives the present time, in seconds.
    """

    def __init__(
        self, users: Users, a_minute: int, message: str, clock: Callable[[], float]
    ) -> None:
        self._addresses = Rate(a_minute, message)
        self._names = Rate(_OF_A_NAME, message)
        self._familiar = Sessions(users, _FAMILIAR_S, sliding=True, clock=clock)
        self._turns = _Turns()

    @asynccontextmanager
    async def turn(self, name: str, address: str) -> AsyncIterator[None]:
        """Wait until it is the turn of a password.

        Raises:
            Rejected: the address sent too many wrong ones.
        """
        import anyio

        self._addresses.check(address)
        wrong = self._addresses.counted(address)
        is_tried = self._names.counted(name[:_LONGEST_NAME]) >= _OF_A_NAME
        if is_tried and not self._familiar.user(_pair(name, address)):
            await anyio.sleep(_SLOWED_S)
        async with self._turns.turn(wrong):
            # Of many that were sent at once, those before may have been wrong.
            self._addresses.check(address)
            yield

    def count_wrong(self, name: str, address: str) -> None:
        """Count a wrong password; a name that is no user's counts as any other."""
        self._addresses.add(address)
        self._names.add(name[:_LONGEST_NAME])

    def note_right(self, name: str, address: str, fingerprint: str) -> None:
        """Remember that the address is the user's, as long as the password stays."""
        self._familiar.add(_pair(name, address), name, fingerprint)


def _pair(name: str, address: str) -> str:
    return f"{address} {name}"


class _Turns:
    """A lock that the lowest number gets first, and of the same number whoever came first."""

    def __init__(self) -> None:
        self._waiting: list[tuple[int, int, anyio.Event]] = []
        self._holder: tuple[int, int, anyio.Event] | None = None
        self._order = count()

    @asynccontextmanager
    async def turn(self, number: int) -> AsyncIterator[None]:
        """Hold the lock until the end of the block."""
        import anyio

        place = number, next(self._order), anyio.Event()
        self._waiting.append(place)
        self._next()
        try:
            await place[2].wait()
            yield
        finally:
            if self._holder is place:
                self._holder = None
            else:  # it went away before
                self._waiting.remove(place)
            self._next()

    def _next(self) -> None:
        if self._holder is None and self._waiting:
            self._holder = min(self._waiting)
            self._waiting.remove(self._holder)
            self._holder[2].set()
