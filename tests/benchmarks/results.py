"""Results: keeps each part's tables as soon as they are there, and writes them all as one page."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.atomic_file import write_atomically
from tests.benchmarks.table import Table, from_json, markdown, to_json


@dataclass(frozen=True, slots=True)
class Part:
    """What one part measured; `facts` are of the machine, `occasion` when and how much."""

    facts: Mapping[str, str]
    occasion: Mapping[str, str]
    tables: tuple[Table, ...]


def save(path: Path, part: Part) -> None:
    """Keep a part in a file, in one step."""
    kept = {
        "facts": dict(part.facts),
        "occasion": dict(part.occasion),
        "tables": [to_json(table) for table in part.tables],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, json.dumps(kept, ensure_ascii=False, indent=1) + "\n")


def load(path: Path) -> Part:
    """A part that was kept."""
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return Part(kept["facts"], kept["occasion"], tuple(map(from_json, kept["tables"])))


def page(title: str, intro: str, parts: Sequence[tuple[str, Part]]) -> str:
    """All parts, each under its heading; the machine is the one of the newest of them."""
    newest = max((part for _, part in parts), key=lambda part: part.occasion["date"])
    sections = (_section(heading, part) for heading, part in parts)
    about = _listed(f"**{name}:** {value}" for name, value in newest.facts.items())
    return "\n".join([f"# {title}\n", f"{intro}\n", f"{about}\n", *sections])


def _section(heading: str, part: Part) -> str:
    told = part.occasion
    when = (
        f"{told['date']}, commit {told['commit']}, {told['extent']}, load before: {told['load']}."
    )
    return "\n".join([f"## {heading}\n", f"{when}\n", *map(markdown, part.tables)])


def _listed(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
