import json
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
KILLS = 30
LEFT_OPEN = "a run was stopped as it wrote vectors, so searches look at every one"


class Worker:
    """Talks to tests/worker.py."""

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


@pytest.fixture
def worker() -> Iterator[Worker]:
    run = [sys.executable, "-m", "tests.worker"]
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


def test_a_run_killed_at_any_moment_leaves_the_old_index_or_the_new_and_the_next_one_finishes(
    worker: Worker, tmp_path: Path
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
    steps = {False: worker.run(**job)}
    seconds = {False: time.monotonic() - begun}
    begun = time.monotonic()
    steps[True] = worker.run(**{**job, "rebuild": True})
    seconds[True] = time.monotonic() - begun
    chance, seen = random.Random(7), []
    for kill in range(KILLS):
        old, new = whole[kill % 2], whole[(kill + 1) % 2]
        write(articles, (kill + 1) % 2)
        job |= {"slow": True, "rebuild": kill % 4 == 3}
        moment = (kill // 2 + chance.random()) / (KILLS // 2)  # spread over the whole run
        if kill % 2 or kill % 3 == 0:
            die_at = 1 + int(moment * steps[job["rebuild"]])
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
