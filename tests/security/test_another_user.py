"""Another user's index is searched without permission to write, and left as it is."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from index.build import sync
from tests.support.fakes import HashEmbedder
from tests.support.paths import ROOT
from tests.support.small_articles import write_articles

# Runs each command over a copy first, as root, who may read every module that it imports.
AS_NOBODY = """
import json, os, shutil, sys
from click.testing import CliRunner
from index.search import Searcher
from qa.cli import opening
from qa.cli.main import main
from tests.support.fakes import HashEmbedder

opening.searcher = lambda index, name: Searcher(index, HashEmbedder())
opening.embedder = lambda name: HashEmbedder()
folder, *commands = json.loads(sys.argv[1])
shutil.copytree(folder, folder + "/copy")
for command in commands:
    CliRunner().invoke(main, [word.replace(folder, folder + "/copy") for word in command])
os.setgroups([]); os.setgid(65534); os.setuid(65534)
for command in commands:
    result = CliRunner().invoke(main, command)
    print(json.dumps([result.exit_code, result.stdout, result.stderr, repr(result.exception)]))
"""


@pytest.fixture
def theirs() -> Iterator[Path]:
    """A folder that everybody can get to, unlike those of pytest, with articles and their index."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "articles").mkdir()
        write_articles(folder / "articles")
        sync([folder / "articles"], folder / "index", HashEmbedder())
        yield folder


def as_nobody(folder: Path, *commands: list[str]) -> list[tuple[int, str, str]]:
    """For each command its exit code, and what it printed to both."""
    if os.getuid():
        pytest.skip("only root may become another user")
    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, json.dumps([str(folder), *commands])],
        env={**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert all("SystemExit" in error or error == "None" for *_, error in found), found
    return [(code, printed, said) for code, printed, said, _ in found]


def contents(folder: Path) -> Mapping[str, Any]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_an_index_of_another_user_is_searched_and_stays_as_it_is(theirs: Path) -> None:
    index, before = str(theirs / "index"), contents(theirs / "index")
    for path in (theirs / "index").rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    (theirs / "index").chmod(0o755)

    search, status, add = as_nobody(
        theirs,
        ["search", "Who bought it?", "--index", index, "--json"],
        ["status", "--index", index],
        ["index", str(theirs / "articles"), "--index", index],
    )

    assert search[0] == 0, search
    assert json.loads(search[1])["passages"]
    assert status[0] == 0, status
    assert add[0] == 2
    assert add[2].count("\n") == 1, add
    assert index in add[2]
    assert contents(theirs / "index") == before


def test_an_index_that_only_its_owner_may_read_is_refused_in_a_line(theirs: Path) -> None:
    index = str(theirs / "index")
    (theirs / "index").chmod(0o700)

    for code, _, said in as_nobody(
        theirs, ["search", "Who?", "--index", index], ["status", "--index", index]
    ):
        assert code == 2
        assert index in said.splitlines()[-1]
        assert "not readable" in said
