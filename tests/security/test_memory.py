"""Memory: what visitors leave behind does not add up."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.attack]

_SERVER = """
import sys
from pathlib import Path
import qa.web.security.middleware as middleware
from tests.support.bakery import bakery
middleware.SecurityMiddleware.__init__.__kwdefaults__["requests_a_minute"] = 1_000_000
with bakery(Path(sys.argv[1])) as server:
    print(server.url, flush=True)
    sys.stdin.read()
"""
_MEGABYTE = 2**20


@contextmanager
def server(folder: Path) -> Iterator[tuple[httpx2.Client, int]]:
    """A server in a process of its own, and that process."""
    command = [sys.executable, "-c", _SERVER, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdin
        assert run.stdout
        with httpx2.Client(base_url=run.stdout.readline().strip(), timeout=60) as client:
            yield client, run.pid
        run.stdin.close()


def resident(process: int) -> int:
    """Bytes of memory that a process holds."""
    status = Path(f"/proc/{process}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


def load(client: httpx2.Client, config: dict[str, object], session: str) -> None:
    """Open the page, and leave before it has answered."""
    client.cookies.clear()
    assert client.get("/", headers={"accept": "text/html"}).status_code == 200
    for function in config["dependencies"]:  # type: ignore[attr-defined]
        if any(event == "load" for _, event in function["targets"]):
            call = {"fn_index": function["id"], "session_hash": session, "data": []}
            taken(client, "/gradio_api/queue/join", call)


def taken(client: httpx2.Client, path: str, call: dict[str, object]) -> None:
    """Send a call, again while too many are at work."""
    for _ in range(100):
        if client.post(path, json=call).status_code == 200:
            return
        time.sleep(0.2)
    raise AssertionError("the call was never taken")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads Linux's /proc")
def test_loads_and_calls_that_nobody_fetches_do_not_add_up(tmp_path: Path) -> None:
    with server(tmp_path) as (client, process):
        config = json.loads(client.get("/config").text)
        load(client, config, "first")
        before = resident(process)
        for number in range(600):
            load(client, config, f"session{number}")
        after_loads = resident(process)
        for _ in range(5000):
            taken(client, "/gradio_api/call/search", {"data": ["loaves of bread", 100]})
        after = resident(process)

    assert max(after_loads, after) - before < 150 * _MEGABYTE
