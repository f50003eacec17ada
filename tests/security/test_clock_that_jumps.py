"""A clock that jumps: a server runs on while the machine's own clock is set a day off, and back.

Debian's libfaketime gives a process another clock (`apt-get install libfaketime`); its seconds
since the start go on as they do when a clock is set.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx2
import pytest

from qa.llm.cache.files import FOLDER, DiskCache
from tests.support.bakery import LOAVES, SAYS
from tests.support.bakery_process import apart
from tests.support.browser import basic, two_users
from tests.support.cache_entries import key, put, state
from tests.support.paths import ROOT

pytestmark = pytest.mark.attack

FAKE_TIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
DAYS = ("+1d", "-1d", "+0", "+400d", "-3d")
MESSAGES = [{"role": "user", "content": LOAVES}]

Set = Callable[[str], None]


@pytest.fixture
def clock(tmp_path: Path) -> tuple[Set, dict[str, str]]:
    """Sets the clock of the processes that have the variables."""
    if not FAKE_TIME:
        pytest.skip("needs libfaketime (Debian: apt-get install libfaketime)")
    file = tmp_path / "clock"
    file.write_text("+0\n")
    variables = {
        "LD_PRELOAD": str(FAKE_TIME),
        "FAKETIME_TIMESTAMP_FILE": str(file),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }

    def set_by(days: str) -> None:
        file.write_text(f"{days}\n")

    return set_by, variables


def off(response: httpx2.Response) -> int:
    """By how many days the clock of a server is off."""
    ahead = parsedate_to_datetime(response.headers["date"]) - datetime.now(UTC)
    return round(ahead.total_seconds() / 86400)


def test_a_server_goes_on_over_every_jump(
    clock: tuple[Set, dict[str, str]], tmp_path: Path
) -> None:
    set_clock, variables = clock
    two_users(tmp_path)
    with apart(tmp_path, tmp_path / "users", **variables) as server:
        signed_in = httpx2.Client(base_url=server.client.base_url, timeout=60)
        signed_in.post("/login", data={"username": "ana", "password": "sesame"})
        elsewhere = httpx2.HTTPTransport(local_address="127.0.0.2")
        guesser = httpx2.Client(base_url=server.client.base_url, transport=elsewhere)
        seen = []
        for days in DAYS:
            for _ in range(11):
                guesser.get("/", headers=basic("bob", "guess"))
            set_clock(days)
            guess = guesser.get("/", headers=basic("bob", "guess"))
            assert (guess.status_code, 1 <= int(guess.headers["retry-after"]) <= 60) == (429, True)
            time.sleep(1.5)  # the server looks at it once a second for what it tells
            page = signed_in.get("/")
            seen.append(off(page))
            assert (page.status_code, "ana" in page.text) == (200, True)
            assert answer(signed_in) == answer(server.client, **basic("ana", "sesame"))
    assert seen == [1, -1, 0, 400, -3]


def answer(client: httpx2.Client, **headers: str) -> str:
    told = client.post("/v1/chat/completions", json={"messages": MESSAGES}, headers=headers)
    assert told.status_code == 200, told.text
    text = told.json()["choices"][0]["message"]["content"]
    assert text == f"{SAYS['loaves']} [1]"
    return str(text)


SEES = """
import sys, time
from pathlib import Path
from qa.llm.cache.files import FOLDER, DiskCache
from tests.support.cache_entries import key, put, state

files = DiskCache(Path(sys.argv[1]) / FOLDER, 10_000)
print(round((time.time() - float(sys.argv[2])) / 86400), files.get(key(1)) == state(1))
put(files, int(sys.argv[3]))
"""


def test_states_are_found_by_processes_of_every_clock(
    clock: tuple[Set, dict[str, str]], tmp_path: Path
) -> None:
    set_clock, variables = clock
    files = DiskCache(tmp_path / FOLDER, 10_000)
    put(files, 1)
    for number, days in enumerate(DAYS, 2):
        set_clock(days)
        left = files.folder / f"{number}.draft"
        left.write_bytes(b"half")
        run = [sys.executable, "-c", SEES, str(tmp_path), str(time.time()), str(number)]
        environment = {**os.environ, **variables}
        told = subprocess.check_output(run, cwd=ROOT, env=environment, text=True)
        assert told.split() == [str(int(days.rstrip("d"))), "True"]
        assert left.exists() == (days == "+0")
        left.unlink(missing_ok=True)
    assert [files.get(key(n)) for n in range(1, 7)] == [state(n) for n in range(1, 7)]
