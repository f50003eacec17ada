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


class Interrupt:
    """Gives up what native code computes, once a flag is set or Ctrl-C is pressed."""

    def __init__(self) -> None:
        self._flag = StopFlag()
        self._interrupted, self._watched = False, False

    def cancel_when(self, flag: StopFlag) -> None:
        """Give up once `flag` is set; the flag of before no longer counts."""
        self._flag = flag

    def check(self) -> None:
        """Do nothing, or give up.

        Raises:
            KeyboardInterrupt: Ctrl-C was pressed.
            Cancelled: the flag is set.
        """
        self._raise_interrupt()
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
        self._interrupted, self._watched = False, True
        in_main = threading.current_thread() is threading.main_thread()
        flag = self._flag  # which lives as long as native code reads it
        try:
            with self._in_main(flag, set_callback) if in_main else _beside_main(flag, set_callback):
                yield
        finally:
            self._watched = False

    @contextlib.contextmanager
    def _in_main(self, flag: StopFlag, set_callback: SetCallback) -> Iterator[None]:
        """Note a Ctrl-C and raise it at the end.

        Python would raise it inside the callback, out of which no exception can come: it would be
        lost.
        """
        callback = AbortCallback(lambda _: self._interrupted or flag.is_set())
        before = signal.getsignal(signal.SIGINT)
        set_callback(callback, None)
        if callable(before):
            signal.signal(signal.SIGINT, self._interrupt)
        try:
            yield
        finally:
            set_callback(AbortCallback(), None)
            if callable(before):
                signal.signal(signal.SIGINT, before)
            self._raise_interrupt()

    def _interrupt(self, *_: object) -> None:
        self._interrupted = True

    def _raise_interrupt(self) -> None:
        """Raise a Ctrl-C that was noted; once."""
        if self._interrupted:
            self._interrupted = False
            raise KeyboardInterrupt


@contextlib.contextmanager
def _beside_main(flag: StopFlag, set_callback: SetCallback) -> Iterator[None]:
    """Have native code read the flag itself."""
    set_callback(_IS_SET, flag.address)
    try:
        yield
    finally:
        set_callback(AbortCallback(), None)
