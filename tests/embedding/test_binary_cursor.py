"""A position in a binary header moves on with what is read, and never beyond the end unseen."""

import struct

import pytest

from index.embedding.binary_cursor import BinaryCursor

DATA = b"HEAD" + struct.pack("<IB", 7, 3) + b"abc" + struct.pack("<f", 0.5)


def test_values_bytes_and_gaps_follow_each_other() -> None:
    cursor = BinaryCursor(DATA, 4)

    assert cursor.values("<IB") == (7, 3)
    assert cursor.bytes(3) == b"abc"
    assert cursor.position == 12
    cursor.skip(4)
    assert (cursor.position, cursor.bytes(0)) == (len(DATA), b"")


def test_what_goes_beyond_the_end_is_refused() -> None:
    with pytest.raises(ValueError, match=r"it ends within 20 bytes at 4"):
        BinaryCursor(DATA, 4).bytes(20)
    with pytest.raises(struct.error):
        BinaryCursor(DATA, 12).values("<Q")
    cursor = BinaryCursor(DATA)
    cursor.skip(2**40)
    with pytest.raises(ValueError, match="it ends within"):
        cursor.bytes(1)
    with pytest.raises(struct.error):
        cursor.values("<B")
