"""Command: status, what an index holds and whether it is healthy."""

import sys
from pathlib import Path

import click

from qa.cli.options import index_option, option


@click.command()
@index_option
@option("--check", is_flag=True, help="Read all that the index holds, and tell all that is wrong.")
def status(index: Path, check: bool) -> int:
    """Say what is indexed, with which embedder, how big it is, and whether it is healthy."""
    if check:
        return _check(index)
    from index.articles.roots import plain
    from index.health import problems
    from index.storage.catalog import Catalog
    from index.storage.shelf import Shelf
    from qa.cli.output import COPIES_LISTED, copies_text, kept_text
    from qa.llm.cache.files import tally
    from qa.service.answer_format import safe

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
        copies, some = Shelf(catalog).near_duplicates(COPIES_LISTED)
        click.echo(f"Copies     {copies} nearly the same as another article")
        click.echo(f"Embedder   {(catalog.setting('embedder') or 'none')[:16]}")
        click.echo(f"Cut by     {catalog.setting('chunker') or 'nothing yet'}")
        for entry in catalog.entries():
            click.echo(f"  {safe(entry.id)}  {safe(entry.title)}")
        for line in copies_text(copies, some):
            click.echo(line)
    return 0


def _check(index: Path) -> int:
    """Print each thing that is wrong; 1 if there is any."""
    from index.health import examine
    from index.storage.catalog import Catalog
    from index.storage.write_lock import only_writer
    from qa.cli.output import Progress
    from qa.service.answer_format import safe

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


def _size(index: Path) -> int:
    """Bytes of an index, without what is only kept to spare the model time."""
    from qa.llm.cache.files import FOLDER

    files = (path for path in index.rglob("*") if FOLDER not in path.relative_to(index).parts[:1])
    return sum(file.stat().st_size for file in files if file.is_file())
