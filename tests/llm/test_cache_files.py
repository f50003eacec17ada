"""States on disk: given back as they were put in, or not at all, within a budget."""

import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from qa.llm.cache.files import FOLDER, DiskCache, default_budget, tally
from qa.llm.cache.ledger import Tally
from tests.support import child_processes
from tests.support.cache_entries import key, put, state
from tests.support.paths import ROOT

HEAD = 8 + 32 + 4 + 8 + 32  # bytes before a state


def there(files: DiskCache, *numbers: int) -> list[int]:
    return [number for number in numbers if key(number) in files]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / FOLDER


@pytest.fixture
def files(folder: Path) -> DiskCache:
    return DiskCache(folder, 10_000)


def room_for(states: int, size: int = 100) -> int:
    return states * (HEAD + size)


def test_a_state_is_given_back_to_any_process_as_it_was(files: DiskCache, folder: Path) -> None:
    assert put(files, 1, 2) == [HEAD + 100] * 2

    assert DiskCache(folder, 10_000).get(key(1)) == state(1)
    assert [files.get(key(n)) for n in (2, 3)] == [state(2), None]
    assert there(files, 1, 2, 3) == [1, 2]


def test_only_their_owner_may_read_them(files: DiskCache, folder: Path) -> None:
    put(files, 1)

    modes = {path.name: path.stat().st_mode & 0o777 for path in [folder, *folder.iterdir()]}
    assert modes == {FOLDER: 0o700, f"{key(1)}.state": 0o600, "states.sqlite": 0o600}


def flip(position: int) -> Callable[[bytearray], bytes]:
    def damage(data: bytearray) -> bytes:
        data[position] ^= 1
        return bytes(data)

    return damage


@pytest.mark.parametrize(
    "damage",
    [
        *(pytest.param(flip(at), id=f"byte {at}") for at in (0, 7, 8, 41, 44, 52, HEAD, -1)),
        pytest.param(lambda data: data[:-1], id="cut short by a byte"),
        pytest.param(lambda data: data[: HEAD // 2], id="cut short in its head"),
        pytest.param(lambda data: b"", id="empty"),
        pytest.param(lambda data: bytes(data) + b"\0", id="too long"),
        pytest.param(lambda data: bytes(len(data)), id="zeros"),
        pytest.param(lambda data: b"What is this?" * 100, id="foreign"),
        pytest.param(lambda data: data[:44] + b"\xff" * 8 + data[52:], id="says it is huge"),
    ],
)
def test_a_damaged_file_is_no_state_and_is_removed(
    damage: Callable[[bytearray], bytes], files: DiskCache, folder: Path
) -> None:
    put(files, 1, 2)
    path = folder / f"{key(1)}.state"
    path.write_bytes(damage(bytearray(path.read_bytes())))

    assert files.get(key(1)) is None
    assert not path.exists()
    assert (files.tally().states, files.get(key(2))) == (1, state(2))
    assert put(files, 1) == [HEAD + 100]
    assert files.get(key(1)) == state(1)


def test_a_state_under_the_name_of_another_is_removed(files: DiskCache, folder: Path) -> None:
    put(files, 1)
    (folder / f"{key(1)}.state").rename(folder / f"{key(2)}.state")

    assert [files.get(key(n)) for n in (1, 2)] == [None, None]
    assert there(files, 1, 2) == []


def test_a_folder_under_the_name_of_a_state_is_none(files: DiskCache, folder: Path) -> None:
    (folder / f"{key(1)}.state").mkdir()

    assert files.get(key(1)) is None
    assert put(files, 1) == [0]


def test_the_least_recently_used_goes_first(folder: Path) -> None:
    files = DiskCache(folder, room_for(3))
    put(files, 1, 2, 3)
    files.get(key(1))
    put(files, 4)

    assert there(files, 1, 2, 3, 4) == [1, 3, 4]


def test_what_nobody_asked_for_goes_before_all_else(folder: Path) -> None:
    files = DiskCache(folder, room_for(3))
    put(files, 1)
    put(files, 2, 3, asked=False)
    put(files, 4)
    files.get(key(3))
    put(files, 5)

    assert there(files, 1, 2, 3, 4, 5) == [3, 4, 5]


def test_a_state_over_the_budget_is_not_kept_and_nothing_goes_for_it(folder: Path) -> None:
    files = DiskCache(folder, room_for(2))

    assert put(files, 1, 2) == [HEAD + 100] * 2
    assert put(files, 3, size=1000) == [0]
    assert there(files, 1, 2, 3) == [1, 2]


def test_one_large_state_may_take_the_place_of_many(folder: Path) -> None:
    files = DiskCache(folder, room_for(3))
    put(files, 1, 2, 3)
    put(files, 4, size=300)

    assert there(files, 1, 2, 3, 4) == [4]


def test_a_state_put_again_counts_once(folder: Path) -> None:
    files = DiskCache(folder, room_for(3))
    put(files, 1, *[2] * 5, 3)

    assert there(files, 1, 2, 3) == [1, 2, 3]


def test_a_smaller_budget_counts_when_the_folder_is_opened(folder: Path) -> None:
    put(DiskCache(folder, room_for(5)), 1, 2, 3, 4, 5)

    assert there(DiskCache(folder, room_for(2)), 1, 2, 3, 4, 5) == [4, 5]


def test_room_for_what_nobody_asked_for_is_what_only_such_take(folder: Path) -> None:
    files = DiskCache(folder, room_for(10))
    put(files, 1, 2)
    put(files, 3, 4, asked=False)
    since = files.now()
    files.touch(key(3))

    assert files.room(since) == room_for(7)
    put(files, 5, asked=False)
    assert files.room(since) == room_for(6)
    assert files.room(files.now()) == room_for(8)


def test_touching_tells_the_bytes_and_is_no_use_by_a_question(folder: Path) -> None:
    files = DiskCache(folder, room_for(2))
    put(files, 1)
    put(files, 2, asked=False)

    assert [files.touch(key(n)) for n in (1, 2, 3)] == [HEAD + 100, HEAD + 100, 0]
    put(files, 3)
    assert there(files, 1, 2, 3) == [1, 3]


def test_hits_and_misses_are_counted_over_all_processes(folder: Path) -> None:
    put(DiskCache(folder, 10_000), 1, 2)
    for n in (1, 1, 2, 3):
        DiskCache(folder, 10_000).get(key(n))

    assert tally(folder.parent) == Tally(2, 2 * (HEAD + 100), 10_000, 3, 1)


def test_nothing_is_made_where_nothing_is_kept(tmp_path: Path) -> None:
    assert tally(tmp_path) == Tally()
    assert list(tmp_path.iterdir()) == []


def test_drafts_of_killed_processes_are_swept_and_of_living_ones_left(
    files: DiskCache, folder: Path
) -> None:
    old, new, other = folder / "a.draft", folder / "b.draft", folder / "notes.txt"
    for path in (old, new, other):
        path.write_bytes(b"half")
        os.utime(path, (0, 0 if path != new else time.time()))

    DiskCache(folder, 10_000)

    assert [path.exists() for path in (old, new, other)] == [False, True, True]


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(b"This is no database. " * 100, id="no database"),
        pytest.param(b"", id="empty"),
        pytest.param(b"SQLite format 3\0" + b"\xff" * 5000, id="broken"),
        pytest.param(None, id="gone"),
    ],
)
def test_a_damaged_ledger_is_begun_anew_and_the_states_stay(
    damage: bytes | None, files: DiskCache, folder: Path
) -> None:
    put(files, 1, 2)
    ledger = folder / "states.sqlite"
    ledger.unlink() if damage is None else ledger.write_bytes(damage)

    assert [files.get(key(n)) for n in (1, 3)] == [state(1), None]
    assert files.tally() == Tally(2, 2 * (HEAD + 100), 0, 1, 1)
    assert put(DiskCache(folder, room_for(2)), 3) == [HEAD + 100]
    assert there(files, 1, 2, 3) == [1, 3]


def test_a_ledger_of_other_tables_is_begun_anew(files: DiskCache, folder: Path) -> None:
    put(files, 1)
    with sqlite3.connect(folder / "states.sqlite") as connection:
        connection.executescript("DROP TABLE state; CREATE TABLE state (name TEXT);")

    assert put(files, 2) == [HEAD + 100]
    assert there(files, 1, 2) == [1, 2]


def test_a_broken_page_of_the_ledger_costs_no_state(files: DiskCache, folder: Path) -> None:
    put(files, *range(1, 60), size=10)
    ledger = folder / "states.sqlite"
    data = bytearray(ledger.read_bytes())
    data[4096 + 8 :] = b"\x7f" * (len(data) - 4096 - 8)
    ledger.write_bytes(data)

    assert files.get(key(59)) == state(59, 10)
    assert put(files, 60, size=10) == [HEAD + 10]
    assert len(there(files, *range(1, 61))) == 60


def test_states_that_the_ledger_does_not_know_are_taken_in(folder: Path) -> None:
    files = DiskCache(folder, room_for(3))
    put(files, 1, 2)
    files._ledger.remove(key(1))

    assert put(DiskCache(folder, room_for(2)), 3) == [HEAD + 100]
    assert there(files, 1, 2, 3) == [2, 3]


@pytest.fixture
def may_not(folder: Path) -> Iterator[None]:
    """Nothing may be written in the folder: a file stands in its place."""
    folder.write_text("in the way")
    yield
    assert folder.read_text() == "in the way"


@pytest.mark.usefixtures("may_not")
def test_where_nothing_can_be_written_nothing_is_kept(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    files = DiskCache(folder, 10_000)
    caplog.clear()
    caplog.set_level("DEBUG")

    assert put(files, 1) == [0]
    assert (len(caplog.records), caplog.records[0].levelname) == (1, "DEBUG")
    assert (files.get(key(1)), files.touch(key(1)), files.tally()) == (None, 0, Tally())


def test_a_full_disk_leaves_what_was_kept(
    files: DiskCache, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A limit on the size of files ends a write as a full disk does."""
    resource = pytest.importorskip("resource")
    put(files, 1)
    caplog.set_level("DEBUG")
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, limits[1]))
    try:
        assert put(files, 2, size=8000) == [0]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)

    assert [record.levelname for record in caplog.records] == ["DEBUG"]
    assert sorted(path.suffix for path in folder.iterdir()) == [".sqlite", ".state"]
    assert files.get(key(1)) == state(1)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_states_in_a_folder_that_is_read_only_are_of_use(files: DiskCache, folder: Path) -> None:
    put(files, 1)
    folder.chmod(0o500)
    try:
        assert DiskCache(folder, 10_000).get(key(1)) == state(1)
        assert put(files, 2) == [0]
    finally:
        folder.chmod(0o700)


def test_a_ledger_that_is_locked_for_long_keeps_nothing_new(
    files: DiskCache, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.llm.cache.ledger._BUSY_S", 0.01)
    put(files, 1)
    connection = sqlite3.connect(folder / "states.sqlite", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")

    assert (files.get(key(1)), put(files, 2), there(files, 1, 2)) == (state(1), [0], [1])
    connection.close()
    assert put(files, 2) == [HEAD + 100]


@pytest.mark.slow
def test_threads_and_processes_share_a_folder(folder: Path) -> None:
    files = DiskCache(folder, room_for(8))
    run = child_processes.command(child_processes.put_and_get_states, folder, room_for(8))
    running = [subprocess.Popen(run, cwd=ROOT) for _ in range(3)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda n: (put(files, n % 20), files.get(key(n % 20))), range(60)))
    codes = [process.wait(60) for process in running]

    assert codes == [0, 0, 0]
    assert {got == state(n % 20) for n, (_, got) in enumerate(found) if got} == {True}
    whole = DiskCache(folder, room_for(8))
    listed = {path.stem for path in folder.glob("*.state")}
    assert 0 < len(listed) <= 8
    assert whole.tally().states == len(listed)
    assert {whole.get(name) == state(int(name, 16)) for name in listed} == {True}


@pytest.mark.slow
def test_killed_while_it_writes_a_process_leaves_only_whole_states(folder: Path) -> None:
    run = child_processes.command(child_processes.put_states_endlessly, folder)
    for pause in (0.05, 0.1, 0.15):
        process = subprocess.Popen(run, cwd=ROOT, stdout=subprocess.PIPE)
        assert process.stdout
        process.stdout.readline()
        time.sleep(pause)
        process.kill()
        process.communicate()

    files = DiskCache(folder, 10**9)
    names = {path.stem for path in folder.glob("*.state")}
    assert names
    assert {files.get(name) == state(int(name, 16), 500_000) for name in names} == {True}


def test_the_budget_is_a_share_of_the_disk_whatever_is_kept(tmp_path: Path) -> None:
    before = default_budget(tmp_path)
    put(DiskCache(tmp_path / FOLDER, 10**9), 1, size=10**6)

    assert 0 < before <= 4 * 10**9
    assert default_budget(tmp_path) == pytest.approx(before, rel=0.05)
