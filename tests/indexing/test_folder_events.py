"""What the system tells of folders, and what is said where it tells nothing."""

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from index.folder_events import told_of
from tests.support.fakes import until
from tests.support.paths import ROOT

WATCH = """
import sys
from pathlib import Path
from index.folder_events import NoEvents, told_of

try:
    with told_of([Path(sys.argv[1])], print):
        print("told")
except NoEvents as error:
    print("not told:", error)
"""


def test_files_below_a_folder_of_a_pattern_and_those_named_by_themselves_are_told_of(
    tmp_path: Path,
) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name / "deep").mkdir(parents=True)
    single, beside = tmp_path / "c/notes.txt", tmp_path / "c/other.txt"
    single.write_text("one")
    touched = set[Path]()
    with told_of([tmp_path / "a", tmp_path / "b/**/*.txt", single], touched.update):
        expected = {tmp_path / "a/deep/x.txt", tmp_path / "b/deep/x.txt", single}
        for path in (beside, *sorted(expected)):
            path.write_text("two")
        until(lambda: expected <= touched)

    assert beside not in touched
    assert not [thread for thread in threading.enumerate() if thread.name == "folder events"]


@pytest.mark.parametrize("limit", ["max_inotify_watches", "max_inotify_instances"])
def test_the_limits_of_the_system_are_told(limit: str, tmp_path: Path) -> None:
    for i in range(5):
        (tmp_path / f"{i}").mkdir()
    enough = 3 if limit == "max_inotify_watches" else 0
    script = f'echo {enough} > /proc/sys/user/{limit} && exec "$@"'
    own = ["unshare", "-U", "-r", "sh", "-c", script, "sh"]
    if (
        not shutil.which("unshare")
        or subprocess.run([*own, "true"], capture_output=True).returncode
    ):
        pytest.skip("may not make a namespace of users here")

    done = subprocess.run(
        [*own, sys.executable, "-c", WATCH, str(tmp_path)],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("not told: ")
