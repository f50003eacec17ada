"""THE INDEXING JOB, one page: make an index hold what its folders hold.

    files -> Article -> Chunk -> vectors (Chroma) + words (BM25) -> one commit of the catalog

Vectors are added as they are made and are harmless until the commit names them; a run that was
stopped at any moment leaves the old index whole, and the next one embeds only what is missing.
"""

import os
import shlex
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from index import chunks as chunking
from index.articles import Found, NotText, Skipped, find, read
from index.blocks import title
from index.catalog import FILE, Catalog, Entry
from index.chunks import Chunk, chunks
from index.embed import Embedder
from index.errors import BadPath, IndexBusy, IndexDamaged, IndexMismatch, IndexUnwritable
from index.lexical import LexicalIndex
from index.places import base, is_glob, stands
from index.store import FOLDER, Store

Progress = Callable[[int, int, str], None]
"""Called with (articles done, articles in all, what is being done)."""

# In chunks. Chroma takes 30 ms to keep one vector and no more to keep many.
_EMBED_AT_ONCE = 64


@dataclass(slots=True)
class Report:
    """What a run of `sync` did: articles by id, and the files it did not read."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: int = 0
    embedded: int = 0
    skipped: list[Skipped] = field(default_factory=list)

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
) -> Report:
    """Make the index at `folder` hold what stands at `paths`; articles from elsewhere stay.

    Args:
        paths: files and folders; with none, those that were indexed before.
        folder: where the index lies; made when missing.
        embedder: what makes the vectors.
        progress: told how far the work is.
        rebuild: cut every article anew and forget an earlier embedder; vectors that still fit
            are kept.
        forget: files and folders indexed before, whose articles are to go.

    Raises:
        BadPath: a path does not exist, cannot be listed, was never indexed, or there is none.
        IndexBusy: another process is writing.
        IndexMismatch: the index was made with other settings and `rebuild` is not set.
        IndexDamaged: the index cannot be read and `rebuild` is not set.
        IndexUnwritable: there is no room, or no permission to write.
    """
    wanted, unwanted = [_absolute(path) for path in paths], [_absolute(path) for path in forget]
    for path in wanted:
        first = next(find(path), None)  # a wrong path is said before anything is made
        if first is None and is_glob(path):
            raise BadPath(f"No file matches {path}. Check the pattern.")
    with _only_writer(folder):
        if rebuild:
            _discard_unreadable(folder, embedder, named=bool(paths))
        with Catalog.create(folder) as catalog:
            if not wanted and not catalog.roots():
                raise BadPath("Nothing to index: name the articles' folder.")
            if not rebuild:
                check(catalog, folder, embedder)
            store = Store(folder, embedder.fingerprint, create=True)
            with catalog.transaction():
                dropped = _forget(catalog, unwanted)
                roots = _roots(catalog, wanted, every=rebuild or not (paths or forget))
                report = _sync(catalog, store, embedder, roots, progress, rebuild=rebuild)
                report.removed += dropped
                altered = report.altered or rebuild or catalog.setting("generation") is None
                if altered:
                    _finish(catalog, folder, embedder)
            _sweep(catalog, store, folder)
    return report


def _absolute(path: Path) -> Path:
    return Path(os.path.normpath(path.absolute()))


def _forget(catalog: Catalog, roots: list[Path]) -> list[str]:
    """Take out what was indexed from these roots; the ids of their articles."""
    known = catalog.roots()
    dropped: list[str] = []
    for root in roots:
        if root not in known:
            listed = ", ".join(map(str, known)) or "nothing"
            raise BadPath(f"{root} was never indexed. Indexed: {listed}")
        dropped += [e.id for e in catalog.entries().values() if Path(e.root) == root]
        catalog.forget_root(root)
    return dropped


def _roots(catalog: Catalog, wanted: list[Path], *, every: bool) -> list[Path]:
    """The roots to read: those named now and, if `every`, those named before."""
    remembered = [root for root in catalog.roots() if root not in wanted] if every else []
    for root in remembered:
        if not stands(root):
            quoted = shlex.quote(str(root))
            raise BadPath(
                f"{root} was indexed and is gone. Bring it back, or take its articles out of the "
                f"index with: article-qa index --forget {quoted} --index {catalog.folder}"
            )
    return [*wanted, *remembered]


def settings(embedder: Embedder) -> dict[str, str]:
    """What vectors and chunks depend on; an index made with other values must be made anew."""
    return {"embedder": embedder.fingerprint, "chunker": chunker()}


def chunker() -> str:
    """What names the way articles are cut."""
    return f"version {chunking.VERSION}, {chunking.BUDGET} tokens"


def check(catalog: Catalog, folder: Path, embedder: Embedder) -> None:
    """Refuse an index made with other settings.

    Raises:
        IndexMismatch: it names the setting that differs.
    """
    names = {"embedder": "another embedder", "chunker": "another way of cutting articles"}
    for name, value in settings(embedder).items():
        if catalog.setting(name) not in (None, value):
            raise IndexMismatch(folder, names[name])


def _sync(
    catalog: Catalog,
    store: Store,
    embedder: Embedder,
    roots: list[Path],
    progress: Progress,
    *,
    rebuild: bool,
) -> Report:
    report = Report()
    before = catalog.entries()
    if rebuild:
        catalog.clear()
    for root in roots:
        catalog.add_root(root)
    present = set(store.keys())
    missing = 0 if rebuild else len(set(catalog.keys()) - present)
    if missing:
        raise IndexDamaged(catalog.folder, f"{missing} of its vectors are missing")
    files = list(_files(roots, before, report))
    waiting: list[Chunk] = []
    for done, found in enumerate(files):
        progress(done, len(files), found.id)
        known = None if rebuild else before.get(found.id)
        waiting += _take_in(catalog, embedder, found, known, report)
        if len(waiting) >= _EMBED_AT_ONCE:
            _embed(waiting, store, embedder, present, report)
            waiting = []
    _embed(waiting, store, embedder, present, report)
    progress(len(files), len(files), "words")
    ids = {found.id for found in files}
    for entry in before.values():
        if Path(entry.root) in roots and entry.id not in ids:
            catalog.remove(entry.id)
            report.removed.append(entry.id)
    _forget_moved(catalog)
    return report


def _forget_moved(catalog: Catalog) -> None:
    """A root that is gone, and whose every article another root gives now, is no root any more."""
    holders = {entry.root for entry in catalog.entries().values()}
    for root in catalog.roots():
        if str(root) not in holders and not stands(root):
            catalog.forget_root(root)


def _files(roots: list[Path], before: dict[str, Entry], report: Report) -> Iterator[Found]:
    """Every file to read, each id once; an id another root holds already is skipped."""
    # A root that is gone holds nothing against the one that gives the article now: it was moved.
    others = {Path(entry.root) for entry in before.values()}.difference(roots)
    gone = {root for root in others if not stands(root)}
    taken: dict[str, Path] = {
        entry.id: Path(entry.root) for entry in before.values() if Path(entry.root) in others - gone
    }
    for root in roots:
        for found in find(root):
            if isinstance(found, Skipped):
                report.skipped.append(found)
            elif (holder := taken.setdefault(found.id, root)) == root:
                yield found
            elif found.path != base(holder) / found.id:
                reason = f"{holder} already gives an article of this name; rename one"
                report.skipped.append(Skipped(found.path, reason))


def _take_in(
    catalog: Catalog, embedder: Embedder, found: Found, known: Entry | None, report: Report
) -> list[Chunk]:
    try:
        article = read(found)
    except NotText as reason:
        report.skipped.append(Skipped(found.path, str(reason)))
        if known:
            catalog.remove(found.id)
            report.removed.append(found.id)
        return []
    if known and (known.sha256, known.root) == (article.sha256, str(found.root)):
        report.unchanged += 1
        return []
    (report.changed if known else report.added).append(found.id)
    cut = chunks(article, embedder.count)
    entry = Entry(
        found.id,
        str(found.root),
        article.sha256,
        title(article),
        article.language,
        article.date,
    )
    catalog.put(entry, article, cut)
    return cut


def _embed(
    cut: list[Chunk], store: Store, embedder: Embedder, present: set[str], report: Report
) -> None:
    fresh = list({chunk.key: chunk for chunk in cut if chunk.key not in present}.values())
    for i in range(0, len(fresh), _EMBED_AT_ONCE):
        some = fresh[i : i + _EMBED_AT_ONCE]
        store.add([c.key for c in some], embedder.documents([c.embedded_text for c in some]))
        present.update(c.key for c in some)
        report.embedded += len(some)


def _finish(catalog: Catalog, folder: Path, embedder: Embedder) -> None:
    """Build the words of the new state and name it; the commit that follows makes it seen."""
    generation = int(catalog.setting("generation") or 0) + 1
    words = LexicalIndex.build(list(catalog.texts()))
    try:
        words.save(words_folder(folder, generation))
    except OSError as error:
        raise IndexUnwritable(folder, error) from error
    for name, value in settings(embedder).items():
        catalog.set(name, value)
    catalog.set("generation", str(generation))


def words_folder(folder: Path, generation: int) -> Path:
    """Where the words of one state of the index lie."""
    return folder / f"words-{generation}"


def _sweep(catalog: Catalog, store: Store, folder: Path) -> None:
    """Remove what no chunk names any more."""
    store.remove(sorted(set(store.keys()) - set(catalog.keys())))
    store.remove_others()
    current = words_folder(folder, int(catalog.setting("generation") or 0))
    for old in folder.glob("words-*"):
        if old != current:
            shutil.rmtree(old, ignore_errors=True)


def _discard_unreadable(folder: Path, embedder: Embedder, *, named: bool) -> None:
    """Before a rebuild: what cannot even be opened is thrown away, the rest is used again."""
    if (folder / FILE).exists():
        try:
            with Catalog.open(folder) as catalog:
                catalog.verify()
        except IndexDamaged as error:
            if not named:  # with the catalog goes the list of what was indexed
                raise BadPath(
                    f"The catalog of the index at {folder} cannot be read, so what it held must be "
                    f"named: article-qa index ARTICLES --rebuild --index {folder}"
                ) from error
            for file in folder.glob(f"{FILE}*"):
                file.unlink()
    try:
        Store(folder, embedder.fingerprint, create=True).keys()
    except IndexDamaged:
        shutil.rmtree(folder / FOLDER)


@contextmanager
def _only_writer(folder: Path) -> Iterator[None]:
    lock = FileLock(folder / "writer.lock", timeout=0)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        raise IndexBusy(folder) from error
    except OSError as error:
        raise IndexUnwritable(folder, error) from error
    try:
        yield
    finally:
        lock.release()
