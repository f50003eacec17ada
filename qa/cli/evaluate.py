"""Commands of `eval`: ask a file of questions and report; compare two runs."""

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from qa.cli import opening
from qa.cli.options import (
    cache_option,
    embedder_option,
    index_option,
    json_option,
    llm_option,
    option,
    threads_option,
)

if TYPE_CHECKING:
    from index.search import Searcher
    from qa.answer import Answer
    from qa.evaluation.cases import Case
    from qa.evaluation.reports.gates import Gate
    from qa.evaluation.results import Result
    from qa.evaluation.run_folder import RunFolder
    from qa.llm.model import LanguageModel

_RUNS = Path("runs")


class Evaluation(click.Group):
    """A group of which the questions' file may follow at once: `eval FILE` is `eval run FILE`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the command in that was left out."""
        if args and args[0] not in {*self.commands, *ctx.help_option_names}:
            args = ["run", *args]
        return super().parse_args(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show the options of the command that may be left out, then the others' names."""
        click.Command.format_options(self.commands["run"], ctx, formatter)
        self.format_commands(ctx, formatter)


@click.group(cls=Evaluation, subcommand_metavar="QUESTIONS")
def evaluation() -> None:
    """Ask every question of the file QUESTIONS, and score what is found and what is answered.

    Leaves a run folder with report.html. A run that was stopped goes on where it was when the same
    command names its folder with --out; a whole one is only scored again.

    A file that is called like a command is asked with `eval run QUESTIONS`.
    """


@evaluation.command(hidden=True)
@click.argument("questions", type=click.Path(path_type=Path))
@index_option
@option("--articles", type=click.Path(path_type=Path), help="Index this folder, for the run only.")
@option("--retrieval-only", is_flag=True, help="Try the search alone, without a language model.")
@option("--tag", "tags", multiple=True, help="Ask only those with this tag; may be repeated: any.")
@option(
    "--limit",
    variable="EVAL_LIMIT",
    type=click.IntRange(min=1),
    help="Ask only so many, spread evenly.",
)
@option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder of the run, new or to go on with; default runs/NAME-DATE-TIME.",
)
@option(
    "--gates",
    type=click.Path(path_type=Path),
    help="TOML file of bounds; one that fails makes the exit code 1.",
)
@embedder_option
@llm_option
@threads_option
@cache_option
@json_option
def run(
    questions: Path,
    index: Path,
    articles: Path | None,
    retrieval_only: bool,
    tags: tuple[str, ...],
    limit: int | None,
    out: Path | None,
    gates: Path | None,
    embedder: str | None,
    llm: str | None,
    threads: int | None,
    cache_size: int | None,
    json: bool,
) -> int:
    """What `eval` does when no other command is named."""
    from qa.evaluation import run_folder
    from qa.evaluation.reports.gates import load

    out = out or _RUNS / f"{questions.stem}-{datetime.now():%Y%m%d-%H%M%S}"
    run_folder.check(out)
    bounds = load(gates) if gates else ()
    cases = _cases(questions, articles, index, tags, limit)
    options = {"retrieval_only": retrieval_only, "tags": list(tags), "limit": limit}
    with ExitStack() as stack:
        if articles:
            index = Path(stack.enter_context(TemporaryDirectory()), "index")
            _index_for_now(articles, index, embedder)
        model: LanguageModel | None = None
        if retrieval_only:
            searcher = opening.searcher(index, embedder)
        else:
            size = 0 if articles else cache_size  # what lies beside an index for this run is lost
            searcher, model = opening.both(index, embedder, llm, threads, size)
        models = {"llm": model.name, "llm_sha256": model.sha256} if model else {}
        models["embedder"] = searcher.embedder_name
        folder = _folder(out, questions, index, models, options)
        stack.callback(folder.close)
        known = {result.case.id for result in folder.results}
        rest = [case for case in cases if case.id not in known]
        results = _results(rest, searcher, model, index, embedder)
        _watch(results, len(rest), folder)
        return _told(folder, cases, bounds, json)


@evaluation.command("compare")
@click.argument("first", type=click.Path(path_type=Path))
@click.argument("second", type=click.Path(path_type=Path))
@option("--html", type=click.Path(path_type=Path), help="Write the comparison here as a page too.")
@json_option
def compare_command(first: Path, second: Path, html: Path | None, json: bool) -> None:
    """Say what changed from one run to another, on the questions that both asked.

    FIRST and SECOND are run folders. Each metric has its difference with a 95 % paired bootstrap
    interval, and McNemar's p where it is 0 or 1; the questions that were fixed and broken follow.
    """
    from qa.evaluation.configuration import differences
    from qa.evaluation.reports.compare import as_json, compare, table
    from qa.evaluation.reports.report import comparison_page
    from qa.evaluation.run_folder import read_about, read_results
    from qa.service.answer_format import safe

    made = compare(read_results(first), read_results(second))
    about = (read_about(path).get("configuration", {}) for path in (first, second))
    changed = list(differences(*about))
    if html:
        page = comparison_page(made, (str(first), str(second)), changed)
        html.write_text(page, encoding="utf-8")
    if json:
        click.echo(as_json(made))
        return
    for name, was, now in changed:
        click.echo(f"{name}: {safe(str(was))} → {safe(str(now))}")
    click.echo(f"{made.both} questions in both.")
    click.echo(safe(table(made)))


def _cases(
    questions: Path, articles: Path | None, index: Path, tags: tuple[str, ...], limit: int | None
) -> "list[Case]":
    """The cases to ask, checked against their articles before anything slow begins."""
    from index.articles.article import read
    from index.articles.files import Found, find
    from index.storage.catalog import Catalog
    from qa.errors import BadQuestions
    from qa.evaluation.case_file import load
    from qa.evaluation.cases import spread

    if articles:
        files = (found for found in find(articles) if isinstance(found, Found))
        texts = {found.id: found for found in files}
        cases = load(questions, cache(lambda id: read(texts[id]).text))
    else:
        with Catalog.open(index) as catalog:
            cases = load(questions, catalog.text)
    tagged = [case for case in cases if not tags or set(tags) & set(case.tags)]
    if not tagged:
        known = ", ".join(sorted({tag for case in cases for tag in case.tags})) or "none"
        raise BadQuestions(
            f"{questions} has no question tagged {' or '.join(tags)}. Known tags: {known}."
        )
    return spread(tagged, limit)


def _index_for_now(articles: Path, index: Path, embedder: str | None) -> None:
    from index.build import sync
    from qa.cli.output import Progress

    progress = Progress("article", sys.stderr)
    try:
        sync([articles], index, opening.embedder(embedder), progress)
    finally:
        progress.close()


def _folder(
    out: Path, questions: Path, index: Path, models: dict[str, str], options: dict[str, Any]
) -> "RunFolder":
    from dataclasses import asdict

    from index.storage.catalog import Catalog
    from qa.environment import versions_and_machine
    from qa.evaluation.configuration import configuration, corpus
    from qa.evaluation.run_folder import RunFolder
    from qa.llm import settings as tuning

    with Catalog.open(index) as catalog:
        indexed = corpus(catalog)
    wanted = configuration(questions, indexed, models, options)
    about = {"questions": str(questions), **versions_and_machine()}
    if "llm_sha256" in models:
        about["tuning"] = asdict(tuning.load(models["llm_sha256"]))
    return RunFolder.open(out, wanted, about)


def _results(
    cases: "list[Case]",
    searcher: "Searcher",
    model: "LanguageModel | None",
    index: Path,
    embedder: str | None,
) -> "Iterator[Result]":
    """What comes of each case; those that plant something are asked last, over a copy of the index.

    Where only the search is tried, a plant matters to those that have evidence to find.
    """
    from index.search import Searcher
    from qa.evaluation.attacks import planted_index

    plain = [case for case in cases if not (case.plants and (model or case.answerable))]
    planted = [case for case in cases if case not in plain]
    yield from _over(searcher, model, plain)
    if planted:
        opened = opening.embedder(embedder)
        with TemporaryDirectory() as folder:
            copy = planted_index(planted, index, Path(folder), opened)
            yield from _over(Searcher(copy, opened), model, planted)


def _over(
    searcher: "Searcher", model: "LanguageModel | None", cases: "list[Case]"
) -> "Iterator[Result]":
    from qa.answering.followups import standalone
    from qa.ask import ask
    from qa.evaluation.evaluate import evaluate

    def asked(case: "Case") -> str:
        return standalone(case.question, case.history) or case.question

    def answers(case: "Case") -> "Iterator[Answer]":
        assert model
        return ask(case.question, searcher, model, history=case.history)

    return evaluate(cases, answers if model else None, searcher.search, searcher.text, asked)


def _watch(results: "Iterable[Result]", total: int, folder: "RunFolder") -> None:
    """Keep each result as it comes; show how far it is, and how to go on when it is stopped."""
    from qa.cli.output import Progress

    progress, begun = Progress("question", sys.stderr), time.monotonic()
    try:
        progress(0, total, "first question")
        for done, result in enumerate(results, 1):
            folder.add(result)
            left = (time.monotonic() - begun) / done * (total - done)
            progress(done, total, f"{left // 60:.0f} min {left % 60:.0f} s left")
    except KeyboardInterrupt:
        progress.close()
        click.echo(
            f"{len(folder.results)} questions are done. To go on where it stopped, give the same "
            f"command with --out {folder.path}",
            err=True,
        )
        raise
    finally:
        progress.close()


def _told(folder: "RunFolder", cases: "list[Case]", bounds: "tuple[Gate, ...]", json: bool) -> int:
    """Write the reports, print the scores, and say which gates failed: 1 if any did."""
    from qa.evaluation.reports.gates import check
    from qa.evaluation.reports.report import write
    from qa.evaluation.reports.summary import as_json, summarise, table

    summary = summarise(folder.results)
    checked = check(bounds, summary)
    write(folder, summary, checked)
    errors = sum(result.error is not None for result in folder.results)
    about = {
        "questions": folder.about["questions"],
        "cases": len(cases),
        "errors": errors,
        "models": folder.about["configuration"]["models"],
        "run": str(folder.path),
        "gates": [one.told for one in checked],
    }
    click.echo(as_json(about, summary) if json else table(summary))
    if errors:
        some = "1 question" if errors == 1 else f"{errors} questions"
        click.echo(f"{some} could not be asked; the report tells why.", err=True)
    click.echo(f"Report: {folder.path / 'report.html'}", err=True)
    failed = [one for one in checked if not one.passed]
    for one in failed:
        click.echo(f"Gate failed: {one.said}", err=True)
    return int(bool(failed))
