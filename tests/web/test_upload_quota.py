"""Upload quota: the room that there is for uploads until they are added."""

import os
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from qa.web.gradio.upload_quota import UploadQuota

LARGE = 100_000
SMALL = 2**16  # what the smallest file is counted for


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "quota"


@pytest.fixture
def quota(folder: Path) -> UploadQuota:
    return UploadQuota(folder, 4 * LARGE)


def come(folder: Path, name: str, size: int = LARGE, hours_ago: float = 0) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    then = time.time() - 3600 * hours_ago
    os.utime(path, (then, then))
    return path


def fits(quota: UploadQuota, size: int = LARGE) -> bool:
    with quota.receive():
        return quota.fits(size)


def test_there_is_room_before_there_is_a_folder(quota: UploadQuota) -> None:
    assert fits(quota, 4 * LARGE)
    assert not fits(quota, 4 * LARGE + 1)


def test_what_is_there_takes_room_until_it_is_added(quota: UploadQuota, folder: Path) -> None:
    first, *_ = (come(folder, f"{i}/a.txt") for i in range(4))
    assert not fits(quota, 1)

    first.unlink()
    assert fits(quota)
    assert not first.parent.exists()


def test_an_upload_being_received_takes_room(quota: UploadQuota) -> None:
    with quota.receive() as one, quota.receive() as two:
        assert (one.add(3 * LARGE), two.add(LARGE), two.add(1)) == (True, True, False)
        assert not fits(quota, 1)
    assert fits(quota, 4 * LARGE)


def test_many_who_send_nothing_take_no_room(quota: UploadQuota) -> None:
    with ExitStack() as waiting:
        for _ in range(1000):
            waiting.enter_context(quota.receive())
        assert fits(quota, 4 * LARGE)


def test_what_has_come_takes_room_before_it_is_seen_in_the_folder(quota: UploadQuota) -> None:
    with quota.receive() as one:
        with quota.receive() as other:
            other.add(3 * LARGE)
        assert (one.add(LARGE), one.add(1)) == (True, False)


def test_small_files_take_room_too(quota: UploadQuota, folder: Path) -> None:
    for number in range(4 * LARGE // SMALL):
        assert fits(quota, 1)
        come(folder, f"{number}/a.txt", size=0)

    assert not fits(quota, SMALL)


def test_what_nobody_added_is_deleted_hours_later(quota: UploadQuota, folder: Path) -> None:
    old, young = come(folder, "old/a.txt", hours_ago=7), come(folder, "young/a.txt", hours_ago=5)

    assert fits(quota, 3 * LARGE)
    assert (old.parent.exists(), young.exists()) == (False, True)


def test_what_did_not_come_whole_is_deleted_when_nothing_comes(
    quota: UploadQuota, folder: Path
) -> None:
    with quota.receive():
        part = come(folder, "tmp123")
        assert fits(quota)
        assert part.exists()

    assert fits(quota)
    assert not part.exists()
