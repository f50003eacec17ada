"""`chat` from the command line: what is told before anything is loaded, and how it ends."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from click.testing import CliRunner

from index.user_cache import cache_folder
from qa.cli.main import main
from qa.ipc.unix_socket import NAME
from qa.web.http_server import listening
from tests.support.bakery import LOAVES
from tests.support.browser import two_users
from tests.support.paths import ROOT

RUN = "from qa.cli.main import main; main()"
CACHE = str(cache_folder())  # as it was before any test
STAND_INS = """
from pathlib import Path
import qa.weights.paths, qa.cli.opening
from index.search import Searcher
from tests.support.fakes import HashEmbedder, ScriptedModel, ScriptedReader

qa.weights.paths.llm_path = lambda name: Path("scripted.gguf")
qa.weights.paths.embedder_path = lambda name=None: ""
qa.cli.opening.asking_parts = lambda index, *more: (
    Searcher(index, HashEmbedder()), ScriptedReader(), ScriptedModel("")
)
"""

# In place of Gradio's page, which takes seconds to make, one that never ends.
ENDLESS = """
import asyncio
import qa.web.app
from starlette.responses import StreamingResponse

async def events():
    while True:
        yield "data: still here\\n\\n"
        await asyncio.sleep(0.05)

async def endless(scope, receive, send):
    if scope["type"] == "http":
        await StreamingResponse(events())(scope, receive, send)

qa.web.app.application = lambda *given: endless
"""


@pytest.fixture(autouse=True)
def own_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the machine, no weights, and nothing may be loaded."""
    for name in [name for name in os.environ if name.startswith("ARTICLE_QA_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ARTICLE_QA_CACHE", str(tmp_path / "empty"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def weights(monkeypatch: pytest.MonkeyPatch) -> None:
    """All weights are said to be there; none can be loaded."""
    monkeypatch.setattr("qa.weights.paths.llm_path", lambda name: Path("scripted.gguf"))
    monkeypatch.setattr("qa.weights.paths.embedder_path", lambda name=None: "")
    monkeypatch.delattr("qa.cli.opening.asking_parts")


def complaint(*words: str | Path) -> str:
    """The one line that `chat` ends with before anything is loaded."""
    before = signal.getsignal(signal.SIGTERM)
    result = CliRunner().invoke(main, ["chat", *map(str, words)])
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    assert signal.getsignal(signal.SIGTERM) == before
    (line,) = result.stderr.splitlines()
    return line.removeprefix("article-qa: ")


def test_no_index(tmp_path: Path) -> None:
    assert complaint() == (
        "No index at .article-qa. Build one with: article-qa index ARTICLES --index .article-qa"
    )
    assert list(tmp_path.iterdir()) == []


def test_no_weights(two_articles: Path) -> None:
    before = sorted(two_articles.iterdir())

    assert re.fullmatch(
        r"The weights of \S+ are not on this machine\. Get them with: article-qa models fetch",
        complaint("--index", two_articles),
    )
    assert sorted(two_articles.iterdir()) == before


def test_no_users(tmp_path: Path) -> None:
    users = tmp_path / "users"
    made = "article-qa users add NAME --auth"

    assert (
        complaint("--auth", users) == f"No file of users at {users}. Make it with: {made} {users}"
    )
    users.write_text("# nobody yet\n")
    assert complaint("--auth", users) == f"{users} has no user. Add one: {made} {users}"
    users.write_text("ana:sesame\n")
    assert complaint("--auth", users).startswith(f"Line 1 of {users} holds no hash, but perhaps a")


@pytest.mark.parametrize(("host", "said"), [("0.0.0.0", "0.0.0.0"), ("", "every address")])
def test_no_stranger_is_served_without_users(host: str, said: str) -> None:
    assert complaint("--host", host) == (
        f"Refuses to bind to {said} without --auth: whoever reaches it could read the articles. "
        "Make users with: article-qa users add NAME --auth FILE; then give --auth FILE. "
        "Or bind to 127.0.0.1."
    )


def test_passwords_for_all_to_read_are_warned_of(tmp_path: Path) -> None:
    two_users(tmp_path)

    result = CliRunner().invoke(main, ["chat", "--host", "0.0.0.0", "--auth", "users"])

    warning, error = result.stderr.splitlines()
    assert warning.startswith("Warning: Passwords and answers travel unencrypted to 0.0.0.0, ")
    assert error.startswith("article-qa: No index at .article-qa. ")


def test_examples_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"Qui\xe9n?\n")

    said = "Cannot read the example questions in"
    assert complaint("--examples", "none") == f"{said} none: No such file or directory."
    assert complaint("--examples", ".") == f"{said} .: Is a directory."
    assert complaint("--examples", "latin") == f"{said} latin: it is not UTF-8."


@pytest.mark.usefixtures("weights")
def test_conversations_that_cannot_be_kept(two_articles: Path, tmp_path: Path) -> None:
    index = ("--index", two_articles)
    (tmp_path / "words").write_text("These are words, and no conversations of any kind.\n" * 20)

    for path in ("words/there", "words"):
        line = complaint(*index, "--conversations", path)
        assert line.startswith(f"The file of conversations {path} ")
        assert line.endswith((" Name another file.", " to begin a new one."))
    folder = CliRunner().invoke(main, ["chat", "--conversations", "."])
    assert folder.exit_code == 2
    assert folder.stderr.endswith(": File '.' is a directory.\n")


@pytest.mark.usefixtures("weights")
def test_address_and_port_that_cannot_be_had(two_articles: Path) -> None:
    index = ("--index", two_articles)

    with listening("127.0.0.1", 0) as made:
        port = str(made.getsockname()[1])
        assert complaint(*index, "--port", port) == (
            f"Port {port} is in use, perhaps by another article-qa chat. "
            "Name another with --port, or leave it out to take a free one."
        )
    assert "Invalid value for '--port'" in CliRunner().invoke(main, ["chat", "--port", "x"]).stderr


@dataclass(frozen=True)
class Running:
    """A `chat` that serves its page."""

    process: subprocess.Popen[str]
    url: str
    temporary: Path

    def ends(self, sign: int) -> tuple[int, str]:
        """Its exit code and what it says at its end, within ten seconds."""
        self.process.send_signal(sign)
        _, said = self.process.communicate(timeout=10)
        return self.process.returncode, said.strip()


@contextmanager
def running(code: str, index: Path, **variables: str) -> Iterator[Running]:
    temporary = index.parent / "temporary"
    temporary.mkdir(exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-c", code, "chat", "--index", str(index), "--port", "0", "--mcp"],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(temporary), **variables},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        assert process.stderr.readline() == "Loading the models …\n"
        told = process.stderr.readline()
        match = re.fullmatch(r"The page is at (\S+) \(Ctrl-C ends it\)\.\n", told)
        assert match, told
        yield Running(process, match[1], temporary)
    finally:
        process.kill()
        process.wait()


@contextmanager
def page(url: str) -> Iterator[None]:
    """A page that is open in a browser, and waits for an answer."""
    question = {"messages": [{"role": "user", "content": LOAVES}], "stream": True}
    with (
        httpx2.Client(base_url=url, timeout=60) as client,
        client.stream("GET", "/gradio_api/heartbeat/page"),
        client.stream("POST", "/v1/chat/completions", json=question) as answer,
    ):
        assert next(answer.iter_lines()).startswith('data: {"id": "chatcmpl-')
        time.sleep(0.5)
        yield


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sign", "ended"),
    [
        pytest.param(signal.SIGINT, (130, "Stopped."), id="Ctrl-C"),
        pytest.param(signal.SIGTERM, (0, ""), id="by a service manager, which is no error"),
    ],
)
def test_it_ends_though_a_page_is_open(
    two_articles: Path, sign: int, ended: tuple[int, str]
) -> None:
    with running(STAND_INS + ENDLESS + RUN, two_articles) as chat:
        with httpx2.stream("GET", chat.url) as page:
            assert next(page.iter_lines()) == "data: still here"
            assert list(chat.temporary.glob("article-qa-*")) != []
            assert (two_articles / NAME).is_socket()
            assert chat.ends(sign) == ended

        assert list(chat.temporary.glob("article-qa-*")) == []
        assert not (two_articles / NAME).exists()


@pytest.mark.slow
def test_what_a_killed_one_left_is_gone_when_the_next_starts(two_articles: Path) -> None:
    code = STAND_INS + ENDLESS + RUN
    with running(code, two_articles) as chat:
        (left,) = chat.temporary.glob("article-qa-*")
        (left / "upload.txt").write_text("Nobody else's business.")
        chat.process.kill()
        chat.process.wait()
    assert (left / "upload.txt").exists()

    with running(code, two_articles) as chat:
        (fresh,) = chat.temporary.glob("article-qa-*")
        assert fresh != left


@pytest.mark.weights
def test_ctrl_c_ends_it_while_the_model_answers(real_index: Path) -> None:
    with running(RUN, real_index, ARTICLE_QA_CACHE=CACHE) as chat, page(chat.url):
        assert chat.ends(signal.SIGINT) == (130, "Stopped.")
