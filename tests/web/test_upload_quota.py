"""Arrivals: the room that there is for what is uploaded, until it is added."""

import os
import time
from pathlib import Path

import pytest

from qa.web.security.upload_quota import UploadQuota

LARGE = 100_000
SMALL = 2**16  # what the smallest file is counted for


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "arrivals"


@pytest.fixture
def arrivals(folder: Path) -> UploadQuota:
    return UploadQuota(folder, most=4 * LARGE)


def come(folder: Path, name: str, size: int = LARGE, hours_ago: float = 0) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    then = time.time() - 3600 * hours_ago
    os.utime(path, (then, then))
    return path


def fits(arrivals: UploadQuota, size: int = LARGE) -> bool:
    with arrivals.room(size) as told:
        return told


def test_there_is_room_before_there_is_a_folder(arrivals: UploadQuota) -> None:
    assert fits(arrivals, 4 * LARGE)
    assert not fits(arrivals, 4 * LARGE + 1)


def test_what_is_there_takes_room_until_it_is_added(arrivals: UploadQuota, folder: Path) -> None:
    first, *_ = (come(folder, f"{i}/a.txt") for i in range(4))
    assert not fits(arrivals, 1)

    first.unlink()
    assert fits(arrivals)
    assert not first.parent.exists()


def test_what_is_coming_takes_room(arrivals: UploadQuota) -> None:
    with arrivals.room(3 * LARGE) as one, arrivals.room(2 * LARGE) as two:
        assert (one, two) == (True, False)
        assert fits(arrivals)
    assert fits(arrivals, 4 * LARGE)


def test_small_files_take_room_too(arrivals: UploadQuota, folder: Path) -> None:
    for number in range(4 * LARGE // SMALL):
        assert fits(arrivals, 1)
        come(folder, f"{number}/a.txt", size=0)

    assert not fits(arrivals, SMALL)


def test_what_nobody_added_is_deleted_hours_later(arrivals: UploadQuota, folder: Path) -> None:
    old, young = come(folder, "old/a.txt", hours_ago=7), come(folder, "young/a.txt", hours_ago=5)

    assert fits(arrivals, 3 * LARGE)
    assert (old.parent.exists(), young.exists()) == (False, True)


def test_what_did_not_come_whole_is_deleted_when_nothing_comes(
    arrivals: UploadQuota, folder: Path
) -> None:
    with arrivals.room(LARGE):
        part = come(folder, "tmp123")
        assert fits(arrivals)
        assert part.exists()

    assert fits(arrivals)
    assert not part.exists()
