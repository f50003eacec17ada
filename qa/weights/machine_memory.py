"""Machine memory: how much of it this process may still take, within the limits of its group.

A container, a service and a batch job have limits of their own (cgroups): the system ends what goes
beyond, however much the machine has.
"""

from collections.abc import Iterator
from pathlib import Path

_UNITS = {"kB": 1024}


def available(proc: Path = Path("/proc"), groups: Path = Path("/sys/fs/cgroup")) -> int | None:
    """Bytes that can be had; None where the system does not tell.

    Files that are kept in memory count as free: weights that are there already, for one. So does
    swap, where no group has a limit.
    """
    known = _numbers(proc / "meminfo")
    if "MemAvailable" not in known:
        return None
    most = known["MemAvailable"] + known.get("SwapFree", 0)
    return min([most, *_left_in_groups(proc / "self" / "cgroup", groups)])


def _left_in_groups(memberships: Path, groups: Path) -> Iterator[int]:
    """Bytes left in each group with a limit that this process is in, or its group."""
    for line in _lines(memberships):
        _, controllers, path = line.split(":", 2)
        if not controllers:
            yield from _left(groups, path, "memory.max", "memory.current", "file")
        elif "memory" in controllers.split(","):
            names = "memory.limit_in_bytes", "memory.usage_in_bytes", "total_cache"
            yield from _left(groups / "memory", path, *names)


def _left(root: Path, path: str, limit: str, usage: str, cache: str) -> Iterator[int]:
    inner = root / path.strip("/")
    for group in (inner, *inner.parents):
        most, used = _number(group / limit), _number(group / usage)
        if most is not None and used is not None:
            kept = _numbers(group / "memory.stat").get(cache, 0)
            yield max(0, most - used + kept)
        if group == root:
            return


def _number(path: Path) -> int | None:
    """The number in a file; None where there is no file, or `max`."""
    text = "".join(_lines(path)[:1])
    return int(text) if text.isdigit() else None


def _numbers(path: Path) -> dict[str, int]:
    """Lines such as `MemFree: 12 kB` or `file 4096`, in bytes."""
    words = [line.replace(":", " ").split() for line in _lines(path)]
    return {
        name: int(number) * _UNITS.get("".join(unit), 1)
        for name, number, *unit in (found for found in words if len(found) >= 2)
        if number.isdigit()
    }


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return []
