"""THE INDEXING JOB, one page: make an index hold the articles of its folders.

    files -> Article -> Chunk -> vectors (file, Chroma), tokens (FTS5) -> one commit of the catalog

Vectors are stored as they are made and are harmless until the commit names them; a run that is
stopped at any moment leaves the old index whole, and the next one embeds only the missing texts.
Memory does not grow with the number of articles, but for the names in the report: the rest is in
the databases.
"""

import itertools
import os
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from index import losses
from index.articles.article import Article, NotText, load, parse
from index.articles.blocks import blocks, title
from index.articles.chunks import Chunk, chunks
from index.articles.files import Found, Skipped, Unread, find, is_there
from index.articles.roots import base, escaped, exists, file_at, gives, is_glob, plain
from index.articles.roots import named as as_root
from index.embedding.embedder import Embedder, Vectors
from index.errors import BadPath, IndexDamaged, Unreadable
from index.file_states import FileStates
from index.naming import name_files, named
from index.ranking import background
from index.salvage import discard_unreadable
from index.storage import near_duplicates
from index.storage.catalog import Catalog, Entry
from index.storage.compatibility import check, settings
from index.storage.index_run import IndexRun, Known
from index.storage.near_duplicates import NearDuplicate
from index.storage.vectors.ann_index import AnnIndex, lost_vectors
from index.storage.vectors.vector_file import Embedding
from index.storage.write_lock import only_writer
from index.text.languages import ENGLISH_NAMES

Progress = Callable[[int, int, str], None]
"""Called with (articles done, articles in all, what is being done)."""

# Chunks: at most so many are embedded in vain when a run is killed.
_EMBED_AT_ONCE = 64


@dataclass(slots=True)
class Report:
    """The outcome of `sync`: articles by id, and the files it did not read.

    `copies` are the near duplicates found in this run, and those whose original was removed.
    `notices` are (id, what was left out of it) for the articles that were added or changed, and
    `passages` how many each of those has. `waiting` are files that somebody was writing.
    """

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: int = 0
    embedded: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    copies: list[NearDuplicate] = field(default_factory=list)
    notices: list[tuple[str, str]] = field(default_factory=list)
    passages: dict[str, int] = field(default_factory=dict)
    waiting: list[Path] = field(default_factory=list)

    @property
    def seen(self) -> int:
        """How many articles there are in the folders read."""
        return len(self.added) + len(self.changed) + self.unchanged

    @property
    def altered(self) -> bool:
        """Whether the index differs from before."""
        return bool(self.added or self.changed or self.removed)


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
    near = [other for other in others if _overlap(base(other), base(root))]
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
    waiting: list[tuple[Chunk, str]] = []
    for done, found in enumerate(_files(roots, catalog, run, report)):
        progress(done, total, found.id)
        waiting += _take_in(catalog, embedder, found, run, report, states)
        if len(waiting) >= _EMBED_AT_ONCE:
            _embed(waiting, store, embedder, report)
            waiting = []
    _embed(waiting, store, embedder, report)
    run.leave_out_untaken()
    for known in _gone(run, roots, report):
        _remove(catalog, known)
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


def _remove(catalog: Catalog, known: Known) -> None:
    """Remove an article; a file that is there keeps its id, whatever it holds now."""
    catalog.remove(known.id)
    if is_there(known.path):
        catalog.keep_id(known.id, str(known.root), known.file)


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


def _files(roots: list[Path], catalog: Catalog, run: IndexRun, report: Report) -> Iterator[Found]:
    """Every file to read, once, whatever roots give it."""
    for root in roots:
        for found in find(root):
            if isinstance(found, Skipped):
                _skip(catalog, report, root, found)
            elif file := named(found, run):
                yield file


def _skip(catalog: Catalog, report: Report, root: Path, skipped: Skipped) -> None:
    report.skipped.append(skipped)
    catalog.skip(skipped.path, root, skipped.reason)


def _take_in(
    catalog: Catalog,
    embedder: Embedder,
    found: Found,
    run: IndexRun,
    report: Report,
    states: FileStates | None,
) -> list[tuple[Chunk, str]]:
    """Index a file if it changed; gives its chunks, each with the article's language."""
    known = catalog.entry(found.id)
    place = str(found.root), found.file
    known_here = known if known and (known.root, known.file) == place else None
    try:
        article = _read(found, known_here.sha256 if known_here else "", states)
        if article is None:
            report.unchanged += 1
            return []
    except Unreadable as reason:
        if run.knew(found.id) and not known:
            raise BadPath(
                f"{found.path} {reason}, and to rebuild the index would lose what it holds of it. "
                "Make the file readable, or remove it."
            ) from reason
        stays = "; what was indexed of it stays" if known else ""
        _skip(catalog, report, found.root, Skipped(found.path, f"{reason}{stays}"))
        return []
    except NotText as reason:
        if not is_there(found.path):
            run.leave_out(str(found.path))  # it went this moment, with its disk perhaps
            return []
        _skip(catalog, report, found.root, Skipped(found.path, str(reason)))
        if had := run.holder(found.id):
            _remove(catalog, had)
        if known:
            report.removed.append(found.id)
        return []
    (report.changed if known else report.added).append(found.id)
    report.notices += [(found.id, notice) for notice in article.notices]
    parts = blocks(article)
    cut = chunks(article, parts, embedder.count)
    entry = Entry(
        found.id,
        str(found.root),
        article.sha256,
        title(article, parts),
        article.language,
        article.date or found.date,
        article.author,
        found.file,
        found.address,
    )
    catalog.put(entry, article, cut)
    report.passages[found.id] = len(cut)
    # A file may declare any code; vectors are grouped by the known languages only.
    language = article.language if article.language in ENGLISH_NAMES else ""
    return [(chunk, language) for chunk in cut]


def _read(found: Found, sha256: str, states: FileStates | None) -> Article | None:
    """The article of a file; None where the file has the checksum that it had.

    Raises:
        NotText: it holds none.
    """
    if states is None:
        source = load(found)
        return None if source.sha256 == sha256 else parse(source)
    if sha256 and states.is_same(found.path, sha256):
        return None
    if reason := states.refusal(found.path):
        raise NotText(reason)
    look = states.look(found.path)
    try:
        source = load(found)
        states.note(found.path, look, source.sha256)
        return None if source.sha256 == sha256 else parse(source)
    except Unreadable:
        raise
    except NotText as reason:
        states.note_refusal(found.path, look, str(reason))
        raise


def _embed(
    cut: list[tuple[Chunk, str]], store: AnnIndex, embedder: Embedder, report: Report
) -> None:
    known = store.file.parts(chunk.key for chunk, _ in cut)
    once = {pair[0].key: pair for pair in cut}.values()
    fresh = [pair for pair in once if known.get(pair[0].key) != len(pair[0].sentences)]
    for i in range(0, len(fresh), _EMBED_AT_ONCE):
        batch = fresh[i : i + _EMBED_AT_ONCE]
        saved = store.file.bare(chunk.key for chunk, _ in batch)
        store.add(list(_embeddings(batch, embedder, saved)))
        report.embedded += len(batch) - len(saved)


def _embeddings(
    chunks: Sequence[tuple[Chunk, str]], embedder: Embedder, saved: Mapping[str, Vectors]
) -> Iterator[Embedding]:
    """The vectors of chunks, unless saved, and of their sentences, made in one call."""
    texts = [chunk.embedded_text for chunk, _ in chunks if chunk.key not in saved]
    parts = [chunk.sentences for chunk, _ in chunks]
    texts += itertools.chain.from_iterable(parts)
    vectors = embedder.documents(texts) if texts else np.zeros((0, embedder.dimension), "f4")
    whole = len(vectors) - sum(map(len, parts))
    wholes, sentences = iter(vectors[:whole]), vectors[whole:]
    begin = 0
    for (chunk, language), texts in zip(chunks, parts, strict=True):
        vector = saved[chunk.key] if chunk.key in saved else next(wholes)
        yield Embedding(chunk.key, language, vector, sentences[begin : begin + len(texts)])
        begin += len(texts)


def _finish(catalog: Catalog, embedder: Embedder, *, anew: bool) -> None:
    """Number the new generation, which readers see after the commit that follows."""
    generation = (catalog.generation or 0) + 1
    if anew or catalog.setting("background") is None:
        catalog.set("background", background(embedder).astype("<f4").tobytes().hex())
    for name, value in settings(embedder).items():
        catalog.set(name, value)
    catalog.set("generation", str(generation))
