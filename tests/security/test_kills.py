"""Killed amid writing, thirty times over: what was told is kept, and what is kept is whole."""

import os
import random
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path

import pytest

from qa.llm.cache.files import FOLDER, DiskCache
from qa.service.conversations import Conversations
from tests.support import child_processes
from tests.support.cache_entries import state
from tests.support.chats import QUESTION, TOLD
from tests.support.paths import ROOT

KILLS = 30
LONGEST_S = 0.5  # after its first line: some hundred writes
SIZE = 500_000  # of a state, in bytes

pytestmark = pytest.mark.attack


def moments() -> Iterator[float]:
    """Seconds, spread over all that may be written in them."""
    chance = random.Random(18)
    return ((n + chance.random()) / KILLS * LONGEST_S for n in range(KILLS))


def lines(process: "subprocess.Popen[str]") -> Iterator[str]:
    assert process.stdout is not None
    return (line.rstrip("\n") for line in process.stdout)


def test_chat_killed_amid_conversations_keeps_each_answer_it_gave(
    tmp_path: Path, two_articles: Path
) -> None:
    path, told = tmp_path / "conversations.sqlite", list[list[str]]()
    run = child_processes.command(child_processes.chat_endlessly, tmp_path, two_articles)
    with subprocess.Popen(
        run, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        said = lines(process)
        for seconds in moments():
            process.stdin.write("again\n")
            process.stdin.flush()
            pid, first = int(next(said)), next(said)
            time.sleep(seconds)
            os.kill(pid, signal.SIGKILL)
            fresh = [line.split() for line in chain([first], iter(lambda: next(said), "gone"))]
            told += fresh
            assert whole(path, fresh)
    assert whole(path, told)


def whole(path: Path, told: Iterable[list[str]]) -> bool:
    """Whether a file is sound, and holds the answer of each conversation: visitor, id."""
    with closing(sqlite3.connect(path)) as file:
        sound = file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with closing(Conversations(path)) as kept:
        answers = [exchanges(kept, visitor, id) for visitor, id in told]
    return sound and all(found == [(QUESTION, "done", TOLD)] for found in answers)


def exchanges(kept: Conversations, visitor: str, id: str) -> list[tuple[str, str, str]]:
    found = kept.exchanges(visitor, id)
    return [(one.question, one.state, one.answer.text if one.answer else "") for one in found]


def test_states_killed_amid_writing_are_whole_or_not_there(tmp_path: Path) -> None:
    folder, names = tmp_path / FOLDER, set[str]()
    run = child_processes.command(child_processes.put_states_endlessly, folder)
    for seconds in moments():
        with subprocess.Popen(run, cwd=ROOT, text=True, stdout=subprocess.PIPE) as process:
            assert next(lines(process)) == "writing"
            time.sleep(seconds)
            process.kill()

        files = DiskCache(folder, 10**9)
        names = {path.stem for path in folder.glob("*.state")}
        wrong = [name for name in names if files.get(name) != state(int(name, 16), SIZE)]
        assert (wrong, files.tally().states) == ([], len(names))
    assert names
