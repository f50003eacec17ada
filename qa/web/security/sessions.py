"""Sessions: secrets that prove who someone is, for a while; in memory alone."""

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from qa.web.security.users import Users


@dataclass(frozen=True, slots=True)
class _SessionRecord:
    """Whose a secret is, while the user's password stays; until so many seconds of the clock."""

    name: str
    fingerprint: str
    until: float


class Sessions:
    """Secrets that each prove a user, kept as hashes. They end with their time or the user's hash.

    Args:
        users: whose fingerprints tell whether they still have the same password.
        seconds: how long a secret proves something.
        sliding: count the seconds from the last use, not from the first.
        clock: seconds of now.
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
        self._proofs: dict[bytes, _SessionRecord] = {}
        # A password is a secret too, and short: without this key its hash tells nothing.
        self._key = secrets.token_bytes(32)

    def add(self, secret: str, name: str, fingerprint: str) -> None:
        """From now on the secret proves this user, whose password's fingerprint this is."""
        now = self._clock()
        self._proofs = {key: proof for key, proof in self._proofs.items() if proof.until > now}
        self._proofs[self._hash(secret)] = _SessionRecord(name, fingerprint, now + self._seconds)

    def user(self, secret: str) -> str | None:
        """Whom the secret proves; None where it proves nobody, or no longer."""
        key, now = self._hash(secret), self._clock()
        proof = self._proofs.get(key)
        if not proof:
            return None
        if proof.until <= now or self._users.fingerprint(proof.name) != proof.fingerprint:
            del self._proofs[key]
            return None
        if self._sliding:
            self._proofs[key] = replace(proof, until=now + self._seconds)
        return proof.name

    def end(self, secret: str) -> None:
        """From now on the secret proves nobody."""
        self._proofs.pop(self._hash(secret), None)

    def _hash(self, secret: str) -> bytes:
        data = secret.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(data, key=self._key, digest_size=32).digest()
