"""Table: one result, with its title and what must be known to read it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

Rows = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Table:
    """What was measured; every row has as many cells as there are columns."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"{self.title}: {len(row)} cells for {len(self.columns)} columns")


def table(title: str, columns: Sequence[str], rows: Rows, note: str = "") -> Table:
    """A table of any sequences."""
    return Table(title, tuple(columns), tuple(map(tuple, rows)), note)


def markdown(shown: Table, level: int = 3) -> str:
    """A table under its heading, with its note below."""
    lines = [shown.columns, ["---"] * len(shown.columns), *shown.rows]
    drawn = "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)
    parts = [f"{'#' * level} {shown.title}", drawn, shown.note]
    return "\n\n".join(part for part in parts if part) + "\n"


def to_json(shown: Table) -> dict[str, Any]:
    """A table as it is kept between runs."""
    return asdict(shown)


def from_json(kept: dict[str, Any]) -> Table:
    """A table that was kept."""
    return table(kept["title"], kept["columns"], kept["rows"], kept["note"])


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
