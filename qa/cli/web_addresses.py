"""Web addresses: what `index` fetches, and takes out, before it reads files; only home of that."""

import shutil
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from index.errors import IndexDamaged, IndexMissing, UserError
from index.layout import WEB, WEB_MARK, refuse_links

if TYPE_CHECKING:
    from qa.fetch.fetch_report import FetchReport
    from qa.fetch.page_folder import PageFolder


class Place(click.Path):
    """The type of an argument: a path, or a text that is a web address."""

    def __init__(self) -> None:
        """Paths are as `pathlib` has them."""
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """A path, which would make one slash of two; an address stays a text."""
        from qa.fetch.addresses import is_address

        address = isinstance(value, str) and is_address(value)
        return value if address else super().convert(value, param, ctx)


@dataclass(frozen=True, slots=True)
class Runs:
    """How the indexing job is to be called, once for each of `paths`.

    `forget` are roots to take out, `expected` the files of articles that were removed here.
    """

    paths: list[list[Path]]
    forget: list[Path]
    expected: frozenset[Path] = frozenset()


def split(places: Iterable[Path | str]) -> tuple[list[Path], list[str]]:
    """Paths, and addresses in their one form, of those that were named.

    Raises:
        BadAddress: one is none.
    """
    from qa.fetch.addresses import address

    paths, addresses = list[Path](), list[str]()
    for place in dict.fromkeys(places):
        if isinstance(place, Path):
            paths.append(place)
        else:
            addresses.append(address(place))
    return paths, addresses


def brought(
    index: Path,
    places: Iterable[Path | str],
    forget: Iterable[Path | str],
    *,
    rebuild: bool,
    allow_private: bool,
    most: int,
) -> Runs:
    """Forget and fetch what was named, or fetch all that was named before where nothing was.

    Raises:
        UserError: those of `qa.fetch`.
    """
    (paths, addresses), (roots, unwanted) = split(places), split(forget)
    web = index / WEB
    stands, update = (web / WEB_MARK).is_file(), not (places or forget or rebuild)
    if not (addresses or unwanted or stands):
        return Runs([paths], roots)
    from qa.fetch.page_folder import PageFolder

    refuse_links(index)
    folder = PageFolder(web)
    if unwanted:
        _forget(unwanted, folder)
        if not (folder.known.addresses or folder.known.held or addresses):
            return _without_web(folder, index, paths, roots)
    if addresses or (update and folder.known.addresses):
        _print(_fetch(addresses, folder, allow_private=allow_private, most=most))
    expected, is_root = _removed(folder), _is_root(folder, index)
    if addresses or unwanted or (rebuild and not is_root):
        return Runs([[*paths, folder.folder]], roots, expected)
    if update and not is_root and folder.known.held:  # the index was moved, or its run was killed
        return Runs([[folder.folder], *([paths] if _roots(index) else [])], roots, expected)
    return Runs([paths], roots, expected)


def shown(index: Path) -> dict[Path, str]:
    """The address of each file of a page that was fetched."""
    from index.articles.web_pages import WebPages

    folder = (index / WEB).absolute()
    return {folder / page.id: page.final for page in WebPages.read(folder).held}


def _forget(addresses: Sequence[str], folder: "PageFolder") -> None:
    from qa.fetch.fetch import forget

    forget(addresses, folder)


def _without_web(folder: "PageFolder", index: Path, paths: list[Path], roots: list[Path]) -> Runs:
    """Take out the folder of pages, which holds none any more."""
    removed, known = _removed(folder), _is_root(folder, index)
    shutil.rmtree(folder.folder, ignore_errors=True)
    return Runs([paths], [*roots, folder.folder] if known else roots, removed)


def _removed(folder: "PageFolder") -> frozenset[Path]:
    """The files of pages that are gone, or were taken out."""
    return frozenset(folder.folder / id for id in folder.known.removed)


def _fetch(
    addresses: Sequence[str], folder: "PageFolder", *, allow_private: bool, most: int
) -> "FetchReport":
    from qa.fetch.connection import Connector
    from qa.fetch.fetch import fetch
    from qa.fetch.web import Web
    from qa.progress import count

    progress = count("page", sys.stderr)
    try:
        web = Web(Connector(allow_private=allow_private))
        return fetch(addresses, folder, web, progress, most)
    except UserError:
        _discard_empty(folder)
        raise
    except KeyboardInterrupt:
        progress.close()
        click.echo("What was fetched is kept. Run the same command again to go on.", err=True)
        raise
    finally:
        progress.close()


def _discard_empty(folder: "PageFolder") -> None:
    """Leave no folder of pages, and no index, behind a first address that could not be read."""
    if folder.known.addresses or folder.known.pages or not (folder.folder / WEB_MARK).is_file():
        return
    shutil.rmtree(folder.folder, ignore_errors=True)
    with suppress(OSError):
        folder.folder.parent.rmdir()


def _print(report: "FetchReport") -> None:
    from qa.service.answer_format import safe

    for address, reason in report.problems:
        click.echo(f"skipped {safe(address)}: {safe(reason)}", err=True)
    click.echo(
        f"Pages: {report.new} new, {report.changed} changed, {report.same} the same, "
        f"{len(report.gone)} gone."
    )


def _is_root(folder: "PageFolder", index: Path) -> bool:
    from index.articles.roots import plain

    return folder.folder in map(plain, _roots(index))


def _roots(index: Path) -> list[Path]:
    """The roots of an index, as far as it can be read."""
    from index.storage.catalog import Catalog

    with suppress(IndexMissing, IndexDamaged), Catalog.open(index) as catalog:
        return catalog.roots()
    return []
