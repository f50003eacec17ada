"""PrefixCache: KV states of prompts' prefixes, so that they are not computed again.

In memory first, then on disk where a disk cache is given.
"""

from array import array
from collections import OrderedDict
from collections.abc import Sequence

from index.user_cache import keyed_checksum
from qa.llm.cache.files import DiskCache


class PrefixCache:
    """States of a model by the tokens they hold; over the budget, the least recently used go.

    A state is all that a model computed of its tokens (keys and values of every layer), so going
    on from it is the same as going on from the tokens.
    """

    def __init__(
        self, budget: int, files: DiskCache | None = None, fingerprint: bytes = b""
    ) -> None:
        """Keep nothing yet.

        Args:
            budget: of memory, in bytes.
            files: where states outlast this process.
            fingerprint: of all but the tokens that decides a state; of one length always.
        """
        self._budget, self._size = budget, 0
        self._states: OrderedDict[bytes, bytearray] = OrderedDict()
        self._files, self._fingerprint = files, fingerprint

    def __contains__(self, tokens: Sequence[int]) -> bool:
        if self._files and self._name(tokens) in self._files:
            return True
        return _key(tokens) in self._states

    def get(self, tokens: Sequence[int]) -> bytearray | None:
        """The state of exactly these tokens; None when it is not kept."""
        key = _key(tokens)
        if key in self._states:
            self._states.move_to_end(key)
        elif self._files and (state := self._files.get(self._name(tokens))) is not None:
            self._remember(key, state)
            return state
        return self._states.get(key)

    def put(self, tokens: Sequence[int], state: bytearray) -> None:
        """Keep a state that a question needed; where it alone is over a budget, not there."""
        self._remember(_key(tokens), state)
        if self._files:
            self._files.put(self._name(tokens), len(tokens), state)

    def remove(self, tokens: Sequence[int]) -> None:
        """Keep a state no longer: it is of no use."""
        self._size -= len(self._states.pop(_key(tokens), b""))
        if self._files:
            self._files.remove(self._name(tokens))

    def stored(self, tokens: Sequence[int]) -> int:
        """The bytes that a state takes on disk, 0 when it is not there; it will not soon go."""
        return self._files.touch(self._name(tokens)) if self._files else 0

    def store(self, tokens: Sequence[int], state: bytearray) -> int:
        """Keep a state on disk alone, for later; the bytes it takes there, or 0."""
        if not self._files:
            return 0
        return self._files.put(self._name(tokens), len(tokens), state, asked=False)

    def _remember(self, key: bytes, state: bytearray) -> None:
        if len(state) > self._budget:
            return
        self._size += len(state) - len(self._states.pop(key, b""))
        self._states[key] = state
        while self._size > self._budget:
            _, oldest = self._states.popitem(last=False)
            self._size -= len(oldest)

    def _name(self, tokens: Sequence[int]) -> str:
        """The name of a state on disk, which nobody else can tell beforehand."""
        return keyed_checksum(self._fingerprint, _key(tokens), use=b"state name").hex()


def _key(tokens: Sequence[int]) -> bytes:
    return array("i", tokens).tobytes()
