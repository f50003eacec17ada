"""Binary cursor: reads the header of a binary file value by value. Pure."""

import mmap
import struct
from typing import Any


class BinaryCursor:
    """A position in bytes, which moves on with what is read."""

    def __init__(self, data: bytes | mmap.mmap, position: int = 0) -> None:
        self._data, self.position = data, position

    def values(self, layout: str) -> tuple[Any, ...]:
        """The next values, in a layout of the module `struct`.

        Raises:
            struct.error: the data end before they do.
        """
        found = struct.unpack_from(layout, self._data, self.position)
        self.position += struct.calcsize(layout)
        return found

    def bytes(self, count: int) -> bytes:
        """The next bytes.

        Raises:
            ValueError: there are fewer.
        """
        if count > len(self._data) - self.position:
            raise ValueError(f"it ends within {count} bytes at {self.position}")
        self.skip(count)
        return self._data[self.position - count : self.position]

    def skip(self, count: int) -> None:
        """Leave bytes unread; beyond the end nothing more can be read."""
        self.position += count
