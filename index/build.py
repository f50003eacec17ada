"""THE INDEXING JOB, one page: make an index hold the articles of its folders.

    files -> Article -> Chunk -> vectors (file, Chroma), tokens (FTS5) -> one commit of the catalog

Vectors are stored as they are made and are harmless until the commit names them; a run that is
stopped at any moment leaves the old index whole, and the next one embeds only the missing texts.
Memory does not grow with the number of articles, but for the names in the report: the rest is in
the databases.
"""

import os
import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from index import losses, new_vectors
from index.articles.chunks import Chunk
from index.articles.files import Found, Skipped, Unread, find, is_there
from index.articles.roots import base, escaped, exists, file_at, gives, is_glob, plain
from index.articles.roots import named as as_root
from index.embedding.embedder import Embedder
from index.errors import BadPath, IndexDamaged
from index.file_states import FileStates
from index.layout import UPLOADS, WEB
from index.naming import name_files, named
from index.ranking import background
from index.report import Report as Report
from index.salvage import discard_unreadable
from index.storage import near_duplicates
from index.storage.catalog import Catalog
from index.storage.compatibility import check, settings
from index.storage.index_run import IndexRun, Known
from index.storage.vectors.ann_index import AnnIndex, lost_vectors
from index.storage.write_lock import only_writer
from index.taking_in import TakingIn

Progress = Callable[[int, int, str], None]
"""Called with (articles done, articles in all, what is being done)."""


def sync(
    paths: Sequence[Path],
    folder: Path,
    embedder: Embedder,
    progress: Progress = lambda done, total, what: None,
    *,
    rebuild: bool = False,
    forget: Sequence[Path] = (),
    allow_empty: bool = False,
    expected: frozenset[Path] = frozenset(),
    states: FileStates | None = None,
) -> Report:
    """Make the index at `folder` hold the articles at `paths`; articles from elsewhere stay.

    Args:
        paths: files and folders; with none, those that were indexed before.
        folder: where the index lies; made when missing.
        embedder: makes the vectors.
        progress: called as the work goes on.
        rebuild: cut every article anew and drop an earlier embedder; vectors that still fit are
            used again.
        forget: files and folders indexed before, whose articles are removed.
        allow_empty: believe that articles are gone, however many are at once (losses.py).
        expected: files of articles that the caller removed.
        states: what a watcher knows of the files: those that look the same are not read again, and
            those that are being written are left for another run.

    Raises:
        BadPath: a path does not exist, cannot be listed, was never indexed, or there is none; or
            too much is gone to believe it.
        IndexBusy: another process is writing.
        IndexMismatch: the index was made with other settings and `rebuild` is not set.
        IndexDamaged: the index cannot be read and `rebuild` is not set.
        IndexUnwritable: there is no room, or no permission to write.
    """
    wanted, unwanted = [_absolute(path) for path in paths], [_absolute(path) for path in forget]
    for path in wanted:
        first = next(find(path), None)  # a wrong path is refused before anything is made
        if first is None and is_glob(path):
            raise BadPath(f"No file matches {path}. Check the pattern.")
    with only_writer(folder):
        lost, ids = discard_unreadable(folder, embedder, wanted) if rebuild else ([], [])
        with Catalog.create(folder) as catalog:
            for root in lost:  # outside the transaction, to outlive a stopped run
                catalog.add_root(root)
            for kept in ids:
                catalog.keep_id(*kept)
            if not wanted and not catalog.roots():
                raise BadPath("Nothing to index: name the articles' folder.")
            if not rebuild:
                check(catalog, folder, embedder)
            with closing(AnnIndex(folder, embedder.fingerprint, create=True)) as store:
                with catalog.transaction():
                    dropped = _forget(catalog, unwanted)
                    roots = _roots(catalog, wanted, every=rebuild or not (paths or forget))
                    run = IndexRun(catalog)
                    report = _sync(
                        catalog, store, embedder, roots, run, progress, states, rebuild=rebuild
                    )
                    if not allow_empty:
                        losses.refuse(run, roots, folder, expected)
                    report.removed += dropped
                    report.copies = near_duplicates.settle(catalog)
                    seen = report.seen
                    store.publish(
                        catalog.named,
                        anew=rebuild,
                        progress=lambda done: progress(seen, seen, f"{done} vectors"),
                    )
                    if report.altered or rebuild or catalog.generation is None:
                        _finish(catalog, embedder, anew=rebuild)
                store.sweep(catalog.named, catalog.dropped(), every=rebuild)
    return report


def _absolute(path: Path) -> Path:
    return as_root(Path(os.path.normpath(path.absolute())))


def _forget(catalog: Catalog, roots: list[Path]) -> list[str]:
    """Remove these roots with their articles; gives the articles' ids."""
    known = catalog.roots()
    dropped: list[str] = []
    for wanted in roots:
        root = next((r for r in (wanted, escaped(wanted), plain(wanted)) if r in known), wanted)
        if root not in known:
            listed = ", ".join(map(str, known)) or "nothing"
            raise BadPath(f"{root} was never indexed. Indexed: {listed}")
        dropped += _handed_over(catalog, root, set(known) - {root, *roots})
        catalog.forget_root(root)
    return dropped


def _handed_over(catalog: Catalog, root: Path, others: set[Path]) -> Iterator[str]:
    """Let other roots that give a root's files have their articles; gives the ids of the rest."""
    # What the index keeps itself lies below a folder perhaps, which does not give it (files.py).
    own = {_absolute(catalog.folder / name) for name in (UPLOADS, WEB)}
    near = [each for each in others if _overlap(base(each), base(root))]
    near = [] if plain(root) in map(plain, own) else near
    for id in catalog.ids(root):
        path = entry.path if near and (entry := catalog.entry(id)) else Path(id)
        if heir := next((other for other in near if gives(other, path)), None):
            below = path.relative_to(base(heir)).as_posix()
            catalog.hand_over(id, heir, "" if below == id else below)
        else:
            yield id


def _overlap(one: Path, other: Path) -> bool:
    return one.is_relative_to(other) or other.is_relative_to(one)


def _roots(catalog: Catalog, wanted: list[Path], *, every: bool) -> list[Path]:
    """The roots to read: those named now and, if `every`, those indexed before."""
    now = set(wanted)
    remembered = [root for root in catalog.roots() if root not in now] if every else []
    for root in remembered:
        if not exists(root):
            path = plain(root)
            quoted = shlex.quote(str(path))
            raise BadPath(
                f"{path} was indexed and is gone. Bring it back, or take its articles out of the "
                f"index with: article-qa index --forget {quoted} --index {catalog.folder}"
            )
    return [*wanted, *remembered]


def _sync(
    catalog: Catalog,
    store: AnnIndex,
    embedder: Embedder,
    roots: list[Path],
    run: IndexRun,
    progress: Progress,
    states: FileStates | None,
    *,
    rebuild: bool,
) -> Report:
    report = Report()
    if rebuild:
        catalog.clear()
    elif lost := lost_vectors(catalog, store):
        raise IndexDamaged(catalog.folder, f"{lost} of its vectors are missing")
    for root in roots:
        catalog.add_root(root)
        catalog.forget_skipped(root)
    if states:
        total, report.waiting = name_files(roots, run, states.is_being_written)
    else:
        total, _ = name_files(roots, run)
    taking = TakingIn(catalog, embedder, run, report, states)
    waiting: list[tuple[Chunk, str]] = []
    for done, found in enumerate(_files(roots, taking)):
        progress(done, total, found.id)
        waiting += taking.take_in(found, partial(_page_read, progress, done, total, found))
        if len(waiting) >= new_vectors.AT_ONCE:
            report.embedded += new_vectors.embed(waiting, store, embedder)
            waiting = []
    report.embedded += new_vectors.embed(waiting, store, embedder)
    run.leave_out_untaken()
    for known in _gone(run, roots, report):
        taking.remove(known)
        report.removed.append(known.id)
    _free_ids(catalog, roots)
    _forget_moved(catalog)
    return report


def _gone(run: IndexRun, roots: list[Path], report: Report) -> Iterator[Known]:
    """The articles that were not seen, except those of folders and files that cannot be read."""
    closed = [skipped.path for skipped in report.skipped if isinstance(skipped, Unread)]
    closed += report.waiting
    for known in run.unseen(roots):
        if not any(known.path.is_relative_to(folder) for folder in closed):
            yield known


def _free_ids(catalog: Catalog, roots: list[Path]) -> None:
    """Free the ids that were kept for files which are gone now."""
    for id, root, file in catalog.kept_ids():
        if Path(root) in roots and not is_there(file_at(Path(root), file or id)):
            catalog.free_id(id)


def _forget_moved(catalog: Catalog) -> None:
    """Forget a root that is gone when other roots give all of its articles now."""
    holders = catalog.holders()
    for root in catalog.roots():
        if root not in holders and not exists(root):
            catalog.forget_root(root)


def _files(roots: list[Path], taking: TakingIn) -> Iterator[Found]:
    """Every file to read, once, whatever roots give it."""
    for root in roots:
        for found in find(root):
            if isinstance(found, Skipped):
                taking.skip(root, found)
            elif file := named(found, taking.run):
                yield file


def _page_read(
    progress: Progress, done: int, total: int, found: Found, page: int, pages: int
) -> None:
    progress(done, total, f"{found.id}, scanned page {page + 1} of {pages}")


def _finish(catalog: Catalog, embedder: Embedder, *, anew: bool) -> None:
    """Number the new generation, which readers see after the commit that follows."""
    generation = (catalog.generation or 0) + 1
    if anew or catalog.setting("background") is None:
        catalog.set("background", background(embedder).astype("<f4").tobytes().hex())
    for name, value in settings(embedder).items():
        catalog.set(name, value)
    catalog.set("generation", str(generation))
