"""Evaluation run: the parts of `eval` put together: cases, index, run folder, results, reports."""

import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qa.cli import opening
from qa.temporary_folder import temporary_folder

if TYPE_CHECKING:
    from index.scope import Scope
    from index.search import Searcher
    from qa.answer import Answer
    from qa.evaluation.cases import Case
    from qa.evaluation.evaluate import Search
    from qa.evaluation.reports.gates import Gate
    from qa.evaluation.results import Result
    from qa.evaluation.run_folder import RunFolder
    from qa.extraction.reader import Reader
    from qa.llm.model import LanguageModel


def read_cases(
    questions: Path, articles: Path | None, index: Path, tags: Sequence[str], limit: int | None
) -> "list[Case]":
    """The cases to ask, checked against their articles before anything slow begins.

    Raises:
        BadQuestions: the file cannot be used, or no question has one of the tags.
    """
    from index.articles.article import read
    from index.articles.files import Found, find
    from index.storage.catalog import Catalog
    from qa.errors import BadQuestions
    from qa.evaluation.case_file import load
    from qa.evaluation.cases import spread

    if articles:
        files = {found.id: found for found in find(articles) if isinstance(found, Found)}
        cases = load(questions, cache(lambda id: read(files[id]).text))
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


@contextmanager
def temporary_index(articles: Path, embedder: str | None) -> Iterator[Path]:
    """An index of a folder of articles that is deleted at the end."""
    from index.build import sync
    from qa.progress import count

    with temporary_folder() as folder:
        index, progress = folder / "index", count("article", sys.stderr)
        try:
            sync([articles], index, opening.embedder(embedder), progress)
        finally:
            progress.close()
        yield index


def open_run_folder(
    out: Path,
    questions: Path,
    index: Path,
    models: dict[str, str],
    options: dict[str, Any],
) -> "RunFolder":
    """The run folder, new or resumed; it records what the figures depend on."""
    from dataclasses import asdict

    from index.storage.catalog import Catalog
    from qa.cli.calibrated import as_json, told
    from qa.environment import versions_and_machine
    from qa.evaluation.configuration import configuration, corpus
    from qa.evaluation.run_folder import RunFolder
    from qa.llm import settings

    with Catalog.open(index) as catalog:
        indexed = corpus(catalog)
    wanted = configuration(questions, indexed, models, options)
    about = {"questions": str(questions), **versions_and_machine()}
    if "llm_sha256" in models:
        in_force = told(models["llm_sha256"], indexed["embedder"] or "")
        wanted["calibration"] = as_json(in_force)
        if "llm_server" not in models:
            about["tuning"] = asdict(settings.load(models["llm_sha256"]))
    return RunFolder.open(out, wanted, about)


def ask_all(
    cases: "Sequence[Case]",
    searcher: "Searcher",
    reader: "Reader | None",
    model: "LanguageModel | None",
    index: Path,
    embedder: str | None,
    scope: "Scope",
) -> "Iterator[Result]":
    """Yield the result of each case; cases with plants come last, over a copy of the index.

    Where only the search is tried, a plant matters to cases that have evidence to find.
    """
    from index.search import Searcher
    from qa.evaluation.attacks import planted_index

    plain = [case for case in cases if not (case.plants and (model or case.answerable))]
    planted = [case for case in cases if case not in plain]
    yield from _ask_over(searcher, reader, model, plain)
    if planted:
        opened = opening.embedder(embedder)
        with temporary_folder() as folder:
            copy = planted_index(planted, index, folder, opened)
            yield from _ask_over(Searcher(copy, opened, scope), reader, model, planted)


def for_the_reader(questions: Path, cases: "Sequence[Case]") -> "list[Case]":
    """The cases without those about whole articles.

    Raises:
        BadQuestions: no case is left.
    """
    from qa.errors import BadQuestions

    if left := [case for case in cases if not case.wanted]:
        return left
    raise BadQuestions(
        f"{questions} asks only about whole articles, which the reader alone does not answer. "
        "Leave out --reader-only."
    )


def read_all(
    questions: Path,
    cases: "Sequence[Case]",
    index: Path,
    embedder: str | None,
    json: bool,
    scope: "Scope",
) -> int:
    """Score what the reader finds by itself, and print it.

    Cases with plants are read as they are, without what was planted.
    """
    from qa.evaluation.reading import read_cases, scores
    from qa.progress import count
    from qa.service.answer_format import json_text

    reader, searcher = opening.reader(), opening.searcher(index, embedder, scope)
    progress, rows = count("question", sys.stderr), []
    found = read_cases(
        cases,
        _searching(searcher),
        reader.read,
        searcher.text,
        _standing,
    )
    try:
        for row in found:
            rows.append(row)
            progress(len(rows), len(cases), row.case.id)
    finally:
        progress.close()
    values = scores(rows)
    if json:
        click.echo(json_text({"questions": str(questions), "cases": len(rows), "metrics": values}))
    for name, value in values.items() if not json else ():
        click.echo(f"{name:<28} {value['mean']:.3f}  n {value['n']}")
    return 0


def store_results(results: "Iterable[Result]", total: int, folder: "RunFolder") -> None:
    """Write each result as soon as it exists; show the progress, and on Ctrl-C how to resume."""
    from qa.progress import count

    progress, begun = count("question", sys.stderr), time.monotonic()
    try:
        progress(0, total, "first question")
        for done, result in enumerate(results, 1):
            folder.add(result)
            left = (time.monotonic() - begun) / done * (total - done)
            progress(done, total, f"{left // 60:.0f} min {left % 60:.0f} s left")
    except KeyboardInterrupt:
        progress.close()
        click.echo(
            f"{len(folder.results)} questions are done. To resume, run the same command with "
            f"--out {folder.path}",
            err=True,
        )
        raise
    finally:
        progress.close()


def report(
    folder: "RunFolder", cases: "Sequence[Case]", gates: "Sequence[Gate]", json: bool
) -> int:
    """Write the reports, print the scores and the failed gates; 1 if a gate failed, else 0."""
    from qa.evaluation.reports.gates import check
    from qa.evaluation.reports.report import write
    from qa.evaluation.reports.summary import as_json, summarise, table

    summary = summarise(folder.results)
    checked = check(gates, summary)
    write(folder, summary, checked)
    errors = sum(result.error is not None for result in folder.results)
    about = {
        "questions": folder.about["questions"],
        "cases": len(cases),
        "errors": errors,
        "models": folder.about["configuration"]["models"],
        "run": str(folder.path),
        "gates": [one.as_json for one in checked],
    }
    click.echo(as_json(about, summary) if json else table(summary))
    if errors:
        counted = "1 question" if errors == 1 else f"{errors} questions"
        click.echo(f"{counted} could not be asked; the report says why.", err=True)
    click.echo(f"Report: {folder.path / 'report.html'}", err=True)
    failed = [one for one in checked if not one.passed]
    for one in failed:
        click.echo(f"Gate failed: {one.in_words}", err=True)
    return int(bool(failed))


def _ask_over(
    searcher: "Searcher",
    reader: "Reader | None",
    model: "LanguageModel | None",
    cases: "Sequence[Case]",
) -> "Iterator[Result]":
    from qa.ask import ask
    from qa.evaluation.evaluate import evaluate

    def answers(case: "Case") -> "Iterator[Answer]":
        assert reader
        assert model
        asked = case.question, searcher, reader, model
        return ask(*asked, history=case.history, scope=case.scope)

    search = _searching(searcher)
    return evaluate(cases, answers if model else None, search, searcher.text, _standing)


def _searching(searcher: "Searcher") -> "Search":
    """The search of a case, kept to its scope."""
    return lambda question, scope: searcher.search(question, scope=scope)


def _standing(case: "Case") -> str:
    """The question that needs no earlier turns."""
    from qa.answering.followups import standalone

    return standalone(case.question, case.history) or case.question
