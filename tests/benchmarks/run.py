"""Runs the benchmarks and writes what they found to tests/benchmarks/RESULTS.md.

    python -m tests.benchmarks.run [--quick] [--only start tokens] [--runs 5] [--index .article-qa]

Each part is a process of its own, and its tables are kept under runs/bench/ as soon as they are
there: what is cut off loses one table, and a part can be measured again alone. `--quick` measures
little, once, prints it and leaves RESULTS.md as it is.

By hand, as they take hours or need question sets that do not ship: `retrieval.py` (RETRIEVAL.md),
`calibration.py` (CALIBRATION.md), `copies.py` (COPIES.md), `injections.py` (ANSWERS.md); and
`peers.py` (PEERS.md), which `make bench-peers` runs in an environment of its own.
"""

import argparse
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path

from tests.benchmarks import results
from tests.benchmarks.machine import facts, occasion
from tests.benchmarks.options import Options
from tests.benchmarks.table import Table, markdown
from tests.benchmarks.timing import told
from tests.support.paths import ROOT

# In the order of the page: each a module here with a function `tables`.
PARTS = {
    "start": "From the start of a command",
    "first_word": "Until the first word",
    "two_at_once": "Two at once",
    "neighbours": "On a busy machine",
    "summing_up": "Summing up",
    "tokens": "Reading and writing",
    "embedding": "Embedding",
    "scale": "Searching and indexing",
    "memory": "Memory",
}
KEPT = ROOT / "runs" / "bench"
PAGE = Path(__file__).parent / "RESULTS.md"
INTRO = """Written by `make bench` (`tests/benchmarks/run.py`); all times in seconds unless said
otherwise. A figure is the median, with the least and the most in brackets. What is compared took
turns within one run, so ratios say more than times: those depend on the machine and on what else it
did. Why things were decided as they were: [START.md](START.md). Another program beside this one:
[PEERS.md](PEERS.md)."""


def measure(name: str, options: Options, folder: Path) -> None:
    """Run one part here, and keep each of its tables as it comes."""
    extent = "one run" if options.runs == 1 else f"{options.runs} runs"
    about, when, done = facts(), occasion(extent), list[Table]()
    found: Iterator[Table] = import_module(f"tests.benchmarks.{name}").tables(options)
    for one in found:
        done.append(one)
        results.save(folder / f"{name}.json", results.Part(about, when, tuple(done)))


def apart(names: Sequence[str], arguments: Sequence[str]) -> list[str]:
    """Run parts, each in a process of its own; those that failed."""
    failed = []
    for name in names:
        told(f"== {name}")
        again = [sys.executable, "-m", "tests.benchmarks.run", *arguments, "--here", name]
        if subprocess.run(again, cwd=ROOT).returncode:
            failed.append(name)
    return failed


def kept(folder: Path) -> list[tuple[str, results.Part]]:
    """What was measured so far, in the order of the page."""
    paths = ((heading, folder / f"{name}.json") for name, heading in PARTS.items())
    return [(heading, results.load(path)) for heading, path in paths if path.exists()]


def shown(names: Sequence[str], folder: Path) -> Iterator[str]:
    """The tables of some parts."""
    for name in names:
        if (path := folder / f"{name}.json").exists():
            yield from map(markdown, results.load(path).tables)


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="little, once, for a look")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), metavar="PART")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--index", type=Path, default=Options().index)
    parser.add_argument("--here", choices=PARTS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    options = Options(given.index.absolute(), 1 if given.quick else given.runs, given.quick)
    folder = KEPT / "quick" if given.quick else KEPT
    if given.here:
        measure(given.here, options, folder)
        return
    same = ["--runs", str(given.runs), "--index", str(options.index)]
    failed = apart(given.only, [*same, *(["--quick"] if given.quick else [])])
    sys.stdout.write("\n".join(shown(given.only, folder)))
    if not given.quick:
        PAGE.write_text(results.page("Benchmarks", INTRO, kept(folder)), encoding="utf-8")
    if failed:
        sys.exit(f"Failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
