"""Sessions: which user a secret belongs to, for some time; in memory alone."""

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from qa.web.security.users import Users

_FORM = b"form"


@dataclass(frozen=True, slots=True)
class _SessionRecord:
    """The user of a secret, valid while the password's fingerprint stays and until a moment."""

    name: str
    fingerprint: str
    until: float


class Sessions:
    """Secrets of users, kept as hashes; they expire, and end when the user's password changes.

    Args:
        users: the users, whose fingerprints change with their passwords.
        seconds: how long a secret is valid.
        sliding: count the seconds from the last use, not from the first.
        clock: gives the present time, in seconds.
    """

    def __init__(
        self,
        users: Users,
        seconds: float,
        *,
        sliding: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._users = users
        self._seconds = seconds
        self._sliding = sliding
        self._clock = clock
        self._records: dict[bytes, _SessionRecord] = {}
        # Passwords are among the secrets, and short: without this key nobody can guess one by its
        # hash.
        self._key = secrets.token_bytes(32)

    def add(self, secret: str, name: str, fingerprint: str) -> None:
        """Make a secret valid for a user, with the fingerprint of the present password."""
        now = self._clock()
        self._records = {key: record for key, record in self._records.items() if record.until > now}
        self._records[self._hash(secret)] = _SessionRecord(name, fingerprint, now + self._seconds)

    def user(self, secret: str) -> str | None:
        """The user of a secret; None when it is not valid, or no longer."""
        key, now = self._hash(secret), self._clock()
        record = self._records.get(key)
        if not record:
            return None
        if record.until <= now or self._users.fingerprint(record.name) != record.fingerprint:
            del self._records[key]
            return None
        if self._sliding:
            self._records[key] = replace(record, until=now + self._seconds)
        return record.name

    def end(self, secret: str) -> None:
        """Make a secret invalid."""
        self._records.pop(self._hash(secret), None)

    def token(self, secret: str) -> str:
        """A text that only pages made for the secret's user have; their forms send it back."""
        return self._hash(secret, _FORM).hex()

    def _hash(self, secret: str, use: bytes = b"") -> bytes:
        data = secret.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(data, key=self._key, digest_size=32, person=use).digest()
