"""Memory: what visitors leave behind does not add up."""

import time
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.support.bakery_process import apart

pytestmark = pytest.mark.attack

_LOADS, _CALLS = 600, 5000
_MOST = 150 * 2**20  # bytes
_GIVEN_BACK_S = 12  # seconds in which the server has given back what is free, twice


def load(client: httpx2.Client, config: Any, session: str) -> None:
    """Open the page, and leave before it has answered."""
    client.cookies.clear()
    assert client.get("/", headers={"accept": "text/html"}).status_code == 200
    for function in config["dependencies"]:
        if any(event == "load" for _, event in function["targets"]):
            call = {"fn_index": function["id"], "session_hash": session, "data": []}
            take(client, "/gradio_api/queue/join", call)


def take(client: httpx2.Client, path: str, call: dict[str, object]) -> None:
    """Send a call, again while too many are at work."""
    for _ in range(300):
        if client.post(path, json=call).status_code == 200:
            return
        time.sleep(0.2)
    raise AssertionError("the call was never taken")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads Linux's /proc")
def test_loads_and_calls_that_nobody_fetches_do_not_add_up(tmp_path: Path) -> None:
    with apart(tmp_path) as server:
        client = server.client
        config = client.get("/config").json()
        load(client, config, "first")
        sizes = [server.resident()]
        for number in range(_LOADS):
            load(client, config, f"session{number}")
        time.sleep(_GIVEN_BACK_S)
        sizes.append(server.resident())
        for _ in range(_CALLS):
            take(client, "/gradio_api/call/search", {"data": ["loaves of bread", 100]})
        time.sleep(_GIVEN_BACK_S)
        sizes.append(server.resident())

    assert max(sizes) - sizes[0] < _MOST, sizes
