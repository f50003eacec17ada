"""The clock may be set back or forward by hours: nobody is locked out, and nothing is lost."""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from index.build import sync
from qa.llm.cache.files import FOLDER, DiskCache
from qa.rate_limit import RateLimit
from qa.service.conversations import Conversations
from qa.service.uploads import Batch, Uploads
from qa.web.gradio.upload_quota import UploadQuota
from qa.web.security.sessions import Sessions
from qa.web.security.users import Users
from tests.support.cache_entries import key, put, state
from tests.support.fakes import HashEmbedder

YEAR = 365 * 24 * 3600.0
JUMPS = [pytest.param(-YEAR, id="back"), pytest.param(YEAR, id="forward")]

Jump = Callable[[float], None]


@pytest.fixture
def jump(monkeypatch: pytest.MonkeyPatch) -> Jump:
    """Set the clock of the wall by so many seconds."""
    true = time.time

    def set_by(seconds: float) -> None:
        def now() -> str:
            later = datetime.now(UTC) + timedelta(seconds=seconds)
            return later.isoformat(timespec="seconds")

        monkeypatch.setattr(time, "time", lambda: true() + seconds)
        monkeypatch.setattr("qa.service.conversations._now", now)

    return set_by


@pytest.mark.parametrize("seconds", JUMPS)
def test_a_limit_counts_on(seconds: float, jump: Jump) -> None:
    limit = RateLimit(1)
    limit.hit("a")
    jump(seconds)

    assert (limit.hit("a"), limit.hit("b")) == (False, True)
    assert 55 <= limit.wait("a") <= 60


@pytest.mark.parametrize("seconds", JUMPS)
def test_who_is_signed_in_stays_so(seconds: float, jump: Jump, tmp_path: Path) -> None:
    users = Users(tmp_path / "users")
    users.set("ana", "sesame")
    sessions = Sessions(users, 3600, sliding=True)
    sessions.add("secret", "ana", users.fingerprint("ana") or "")
    jump(seconds)

    assert sessions.user("secret") == "ana"


@pytest.mark.parametrize("seconds", JUMPS)
def test_conversations_stay_in_order(seconds: float, jump: Jump, tmp_path: Path) -> None:
    kept = Conversations(tmp_path / "conversations.sqlite")
    kept.begin("ana", "first")
    jump(seconds)
    kept.begin("ana", "second")

    assert [one.title for one in kept.list("ana")] == ["second", "first"]
    kept.close()


@pytest.mark.parametrize("seconds", JUMPS)
def test_states_are_found_and_what_killed_processes_left_is_not(
    seconds: float, jump: Jump, tmp_path: Path
) -> None:
    files = DiskCache(tmp_path / FOLDER, 10_000)
    put(files, 1)
    left = files.folder / "a.draft"
    left.write_bytes(b"half")
    jump(seconds)
    again = DiskCache(tmp_path / FOLDER, 10_000)

    assert again.get(key(1)) == state(1)
    assert not left.exists()


@pytest.mark.parametrize("seconds", JUMPS)
def test_uploads_that_nobody_added_make_room(seconds: float, jump: Jump, tmp_path: Path) -> None:
    quota = UploadQuota(tmp_path, 100_000)
    waiting = tmp_path / "batch" / "a.txt"
    waiting.parent.mkdir()
    waiting.write_bytes(bytes(100_000))
    with quota.receive():
        assert not quota.fits(1)
    jump(seconds)

    with quota.receive():
        assert quota.fits(100_000)


@pytest.mark.parametrize("seconds", JUMPS)
def test_uploads_that_are_kept_stay(seconds: float, jump: Jump, tmp_path: Path) -> None:
    uploads, source = Uploads(tmp_path / "uploads"), tmp_path / "a.txt"
    source.write_text("Bread is baked.")
    uploads.keep_all([("a.txt", source)], Batch(), lambda name: False)
    part = uploads.folder / ".half.part"
    part.write_text("half")
    jump(seconds)
    source.write_text("Bread is sold.")
    uploads.keep_all([("b.txt", source)], Batch(), lambda name: False)

    assert {path.name for path in uploads.folder.glob("*.txt")} == {"a.txt", "b.txt"}
    assert not part.exists()


@pytest.mark.parametrize("seconds", JUMPS)
def test_a_change_is_seen_whatever_its_time(seconds: float, articles: Path, tmp_path: Path) -> None:
    index, embedder = tmp_path / "index", HashEmbedder()
    sync([articles], index, embedder)
    changed = articles / "bakery.txt"
    then = changed.stat().st_mtime + seconds
    changed.write_text(changed.read_text().replace("2019", "2018"))
    os.utime(changed, (then, then))

    assert sync([articles], index, embedder).changed == ["bakery.txt"]
    assert sync([articles], index, embedder).unchanged == 2
