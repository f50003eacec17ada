"""A disk that is full, or may only be read, costs one line that names the file."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from index.atomic_file import naming, write_atomically
from index.search import Searcher
from qa.cli.main import main
from tests.support import mounts
from tests.support.fakes import HashEmbedder
from tests.support.paths import ROOT

BLOCK = 4096  # bytes, of which a disk gives whole ones
QUESTION = {"id": "mayor", "question": "Who is mayor?", "lang": "en", "answerable": False}


@pytest.fixture(autouse=True)
def stand_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("ARTICLE_QA_")]:
        if name != "ARTICLE_QA_CACHE":
            monkeypatch.delenv(name)
    monkeypatch.setattr(
        "qa.cli.opening.searcher", lambda index, name, scope: Searcher(index, HashEmbedder(), scope)
    )


def complaint(*words: str | Path, input: str = "") -> str:
    result = CliRunner().invoke(main, [*map(str, words)], input=input)
    assert result.exit_code == 2, result.output
    *_, line = result.stderr.splitlines()
    assert line.startswith("article-qa: "), result.stderr
    return line.removeprefix("article-qa: ")


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk with little room."""
    with mounts.disk(tmp_path / "small", "256k") as folder:
        yield folder


def fill(folder: Path, left: int = 0) -> None:
    """Take all room of a disk but `left` blocks."""
    with contextlib.suppress(OSError), (folder / "filler").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(BLOCK))
    with (folder / "filler").open("ab") as file:
        file.truncate(max(0, file.tell() - left * BLOCK))


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Path]:
    """A folder that may only be read, with a file of users and one for a report."""
    true = tmp_path / "true"
    (true / "out").mkdir(parents=True)
    add_user(true / "users")
    with mounts.read_only(tmp_path / "locked", true) as folder:
        yield folder


def add_user(path: Path) -> None:
    add = ["users", "add", "ana", "--auth", str(path)]
    assert CliRunner().invoke(main, add, input="sesame\n").exit_code == 0


def questions(folder: Path, amount: int) -> Path:
    path = folder / "questions.jsonl"
    rows = [{**QUESTION, "id": str(n), "question": f"Who is mayor {n}?"} for n in range(amount)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.parametrize("known", [True, False])
def test_users_on_a_full_disk(known: bool, small: Path) -> None:
    users = small / "users"
    if known:
        add_user(users)
    fill(small)
    before = users.read_bytes() if known else None

    line = complaint("users", "add", "bob", "--auth", users, input="sesame\n")
    assert line == f"No space left on device: {users}"
    assert (users.read_bytes() if users.exists() else None) == before
    assert [path.name for path in small.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("change", ["add", "remove"])
def test_users_on_a_disk_that_may_only_be_read(change: str, locked: Path) -> None:
    users = locked / "users"

    line = complaint("users", change, "ana", "--auth", users, input="sesame\n")
    assert line == f"Read-only file system: {users}"


@pytest.mark.parametrize(
    ("left", "file"),
    [
        pytest.param(0, "run/run.json", id="no room to begin"),
        pytest.param(1, "run/results.jsonl", id="no room for what is found"),
    ],
)
def test_an_evaluation_on_a_full_disk(
    left: int, file: str, small: Path, two_articles: Path, tmp_path: Path
) -> None:
    asked = questions(tmp_path, 40)
    fill(small, left)
    options = "--index", two_articles, "--out", small / "run", "--retrieval-only"

    line = complaint("eval", asked, *options)
    assert line == f"No space left on device: {small / file}"


@pytest.mark.parametrize(("out", "file"), [("new", "new"), ("out", "out")])
def test_an_evaluation_on_a_disk_that_may_only_be_read(
    out: str, file: str, locked: Path, two_articles: Path, tmp_path: Path
) -> None:
    asked = questions(tmp_path, 1)
    options = "--index", two_articles, "--out", locked / out, "--retrieval-only"

    line = complaint("eval", asked, *options)
    assert line == f"Read-only file system: {locked / file}"


@pytest.mark.parametrize("words", [["models", "list"], ["users", "list", "--auth", "users"]])
def test_printing_to_a_full_disk(words: list[str], tmp_path: Path) -> None:
    add_user(tmp_path / "users")
    run = [sys.executable, "-c", "from qa.cli.main import main; main()", *words]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            run, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=full,
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    said = "article-qa: No space left on device: standard output\n"
    assert (done.returncode, done.stderr) == (2, said)


def test_an_error_names_the_file_and_no_draft(tmp_path: Path) -> None:
    gone = tmp_path / "gone" / "notes.json"

    with pytest.raises(FileNotFoundError) as refused:
        write_atomically(gone, "a")
    assert refused.value.filename == str(gone)
    with pytest.raises(OSError, match="full"), naming(gone):
        raise OSError(28, "full")
