"""Commands `search` and `ask`: the passages nearest to a question; its answer with citations."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from index.errors import UserError
from index.scope import Scope
from qa.answering.validation import MOST_PASSAGES
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
    from qa.ipc.protocol import Request

limit_option = option(
    "--limit",
    type=click.IntRange(1, MOST_PASSAGES),
    default=10,
    show_default=True,
    help="Number of passages to retrieve.",
)


@click.command()
@click.argument("question")
@index_option
@embedder_option
@limit_option
@scope_options
@json_option
def search(
    question: str,
    index: Path,
    embedder: str | None,
    limit: int,
    json: bool,
    scope: Scope,
) -> None:
    """Show the passages nearest to QUESTION, without a language model.

    `-` reads the question from standard input.
    """
    from qa.answering.validation import check_text
    from qa.service.answer_format import passages_json, passages_text

    question = check_text(_read_question(question))
    searcher = opening.searcher(index, embedder)
    begun = time.perf_counter()
    passages = searcher.search(question, limit, scope)
    seconds = time.perf_counter() - begun
    if json:
        click.echo(passages_json(question, passages, seconds, scope))
    else:
        click.echo(passages_text(passages))


@click.command()
@click.argument("question")
@index_option
@embedder_option
@llm_option
@option(
    "--history",
    type=click.Path(path_type=Path),
    help="JSON file of the conversation so far: a list of {role, content}.",
)
@option(
    "--language",
    help="Language of the answer, such as hi (ISO 639); default: the question's.",
)
@limit_option
@scope_options
@computing_options
@cache_option
@json_option
@option("--no-server", is_flag=True, help="Do not use a running `article-qa chat`.")
def ask(
    question: str,
    index: Path,
    embedder: str | None,
    llm: str | None,
    history: Path | None,
    language: str | None,
    limit: int,
    computing: Computing,
    cache_size: int | None,
    json: bool,
    no_server: bool,
    scope: Scope,
) -> None:
    """Answer QUESTION from the articles, with the exact words that prove it.

    `-` reads the question from standard input.

    While `article-qa chat` is running on the same index with the same models, it answers the
    question, so that no model has to be loaded.
    """
    from qa.answering.turns import load
    from qa.answering.validation import check_language, check_text
    from qa.ipc.protocol import Request

    question = check_text(_read_question(question))
    check_language(language)
    turns = load(history) if history else ()
    if not no_server and computing.is_free and cache_size is None:
        request = Request(question, language, limit, turns, scope)
        if _answered_by_server(request, index, embedder, llm, json):
            return
    from qa.ask import ask as ask_here
    from qa.cli.calibrated import warn_once
    from qa.cli.output import stream
    from qa.service.answer_format import answer_json, sources_text

    searcher, reader, model = opening.asking_parts(index, embedder, llm, computing, cache_size)
    growing = ask_here(
        question,
        searcher,
        reader,
        model,
        history=turns,
        language=language,
        limit=limit,
        scope=scope,
    )
    if json:
        *_, answer = growing
        models = {
            "llm": model.name,
            "llm_sha256": model.sha256,
            "embedder": searcher.embedder_name,
        }
        click.echo(answer_json(answer, models))
    else:
        answer = stream(growing, sys.stdout)
        click.echo(sources_text(answer))
        if model.gives_probabilities:
            warn_once(model.sha256, model.name, searcher.embedder_fingerprint)


def _answered_by_server(
    request: "Request", index: Path, embedder: str | None, llm: str | None, json: bool
) -> bool:
    """Print the answer of a `chat` that is running on the index; false when there is none."""
    from qa.cli.output import stream
    from qa.ipc.client import NotServed, answers, whole
    from qa.ipc.protocol import Whole

    try:
        if json:
            click.echo(whole(index, request, llm, embedder).json)
        else:
            out = sys.stdout
            growing = answers(index, request, llm, embedder, drafts=out.isatty())
            answer = stream(growing, out)
            assert isinstance(answer, Whole)
            click.echo(answer.sources)
    except NotServed:
        return False
    return True


def _read_question(question: str) -> str:
    """The question, from standard input where it is `-`."""
    if question != "-":
        return question
    try:
        return sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise UserError(
            f"The question on standard input is not UTF-8 (byte {error.start})."
        ) from error
