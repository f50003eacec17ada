"""Commands `eval` and `eval compare`: score a file of questions; compare two runs."""

from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from index.scope import Scope
from qa.cli import opening
from qa.cli.options import (
    cache_option,
    computing_options,
    embedder_option,
    index_option,
    json_option,
    llm_option,
    option,
    scope_options,
)
from qa.llm.computing import Computing

if TYPE_CHECKING:
    from qa.extraction.reader import Reader
    from qa.llm.model import LanguageModel

_RUNS = Path("runs")  # the folder of run folders that no --out names


class Evaluation(click.Group):
    """A group with a default command: `eval FILE` is `eval run FILE`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Insert the command when it is left out."""
        if args and args[0] not in {*self.commands, *ctx.help_option_names}:
            args = ["run", *args]
        return super().parse_args(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show the options of the default command, then the names of the others."""
        click.Command.format_options(self.commands["run"], ctx, formatter)
        self.format_commands(ctx, formatter)


@click.group(cls=Evaluation, subcommand_metavar="QUESTIONS")
def evaluation() -> None:
    """Ask every question of the file QUESTIONS, and score the passages found and the answers.

    Writes a run folder with report.html. To resume a run that was stopped, give the same command
    with its folder as --out; a complete run is only scored again.

    If the file is named like a command, use `eval run QUESTIONS`.
    """


@evaluation.command(hidden=True)
@click.argument("questions", type=click.Path(path_type=Path))
@index_option
@option("--articles", type=click.Path(path_type=Path), help="Use a temporary index of this folder.")
@option("--retrieval-only", is_flag=True, help="Score the search only, without a language model.")
@option("--reader-only", is_flag=True, help="Score the reader only; writes no run folder.")
@option(
    "--tag",
    "tags",
    multiple=True,
    help="Ask only questions with this tag, or any of several.",
)
@option(
    "--limit",
    variable="EVAL_LIMIT",
    type=click.IntRange(min=1),
    help="Ask only this many questions, spread evenly over the file.",
)
@option(
    "--out",
    type=click.Path(path_type=Path),
    help="Run folder, new or to be resumed; default: runs/NAME-DATE-TIME.",
)
@option(
    "--gates",
    type=click.Path(path_type=Path),
    help="TOML file of bounds for the scores; if one is missed, the exit code is 1.",
)
@scope_options
@embedder_option
@llm_option
@computing_options
@cache_option
@json_option
def run(
    questions: Path,
    index: Path,
    articles: Path | None,
    retrieval_only: bool,
    reader_only: bool,
    tags: tuple[str, ...],
    limit: int | None,
    out: Path | None,
    gates: Path | None,
    embedder: str | None,
    llm: str | None,
    computing: Computing,
    cache_size: int | None,
    json: bool,
    scope: Scope,
) -> int:
    """The default command of `eval`."""
    from qa.cli import evaluation_run
    from qa.evaluation import run_folder
    from qa.evaluation.reports.gates import load

    if reader_only:
        if retrieval_only or out or gates:
            raise click.UsageError("--reader-only takes no --retrieval-only, --out or --gates.")
        cases = evaluation_run.read_cases(questions, articles, index, tags, limit)
        cases = evaluation_run.for_the_reader(questions, cases)
        with ExitStack() as stack:
            if articles:
                index = stack.enter_context(evaluation_run.temporary_index(articles, embedder))
            return evaluation_run.read_all(questions, cases, index, embedder, json, scope)
    out = out or _RUNS / f"{questions.stem}-{datetime.now():%Y%m%d-%H%M%S}"
    run_folder.check(out)
    bounds = load(gates) if gates else ()
    cases = evaluation_run.read_cases(questions, articles, index, tags, limit)
    options = {"retrieval_only": retrieval_only, "tags": list(tags), "limit": limit}
    if not scope.is_all:
        options["scope"] = scope.fields
    with ExitStack() as stack:
        if articles:
            index = stack.enter_context(evaluation_run.temporary_index(articles, embedder))
            cache_size = 0  # a cache in a temporary index would be lost
        reader: Reader | None = None
        model: LanguageModel | None = None
        if retrieval_only:
            searcher = opening.searcher(index, embedder, scope)
        else:
            searcher, reader, model = opening.asking_parts(
                index, embedder, llm, replace(computing, steady=True), cache_size, scope
            )
        models = opening.described(model) if model else {}
        models["embedder"] = searcher.embedder_name
        folder = evaluation_run.open_run_folder(out, questions, index, models, options)
        stack.callback(folder.close)
        done = {result.case.id for result in folder.results}
        rest = [case for case in cases if case.id not in done]
        results = evaluation_run.ask_all(rest, searcher, reader, model, index, embedder, scope)
        evaluation_run.store_results(results, len(rest), folder)
        return evaluation_run.report(folder, cases, bounds, json)


@evaluation.command("compare")
@click.argument("first", type=click.Path(path_type=Path))
@click.argument("second", type=click.Path(path_type=Path))
@option(
    "--html",
    type=click.Path(path_type=Path),
    help="Also write it to this file as a page.",
)
@json_option
def compare_command(first: Path, second: Path, html: Path | None, json: bool) -> None:
    """Compare two runs on the questions that both have asked.

    FIRST and SECOND are run folders. Shows each metric with its change and the 95 % interval of a
    paired bootstrap, with McNemar's p where the metric is 0 or 1, then the questions that were
    fixed and broken.
    """
    from index.atomic_file import naming
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
        with naming(html):
            html.write_text(page, encoding="utf-8")
    if json:
        click.echo(as_json(made))
        return
    for name, was, now in changed:
        click.echo(f"{name}: {safe(str(was))} → {safe(str(now))}")
    click.echo(f"{made.both} questions in both.")
    click.echo(safe(table(made)))
