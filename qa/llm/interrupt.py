"""Stopping: Ctrl-C and stops from other threads, seen by native code while it computes.

llama.cpp asks a function between the steps of its computation whether to go on. Only the main
thread is told of Ctrl-C, and only while it runs Python: there a function in Python is asked.
Elsewhere one of the C library is, which needs not wait until the other threads' Python lets it.
"""

import contextlib
import ctypes
import signal
import threading
from collections.abc import Callable, Iterator

from qa.errors import never, raise_if_cancelled

_PAUSE = 0.05  # seconds between two looks at whether another thread wants a stop

Question = ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.c_void_p)
"""What native code asks: whether to give up. A function that is given an address."""

# The length of a flag's text, 0 or 1. A token has 600 such steps: beside a thread that is busy with
# Python, a function in Python that is asked at each leaves 0.6 of 26 tokens a second, this one 7.
_IS_SET = ctypes.cast(ctypes.CDLL(None).strlen, Question)

Setter = Callable[[object, int | None], None]
"""Has native code ask a function, with the address that it is given; a null function is none."""


class Interrupt:
    """Whether what is under way is to be given up."""

    def __init__(self) -> None:
        self._stopped: Callable[[], bool] = never
        self._interrupted, self._watched = False, False
        self._flag = ctypes.create_string_buffer(2)  # a text of one letter once it is to stop
        self._lock = threading.Lock()  # a watcher may set no flag that was meant for the one before

    def cancel_when(self, stopped: Callable[[], bool]) -> None:
        """Give up once `stopped` is true. Any thread may ask it; once true, it must stay true."""
        with self._lock:
            self._stopped = stopped
            self._flag[0] = b"\0"

    def check(self) -> None:
        """Do nothing, or give up.

        Raises:
            KeyboardInterrupt: Ctrl-C was pressed.
            Stopped: what is heeded says so.
        """
        self._raise_interrupt()
        raise_if_cancelled(self._stopped)

    @contextlib.contextmanager
    def watching(self, let_ask: Setter) -> Iterator[None]:
        """See that native code which is called meanwhile learns of a stop within `_PAUSE`.

        Raises:
            KeyboardInterrupt: Ctrl-C was pressed; raised at the end.
        """
        if self._watched:  # asked within a draft, which has seen to it
            yield
            return
        self._interrupted, self._watched = False, True
        in_main = threading.current_thread() is threading.main_thread()
        try:
            with self._interruptible(let_ask) if in_main else self._beside(let_ask):
                yield
        finally:
            self._watched = False

    @contextlib.contextmanager
    def _interruptible(self, let_ask: Setter) -> Iterator[None]:
        """Note a Ctrl-C and raise it at the end.

        Python would raise it inside the function that is asked, out of which no exception can come:
        it would be lost.
        """
        question = Question(lambda _: self._interrupted or self._stopped())
        before = signal.getsignal(signal.SIGINT)
        let_ask(question, None)
        if callable(before):
            signal.signal(signal.SIGINT, self._interrupt)
        try:
            yield
        finally:
            let_ask(Question(), None)
            if callable(before):
                signal.signal(signal.SIGINT, before)
            self._raise_interrupt()

    @contextlib.contextmanager
    def _beside(self, let_ask: Setter) -> Iterator[None]:
        """Have a thread look now and then, and set the flag."""
        ended = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(ended,), daemon=True)
        watcher.start()
        let_ask(_IS_SET, ctypes.addressof(self._flag))
        try:
            yield
        finally:
            let_ask(Question(), None)
            ended.set()
            watcher.join()

    def _watch(self, ended: threading.Event) -> None:
        while not ended.wait(_PAUSE):
            with self._lock:
                if self._stopped():
                    self._flag[0] = b"\1"

    def _interrupt(self, *_: object) -> None:
        self._interrupted = True

    def _raise_interrupt(self) -> None:
        """Raise a Ctrl-C that was noted; once."""
        if self._interrupted:
            self._interrupted = False
            raise KeyboardInterrupt
