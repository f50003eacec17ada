"""Article events: what searching, adding and removing articles changes on the page."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import suppress
from pathlib import Path

from index.build import Progress, Report
from index.errors import UserError
from qa.errors import Cancelled, ChangesWaiting
from qa.service.chat import Visitor
from qa.service.library import WAITING, Library
from qa.web.page import views
from qa.web.page.handlers import Changes
from qa.web.page.translations import strings

_ROWS = 50  # that are shown at once
_FOLDERS = 12  # that are shown; a search shows others
# Each takes a thread, of which everything else that is done on the page needs some too.
_CHANGES_AT_ONCE = 3
_PAUSE_S = 0.1  # between two displays of progress, which may come for each of many small files


class ArticleEvents:
    """What a visitor does with the articles."""

    def __init__(self, library: Library) -> None:
        self._library, self._changing = library, 0

    def list(self, who: Visitor, search: str = "", shown: int = _ROWS) -> Changes:
        """The articles that hold the words of a search."""
        library = self._library
        text = views.articles(
            library.articles(search, 0, shown),
            library.count(search),
            who.page,
            search=search,
            problems=library.problems(),
            skipped=library.skipped(),
            read_only=library.read_only,
            folders=library.folders(search, _FOLDERS),
        )
        return {"articles": text, "shown": shown}

    def more(self, who: Visitor, search: str, shown: int) -> Changes:
        """More of the articles than are shown."""
        return self.list(who, search, shown + _ROWS)

    def follow(self, who: Visitor, search: str, shown: int, seen: int) -> Changes:
        """The articles as they are now, if the index changed since a version that was seen."""
        version = self._library.version
        if version == seen:
            return {}
        return {**self.list(who, search, max(shown, _ROWS)), "version": version}

    def add(
        self, who: Visitor, files: Sequence[tuple[str, Path]], search: str
    ) -> AsyncGenerator[Changes]:
        """Index uploaded files, by name and path, and delete them where they lie now."""

        def change(progress: Progress) -> Report:
            try:
                return self._library.add(files, progress)
            finally:
                for _, path in files:
                    with suppress(OSError):
                        path.unlink()

        return self._change(who, search, change)

    def remove(self, who: Visitor, id: str, search: str) -> AsyncGenerator[Changes]:
        """Remove an article that was uploaded."""
        return self._change(who, search, lambda progress: self._library.remove(id, progress))

    def reread(self, who: Visitor, search: str) -> AsyncGenerator[Changes]:
        """Read every folder again."""
        return self._change(who, search, self._library.reread)

    async def _change(
        self, who: Visitor, search: str, change: Callable[[Progress], Report]
    ) -> AsyncGenerator[Changes]:
        """Yield the progress of a change, then its outcome and the articles."""
        if self._changing >= _CHANGES_AT_ONCE:
            yield {"outcome": views.problem(ChangesWaiting(), who.page)}
            return
        latest = _Latest()
        task = asyncio.create_task(asyncio.to_thread(change, latest.report))
        self._changing += 1
        task.add_done_callback(self._end_change)  # though nobody watches any more
        task.add_done_callback(latest.wake)
        while not task.done():
            latest.woken.clear()
            yield {"outcome": "", "changing": _progress(*latest.progress, who.page)}
            await asyncio.wait({task}, timeout=_PAUSE_S)
            await latest.woken.wait()
        yield {"changing": "", "outcome": _outcome(task, who.page), **self.list(who, search)}

    def _end_change(self, task: object) -> None:
        self._changing -= 1


class _Latest:
    """The latest progress, which one thread reports and the event loop is woken for."""

    def __init__(self) -> None:
        self._loop, self.woken = asyncio.get_running_loop(), asyncio.Event()
        self.progress = (0, 0, "")

    def report(self, done: int, total: int, what: str) -> None:
        """Take what a change reports; from any thread."""
        self.progress = (done, total, what)
        with suppress(RuntimeError):  # the server has ended
            self._loop.call_soon_threadsafe(self.woken.set)

    def wake(self, task: object) -> None:
        """Wake the loop when the change has ended."""
        self.woken.set()


def _progress(done: int, total: int, what: str, page: str) -> str:
    say = strings(page)
    words = say["indexing"].format(done=done, total=total, what=what)
    words = words if done < total else say["storing"]
    words = say["changes_waiting"] if what == WAITING else words
    return views.progress(done, total, words, page)


def _outcome(task: asyncio.Task[Report], page: str) -> str:
    """The result of a change as a notice; empty when the server ends."""
    try:
        report = task.result()
    except UserError as error:
        return views.problem(error, page)
    except Cancelled:
        return ""
    except Exception as error:  # the page goes on, and the log has what went wrong
        logging.getLogger(__name__).exception("The articles could not be changed.")
        return views.notice(strings(page)["failed"].format(reason=error), page, "bad")
    return _summary(report, page)


def _summary(report: Report, page: str) -> str:
    words = strings(page)["changes"].format(
        added=len(report.added),
        changed=len(report.changed),
        removed=len(report.removed),
        unchanged=report.unchanged,
        skipped=len(report.skipped),
    )
    names = [(skipped.path.name, skipped.reason) for skipped in report.skipped]
    return views.notice(words, page, "bad" if names else "good", names)
