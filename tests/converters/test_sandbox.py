"""The process that converts files: used again, ended when it must be, never left behind."""

import os
import pickle
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.converters.converted import Converted
from index.converters.sandbox import Converter
from index.errors import NotText, UserError
from tests.support import child_processes
from tests.support.fakes import until
from tests.support.paths import ROOT
from tests.support.sample_files import CSV

ROW = Converted("- a: 1; b: 2")


@pytest.fixture
def converter() -> Iterator[Converter]:
    one = Converter()
    yield one
    one.close()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def cpu_seconds(pid: int) -> float:
    """How long a process has computed."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_the_process_starts_when_needed_and_stays_for_the_next_file(converter: Converter) -> None:
    assert converter.pid is None
    assert converter.convert("csv", CSV) == ROW
    pid = converter.pid
    with pytest.raises(NotText, match="is not JSON"):
        converter.convert("json", b"{")
    assert converter.convert("csv", CSV) == ROW

    assert pid is not None
    assert converter.pid == pid
    converter.close()
    assert not is_alive(pid)


def test_a_file_that_takes_too_long_costs_one_reason() -> None:
    converter = Converter(seconds=0.001)

    with pytest.raises(NotText, match=r"takes more than 0\.001 seconds"):
        converter.convert("csv", CSV)
    assert converter.pid is None


@pytest.mark.slow
def test_a_file_that_takes_too_much_memory_costs_one_reason() -> None:
    converter = Converter(memory=400 * 2**20)
    try:
        with pytest.raises(NotText, match="memory"):
            converter.convert("json", b"[" + b"[]," * 9_000_000 + b"1]")
        assert converter.convert("csv", CSV) == ROW
    finally:
        converter.close()


def test_a_process_that_cannot_start_is_not_the_files_fault() -> None:
    with pytest.raises(UserError, match="cannot start") as refused:
        Converter(memory=1).convert("csv", CSV)

    assert not isinstance(refused.value, NotText)


def test_a_limit_of_the_system_is_kept() -> None:
    run = child_processes.command(child_processes.convert_in_2_gib)
    subprocess.run(run, cwd=ROOT, check=True)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of a parent's end")
def test_a_killed_parent_takes_the_process_with_it() -> None:
    run = child_processes.command(child_processes.convert_slowly)
    with subprocess.Popen(run, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        watched, before = os.pidfd_open(pid), cpu_seconds(pid)
        until(lambda: cpu_seconds(pid) > before + 0.1)  # the slow file is being read
        process.kill()

    ended, _, _ = select.select([watched], [], [], 2)
    os.close(watched)
    assert ended == [watched]


def test_a_process_that_died_is_started_anew(converter: Converter) -> None:
    converter.convert("csv", CSV)
    pid = converter.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)

    with pytest.raises(NotText, match="is damaged"):
        converter.convert("no such reader", b"")
    assert converter.convert("csv", CSV) == ROW
    assert converter.pid != pid


WRITES_ANYTHING = """
import os, sys, time
from multiprocessing.connection import Connection
connection = Connection(os.dup(0))
connection.send_bytes(b"ready")
connection.recv_bytes(), connection.recv_bytes()
os.write(0, bytes.fromhex(sys.argv[1]))
time.sleep(60)
"""


class WritesAnything(Converter):
    """A converter whose process a file has taken over: it answers with any bytes."""

    def __init__(self, answer: bytes, seconds: float) -> None:
        super().__init__(seconds)
        self.process.command = [sys.executable, "-c", WRITES_ANYTHING, answer.hex()]


def frame(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(b"\x7f\xff\xff\xff", "is damaged", id="2 GB announced"),
        pytest.param(b"\xff" * 4 + b"\x7f" * 8, "is damaged", id="2**63 bytes announced"),
        pytest.param(b"\xff" * 4 + b"\xff" * 8, "is damaged", id="a negative length"),
        pytest.param(frame(pickle.dumps(Converted("text"))), "is damaged", id="a pickle"),
        pytest.param(frame(b"[1, 2]"), "is damaged", id="other JSON"),
        pytest.param(frame(b'{"words": "a"}'), "is damaged", id="other names"),
        pytest.param(frame(b'{"text": "a", "author": ["b"]}'), "is damaged", id="other values"),
        pytest.param(frame(b'{"text": "a"')[:-1], r"takes more than 0\.5 seconds", id="half"),
        pytest.param(b"", r"takes more than 0\.5 seconds", id="nothing"),
    ],
)
def test_a_process_that_answers_anything_costs_one_reason(answer: bytes, reason: str) -> None:
    converter = WritesAnything(answer, 0.5 if "more than" in reason else 30)

    with pytest.raises(NotText, match=reason):
        converter.convert("csv", CSV)
    assert converter.pid is None


@pytest.mark.slow
def test_ctrl_c_leaves_no_process_behind() -> None:
    run = child_processes.command(child_processes.convert_slowly)
    with subprocess.Popen(
        run, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        assert is_alive(pid)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        _, complaint = process.communicate(timeout=60)

    assert complaint.strip().endswith(b"KeyboardInterrupt")
    assert not is_alive(pid)


def test_the_process_ends_with_the_one_that_started_it() -> None:
    code = """
from index.converters.sandbox import converter
converter().convert("csv", b"a,b")
print(converter().pid)
"""
    closed = f"exec {sys.executable} -c '{code}' <&-"  # standard input closed
    done = subprocess.run(["sh", "-c", closed], cwd=ROOT, capture_output=True, check=True)

    assert not is_alive(int(done.stdout))


def test_a_module_in_the_current_folder_is_not_taken_for_a_library(
    converter: Converter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('not mine')")
    monkeypatch.chdir(tmp_path)

    assert converter.convert("csv", CSV) == ROW
