"""How much memory each command holds at most."""

import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from qa.weights.paths import llm_path
from tests.benchmarks.commands import copied, knows, ran, serving
from tests.benchmarks.options import Options
from tests.benchmarks.start import QUESTIONS, asking
from tests.benchmarks.table import Table, table
from tests.benchmarks.timing import spread, turns
from tests.support.paths import SEED_ARTICLES


def tables(options: Options) -> Iterator[Table]:
    """One table: each command beside the model's file."""
    file = llm_path().stat().st_size / 2**20
    with copied(options.index) as index:
        alone = ["--no-server"] if knows("ask", "--no-server") else []
        ways: dict[str, Callable[[], float]] = {
            "search": lambda: ran("search", "--index", str(index), QUESTIONS["en"]).memory,
            "index, the shipped articles": indexed,
            "ask, nothing kept yet": lambda: asked(options.index, alone),
            "ask": lambda: ran(*asking(index, "en", alone)).memory,
            "chat, before anything is asked": partial(idle, index),
        }
        found = turns(ways, options.runs)
    rows = [
        [name, spread(values), spread([value - file for value in values])]
        for name, values in found.items()
    ]
    note = (
        f"The model's file has {file:,.0f} MB; what a process has mapped of it is in its memory, "
        "and shared by all that have. `ask` is meant to stay below the file and 1,024 MB."
    )
    yield table("At most", ("command", "MB", "beyond the model's file, MB"), rows, note)


def asked(source: Path, alone: list[str]) -> float:
    """The memory of a question that nothing is kept for."""
    with copied(source) as index:
        return ran(*asking(index, "en", alone)).memory


def indexed() -> float:
    """The memory of indexing the articles anew."""
    with tempfile.TemporaryDirectory() as folder:
        return ran("index", str(SEED_ARTICLES), "--index", str(Path(folder) / "index")).memory


def idle(index: Path) -> float:
    """The memory of a page that nobody asks; it reads nothing ahead."""
    with serving(index, "--read-only", "--cache-size", "0") as page:
        time.sleep(2)
    return page.memory
