"""Nothing leaves the machine: commands run under a guard that sees every socket."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.paths import ROOT

RUN = "from qa.cli.main import main; main()"
CAUGHT = 77

# Python loads it before anything else, in child processes too.
GUARD = f"""
import os, sys

def guard(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        host = arguments[0]
    else:
        return
    if host not in (None, "localhost", "127.0.0.1", "::1"):
        os.write(2, f"{{event}} {{arguments[1:]}}".encode())
        os._exit({CAUGHT})

sys.addaudithook(guard)
"""
# Variables that this machine, or conftest.py, may have set: the program must set them itself.
PRIVATE = re.compile(
    r"HF_|ANONYMIZED_TELEMETRY|DO_NOT_TRACK|ARTICLE_QA_(?!CACHE)|TOKENIZERS_|PYTHON"
)
REACHES_OUT = re.compile(r'sa_family=AF_INET6?,(?!.*(?:"127\.\d+\.\d+\.\d+"|"::1"|"::")).*')


@dataclass(frozen=True)
class Ran:
    """A command that has ended, and the system calls it made with addresses; None if unseen."""

    process: subprocess.CompletedProcess[str]
    calls: str | None


def works(*command: str) -> bool:
    if not shutil.which(command[0]):
        return False
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def run(folder: Path, code: str, *words: str) -> Ran:
    """Run Python code under the guard, without any network where the machine allows that."""
    (folder / "sitecustomize.py").write_text(GUARD, encoding="utf-8")
    traced = folder / "calls"
    strace = [
        "strace",
        "-f",
        "--seccomp-bpf",
        "-e",
        "trace=connect,sendto,sendmsg,bind",
        "-o",
        str(traced),
    ]
    alone = ["unshare", "--map-root-user", "--net"]
    command = [
        *(strace if works(*strace, "true") else []),
        *(alone if works(*alone, "true") else []),
        *(sys.executable, "-c", code, *words),
    ]
    env = {name: value for name, value in os.environ.items() if not PRIVATE.match(name)}
    env["PYTHONPATH"] = f"{folder}{os.pathsep}{ROOT}"
    process = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    return Ran(process, traced.read_text() if traced.exists() else None)


@pytest.mark.parametrize(
    "code",
    [
        "socket.create_connection(('192.0.2.1', 9), 1)",
        "socket.getaddrinfo('example.org', 443)",
        "socket.socket(type=socket.SOCK_DGRAM).sendto(b'', ('192.0.2.1', 9))",
        "socket.socket().bind(('0.0.0.0', 0))",
    ],
)
def test_guard_catches(code: str, tmp_path: Path) -> None:
    assert run(tmp_path, f"import socket; {code}").process.returncode == CAUGHT


def test_guard_lets_the_loopback_be(tmp_path: Path) -> None:
    code = "import socket; socket.socket().bind(('127.0.0.1', 0)); socket.getaddrinfo(None, 1)"

    assert run(tmp_path, code).process.returncode == 0


@pytest.mark.parametrize(
    ("call", "reaches_out"),
    [
        ('connect(3, {sa_family=AF_INET, sin_addr=inet_addr("192.0.2.1")}, 16) = -1', True),
        ('connect(3, {sa_family=AF_INET6, inet_pton(AF_INET6, "2001:db8::1")}, 28) = 0', True),
        ('connect(3, {sa_family=AF_INET, sin_addr=inet_addr("127.0.0.1")}, 16) = 0', False),
        ('connect(3, {sa_family=AF_UNIX, sun_path="/run/x"}, 110) = -1', False),
    ],
)
def test_calls_that_reach_out_are_told(call: str, reaches_out: bool) -> None:
    assert bool(REACHES_OUT.search(call)) == reaches_out


COMMANDS = {
    "index": ("index", "{articles}", "--index", "{fresh}"),
    "search": ("search", "Who bought Light Years Beyond?", "--json", "--index", "{index}"),
    "ask": ("ask", "Who bought Light Years Beyond?", "--json", "--index", "{index}"),
}


@pytest.fixture(scope="module", params=COMMANDS)
def ran(
    request: pytest.FixtureRequest,
    real_index: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Ran:
    folder = tmp_path_factory.mktemp("offline")
    articles = folder / "articles"
    articles.mkdir()
    (articles / "tea.txt").write_text("Tea is a drink. It is made of leaves.", encoding="utf-8")
    places = {"articles": articles, "fresh": folder / "fresh", "index": real_index}
    return run(folder, RUN, *(word.format(**places) for word in COMMANDS[request.param]))


@pytest.mark.weights
def test_command_does_its_work_under_the_guard(ran: Ran) -> None:
    assert ran.process.returncode == 0, ran.process.stderr
    assert ran.process.stdout.startswith(("1 added", '{"question"'))
    assert '"answered": false' not in ran.process.stdout


@pytest.mark.weights
def test_no_system_call_reaches_out(ran: Ran) -> None:
    if ran.calls is None:
        pytest.skip("strace is not here, or may not trace")

    assert [line for line in ran.calls.splitlines() if REACHES_OUT.search(line)] == []
