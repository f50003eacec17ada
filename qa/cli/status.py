"""Command `status`: the contents of an index, and whether it is healthy."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from index.errors import IndexUnwritable
from index.layout import WEB
from qa.cli.options import index_option, option

if TYPE_CHECKING:
    from index.storage.catalog import Catalog


@click.command()
@index_option
@option("--check", is_flag=True, help="Read the whole index and list everything that is damaged.")
def status(index: Path, check: bool) -> int:
    """Show what is indexed, with which embedder, how large the index is and if it is healthy."""
    if check:
        return _check(index)
    from index.articles.roots import plain
    from index.articles.web_pages import WebPages
    from index.health import problems
    from index.storage.catalog import Catalog
    from index.storage.shelf import Shelf
    from qa.cli.calibrated import calibrations
    from qa.cli.output import COPIES_LISTED, cache_text, copies_text
    from qa.llm.cache.files import tally
    from qa.service.answer_format import safe

    with Catalog.open(index) as catalog, catalog.snapshot():
        articles, chunks, texts = catalog.counts()
        click.echo(f"Index      {index.absolute()}")
        click.echo(f"Health     {'; '.join(problems(catalog)) or 'good'}")
        click.echo(f"Size       {_size(index) / 1e6:.1f} MB")
        click.echo(f"Cache      {cache_text(tally(index))}")
        web = WebPages.read((index / WEB).absolute())
        pages = {web.folder / page.id: page.final for page in web.held}
        folders = [str(root) for root in map(plain, catalog.roots()) if root != web.folder]
        roots = ", ".join([*folders, *web.addresses])
        click.echo(f"Indexed    {safe(roots) or 'nothing'}")
        click.echo(f"Articles   {articles}")
        click.echo(f"Passages   {chunks} ({texts} different, each embedded once)")
        copies, some = Shelf(catalog).near_duplicates(COPIES_LISTED)
        click.echo(f"Copies     {copies} nearly repeat another article")
        click.echo(f"Embedder   {safe((catalog.setting('embedder') or 'none')[:16])}")
        for line in calibrations(catalog.setting("embedder") or ""):
            click.echo(f"Calibrated {safe(line)}")
        click.echo(f"Chunker    {safe(catalog.setting('chunker') or 'nothing yet')}")
        for entry in catalog.entries():
            known = entry.id, entry.title, entry.author, entry.address
            click.echo(f"  {'  '.join(safe(text) for text in known if text)}")
        for line in copies_text(copies, some):
            click.echo(line)
        for id, notice in catalog.notices():
            click.echo(f"note {safe(id)}: {safe(notice)}")
        for path, reason in catalog.skipped():
            click.echo(f"skipped {safe(pages.get(path, str(path)))}: {safe(reason)}")
        for address, reason in web.problems:
            click.echo(f"skipped {safe(address)}: {safe(reason)}")
    return 0


def _check(index: Path) -> int:
    """Print each problem; 1 if there is any."""
    from index.health import examine
    from qa.progress import count
    from qa.service.answer_format import safe

    progress, found = count("part", sys.stderr), 0
    with _unchanging(index) as catalog:
        try:
            for problem in examine(catalog, progress):
                progress.close()
                click.echo(safe(problem))
                found += 1
        finally:
            progress.close()
    if not found:
        click.echo("good")
    return int(found > 0)


@contextmanager
def _unchanging(index: Path) -> Iterator["Catalog"]:
    """The catalog, which no other process changes meanwhile; or a snapshot, if it is read only."""
    from index.storage.catalog import Catalog
    from index.storage.write_lock import only_writer

    Catalog.open(index).close()  # a missing index is reported before a lock is made
    with ExitStack() as held:
        with suppress(IndexUnwritable):
            held.enter_context(only_writer(index))
        catalog = held.enter_context(Catalog.open(index))  # once no other can make it anew
        try:
            held.enter_context(catalog.transaction())
        except IndexUnwritable:
            held.enter_context(catalog.snapshot())
        yield catalog


def _size(index: Path) -> int:
    """Bytes of an index, without the cache of KV states."""
    from qa.llm.cache.files import FOLDER

    files = (path for path in index.rglob("*") if FOLDER not in path.relative_to(index).parts[:1])
    return sum(file.stat().st_size for file in files if file.is_file())
