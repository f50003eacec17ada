"""States: what the model made of a prompt's beginning, kept so that it is not read again. Pure."""

from array import array
from collections import OrderedDict
from collections.abc import Sequence


class States:
    """States of a model by the tokens they hold; over the budget, the least recently used go.

    A state is all that a model computed of its tokens (keys and values of every layer), so going
    on from it is the same as going on from the tokens.
    """

    def __init__(self, budget: int) -> None:
        """`budget` is in bytes."""
        self._budget, self._size = budget, 0
        self._states: OrderedDict[bytes, bytearray] = OrderedDict()

    def __contains__(self, tokens: Sequence[int]) -> bool:
        return _key(tokens) in self._states

    def get(self, tokens: Sequence[int]) -> bytearray | None:
        """The state of exactly these tokens; None when it is not kept."""
        key = _key(tokens)
        if key in self._states:
            self._states.move_to_end(key)
        return self._states.get(key)

    def put(self, tokens: Sequence[int], state: bytearray) -> None:
        """Keep a state; one that alone is over the budget is not kept."""
        if len(state) > self._budget:
            return
        key = _key(tokens)
        self._size += len(state) - len(self._states.pop(key, b""))
        self._states[key] = state
        while self._size > self._budget:
            _, oldest = self._states.popitem(last=False)
            self._size -= len(oldest)


def _key(tokens: Sequence[int]) -> bytes:
    return array("i", tokens).tobytes()
