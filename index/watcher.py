"""Watcher: keeps an index as its folders are, until it is stopped.

    what the system tells, a look now and then -> a quiet moment -> `sync` of the folders that stand

A folder that is gone, or looks as if its disk were, loses nothing: it is named once and taken up
again when it is back. What fails is said once and tried again.
"""

import os
import shlex
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from index.articles.roots import base, is_glob, plain
from index.build import Report
from index.errors import IndexBusy, UserError
from index.file_states import QUIET_S, FileStates
from index.folder_events import NoEvents, told_of
from index.layout import WEB
from index.losses import TooMuchGone
from index.storage.catalog import Catalog

_TICK_S = 0.25
_LOOK_S = 2.0  # after which folders are looked for that went or came back
_LONGEST_WAIT_S = 5.0  # for a quiet moment, where other files are written all the time
_BUSY_S = 1.0  # before another writer is asked again
_REPLACED_S = 0.5  # in which a file that is replaced is not there
_AGAIN_S = 30.0  # before what failed is tried again

Places = dict[Path, tuple[int, int] | None]
"""Where each folder that is watched lies: device and inode; None while it is gone."""


class Update(Protocol):
    """Makes the index hold what some of its roots hold."""

    def __call__(self, roots: Sequence[Path], states: FileStates) -> Report:
        """Raise a `UserError` where it could not, and the index is as it was."""


class Teller(Protocol):
    """Tells a person what happens."""

    def report(self, report: Report) -> None:
        """What changed."""

    def trouble(self, words: str) -> None:
        """What stands in the way, in one line."""


@dataclass(slots=True)
class _Touches:
    """What the system said was touched, from any thread."""

    index: Path
    states: FileStates
    since: float | None = None  # the first since the last update
    latest: float = 0.0

    def add(self, paths: set[Path]) -> None:
        """Note what was touched, but for hidden files and the index itself."""
        seen = [path for path in paths if self._matters(path)]
        for path in seen:
            self.states.touch(path)
        if seen:
            self.latest = time.monotonic()
            self.since = self.since or self.latest

    def is_due(self) -> bool:
        """Whether all is quiet now, or was not for long enough."""
        now, since = time.monotonic(), self.since
        quiet = now - self.latest >= QUIET_S
        return since is not None and (quiet or now - since >= _LONGEST_WAIT_S)

    def _matters(self, path: Path) -> bool:
        return not path.name.startswith(".") and not path.is_relative_to(self.index)


@dataclass(slots=True)
class Watcher:
    """Watches the roots of one index.

    Args:
        index: its folder.
        update: brings it up to date with some roots; refuses what losses.py does.
        teller: told of changes and troubles.
        sweep_s: seconds after which all folders are looked through, whatever the system tells.
    """

    index: Path
    update: Update
    teller: Teller
    sweep_s: float
    _states: FileStates = field(default_factory=FileStates)
    _doubted: set[Path] = field(default_factory=set)  # that seem to be emptied
    _said: dict[object, str] = field(default_factory=dict)  # what a trouble is about -> its words

    def run(self, stop: threading.Event) -> None:
        """Keep the index up to date until `stop` is set."""
        touches = _Touches(self.index.resolve(), self._states)
        while not stop.is_set():
            roots = self._roots()
            places = _places(roots)
            if None in places.values():  # an editor may be putting a new file in its place
                stop.wait(_REPLACED_S)
                places = _places(roots)
            self._tell_of_gone(roots, places)
            standing = [root for root in roots if places[root]]
            with self._listening(standing, touches):
                self._follow(stop, touches, standing, places)

    def _follow(
        self, stop: threading.Event, touches: _Touches, standing: list[Path], places: Places
    ) -> None:
        """Update whenever that is due, until other folders stand than these."""
        due, look = time.monotonic(), time.monotonic() + _LOOK_S
        while not stop.is_set():
            if touches.is_due() or time.monotonic() >= due:
                touches.since = None
                due = time.monotonic() + self._updated(standing)
                self._states.settle()
            if time.monotonic() >= look:
                look = time.monotonic() + _LOOK_S
                if _places(self._roots()) != places:
                    return
            stop.wait(_TICK_S)

    def _updated(self, standing: list[Path]) -> float:
        """Bring the index up to date; gives the seconds after which it is done again at least."""
        if None in _places(standing).values():
            return _LOOK_S  # it went this moment, and is named when that is sure
        try:
            waiting = self._take_in([root for root in standing if root not in self._doubted])
            for root in sorted(self._doubted.intersection(standing)):
                waiting |= self._take_in([root])
        except IndexBusy as busy:
            self._say(IndexBusy, f"Waiting: {busy}")
            return _BUSY_S
        except (UserError, OSError) as error:
            self._say("failed", str(error))
            return min(_AGAIN_S, self.sweep_s)
        self._forget(IndexBusy, "failed")
        return QUIET_S if waiting else self.sweep_s

    def _take_in(self, roots: list[Path]) -> bool:
        """Update some roots; true if files of theirs are being written still."""
        while roots:
            try:
                report = self.update(roots, self._states)
            except TooMuchGone as gone:
                self._doubted.add(gone.root)
                if gone.root not in self._said:
                    self._say(gone.root, str(gone))
                roots = [root for root in roots if root != gone.root]
                continue
            for root in self._doubted.intersection(roots):
                self._doubted.discard(root)
                self._back(root)
            self.teller.report(report)
            return bool(report.waiting)
        return False

    def _roots(self) -> list[Path]:
        """The roots to watch now; another process may add some."""
        try:
            with Catalog.open(self.index) as catalog:
                return followed(catalog)
        except UserError as error:
            self._say("failed", str(error))
            return []

    def _tell_of_gone(self, roots: list[Path], places: Places) -> None:
        for root in roots:
            if places[root]:
                if root not in self._doubted:
                    self._back(root)
                continue
            path = plain(root)
            words = " ".join(shlex.quote(str(each)) for each in (path, "--index", self.index))
            self._say(
                root,
                f"{path} is gone; what was indexed of it stays, and it is taken up again when it is"
                f" back. If it was removed on purpose: article-qa index --forget {words}",
            )

    def _back(self, root: Path) -> None:
        if self._said.pop(root, None):
            self.teller.trouble(f"{plain(root)} is followed again.")

    @contextmanager
    def _listening(self, roots: list[Path], touches: _Touches) -> Iterator[None]:
        """Be told what changes, where the system tells."""
        with ExitStack() as stack:
            try:
                stack.enter_context(told_of(roots, touches.add))
                self._forget(NoEvents)
            except NoEvents as error:
                self._say(
                    NoEvents,
                    f"The system does not tell what changes ({error}); the folders are looked"
                    f" through every {self.sweep_s:g} seconds instead.",
                )
            yield

    def _say(self, about: object, words: str) -> None:
        """Say what stands in the way, unless that was the last that was said about it."""
        if self._said.get(about) != words:
            self._said[about] = words
            self.teller.trouble(words)

    def _forget(self, *about: object) -> None:
        for each in about:
            self._said.pop(each, None)


def followed(catalog: Catalog) -> list[Path]:
    """The roots of an index that are watched.

    All but the pages that were fetched for it: only who fetches changes them, and takes them in.
    """
    web = Path(os.path.normpath((catalog.folder / WEB).absolute()))
    return [root for root in catalog.roots() if plain(root) != web]


def _places(roots: Sequence[Path]) -> Places:
    return {root: _place(base(root) if is_glob(root) else plain(root)) for root in roots}


def _place(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    # A file is replaced whenever an editor saves it.
    return (status.st_dev, status.st_ino) if path.is_dir() else (status.st_dev, 0)
