import json
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.paths import ROOT

pytestmark = pytest.mark.slow
LEFT_OPEN = "a run was stopped as it wrote vectors, so searches look at every one"


class Worker:
    """Talks to tests/support/crash_worker.py."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdin
        assert process.stdout
        self._in, self._out = process.stdin, process.stdout

    def run(self, **job: Any) -> Any:
        """What came of a job; None if it was killed."""
        self._in.write(json.dumps(job) + "\n")
        self._in.flush()
        answer = json.loads(self._out.readline())
        assert "error" not in (answer if isinstance(answer, dict) else {}), answer["error"]
        return answer


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    run = [sys.executable, "-m", "tests.support.crash_worker"]
    with subprocess.Popen(
        run, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        yield Worker(process)
        assert process.stdin
        process.stdin.close()


def write(folder: Path, side: int) -> None:
    """One of two sets of 15 articles: a third is in both, a third differs, a third is in one."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for i in range(15):
        if i % 3 < 2:
            text = "" if i % 3 == 0 else f"This is side {side} of the story.\n\n"
            name = f"{i:02}.txt"
        else:
            text, name = f"Only side {side} tells this.\n\n", f"{i:02}-{side}.txt"
        for j in range(4):
            text += (
                f"The harbour number {i} sold bread of oven {j} in the year {1900 + 9 * i + j}. "
            )
            text += "Fishermen waited on the quay and nobody expected that.\n\n" * (j % 2 + 1)
        (folder / name).write_text(text)


@pytest.mark.parametrize("kills", [30, pytest.param(100, marks=pytest.mark.attack)])
def test_a_run_killed_at_any_moment_leaves_the_old_index_or_the_new_and_the_next_one_finishes(
    worker: Worker, tmp_path: Path, kills: int
) -> None:
    articles, index = tmp_path / "articles", tmp_path / "index"
    job: dict[str, Any] = {
        "what": "sync",
        "articles": str(articles),
        "rebuild": False,
        "slow": False,
        "die_at": None,
    }
    whole = {}
    for side in (0, 1):
        write(articles, side)
        worker.run(**job, index=str(tmp_path / f"whole{side}"))
        whole[side] = worker.run(what="look", index=str(tmp_path / f"whole{side}"))
        assert (whole[side]["wrong"], whole[side]["exact"]) == ([], True)
    job["index"] = str(index)
    worker.run(**job)
    write(articles, 0)
    job["slow"] = True
    begun = time.monotonic()
    steps = {False: worker.run(**job)["steps"]}
    seconds = {False: time.monotonic() - begun}
    begun = time.monotonic()
    steps[True] = worker.run(**{**job, "rebuild": True})["steps"]
    seconds[True] = time.monotonic() - begun
    chance, seen = random.Random(7), []
    for kill in range(kills):
        old, new = whole[kill % 2], whole[(kill + 1) % 2]
        write(articles, (kill + 1) % 2)
        job |= {"slow": True, "rebuild": kill % 4 == 3}
        moment = (kill // 2 + chance.random()) / (kills // 2)  # spread over the whole run
        if kill % 2 or kill % 3 == 0:
            last = kill % 8 == 7  # amid the sweep, after the commit
            die_at = 1 + int((1 - chance.random() / 20 if last else moment) * steps[job["rebuild"]])
            worker.run(**{**job, "die_at": die_at})
        else:
            worker.run(**job, kill_after=moment * seconds[job["rebuild"]])
        left = worker.run(what="look", index=str(index))
        state = [left["contents"] == side["contents"] for side in (old, new)].index(True)
        assert left["found"] == (old, new)[state]["found"]
        assert [line for line in left["wrong"] if "mend it" not in line] in ([], [LEFT_OPEN])
        seen.append((state, bool(left["wrong"]), left["exact"]))

        job |= {"slow": False, "rebuild": False}
        worker.run(**job)
        assert worker.run(what="look", index=str(index)) == new

    assert {state for state, _, _ in seen} == {0, 1}
    assert {(False, True), (False, False), (True, False)} <= {
        (open, exact) for _, open, exact in seen
    }


DAMAGES: dict[str, Callable[[bytes], bytes | None]] = {
    "removed": lambda data: None,
    "emptied": lambda data: b"",
    "cut": lambda data: data[: len(data) * 2 // 3],
    "foreign": lambda data: b"No such thing at all. " * 400,
    "torn": lambda data: data[: len(data) // 2] + bytes(len(data) - len(data) // 2),
}
DATABASES = "catalog.sqlite", "vectors.sqlite", "vectors.seal", "chroma/chroma.sqlite3"
GRAPH = "data_level0.bin", "header.bin", "length.bin", "link_lists.bin", "index_metadata.pickle"
CASES = [
    *((name, how) for name in DATABASES for how in DAMAGES),
    *((f"chroma/*/{name}", how) for name in GRAPH for how in ("removed", "torn")),
]


@pytest.fixture(scope="module")
def whole(worker: Worker, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Any]:
    """The job that made an index, and what a reader sees in it."""
    folder = tmp_path_factory.mktemp("whole")
    write(folder / "articles", 0)
    job = {
        "what": "sync", "articles": str(folder / "articles"), "index": str(folder / "index"),
        "rebuild": False, "slow": False, "die_at": None,
    }  # fmt: skip
    worker.run(**job)
    return job, worker.run(what="look", index=str(folder / "index"))


@pytest.mark.parametrize(("name", "how"), CASES)
def test_a_damaged_file_is_told_or_does_no_harm_and_a_rebuild_mends_it_without_embedding(
    name: str, how: str, worker: Worker, whole: tuple[dict[str, Any], Any], tmp_path: Path
) -> None:
    job, seen = whole
    index = tmp_path / "index"
    shutil.copytree(job["index"], index)
    (file,) = index.glob(name)
    data = DAMAGES[how](file.read_bytes())
    file.unlink()
    if data is not None:
        file.write_bytes(data)

    left = worker.run(what="look", index=str(index))
    assert left is not None, "the process crashed"
    if "refused" in left:
        assert left["refused"] in ("IndexDamaged", "IndexMissing")
    else:
        assert left["found"] == seen["found"]

    mended = worker.run(**{**job, "index": str(index), "rebuild": True})
    assert mended["embedded"] == 0
    assert worker.run(what="look", index=str(index)) == seen


def test_a_lost_journal_of_a_killed_run_is_told_or_does_no_harm(
    worker: Worker, whole: tuple[dict[str, Any], Any], tmp_path: Path
) -> None:
    job, seen = whole
    for die_at in (5, 25, 45):
        index = tmp_path / str(die_at)
        assert worker.run(**{**job, "index": str(index), "die_at": die_at}) is None
        journals = list(index.glob("*-wal"))
        assert journals != []
        for journal in journals:
            journal.unlink()
        left = worker.run(what="look", index=str(index))
        assert left["refused"] in ("IndexDamaged", "IndexMissing")
        worker.run(**{**job, "index": str(index), "rebuild": True})
        assert worker.run(what="look", index=str(index)) == seen
