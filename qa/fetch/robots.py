"""Robots: what a site's robots.txt asks of this program (RFC 9309)."""

import re
from dataclasses import dataclass
from typing import Any

TOKEN = "article-qa"
"""This program's name in robots.txt (RFC 9309, 2.2.1), and in its requests."""

MAX_BYTES = 512 * 1024
"""Bytes of a robots.txt that are read; at least 500 KiB must be (RFC 9309, 2.5)."""

_LONGEST_PAUSE_S = 30.0  # that a site may ask for between two pages
_AGENT = re.compile(r"\s*user[- ]?agent\s*[:\s]\s*([^#]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules of one site; without any, all is allowed. `unreadable` forbids all."""

    rules: Any = None
    unreadable: str = ""

    def allow(self, address: str) -> bool:
        """Whether an address of the site may be asked for."""
        if self.unreadable:
            return False
        return self.rules is None or bool(self.rules.can_fetch(address, TOKEN))

    @property
    def pause_s(self) -> float:
        """The seconds between two requests that the site asks for, at most half a minute."""
        asked = self.rules.crawl_delay(TOKEN) if self.rules is not None else None
        return min(float(asked or 0.0), _LONGEST_PAUSE_S)


def parsed(data: bytes) -> Robots:
    """Read a robots.txt; lines that are none are left out."""
    from protego import Protego

    if len(data) > MAX_BYTES:
        data = data[:MAX_BYTES].rpartition(b"\n")[0]  # half of a rule would be another one
    text = data.decode("utf-8-sig", "replace")
    return Robots(Protego.parse("\n".join(map(_of_us, text.splitlines()))))


def _of_us(line: str) -> str:
    """A line as it is, but those that name programs: of all others they name one alone.

    The library makes rules for each program that a group names: thousands of both would take all
    of the memory. And it knows `article-qa/1.0` for nobody.
    """
    agent = _AGENT.match(line)
    if agent is None:
        return line
    name = agent[1].strip().lower()
    if name.startswith(TOKEN):
        return f"User-agent: {TOKEN}"
    return f"User-agent: {name}" if name == "*" or name in TOKEN else "User-agent: another"
