"""Free cores: how many of the machine's cores other programs leave to this process.

Threads that compute one batch meet hundreds of times a token, and each time all wait for one that
another program keeps off its core. On two cores of 2024, one of them taken by another program, two
threads write 5 tokens a second and one thread writes 23; with nothing beside them 28 and 23. So
there should be no more threads than cores that are free.
"""

import os
import sys
import threading
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

# Seconds between two looks. The system counts in hundredths: a shorter while tells little.
_LEAST = 0.2
_STAT = Path("/proc/stat")
_QUOTA = Path("/sys/fs/cgroup/cpu.max")  # of the container that this process is in, if any
_AUTOGROUP = Path("/proc/sys/kernel/sched_autogroup_enabled")
_IDLE, _IOWAIT, _NICE = 3, 4, 1  # places in a line of /proc/stat, by proc(5)
_COUNTED = 8  # those behind them, of guests, are counted in the others already


@dataclass(frozen=True, slots=True)
class Usage:
    """Seconds at a moment: of a clock, that all programs computed, and that this process did."""

    clock: float
    everything: float
    ours: float


class FreeCores:
    """Looks again when it is asked, but not all the time. Any thread may ask."""

    def __init__(self) -> None:
        """Look for the first time: what is asked next says what happened since."""
        self._cores, self._allowed = len(os.sched_getaffinity(0)), quota()
        self._lock = threading.Lock()
        self._before, self._free = _usage(), min(self._cores, self._allowed)

    def count(self) -> int:
        """How many cores other programs left since the last look, one at least.

        Where the system does not tell, all of them; in a container, no more than it is given.
        """
        with self._lock:
            before = self._before
            if before and time.monotonic() - before.clock >= _LEAST:
                self._before = _usage()
                self._free = min(self._allowed, between(before, self._before, self._cores))
            return self._free


def between(before: Usage, after: Usage | None, cores: int) -> int:
    """How many of some cores others left between two moments: the nearest number, one at least."""
    if after is None:
        return cores
    others = (after.everything - before.everything) - (after.ours - before.ours)
    # A core of which others take half is still worth a thread: it halves the pace of all.
    free = int(cores - others / (after.clock - before.clock) + 0.5)
    return max(1, min(cores, free))


def quota() -> int:
    """How many cores a container may use: to wait for one that is over its share takes long."""
    try:
        share, period = map(int, _QUOTA.read_text(encoding="ascii").split())
        return max(1, share // period)
    except (OSError, ValueError, ZeroDivisionError):  # there is none, or "max"
        return sys.maxsize


def computed(stat: str, cores: Collection[int], *, nice: bool) -> int:
    """The hundredths of a second that all programs computed on some cores, by /proc/stat.

    Time that a host took away counts as computed. `nice` says whether programs of a lower priority
    count, which give way to others.
    """
    names = {f"cpu{core}" for core in cores}
    total = 0
    for line in stat.splitlines():
        name, *numbers = line.split()
        if name in names:
            times = list(map(int, numbers[:_COUNTED]))
            total += sum(times) - times[_IDLE] - times[_IOWAIT] - (0 if nice else times[_NICE])
    return total


def _usage() -> Usage | None:
    """Now; None where the system does not tell."""
    try:
        stat = _STAT.read_text(encoding="ascii")
        nice = _nice_counts()
        hundredths = computed(stat, os.sched_getaffinity(0), nice=nice)
    except (OSError, ValueError, IndexError):
        return None
    return Usage(time.monotonic(), hundredths / os.sysconf("SC_CLK_TCK"), time.process_time())


def _nice_counts() -> bool:
    """Whether programs of a lower priority than usual take as much as this one.

    So they do where this one is such a program itself, and where each terminal is given as much as
    any other (sched(7), autogroup).
    """
    if os.getpriority(os.PRIO_PROCESS, 0) > 0:
        return True
    try:
        return _AUTOGROUP.read_text(encoding="ascii").strip() == "1"
    except OSError:
        return False
