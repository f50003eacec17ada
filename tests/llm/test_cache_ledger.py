"""The ledger of states: a step takes no time for what it does not touch, and believes no row."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from qa.llm.cache.files import FOLDER, DiskCache
from qa.llm.cache.ledger import Ledger
from tests.support.cache_entries import key, put, state


@pytest.mark.parametrize("step", ["use", "count", "now"])
def test_a_step_takes_no_longer_for_there_being_many_states(step: str, tmp_path: Path) -> None:
    few, many = (fastest(step, tmp_path / str(rows), rows) for rows in (100, 20_000))

    assert many < 3 * few


def fastest(step: str, folder: Path, rows: int) -> float:
    """Seconds of processor time of the fastest of thirty steps of a ledger with so many rows."""
    folder.mkdir()
    ledger = Ledger(folder)
    ledger.settle(10**12)
    put_rows(folder, *((key(n), 1000, n, n % 2) for n in range(1, rows + 1)))
    steps = {
        "use": lambda: ledger.use(key(5), asked=True),
        "count": lambda: ledger.count(key(5), found=True),
        "now": ledger.now,
    }
    taken = []
    for _ in range(30):
        begun = time.thread_time()
        steps[step]()
        taken.append(time.thread_time() - begun)
    assert ledger.now() >= rows
    return min(taken)


def put_rows(folder: Path, *rows: tuple[object, ...]) -> None:
    with closing(sqlite3.connect(folder / "states.sqlite")) as connection, connection:
        connection.executemany("INSERT INTO state VALUES (?, ?, ?, ?)", rows)


def test_a_row_that_names_another_file_removes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / FOLDER
    precious = tmp_path / "precious.state"
    precious.write_text("mine")
    for is_opened_anew in (True, False):
        files = DiskCache(folder, 150)
        put_rows(folder, ("../precious", 100, -5, 0))
        files = DiskCache(folder, 150) if is_opened_anew else files

        put(files, 1, size=20)
        assert (precious.read_text(), files.get(key(1))) == ("mine", state(1, 20))
