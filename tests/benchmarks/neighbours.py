"""Neighbours: how much longer `ask` takes on a machine that does other work, and what that costs.

The aims on two cores: beside a program that keeps one core busy 2.2 times as long as alone at most,
two `ask` at once 2.5 times, and on a quiet machine .97 of the pace of threads that never give way.
"""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from qa.llm.free_cores import FreeCores
from qa.llm.llama import LlamaModel
from qa.weights.checksums import sha256_of
from qa.weights.paths import llm_path
from tests.benchmarks.commands import Ran, copied, ran
from tests.benchmarks.options import Options
from tests.benchmarks.start import QUESTIONS, asking
from tests.benchmarks.table import Table, table
from tests.benchmarks.timing import ratios, spread, told, turns
from tests.benchmarks.tokens import COUNTING, WRITTEN, messages, rate

ALONE, BESIDE, TWO = "alone", "beside a busy program", "two at once, the slower"
SETTLED = 1.0  # second that a neighbour works before it is asked
FIXED, GIVING_WAY = "threads that never give way", "threads that give way"
COLUMNS = "`ask`, passages kept on disk", "first word", "÷ alone", "to the end", "÷ alone"
NOTE = (
    "A process each, English, files in memory. The busy program counts, in one thread. Ratios are "
    "of each run."
)
WROTE = "On a machine with nothing beside; from the first token to the last."


def tables(options: Options) -> Iterator[Table]:
    """`ask` beside others, and writing without them."""
    with copied(options.index) as index:
        told("reading what is kept from then on")
        ran(*asking(index, QUESTIONS["en"], ["--no-server"]))
        yield asked(turns(ways(index), options.runs))
    yield wrote(options)


def ways(index: Path) -> Mapping[str, partial[Ran]]:
    """Asking alone, beside a busy program, and twice at once."""
    arguments = asking(index, QUESTIONS["en"], ["--no-server"])
    ones = {ALONE: ran, BESIDE: beside, TWO: twice}
    return {name: partial(one, *arguments) for name, one in ones.items()}


def beside(*arguments: str) -> Ran:
    """Run a command while another program keeps one core busy."""
    with busy():
        return ran(*arguments)


def twice(*arguments: str) -> Ran:
    """Run a command twice at once; of each time the longer one."""
    with ThreadPoolExecutor() as pool:
        both = list(pool.map(lambda _: ran(*arguments), range(2)))
    return Ran(*(max(getattr(one, name) for one in both) for name in Ran.__slots__))


@contextmanager
def busy() -> Iterator[None]:
    """A program of one thread that computes all the time."""
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as process:
        try:
            time.sleep(SETTLED)
            yield
        finally:
            process.kill()


def asked(found: Mapping[str, Sequence[Ran]]) -> Table:
    """Medians, and of each run how much longer it took than alone."""
    rows = []
    for name, runs in found.items():
        cells = []
        for part in ("first", "total"):
            these, those = ([getattr(run, part) for run in each] for each in (runs, found[ALONE]))
            cells += [spread(these), spread(ratios(these, those))]
        rows.append([name, *cells])
    return table("Asking while the machine does other work", COLUMNS, rows, NOTE)


def wrote(options: Options) -> Table:
    """Tokens a second on a quiet machine, with threads that give way and with others."""
    path = llm_path()
    given = {FIXED: None, GIVING_WAY: FreeCores()}
    models = {
        name: LlamaModel(path, sha256_of(path), free_cores=cores) for name, cores in given.items()
    }

    def write(model: LlamaModel) -> float:
        model.reset()
        draft = model.write(messages(COUNTING), WRITTEN)
        return rate(iter(draft), lambda: draft.answer_tokens)

    for model in models.values():
        write(model)
    found = turns({name: partial(write, model) for name, model in models.items()}, options.runs)
    rows = [[name, spread(of), spread(ratios(of, found[FIXED]))] for name, of in found.items()]
    columns = "by", "tokens a second", "÷ the first"
    return table(f"Writing {WRITTEN} tokens on a quiet machine", columns, rows, WROTE)
