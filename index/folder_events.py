"""Folder events: which files below some folders were touched; only home of watchfiles.

It tells what the operating system says, which is nothing on many network drives and where there are
too many folders: whoever uses it looks for himself now and then.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from index.articles.roots import base, is_glob, plain

_STEP_MS, _BATCH_MS, _TIMEOUT_MS = 100, 400, 100  # after which changes are told

Touched = Callable[[set[Path]], None]


class NoEvents(Exception):
    """The system does not tell what changes, as where it watches as many folders as it may."""


@contextmanager
def told_of(roots: Iterable[Path], touched: Touched) -> Iterator[None]:
    """Call `touched`, in a thread of its own, with the paths that change below some roots.

    Raises:
        NoEvents: nobody will tell.
    """
    trees, files = set[Path](), set[Path]()
    for root in roots:
        path = base(root) if is_glob(root) else plain(root)
        (trees if path.is_dir() else files).add(path)
    beside = {path.parent for path in files}  # a file that is replaced is watched by its folder
    with ExitStack() as stack:
        _watch(stack, trees, recursive=True, touched=touched)
        _watch(stack, beside, recursive=False, touched=lambda paths: touched(paths & files))
        yield


def _watch(stack: ExitStack, folders: set[Path], *, recursive: bool, touched: Touched) -> None:
    if folders:
        listener = _Listener(folders, recursive, touched)
        stack.callback(listener.close)
        listener.begin()


class _Listener:
    """A thread that waits for what changes below some folders."""

    def __init__(self, folders: set[Path], recursive: bool, touched: Touched) -> None:
        self._folders, self._recursive, self._touched = sorted(folders), recursive, touched
        self._begun, self._stop = threading.Event(), threading.Event()
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._listen, name="folder events", daemon=True)

    def begin(self) -> None:
        """Start; from here on nothing is missed.

        Raises:
            NoEvents: nobody will tell.
        """
        self._thread.start()
        self._begun.wait()
        if self._error:
            raise NoEvents(str(self._error)) from self._error

    def close(self) -> None:
        """End the thread."""
        self._stop.set()
        if self._thread.ident:
            self._thread.join(5)

    def _listen(self) -> None:
        try:
            try:
                self._follow(closed_too=False)
            except PermissionError:  # a folder within may not be looked into: the others may
                self._follow(closed_too=True)
        except (OSError, RuntimeError) as error:  # a folder that went away, or the system's limit
            self._error = error
        finally:
            self._begun.set()

    def _follow(self, *, closed_too: bool) -> None:
        """Tell what changes; with `closed_too`, watchfiles is silent about every error."""
        from watchfiles import watch

        for changes in watch(
            *self._folders,
            watch_filter=None,
            debounce=_BATCH_MS,
            step=_STEP_MS,
            rust_timeout=_TIMEOUT_MS,
            stop_event=self._stop,
            yield_on_timeout=True,
            recursive=self._recursive,
            ignore_permission_denied=closed_too,
        ):
            self._begun.set()
            if changes:
                self._touched({Path(path) for _, path in changes})
