"""A watcher keeps an index as its folders are, with real files and the system's own events."""

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from index import folder_events, watcher
from index.build import Report, sync
from index.errors import IndexBusy, IndexUnwritable
from index.file_states import FileStates
from index.folder_events import NoEvents
from index.storage.catalog import Catalog
from index.storage.write_lock import only_writer
from index.watcher import Watcher
from tests.support import mounts
from tests.support.fakes import HashEmbedder

pytestmark = pytest.mark.slow


class Told:
    """What a watcher tells."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.runs = 0

    def report(self, report: Report) -> None:
        for what in ("added", "changed", "removed"):
            self.lines += [f"{what} {id}" for id in getattr(report, what)]
        self.lines += [f"skipped {skipped.path.name}" for skipped in report.skipped]
        self.runs += 1

    def trouble(self, words: str) -> None:
        self.lines.append(words)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four articles, indexed."""
    folder = tmp_path / "articles"
    folder.mkdir()
    for name in "abcd":
        write(folder / f"{name}.txt")
    sync([folder], tmp_path / "index", HashEmbedder())
    return folder


def write(path: Path, text: str = "") -> Path:
    path.write_text(text or f"The story of {path.stem} has words of its own.")
    return path


def ids(index: Path) -> list[str]:
    with Catalog.open(index) as catalog:
        return [entry.id for entry in catalog.entries()]


@contextmanager
def watched(
    index: Path, told: Told, update: watcher.Update | None = None, sweep_s: float = 300
) -> Iterator[None]:
    """Watch; begins when all is as it was."""

    def usual(roots: Sequence[Path], states: FileStates) -> Report:
        return sync(roots, index, HashEmbedder(), states=states)

    stop = threading.Event()
    run = Watcher(index, update or usual, told, sweep_s).run
    thread = threading.Thread(target=run, args=(stop,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)
        assert not thread.is_alive()


def until(is_so: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


@pytest.fixture
def index(tmp_path: Path, folder: Path) -> Path:
    return tmp_path / "index"


def test_what_comes_changes_and_goes_is_taken_in(folder: Path, index: Path, told: Told) -> None:
    with watched(index, told):
        until(lambda: told.runs)
        write(folder / "new.txt")
        until(lambda: told.lines == ["added new.txt"])
        write(folder / "new.txt", "Another story altogether.")
        until(lambda: told.lines[1:] == ["changed new.txt"])
        (folder / "new.txt").unlink()
        until(lambda: told.lines[2:] == ["removed new.txt"])
        (folder / "deep/er").mkdir(parents=True)
        (folder / "a.txt").rename(folder / "deep/er/a.txt")
        until(lambda: told.lines[3:] == ["added deep/er/a.txt", "removed a.txt"])
        write(folder / "deep/er/b.txt")
        until(lambda: told.lines[5:] == ["added deep/er/b.txt"])

    assert ids(index) == ["b.txt", "c.txt", "d.txt", "deep/er/a.txt", "deep/er/b.txt"]


def test_a_file_that_an_editor_replaces_is_one_change(
    folder: Path, index: Path, told: Told
) -> None:
    with watched(index, told):
        until(lambda: told.runs)
        for i in range(3):
            write(folder / ".a.txt.swp", f"The story of a, version {i}.")
            (folder / "a.txt").rename(folder / "a.txt~")
            (folder / ".a.txt.swp").rename(folder / "a.txt")
            (folder / "a.txt~").unlink()
            time.sleep(0.1)
        until(lambda: "changed a.txt" in told.lines)
        time.sleep(2)

    assert told.lines == ["changed a.txt"]


def test_a_file_that_is_being_written_waits_and_others_do_not(
    folder: Path, index: Path, told: Told
) -> None:
    with watched(index, told), (folder / "long.txt").open("w") as file:
        until(lambda: told.runs)
        write(folder / "short.txt")
        for i in range(90):
            file.write(f"Line {i} of a long story.\n")
            file.flush()
            time.sleep(0.1)
            if "added short.txt" in told.lines:
                break
        assert told.lines == ["added short.txt"]
        file.close()
        until(lambda: told.lines[1:] == ["added long.txt"])


def test_a_thousand_files_at_once_are_few_runs(folder: Path, index: Path, told: Told) -> None:
    with watched(index, told):
        until(lambda: told.runs)
        for i in range(1000):
            write(folder / f"{i:04}.txt")
        until(lambda: len(told.lines) >= 1000, 240)

    assert told.lines == [f"added {i:04}.txt" for i in range(1000)]
    assert told.runs < 15


def test_unchanged_files_are_not_read_again(folder: Path, index: Path, told: Told) -> None:
    for path in folder.iterdir():
        os.utime(path, (1e9, 1e9))
    states, read = FileStates(), list[Path]()
    sync([folder], index, HashEmbedder(), states=states)
    for path in folder.iterdir():
        if states.look(path):
            read += [path] if not states.is_same(path, _sha256(index, path.name)) else []

    assert read == []


def _sha256(index: Path, id: str) -> str:
    with Catalog.open(index) as catalog:
        entry = catalog.entry(id)
        assert entry
        return entry.sha256


def test_a_folder_that_vanishes_and_comes_back_loses_nothing(
    folder: Path, index: Path, told: Told
) -> None:
    with watched(index, told):
        until(lambda: told.runs)
        away = folder.rename(folder.with_name("away"))
        until(lambda: told.lines)
        time.sleep(3)
        (line,) = told.lines
        assert line.startswith(f"{folder} is gone; what was indexed of it stays")
        assert line.endswith(f"article-qa index --forget {folder} --index {index}")
        write(away / "new.txt")
        away.rename(folder)
        until(lambda: told.lines[1:] == [f"{folder} is followed again.", "added new.txt"])
        write(folder / "newer.txt")
        until(lambda: told.lines[3:] == ["added newer.txt"])


def test_an_unmounted_drive_empties_nothing_and_other_folders_go_on(
    tmp_path: Path, folder: Path, index: Path, told: Told
) -> None:
    with mounts.disk(tmp_path / "drive", "4m") as drive:
        for name in "xyz":
            write(drive / f"{name}.txt")
        sync([drive], index, HashEmbedder())
        with watched(index, told):
            until(lambda: told.runs)
            subprocess.run(["umount", "--lazy", str(drive)], check=True)
            until(lambda: told.lines)
            write(folder / "new.txt")
            until(lambda: "added new.txt" in told.lines)
            (line,) = [line for line in told.lines if line != "added new.txt"]
            assert line.startswith(f"{drive} is empty, and 3 articles of it were indexed.")
            assert line.endswith(f"article-qa index --allow-empty {drive} --index {index}")
            assert {"x.txt", "y.txt", "z.txt"} < set(ids(index))

            subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(drive)], check=True)
            for name in "xyzw":
                write(drive / f"{name}.txt")
            until(lambda: "added w.txt" in told.lines)
            assert f"{drive} is followed again." in told.lines
            assert not [line for line in told.lines if line.startswith("removed")]


def test_what_was_removed_on_purpose_is_taken_out_by_the_command_that_is_named(
    folder: Path, index: Path, told: Told
) -> None:
    with watched(index, told):
        until(lambda: told.runs)
        for name in "abc":
            (folder / f"{name}.txt").unlink()
        until(lambda: told.lines)
        assert "3 of 4 articles" in told.lines[0]
        assert ids(index) == ["a.txt", "b.txt", "c.txt", "d.txt"]
        until(lambda: typed(folder, index))
        write(folder / "e.txt")
        until(lambda: "added e.txt" in told.lines)

    assert ids(index) == ["d.txt", "e.txt"]


def typed(folder: Path, index: Path) -> bool:
    """Type the command that is named, which is refused while the watcher writes."""
    try:
        sync([folder], index, HashEmbedder(), allow_empty=True)
    except IndexBusy:
        return False
    return True


def test_another_writer_is_waited_for(folder: Path, index: Path, told: Told) -> None:
    with watched(index, told):
        until(lambda: told.runs)
        with only_writer(index):
            write(folder / "new.txt")
            until(lambda: told.lines)
            time.sleep(2)
            (line,) = told.lines
            assert line.startswith("Waiting: ")
        until(lambda: told.lines[1:] == ["added new.txt"])


def test_two_watchers_of_one_index_agree(folder: Path, index: Path) -> None:
    one, two = Told(), Told()
    with watched(index, one), watched(index, two):
        until(lambda: one.runs and two.runs)
        for i in range(5):
            write(folder / f"new{i}.txt")
        until(lambda: set(ids(index)) >= {f"new{i}.txt" for i in range(5)})
        time.sleep(3)

    said = [line for line in one.lines + two.lines if not line.startswith("Waiting")]
    assert sorted(said) == [f"added new{i}.txt" for i in range(5)]


def test_a_full_disk_is_said_once_and_tried_again(
    folder: Path, index: Path, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watcher, "_AGAIN_S", 0.5)
    full = [True]

    def update(roots: Sequence[Path], states: FileStates) -> Report:
        if full[0]:
            raise IndexUnwritable(index, "No space left on device")
        return sync(roots, index, HashEmbedder(), states=states)

    with watched(index, told, update):
        write(folder / "new.txt")
        until(lambda: told.lines)
        time.sleep(2)
        (line,) = told.lines
        assert "No space left on device" in line
        full[0] = False
        until(lambda: told.lines[1:] == ["added new.txt"])


def test_where_the_system_tells_nothing_folders_are_looked_through(
    folder: Path, index: Path, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_: object, **__: object) -> None:
        raise NoEvents("OS file watch limit reached")

    monkeypatch.setattr(folder_events, "_watch", none)
    with watched(index, told, sweep_s=1):
        until(lambda: told.runs)
        write(folder / "new.txt")
        until(lambda: told.lines[1:] == ["added new.txt"])

    assert told.lines[0] == (
        "The system does not tell what changes (OS file watch limit reached); the folders are"
        " looked through every 1 seconds instead."
    )


def test_a_file_that_is_named_by_itself_is_followed_when_it_is_replaced(
    tmp_path: Path, told: Told
) -> None:
    path = write(tmp_path / "notes.txt")
    sync([path], tmp_path / "i", HashEmbedder())
    with watched(tmp_path / "i", told):
        until(lambda: told.runs)
        write(tmp_path / "other", "Other notes.").rename(path)
        until(lambda: told.lines == ["changed notes.txt"])


def test_an_index_within_its_folder_does_not_wake_itself(tmp_path: Path, told: Told) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    write(folder / "a.txt")
    sync([folder], folder / "index", HashEmbedder())
    with watched(folder / "index", told):
        until(lambda: told.runs)
        write(folder / "b.txt")
        until(lambda: told.lines == ["added b.txt"])
        runs = told.runs
        time.sleep(4)

    assert told.runs <= runs + 1


def test_an_index_that_is_taken_away_and_brought_back(
    folder: Path, index: Path, told: Told
) -> None:
    with watched(index, told):
        until(lambda: told.runs)
        shutil.move(index, index.with_name("elsewhere"))
        until(lambda: told.lines)
        shutil.move(index.with_name("elsewhere"), index)
        write(folder / "new.txt")
        until(lambda: "added new.txt" in told.lines)
