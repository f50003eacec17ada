"""Memory: a server that runs for weeks takes no more of it than it uses.

glibc keeps for each thread what it has freed, and objects in cycles wait for a collection, which
comes the later the more there is already. So pages that were loaded and left would cost twice what
is kept of them.
"""

import ctypes
import gc
import sys
from functools import cache
from typing import Any

_ARENA_MAX = -8  # M_ARENA_MAX of glibc's malloc.h; see mallopt(3)
_ARENAS = 2  # as many as few cores compute with at once


def share_arenas() -> None:
    """Have threads share what they free; to be called before there are any."""
    if libc := _libc():
        libc.mallopt(_ARENA_MAX, _ARENAS)


def settle() -> None:
    """Collect no more what is loaded by now; to be called once all is loaded."""
    gc.collect()
    gc.freeze()


def tidy() -> None:
    """Give back to the system what is free: some 5 ms."""
    if libc := _libc():
        libc.malloc_trim(0)


@cache
def _libc() -> Any:
    """The C library, if it is glibc."""
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "mallopt") and hasattr(library, "malloc_trim") else None
