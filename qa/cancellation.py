"""Cancellation: a flag by which one thread stops what another one computes."""

import ctypes

from qa.errors import Cancelled


class StopFlag:
    """A flag that stops the work it was given to. Any thread may set it; it is never cleared."""

    def __init__(self) -> None:
        # A C string, empty until the flag is set: native code reads it without Python's lock.
        self._text = ctypes.create_string_buffer(2)

    @property
    def address(self) -> int:
        """Where native code finds a C string that is empty until the flag is set."""
        return ctypes.addressof(self._text)

    def set(self) -> None:
        """Stop the work: within a fraction of a second, in the midst of a prompt, too."""
        self._text[0] = b"\1"

    def is_set(self) -> bool:
        """Whether the work is to stop."""
        return bool(self._text.value)

    def raise_if_set(self) -> None:
        """Do nothing, or give up.

        Raises:
            Cancelled: the flag is set.
        """
        if self.is_set():
            raise Cancelled
