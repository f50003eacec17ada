"""Options: how much is measured, and of which index."""

from dataclasses import dataclass
from pathlib import Path

from tests.support.paths import ROOT


@dataclass(frozen=True, slots=True)
class Options:
    """What every part is given. `quick` is for a look: less of everything than makes a result."""

    index: Path = ROOT / ".article-qa"
    runs: int = 5
    quick: bool = False
