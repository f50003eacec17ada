"""Taking in: a file that changed -> an article and its chunks in the catalog, or why it is none."""

from dataclasses import dataclass
from pathlib import Path

from index.articles.article import Article, NotText, load, parse
from index.articles.article import Progress as PageRead
from index.articles.blocks import blocks, title
from index.articles.chunks import Chunk, chunks
from index.articles.files import Found, Skipped, is_there
from index.embedding.embedder import Embedder
from index.errors import BadPath, Unreadable
from index.file_states import FileStates
from index.report import Report
from index.storage.catalog import Catalog, Entry
from index.storage.index_run import IndexRun, Known
from index.text.languages import ENGLISH_NAMES


@dataclass(frozen=True, slots=True)
class TakingIn:
    """Takes in the files of one run, and notes in its report what became of each."""

    catalog: Catalog
    embedder: Embedder
    run: IndexRun
    report: Report
    states: FileStates | None

    def take_in(self, found: Found, page_read: PageRead) -> list[tuple[Chunk, str]]:
        """Index a file if it changed; gives its chunks, each with the article's language.

        `page_read` is told of each page of a scan that was read.
        """
        known = self.catalog.entry(found.id)
        place = str(found.root), found.file
        known_here = known if known and (known.root, known.file) == place else None
        try:
            article = _read(found, known_here.sha256 if known_here else "", self.states, page_read)
        except Unreadable as reason:
            self._leave(found, known, reason)
            return []
        except NotText as reason:
            self._refuse(found, known, reason)
            return []
        if article is None:
            self.report.unchanged += 1
            return []
        (self.report.changed if known else self.report.added).append(found.id)
        return self._put(found, article)

    def _leave(self, found: Found, known: Entry | None, reason: Unreadable) -> None:
        """Leave what the index has of a file that nobody can read now."""
        if self.run.knew(found.id) and not known:
            raise BadPath(
                f"{found.path} {reason}, and to rebuild the index would lose what it holds of it. "
                "Make the file readable, or remove it."
            ) from reason
        stays = "; what was indexed of it stays" if known else ""
        self.skip(found.root, Skipped(found.path, f"{reason}{stays}"))

    def _refuse(self, found: Found, known: Entry | None, reason: NotText) -> None:
        """Take out what the index has of a file that is no article."""
        if not is_there(found.path):
            self.run.leave_out(str(found.path))  # it went this moment, with its disk perhaps
            return
        self.skip(found.root, Skipped(found.path, str(reason)))
        if had := self.run.holder(found.id):
            self.remove(had)
        if known:
            self.report.removed.append(found.id)

    def _put(self, found: Found, article: Article) -> list[tuple[Chunk, str]]:
        """Store an article; gives its chunks, each with the article's language."""
        parts = blocks(article)
        cut = chunks(article, parts, self.embedder.count)
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
        self.catalog.put(entry, article, cut)
        self.report.passages[found.id] = len(cut)
        self.report.notices += [(found.id, notice) for notice in article.notices]
        # A file may declare any code; vectors are grouped by the known languages only.
        language = article.language if article.language in ENGLISH_NAMES else ""
        return [(chunk, language) for chunk in cut]

    def skip(self, root: Path, skipped: Skipped) -> None:
        """Note a file that is not read."""
        self.report.skipped.append(skipped)
        self.catalog.skip(skipped.path, root, skipped.reason)

    def remove(self, known: Known) -> None:
        """Remove an article; a file that is there keeps its id, whatever it holds now."""
        self.catalog.remove(known.id)
        if is_there(known.path):
            self.catalog.keep_id(known.id, str(known.root), known.file)


def _read(
    found: Found, sha256: str, states: FileStates | None, page_read: PageRead
) -> Article | None:
    """The article of a file; None where the file has the checksum that it had.

    Raises:
        NotText: it holds none.
    """
    if states is None:
        source = load(found)
        return None if source.sha256 == sha256 else parse(source, page_read)
    if sha256 and states.is_same(found.path, sha256):
        return None
    if reason := states.refusal(found.path):
        raise NotText(reason)
    look = states.look(found.path)
    try:
        source = load(found)
        states.note(found.path, look, source.sha256)
        return None if source.sha256 == sha256 else parse(source, page_read)
    except Unreadable:
        raise
    except NotText as reason:
        states.note_refusal(found.path, look, str(reason))
        raise
