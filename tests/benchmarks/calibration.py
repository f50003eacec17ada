"""What the thresholds of asking let through, counted over the questions of evaluation runs.

    python -m tests.benchmarks.calibration runs/questions-… [more run folders]

By the run's `results.jsonl`, so nothing is asked again: of each question how surely the best
passage tells (`tells`), and of each draft how surely the reader calls it right (`right`) and
whether it states the facts. Without a folder those of `runs/` are taken.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from qa.evaluation import metrics

TELLS = (1.0, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0)
RIGHT = (-9.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0)

Row = dict[str, Any]


def rows(folders: Sequence[Path]) -> Iterator[Row]:
    """The results of the runs that were asked, one a question."""
    for folder in folders:
        for line in (folder / "results.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if row["answer"] and not row["case"]["plants"]:
                yield row


def surest(row: Row) -> float:
    """How surely the best passage of a question tells; minus infinity when none was asked about."""
    attempts = row["answer"]["attempts"]
    return max((a["tells"] or float("-inf") for a in attempts), default=float("-inf"))


def tells(found: Sequence[Row]) -> Iterator[str]:
    """A table of what each threshold of `tells` would refuse and accept."""
    told = [surest(row) for row in found if row["case"]["answerable"]]
    not_told = [surest(row) for row in found if not row["case"]["answerable"]]
    yield f"| tells from | refused of {len(told)} answerable | tried of {len(not_told)} others |"
    yield "|---|---|---|"
    for least in TELLS:
        refused, tried = sum(one < least for one in told), sum(one >= least for one in not_told)
        yield f"| {least} | {refused} | {tried} |"


def drafts(found: Sequence[Row]) -> Iterator[tuple[float, bool]]:
    """Of each draft that was judged its highest log-odds, and whether it states every fact."""
    for row in found:
        case = row["case"]
        for attempt in row["answer"]["attempts"]:
            if case["answerable"] and attempt["right"]:
                stated = metrics.facts_stated(case["answers"], attempt["draft"])
                yield max(attempt["right"]), stated == 1


def right(found: Sequence[Row]) -> Iterator[str]:
    """A table of how many drafts each threshold of `right` lets through, and how many are right."""
    known = list(drafts(found))
    yield f"| right from | drafts, of {len(known)} | right of them |"
    yield "|---|---|---|"
    for least in RIGHT:
        kept = [true for odds, true in known if odds >= least]
        share = f"{sum(kept) / len(kept):.2f}" if kept else "–"
        yield f"| {least if least > min(RIGHT) else 'any'} | {len(kept)} | {share} |"


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("runs", nargs="*", type=Path)
    given = parser.parse_args().runs
    folders = given or sorted(path.parent for path in Path("runs").glob("*/results.jsonl"))
    found = list(rows(folders))
    sys.stdout.write(f"{len(found)} questions of {len(folders)} runs\n\n")
    for table in (tells(found), right(found)):
        sys.stdout.write("\n".join(table) + "\n\n")


if __name__ == "__main__":
    main()
