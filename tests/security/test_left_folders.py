"""A killed process leaves no upload behind, and cleaning up after it harms nobody else's."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from qa.temporary_folder import temporary_folder
from tests.support import child_processes
from tests.support.paths import ROOT


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of all temporary ones, as /tmp."""
    shared = tmp_path / "shared"
    shared.mkdir()
    monkeypatch.setenv("TMPDIR", str(shared))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return shared


@contextmanager
def holder() -> Iterator[tuple[Path, "subprocess.Popen[str]"]]:
    """Another process with a temporary folder."""
    run = child_processes.command(child_processes.hold_temporary_folder)
    with subprocess.Popen(
        run, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        yield Path(process.stdout.readline().rstrip("\n")), process
        process.kill()


def sweep() -> None:
    with temporary_folder():
        pass


def test_a_folder_is_private_and_gone_at_the_end(shared: Path) -> None:
    with temporary_folder() as folder:
        assert (folder.parent, folder.stat().st_mode & 0o777) == (shared, 0o700)
        (folder / "deep").mkdir()

    assert list(shared.iterdir()) == []


def test_the_folder_of_a_killed_process_is_deleted_and_that_of_a_living_one_stays(
    shared: Path,
) -> None:
    with holder() as (dead, process), holder() as (living, _):
        process.kill()
        process.wait()
        assert (dead / "upload.txt").exists()
        sweep()

        assert list(shared.iterdir()) == [living]
        assert (living / "upload.txt").exists()


def test_no_link_is_followed(shared: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "letter.txt").write_text("Dear Ana")
    with holder() as (dead, process):
        process.kill()
        process.wait()
    (dead / "within").symlink_to(precious)
    decoys = [dead.with_name(f"{dead.name}{n}") for n in range(4)]
    decoys[0].symlink_to(precious)
    decoys[1].write_text("a file")
    os.mkfifo(decoys[2])
    decoys[3].symlink_to(dead)
    sweep()

    assert [path.name for path in precious.iterdir()] == ["letter.txt"]
    assert sorted(shared.iterdir()) == decoys


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes folders of others")
def test_folders_of_others_stay(shared: Path) -> None:
    with holder() as (dead, process):
        process.kill()
        process.wait()
    os.chown(dead, 65534, 65534)
    sweep()

    assert (dead / "upload.txt").exists()


def test_many_that_start_at_once_take_nobody_s_folder(shared: Path) -> None:
    with ExitStack() as stack:
        held = [stack.enter_context(holder()) for _ in range(4)]
        for _ in range(3):
            sweep()

        assert {path for path, _ in held} == set(shared.iterdir())
