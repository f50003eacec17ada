"""Fetch report: what came of a run, and what a feed or sitemap names. Data only."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class FetchReport:
    """What came of a run: how many pages came `new`, `changed`, or were the `same`.

    `gone` are the addresses of pages that were removed, `problems` are (address, reason) of what
    was not read.
    """

    new: int = 0
    changed: int = 0
    same: int = 0
    gone: list[str] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Listed:
    """A page that a feed or sitemap names; `changed` is when, as that tells it, or ""."""

    address: str
    date: str = ""
    changed: str = ""
