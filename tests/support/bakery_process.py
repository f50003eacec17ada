"""Bakery in a process of its own, so that what it takes can be measured, and it can be killed."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from qa.web.memory import share_arenas
from qa.web.security.middleware import SecurityMiddleware
from qa.web.security.users import Users
from tests.support.bakery import bakery
from tests.support.paths import ROOT


@dataclass(frozen=True, slots=True)
class Apart:
    """A server that runs: a client of it, and its process."""

    client: httpx2.Client
    process: "subprocess.Popen[str]"

    def resident(self) -> int:
        """Bytes of memory that it holds, as Linux says."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) * 1024


@contextmanager
def apart(folder: Path, users: Path | None = None, **variables: str) -> Iterator[Apart]:
    """Serve the bakery, to the users of a file; its clients may ask as often as they like."""
    command = [
        sys.executable,
        "-m",
        "tests.support.bakery_process",
        str(folder),
        *([str(users)] if users else []),
    ]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    environment = {**os.environ, **variables}
    with subprocess.Popen(command, cwd=ROOT, env=environment, text=True, **pipes) as process:  # type: ignore[call-overload]
        assert process.stdin
        assert process.stdout
        with httpx2.Client(base_url=process.stdout.readline().strip(), timeout=60) as client:
            yield Apart(client, process)
        process.stdin.close()


def main() -> None:
    """Serve until the standard input ends."""
    share_arenas()  # as the command does
    limits = SecurityMiddleware.__init__.__kwdefaults__
    assert limits
    limits["requests_a_minute"] = 1_000_000
    folder, *users = map(Path, sys.argv[1:])
    with bakery(folder, users=Users(users[0]) if users else None) as server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
