"""Progress: a bar on a terminal, plain lines now and then elsewhere; only home of tqdm."""

import time
from collections.abc import Callable
from typing import Any, TextIO

from index.text.characters import REPLACEMENT, as_unicode, without_controls

PAUSE_S = 5.0  # between two plain lines of a count
_SHOWN = 40  # code points of what is next, from its end

Line = Callable[[int, int, str], str]
"""The plain line for `done`, `total` and what is next; "" where none is due."""


class Progress:
    """How far a long job is."""

    def __init__(self, out: TextIO, line: Line, **bar: Any) -> None:
        """Show nothing yet; `bar` are options of tqdm."""
        self._out, self._line, self._options = out, line, bar
        self._bar: Any = None

    def __call__(self, done: int, total: int, what: str = "") -> None:
        """Show that `done` of `total` are done, fewer than before or more, and `what` is next."""
        what = as_unicode(without_controls(what, REPLACEMENT), None)
        if self._out.isatty():
            self._draw(done, total, what[-_SHOWN:])
        elif line := self._line(done, total, what):
            self._out.write(f"{line}\n")

    def close(self) -> None:
        """Leave the terminal clean."""
        if self._bar is not None:
            self._bar.close()

    def _draw(self, done: int, total: int, what: str) -> None:
        if self._bar is None:
            from tqdm import tqdm

            self._bar = tqdm(total=total, file=self._out, **self._options)
        if what:
            self._bar.set_postfix_str(what, refresh=False)
        self._bar.total = total
        self._bar.update(done - self._bar.n)


def count(unit: str, out: TextIO) -> Progress:
    """The progress of so many things of a kind; a plain line every few seconds."""
    last = time.monotonic()

    def line(done: int, total: int, what: str) -> str:
        nonlocal last
        if time.monotonic() - last < PAUSE_S:
            return ""
        last = time.monotonic()
        return f"{done} of {total} {unit}s: {what}"

    return Progress(out, line, unit=unit, leave=False)


def download(title: str, out: TextIO) -> Progress:
    """The progress of a file's bytes; a plain line at each tenth, and a bar that stays."""
    last = -1

    def line(done: int, total: int, _: str) -> str:
        nonlocal last
        tenth = 10 * done // max(1, total)
        if tenth <= last:
            return ""
        last = tenth
        return f"{title}: {10 * tenth} % of {total:,} bytes"

    return Progress(out, line, desc=title, unit="B", unit_scale=True)
