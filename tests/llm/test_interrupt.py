"""How native code that computes for seconds learns that it is to stop."""

import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest

from qa.cancellation import StopFlag
from qa.errors import Cancelled
from qa.llm.interrupt import AbortCallback, Interrupt


class Native:
    """Asks, as llama.cpp does, the function it was given; the address goes along."""

    def __init__(self) -> None:
        self._question: Any = AbortCallback()
        self._address: int | None = None

    def let_ask(self, question: object, address: int | None) -> None:
        self._question, self._address = question, address

    def is_told(self) -> bool:
        """Whether it is told to give up; it goes on when it has nothing to ask."""
        return bool(self._question) and bool(self._question(self._address))

    def compute(self) -> bool:
        """Compute for long; whether that was cut short."""
        ends = time.monotonic() + 20
        while not self.is_told():
            if time.monotonic() > ends:
                return False
        return True


def in_main_thread(work: Callable[[], bool]) -> bool:
    return work()


def in_another_thread(work: Callable[[], bool]) -> bool:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


THREADS = pytest.mark.parametrize("run", [in_main_thread, in_another_thread])


@THREADS
def test_native_code_learns_of_a_stop(run: Callable[[Callable[[], bool]], bool]) -> None:
    native, stopping, stop = Native(), Interrupt(), StopFlag()
    stopping.cancel_when(stop)

    def work() -> bool:
        with stopping.watching(native.let_ask):
            before = native.is_told()
            threading.Timer(0.02, stop.set).start()
            return not before and native.compute()

    assert run(work)
    assert not native.is_told()
    with pytest.raises(Cancelled):
        stopping.check()


@THREADS
def test_what_is_heeded_next_is_not_stopped(run: Callable[[Callable[[], bool]], bool]) -> None:
    native, stopping, before, stop = Native(), Interrupt(), StopFlag(), StopFlag()

    def work() -> bool:
        with stopping.watching(native.let_ask):
            return native.compute()

    stopping.cancel_when(before)
    before.set()
    assert run(work)
    stopping.cancel_when(stop)
    stopping.check()
    threading.Timer(0.2, stop.set).start()
    began = time.monotonic()
    assert run(work)
    assert time.monotonic() - began >= 0.1


@THREADS
def test_what_is_asked_within_a_draft_is_stopped_with_it(
    run: Callable[[Callable[[], bool]], bool],
) -> None:
    native, stopping, stop = Native(), Interrupt(), StopFlag()
    stopping.cancel_when(stop)

    def work() -> bool:
        with stopping.watching(native.let_ask):
            with stopping.watching(native.let_ask):
                before = native.is_told()
            stop.set()
            return not before and native.compute()

    assert run(work)


def test_ctrl_c_is_told_and_raised_once() -> None:
    native, stopping = Native(), Interrupt()
    before = signal.getsignal(signal.SIGINT)

    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt), stopping.watching(native.let_ask):
        assert native.compute()

    stopping.check()
    assert signal.getsignal(signal.SIGINT) is before


def test_what_watches_may_end_in_any_order() -> None:
    before = signal.getsignal(signal.SIGINT)
    native, first, second = Native(), ExitStack(), ExitStack()
    for watch in (first, second):
        watch.enter_context(Interrupt().watching(native.let_ask))

    first.close()
    os.kill(os.getpid(), signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        second.close()

    assert signal.getsignal(signal.SIGINT) is before
