"""Watching: `--watch` of `index` and `chat`: an index that keeps itself, and what is said of it."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from qa.cli.options import option

if TYPE_CHECKING:
    from index.build import Report
    from index.watcher import Update

T = TypeVar("T")

watch_option = option(
    "--watch",
    is_flag=True,
    help="Go on: take in what is added, changed and removed in the folders, until Ctrl-C.",
)
sweep_option = option(
    "--sweep",
    type=click.FloatRange(min=1),
    default=300.0,
    show_default=True,
    metavar="SECONDS",
    help="With --watch, look through all folders so often, for drives that tell no changes.",
)


@dataclass(slots=True)
class Terminal:
    """Tells what a watcher does, one line each."""

    _told: set[tuple[Path, str]] = field(default_factory=set)

    def report(self, report: "Report") -> None:
        """Print what changed: articles on standard output, files that are not read beside it."""
        from qa.service.answer_format import safe

        for what, ids in (("added", report.added), ("changed", report.changed)):
            for id in ids:
                count = report.passages.get(id, 0)
                some = "1 passage" if count == 1 else f"{count} passages"
                click.echo(f"{what} {safe(id)} ({some})")
        for id in report.removed:
            click.echo(f"removed {safe(id)}")
        for id, notice in report.notices:
            click.echo(f"note {safe(id)}: {safe(notice)}", err=True)
        skipped = {(each.path, each.reason) for each in report.skipped}
        for path, reason in sorted(skipped - self._told):
            click.echo(f"skipped {safe(str(path))}: {safe(reason)}", err=True)
        self._told = skipped
        sys.stdout.flush()

    def trouble(self, words: str) -> None:
        """Print what stands in the way."""
        from qa.service.answer_format import safe

        click.echo(safe(words), err=True)


def not_followed(places: Sequence[Path | str], index: Path) -> list[Path | str]:
    """The addresses, and the paths that an index does not follow; the others may be gone now."""
    from index.articles.roots import plain
    from index.errors import UserError
    from index.storage.catalog import Catalog

    known = set[Path]()
    with suppress(UserError), Catalog.open(index) as catalog:
        known = {path for root in catalog.roots() for path in (root, plain(root))}
    return [place for place in places if isinstance(place, str) or _absolute(place) not in known]


def _absolute(path: Path) -> Path:
    return Path(os.path.normpath(path.absolute()))


def when_free(run: Callable[[], T], *, waits: bool) -> T:
    """Do what writes the index; if it waits, once no other process does."""
    from index.errors import IndexBusy

    told = False
    while True:
        try:
            return run()
        except IndexBusy as busy:
            if not waits:
                raise
            if not told:
                click.echo(f"Waiting: {busy}", err=True)
            told = True
            time.sleep(1)


def watch(index: Path, update: "Update", sweep_s: float, stop: threading.Event) -> None:
    """Keep an index up to date until it is stopped."""
    from index.watcher import Watcher

    Watcher(index, update, Terminal(), sweep_s).run(stop)


@contextmanager
def watching(index: Path, update: "Update", sweep_s: float) -> Iterator[None]:
    """Watch in a thread of its own until the end of the block."""
    from qa.errors import Cancelled

    stop = threading.Event()

    def run() -> None:
        with suppress(Cancelled):  # the server ends
            watch(index, update, sweep_s, stop)

    thread = threading.Thread(target=run, name="watcher", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)


@contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """SIGTERM, which stops a service, ends it as Ctrl-C does, with exit code 0."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def listed(roots: Sequence[Path]) -> str:
    """The first of some roots, by name, and how many more there are."""
    from index.articles.roots import plain
    from qa.service.answer_format import safe

    names = ", ".join(safe(str(plain(root))) for root in roots[:3])
    return f"{names} and {len(roots) - 3} more" if len(roots) > 3 else names
