"""Free cores: what other programs leave, and that a context computes with no more threads."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from qa.llm import free_cores, loading
from qa.llm.free_cores import FreeCores, Usage, between, computed
from qa.llm.settings import DEFAULTS
from tests.support.tiny_llm import tiny_llm

STAT = """\
cpu  500 60 70 8000 900 10 20 30 0 0
cpu0 100 20 30 4000 500 5 10 15 40 0
cpu1 400 40 40 4000 400 5 10 15 0 0
cpu10 7 7 7 7 7 7 7 7 7 7
intr 12345 0 0
procs_running 3
"""
CORE_0, CORE_1 = 100 + 30 + 5 + 10 + 15, 400 + 40 + 5 + 10 + 15


def test_what_is_computed_is_counted_of_some_cores() -> None:
    assert computed(STAT, {0}, nice=False) == CORE_0
    assert computed(STAT, {0, 1}, nice=False) == CORE_0 + CORE_1
    assert computed(STAT, {0, 1}, nice=True) == CORE_0 + CORE_1 + 60


@pytest.mark.parametrize(
    ("others", "cores", "free"),
    [
        pytest.param(0.0, 2, 2, id="nothing else runs"),
        pytest.param(0.4, 2, 2, id="less than half a core is worth no thread"),
        pytest.param(0.7, 2, 1, id="most of a core"),
        pytest.param(2.0, 2, 1, id="all cores: one thread all the same"),
        pytest.param(1.0, 16, 15, id="one of many"),
        pytest.param(-0.2, 4, 4, id="counted a little later than ours"),
    ],
)
def test_as_many_are_free_as_others_leave(others: float, cores: int, free: int) -> None:
    before, after = Usage(10.0, 100.0, 5.0), Usage(12.0, 100.0 + 2 * (others + 1.5), 8.0)

    assert between(before, after, cores) == free


def test_where_the_system_does_not_tell_all_are_free(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(free_cores, "_STAT", tmp_path / "stat")
    found = FreeCores()

    assert found.count() == len(os.sched_getaffinity(0))
    assert between(Usage(0.0, 0.0, 0.0), None, 4) == 4


@pytest.mark.parametrize(
    ("told", "most"),
    [("200000 100000", 2), ("150000 100000", 1), ("50000 100000", 1), ("max 100000", 99), ("", 99)],
)
def test_a_container_has_no_more_than_it_is_given(
    told: str, most: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "cpu.max").write_text(told)
    monkeypatch.setattr(free_cores, "_QUOTA", tmp_path / "cpu.max")
    monkeypatch.setattr(free_cores, "_STAT", tmp_path / "stat")

    assert min(99, free_cores.quota()) == most
    assert FreeCores().count() == min(most, len(os.sched_getaffinity(0)))


@contextmanager
def every_core_busy() -> Iterator[None]:
    """As many programs as there are cores, which are as urgent as this one."""
    cores = len(os.sched_getaffinity(0))
    command = [sys.executable, "-c", "print(flush=True)\nwhile True: pass"]
    programs = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(cores)]
    try:
        for program in programs:
            assert program.stdout
            assert program.stdout.readline()
        yield
    finally:
        for program in programs:
            program.kill()
            program.communicate()


def test_beside_busy_programs_fewer_are_left() -> None:
    with every_core_busy():
        found = FreeCores()
        time.sleep(0.4)

        assert found.count() <= len(os.sched_getaffinity(0)) / 2


class Free(FreeCores):
    """As many as a test says."""

    said = 1

    def count(self) -> int:
        return self.said


def test_a_context_takes_no_more_threads_than_are_free(tmp_path: Path) -> None:
    import llama_cpp

    llama = loading.load(tiny_llm().write(tmp_path / "model.gguf"), DEFAULTS)
    llama.context_params.n_threads, llama.context_params.n_threads_batch = 3, 5
    free = Free()
    context = loading.open_context(llama, 512, free_cores=free)
    used = []
    for free.said in (1, 4, 9):
        context.decode([[5, 6, 7, 8 + free.said]])
        pointer = context._pointer
        used.append((llama_cpp.llama_n_threads(pointer), llama_cpp.llama_n_threads_batch(pointer)))

    assert used == [(1, 1), (3, 4), (3, 5)]
