"""Report: the outcome of one run of the indexing job. Pure."""

from dataclasses import dataclass, field
from pathlib import Path

from index.articles.files import Skipped
from index.storage.near_duplicates import NearDuplicate


@dataclass(slots=True)
class Report:
    """The outcome of `sync`: articles by id, and the files it did not read.

    `copies` are the near duplicates found in this run, and those whose original was removed.
    `notices` are (id, what was left out of it) for the articles that were added or changed, and
    `passages` how many each of those has. `waiting` are files that somebody was writing.
    """

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: int = 0
    embedded: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    copies: list[NearDuplicate] = field(default_factory=list)
    notices: list[tuple[str, str]] = field(default_factory=list)
    passages: dict[str, int] = field(default_factory=dict)
    waiting: list[Path] = field(default_factory=list)

    @property
    def seen(self) -> int:
        """How many articles there are in the folders read."""
        return len(self.added) + len(self.changed) + self.unchanged

    @property
    def altered(self) -> bool:
        """Whether the index differs from before."""
        return bool(self.added or self.changed or self.removed)
