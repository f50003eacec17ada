"""Command `index`: updates an index from files and folders, and prefills its cache."""

import math
import os
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from index.errors import UserError
from qa.cli import opening, sizes, watching, web_addresses
from qa.cli.options import (
    cache_option,
    computing_options,
    embedder_option,
    index_option,
    llm_option,
    option,
)
from qa.cli.watching import sweep_option, watch_option
from qa.llm.computing import Computing

if TYPE_CHECKING:
    from index.build import Report
    from index.embedding.embedder import Embedder
    from index.file_states import FileStates
    from qa.answering.prefill import Prefill
    from qa.llm.cache.files import DiskCache

_READS_WHOLE = (
    "{} reads every prompt whole, so nothing that it has read can be kept. Leave out --warm, or "
    "give another model with --llm."
)


@click.command("index")
@click.argument("paths", nargs=-1, type=web_addresses.Place())
@index_option
@embedder_option
@option("--rebuild", is_flag=True, help="Read every article again; repairs a damaged index.")
@option(
    "--forget",
    multiple=True,
    type=web_addresses.Place(),
    help="Remove the articles of a file, folder or web address indexed before; may be repeated.",
)
@option(
    "--allow-empty",
    is_flag=True,
    help="Believe that articles are gone even where a folder is empty or most are gone at once.",
)
@watch_option
@sweep_option
@option(
    "--allow-private",
    is_flag=True,
    help="Fetch from this machine and its network too, not from the open internet alone.",
)
@option(
    "--max-pages",
    type=click.IntRange(min=1),
    default=500,
    show_default=True,
    help="Pages of one feed or sitemap that are fetched in one run.",
)
@option(
    "--warm",
    is_flag=True,
    help="Let the model read every passage now and cache it, so that answers start faster.",
)
@llm_option
@computing_options
@cache_option
def index_command(
    paths: tuple[Path | str, ...],
    index: Path,
    embedder: str | None,
    rebuild: bool,
    forget: tuple[Path | str, ...],
    allow_empty: bool,
    watch: bool,
    sweep: float,
    allow_private: bool,
    max_pages: int,
    warm: bool,
    llm: str | None,
    computing: Computing,
    cache_size: int | None,
) -> None:
    """Add, update and remove articles, so that the index matches PATHS.

    PATHS are files, folders and quoted patterns such as 'news/**/*.pdf'; without any, those indexed
    before are updated. `-` reads a list of files and folders from standard input, one a line or
    separated by NUL.

    A web address such as https://example.org/feed.xml is fetched: a page, or the pages of a feed or
    a sitemap; with --watch once, at its start. Beside it the network is used by
    `models fetch`, and by commands whose --llm names a server.

    Reads .txt .text .md .markdown .html .htm .mhtml .mht .pdf .docx .pptx .xlsx .xlsm .epub .odt
    .odp .ods .rtf .eml .mbox .rst .org .srt .vtt .csv .tsv .json .geojson .jsonl .ndjson and names
    every file that it skips.
    """
    from index.build import sync
    from qa.progress import count
    from qa.weights.paths import llm_path

    if warm and cache_size == 0:
        raise UserError("--warm fills the cache, which --cache-size 0 turns off. Leave one out.")
    if warm:
        llm_path(llm)  # missing weights are reported at once
    named, embeds = _listed_paths(paths), opening.embedder(embedder)
    progress = count("article", sys.stderr)
    if watch:
        named = watching.not_followed(named, index)
    if named or forget or rebuild or not watch:
        bring = partial(
            web_addresses.brought,
            index,
            named,
            forget,
            rebuild=rebuild,
            allow_private=allow_private,
            most=max_pages,
        )
        runs = watching.when_free(bring, waits=watch)
        for these in runs.paths:
            run = partial(
                sync,
                these,
                index,
                embeds,
                progress,
                rebuild=rebuild,
                forget=runs.forget,
                allow_empty=allow_empty,
                expected=runs.expected,
            )
            try:
                report = watching.when_free(run, waits=watch)
            finally:
                progress.close()
            _print(report, web_addresses.shown(index))
    if warm:
        _warm(index, llm, computing, cache_size)
    if watch:
        _watch(index, embeds, sweep, allow_empty)


def _watch(index: Path, embeds: "Embedder", sweep: float, allow_empty: bool) -> None:
    """Follow what was indexed, until Ctrl-C or SIGTERM.

    Raises:
        UserError: nothing was indexed, or the index cannot be read or was made otherwise.
    """
    from index.build import sync
    from index.storage.catalog import Catalog
    from index.storage.compatibility import check
    from index.watcher import followed

    with Catalog.open(index) as catalog:
        check(catalog, index, embeds)
        roots = followed(catalog)
    if not roots:
        raise UserError("Nothing to watch: name the articles' folder.")

    def update(roots: Sequence[Path], states: "FileStates") -> "Report":
        return sync(roots, index, embeds, allow_empty=allow_empty, states=states)

    click.echo(f"Watching {watching.listed(roots)} (Ctrl-C ends it).", err=True)
    with watching.ended_by_sigterm():
        watching.watch(index, update, sweep, threading.Event())


def _print(report: "Report", addresses: Mapping[Path, str]) -> None:
    from qa.cli.output import copies_text
    from qa.service.answer_format import safe

    for skipped in report.skipped:
        name = addresses.get(skipped.path, str(skipped.path))
        click.echo(f"skipped {safe(name)}: {skipped.reason}", err=True)
    for id, notice in report.notices:
        click.echo(f"note {safe(id)}: {safe(notice)}", err=True)
    counts = ", ".join(
        f"{len(ids)} {what}"
        for what, ids in (
            ("added", report.added),
            ("changed", report.changed),
            ("removed", report.removed),
        )
    )
    click.echo(
        f"{counts}, {report.unchanged} unchanged, {len(report.skipped)} skipped; "
        f"{report.embedded} passages embedded."
    )
    for line in copies_text(len(report.copies), report.copies):
        click.echo(line)


def _warm(index: Path, llm: str | None, computing: Computing, cache_size: int | None) -> None:
    """Prefill: have the model read every passage; the cache stays when it is stopped."""
    from index.search import every_passage
    from qa.answering.prefill import Prefill, ahead
    from qa.progress import count

    cache = opening.disk_cache(index, cache_size)
    if cache is None:
        raise UserError("There is no disk space for the cache. Free some, or leave out --warm.")
    model = opening.model(llm, computing, cache)
    if not opening.keeps_states(model):
        raise UserError(_READS_WHOLE.format(model.name))
    costs = [reading.cost for reading in ahead(every_passage(index), model)]
    prefill, progress = Prefill(index, model, cache), count("text", sys.stderr)
    begun = time.monotonic()
    try:
        while prefill.step():
            so_far = sizes.text(prefill.size)
            if prefill.fresh:  # texts that were cached already say nothing about the time
                seconds = (time.monotonic() - begun) / prefill.fresh * (sum(costs) - prefill.tokens)
                so_far = f"{seconds // 60:.0f} min {seconds % 60:.0f} s left, {so_far}"
            progress(prefill.done, len(costs), so_far)
    except KeyboardInterrupt:
        progress.close()
        click.echo(f"{_done(prefill, costs)}. Run the same command again to resume.", err=True)
        raise
    finally:
        progress.close()
    click.echo(f"{_done(prefill, costs)}.")
    if prefill.done < len(costs):
        click.echo(_why_incomplete(prefill, costs, cache), err=True)


def _done(prefill: "Prefill", costs: list[int]) -> str:
    return f"{prefill.done} of {len(costs)} texts are read and cached, {sizes.text(prefill.size)}"


def _why_incomplete(prefill: "Prefill", costs: list[int], cache: "DiskCache") -> str:
    """Why not all texts are cached, and what to do about it."""
    room, mean = prefill.room(), prefill.size / (prefill.tokens or 1)
    rest = mean * (sum(costs) - prefill.tokens)
    if prefill.size and room > 2 * mean * max(costs):
        return f"Nothing more can be written to {cache.folder}. Make room on the disk."
    # A little more: what the chat template adds weighs more in shorter texts, which may be left.
    needed = math.ceil(1.05 * (cache.budget - room + rest) / 1e7) * 10 if prefill.size else 0
    more = f"To cache all texts, give --cache-size {needed}MB." if needed else "Give more."
    return f"The cache is full at {sizes.text(cache.budget)}. {more}"


def _listed_paths(paths: tuple[Path | str, ...]) -> list[Path | str]:
    """The paths and addresses to index; `-` stands for the paths listed on standard input."""
    listed: list[Path | str] = []
    if Path("-") in paths:
        data = sys.stdin.buffer.read()
        names = data.split(b"\0" if b"\0" in data else b"\n")
        texts = [os.fsdecode(name) for name in (n.rstrip(b"\r") for n in names) if name]
        listed = [web_addresses.Place().convert(text, None, None) for text in texts]
        if not listed:
            raise UserError("Standard input lists no file or folder. Write one per line.")
    return list(dict.fromkeys([*(path for path in paths if path != Path("-")), *listed]))
