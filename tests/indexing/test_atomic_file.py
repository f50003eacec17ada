"""A file is written whole or not at all, on the disk when that returns, and only whose it is."""

import os
from pathlib import Path

import pytest

from index.atomic_file import PRIVATE, write_atomically


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "notes.json"


def test_text_is_utf8_and_its_lines_are_as_given(path: Path) -> None:
    write_atomically(path, "मई\r\n", "二月\n")

    assert path.read_bytes() == "मई\r\n二月\n".encode()


def test_file_takes_the_place_of_another(path: Path) -> None:
    path.write_text("before")
    write_atomically(path, b"\0", bytearray(b"\1"))

    assert path.read_bytes() == b"\0\1"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(("mode", "found"), [(0o666, 0o640), (PRIVATE, 0o600)])
def test_mode_is_as_asked_for_less_the_umask(mode: int, found: int, path: Path) -> None:
    before = os.umask(0o027)
    try:
        path.touch(0o666)
        write_atomically(path, "a", mode=mode)
    finally:
        os.umask(before)

    assert path.stat().st_mode & 0o777 == found


def test_file_and_its_name_are_on_the_disk(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed = []
    monkeypatch.setattr(
        os, "fsync", lambda fd: flushed.append(Path(f"/proc/self/fd/{fd}").readlink())
    )

    write_atomically(path, "a")
    draft, folder = flushed
    assert (draft.parent, folder) == (path.parent, path.parent)
    write_atomically(path, "b", flush=False)
    assert len(flushed) == 2


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_what_fails_leaves_the_file_that_was_there(
    error: BaseException, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(_: int) -> None:
        raise error

    path.write_text("before")
    monkeypatch.setattr(os, "fsync", stopped)

    with pytest.raises(type(error)):
        write_atomically(path, "after")
    assert path.read_text() == "before"
    assert list(path.parent.iterdir()) == [path]


def test_draft_is_hidden_and_ends_as_asked_for(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Path] = []
    monkeypatch.setattr(os, "fsync", lambda _: seen.extend(path.parent.iterdir()))

    write_atomically(path, "a", suffix=".part")
    assert seen[0].name.startswith(".")
    assert seen[0].suffix == ".part"


def test_folder_that_is_not_there_is_told(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_atomically(path / "a", "a")
