"""Memory of a server: what is free is given back, and what was loaded is not looked at again."""

import gc
import sys
from pathlib import Path

import pytest

from qa.web.memory import settle, share_arenas, tidy

MEGABYTE = 2**20


def resident() -> int:
    """Bytes of memory that this process holds, as Linux says."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


def test_what_is_loaded_is_not_looked_at_again() -> None:
    try:
        settle()
        assert gc.get_freeze_count() > 1000
    finally:
        gc.unfreeze()


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's /proc, and trims glibc's memory")
def test_what_is_free_is_given_back() -> None:
    share_arenas()
    # Pieces below the size that glibc maps by itself, and one that keeps them from the top.
    pieces = [bytearray(100_000) for _ in range(1000)]
    held = bytearray(100_000)
    full = resident()
    pieces.clear()

    tidy()

    assert resident() < full - 50 * MEGABYTE
    assert held
