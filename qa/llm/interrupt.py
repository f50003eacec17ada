"""Interrupt: a stop flag and Ctrl-C, seen by llama.cpp while it computes.

llama.cpp calls an abort callback between the steps of its computation. Python handles Ctrl-C in the
main thread alone, and only while that runs Python: there the callback is a function in Python. In
other threads it is one of the C library, which need not wait for Python's lock.
"""

import contextlib
import ctypes
import signal
import threading
from collections.abc import Callable, Iterator

from qa.cancellation import StopFlag

AbortCallback = ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.c_void_p)
"""A function that native code calls with an address: whether to give up."""

# The length of the flag's C string, 0 or 1. A token has 600 such steps: beside a thread that is
# busy with Python, a callback in Python leaves 0.6 of 26 tokens a second, this one 7.
_IS_SET = ctypes.cast(ctypes.CDLL(None).strlen, AbortCallback)

SetCallback = Callable[[object, int | None], None]
"""Sets the abort callback of native code, and the address it is called with; a null one is none."""


class _CtrlC:
    """Notes a Ctrl-C in the main thread while anything there watches for it.

    Python would raise it inside a callback, out of which no exception can come: it would be lost.
    What watches may end in any order, so all share one handler.
    """

    def __init__(self) -> None:
        self.noted = False
        self._watching, self._before = 0, signal.getsignal(signal.SIGINT)

    @contextlib.contextmanager
    def noting(self) -> Iterator[None]:
        """Note it from the first that watches to the last; without a handler it is left alone."""
        if not self._watching:
            self.noted, self._before = False, signal.getsignal(signal.SIGINT)
            if callable(self._before):
                signal.signal(signal.SIGINT, self._note)
        self._watching += 1
        try:
            yield
        finally:
            self._watching -= 1
            if not self._watching and callable(self._before):
                signal.signal(signal.SIGINT, self._before)

    def _note(self, *_: object) -> None:
        self.noted = True

    def raise_noted(self) -> None:
        """Raise what was noted, once.

        Raises:
            KeyboardInterrupt: Ctrl-C was pressed.
        """
        if self.noted and _in_main_thread():
            self.noted = False
            raise KeyboardInterrupt


_CTRL_C = _CtrlC()


class Interrupt:
    """Gives up what native code computes, once a flag is set or Ctrl-C is pressed."""

    def __init__(self) -> None:
        self._flag, self._watched = StopFlag(), False

    def cancel_when(self, flag: StopFlag) -> None:
        """Give up once `flag` is set; the flag of before no longer counts."""
        self._flag = flag

    def check(self) -> None:
        """Do nothing, or give up.

        Raises:
            KeyboardInterrupt: Ctrl-C was pressed.
            Cancelled: the flag is set.
        """
        _CTRL_C.raise_noted()
        self._flag.raise_if_set()

    @contextlib.contextmanager
    def watching(self, set_callback: SetCallback) -> Iterator[None]:
        """Have native code that is called meanwhile look at the flag of now, and for Ctrl-C.

        Raises:
            KeyboardInterrupt: Ctrl-C was pressed; raised at the end.
        """
        if self._watched:  # within a draft, whose own watch goes on
            yield
            return
        self._watched = True
        flag = self._flag  # which lives as long as native code reads it
        try:
            with (_in_main if _in_main_thread() else _beside_main)(flag, set_callback):
                yield
        finally:
            self._watched = False


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


@contextlib.contextmanager
def _in_main(flag: StopFlag, set_callback: SetCallback) -> Iterator[None]:
    """Have native code ask Python, which notes a Ctrl-C while it does."""
    callback = AbortCallback(lambda _: _CTRL_C.noted or flag.is_set())
    set_callback(callback, None)
    try:
        with _CTRL_C.noting():
            yield
    finally:
        set_callback(AbortCallback(), None)
        _CTRL_C.raise_noted()


@contextlib.contextmanager
def _beside_main(flag: StopFlag, set_callback: SetCallback) -> Iterator[None]:
    """Have native code read the flag itself."""
    set_callback(_IS_SET, flag.address)
    try:
        yield
    finally:
        set_callback(AbortCallback(), None)
