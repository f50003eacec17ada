"""From the start of a process to what a terminal shows first."""

import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from tests.benchmarks.commands import Ran, copied, files, forget, knows, ran, serving
from tests.benchmarks.first_word import LANGUAGES, answered
from tests.benchmarks.options import Options
from tests.benchmarks.table import Table, table
from tests.benchmarks.timing import spread, told, turns

QUESTIONS = {
    "en": "Who bought Light Years Beyond, and for how much?",
    "hi": "लाइट इयर्स बियॉन्ड को किसने खरीदा?",
}
SERVED = 6  # questions of each language that a server is asked
KEPT_NOTHING = "--cache-size", "0"
COLUMNS = "command", "files", "first word", "to the end"


def tables(options: Options) -> Iterator[Table]:
    """Each command's times."""
    languages = list(QUESTIONS)[: 1 if options.quick else None]
    with copied(options.index) as index:
        alone = ["--no-server"] if knows("ask", "--no-server") else []
        for language in languages:
            told("reading what is kept from then on")
            ran(*asking(index, QUESTIONS[language], alone))
        yield started(index, languages, alone, options)
        if alone:
            yield served(index, options)


def started(index: Path, languages: Sequence[str], alone: Sequence[str], options: Options) -> Table:
    """Every command by itself."""
    stayed: list[float] = []

    def cold(arguments: Sequence[str]) -> Ran:
        stayed.append(forget(files(index)))
        return ran(*arguments)

    commands: dict[str, list[str]] = {"search": ["search", "--index", str(index), QUESTIONS["en"]]}
    for language in languages:
        kept = asking(index, QUESTIONS[language], alone)
        commands[f"ask, {language}, passages kept on disk"] = kept
        commands[f"ask, {language}, `--cache-size 0`"] = [*kept, *KEPT_NOTHING]
    ways = {("--help", "in memory"): partial(ran, "--help")}
    for name, arguments in commands.items():
        ways[name, "in memory"] = partial(ran, *arguments)
    for name, arguments in commands.items():
        ways[name, "cold"] = partial(cold, arguments)
    found = turns({"; ".join(names): way for names, way in ways.items()}, options.runs)
    rows = [row(*names, runs) for names, runs in zip(ways, found.values(), strict=True)]
    note = (
        "Cold: the weights, the index and what is kept were dropped from memory before "
        f"(at most {max(stayed):.0%} of them stayed); Python and the libraries were not."
    )
    return table("A process of its own", COLUMNS, rows, note)


def served(index: Path, options: Options) -> Table:
    """Questions while a chat page runs, which has read their passages before."""
    count = 1 if options.quick else SERVED
    cases = [case for language in LANGUAGES for case in answered(index, language)[:count]]
    ways = {case.id: partial(ran, *asking(index, case.question, [])) for case in cases}
    with serving(index, "--read-only") as page:
        told("reading what is kept from then on")
        for way in ways.values():
            way()
        time.sleep(1)
        found = turns(ways, options.runs)
    note = (
        f"{count} questions of each language, those that have an answer, each asked before; n: "
        f"questions times runs. The page took {page.started:.1f} s until it was there."
    )
    rows = []
    for language in LANGUAGES:
        runs = [run for case in cases if case.lang == language for run in found[case.id]]
        rows.append([language, str(len(runs)), *_times(runs)])
    return table("With a server running", ("ask in", "n", *COLUMNS[2:]), rows, note)


def asking(index: Path, question: str, more: Sequence[str]) -> list[str]:
    """The arguments that ask a question."""
    return ["ask", "--index", str(index), *more, question]


def row(name: str, where: str, runs: Sequence[Ran]) -> list[str]:
    """Medians and spread."""
    return [name, where, *_times(runs)]


def _times(runs: Sequence[Ran]) -> list[str]:
    return [spread([run.first for run in runs]), spread([run.total for run in runs])]
