"""`--watch` in processes of its own: lines on the terminal, questions meanwhile, and its end."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest
from click.testing import CliRunner

from index.build import sync
from index.storage.catalog import Catalog
from qa.cli.main import main
from tests.support.fakes import HashEmbedder, until
from tests.support.paths import ROOT
from tests.support.web_server import Said, html, served

STAND_INS = """
from pathlib import Path
import qa.weights.paths, qa.cli.opening
from index.search import Searcher
from tests.support.fakes import HashEmbedder, ScriptedModel, ScriptedReader

def tells(question, passage):
    return 0.99 if "lakes" in passage else 0.01

qa.weights.paths.llm_path = lambda name: Path("scripted.gguf")
qa.weights.paths.embedder_path = lambda name=None: ""
qa.cli.opening.embedder = lambda name: HashEmbedder()
qa.cli.opening.asking_parts = lambda index, *more: (
    Searcher(index, HashEmbedder()), ScriptedReader(tells), ScriptedModel("")
)
from qa.cli.main import main
main()
"""

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def own_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the machine."""
    for name in [name for name in os.environ if name.startswith("ARTICLE_QA_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ARTICLE_QA_CACHE", str(tmp_path / "empty"))


@dataclass
class Running:
    """A command that goes on, and the lines that it has said."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)
    _reading: list[threading.Thread] = field(default_factory=list)

    def listen(self) -> None:
        for out in (self.process.stdout, self.process.stderr):
            assert out is not None
            take = lambda out=out: self.lines.extend(line.rstrip("\n") for line in out)  # noqa: E731
            self._reading.append(threading.Thread(target=take, daemon=True))
            self._reading[-1].start()

    def ends(self, sign: int) -> int:
        self.process.send_signal(sign)
        code = self.process.wait(timeout=20)
        for thread in self._reading:
            thread.join(5)
        return code


@contextmanager
def running(*words: object) -> Iterator[Running]:
    process = subprocess.Popen(
        [sys.executable, "-c", STAND_INS, *map(str, words)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    found = Running(process)
    found.listen()
    try:
        yield found
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize(
    ("sign", "code"), [pytest.param(signal.SIGINT, 130), pytest.param(signal.SIGTERM, 0)]
)
def test_each_change_is_a_line_until_it_is_ended(
    articles: Path, tmp_path: Path, sign: int, code: int
) -> None:
    index = tmp_path / "i"
    with running("index", "--watch", articles, "--index", index) as watch:
        until(lambda: f"Watching {articles} (Ctrl-C ends it)." in watch.lines)
        until(lambda: any(line.startswith("2 added, 0 changed, ") for line in watch.lines))
        (articles / "park.txt").write_text("The park has two lakes.\n\nAnd an old mill.")
        until(lambda: "added park.txt (1 passage)" in watch.lines)
        (articles / "bakery.txt").write_text("The bakery is closed.")
        until(lambda: "changed bakery.txt (1 passage)" in watch.lines)
        (articles / "scan.png").write_bytes(b"\x89PNG")
        (articles / "park.txt").unlink()
        until(lambda: "removed park.txt" in watch.lines)
        skipped = f"skipped {articles}/scan.png: "  # taken in once it is quiet, maybe later
        until(lambda: any(line.startswith(skipped) for line in watch.lines))
        assert watch.ends(sign) == code

    assert watch.lines[-1] == ("Stopped." if sign == signal.SIGINT else watch.lines[-1])
    assert sync([], index, HashEmbedder()).altered is False


def test_pages_are_fetched_once_and_folders_are_watched_beside_them(
    articles: Path, tmp_path: Path
) -> None:
    words = ("--index", tmp_path / "i", "--allow-private")
    with served() as site:
        site.pages["/ferry"] = Said(html("The ferry to the island costs nine coins.", "Ferry"))
        address, page = site.address("/ferry"), f"127.0.0.1_{site.port}/ferry.html"
        with running("index", "--watch", "--sweep", 1, articles, address, *words) as watch:
            until(lambda: f"Watching {articles} (Ctrl-C ends it)." in watch.lines)
            assert site.paths == ["/ferry"]
            (articles / "park.txt").write_text("The park has two lakes.")
            until(lambda: "added park.txt (1 passage)" in watch.lines)
            assert site.paths == []

            del site.pages["/ferry"]  # all pages that there are
            with running("index", *words) as other:
                assert other.process.wait(60) == 0
            (articles / "park.txt").unlink()
            until(lambda: "removed park.txt" in watch.lines)
            assert page not in "\n".join(watch.lines)
            assert f"{tmp_path}/i/web" not in "\n".join(watch.lines)
            assert watch.ends(signal.SIGINT) == 130
    with Catalog.open(tmp_path / "i") as catalog:
        assert page not in [entry.id for entry in catalog.entries()]


def test_pages_alone_are_not_watched(tmp_path: Path) -> None:
    with served() as site:
        site.pages["/ferry"] = Said(html("The ferry to the island costs nine coins.", "Ferry"))
        words = (site.address("/ferry"), "--allow-private", "--index", tmp_path / "i")
        with running("index", "--watch", *words) as watch:
            assert watch.process.wait(60) == 2
            until(lambda: "Nothing to watch: name the articles' folder." in "\n".join(watch.lines))


@pytest.mark.parametrize("delay", [0.3, 0.8, 1.2, 1.6, 2.0, 2.5])
def test_ctrl_c_at_any_moment_leaves_a_whole_index(
    articles: Path, tmp_path: Path, delay: float
) -> None:
    index = tmp_path / "i"
    sync([articles], index, HashEmbedder())
    with running("index", "--watch", "--index", index) as watch:
        until(lambda: watch.lines)
        for i in range(200):
            (articles / f"{i}.txt").write_text(f"Story {i} of the harbour.")
        time.sleep(delay)
        assert watch.ends(signal.SIGINT) == 130

    assert "Traceback" not in "\n".join(watch.lines)
    with Catalog.open(index) as catalog:
        catalog.verify()
        assert 2 <= catalog.counts()[0] <= 202  # what was taken in at once, whole
    sync([], index, HashEmbedder())
    with Catalog.open(index) as catalog:
        assert catalog.counts()[0] == 202


def test_a_drive_that_is_not_there_at_the_start_is_waited_for(
    articles: Path, tmp_path: Path
) -> None:
    index = tmp_path / "i"
    sync([articles], index, HashEmbedder())
    away = articles.rename(tmp_path / "away")
    (away / "park.txt").write_text("The park has two lakes.")
    with running("index", articles, "--watch", "--index", index) as watch:
        until(lambda: any(line.startswith(f"{articles} is gone; ") for line in watch.lines))
        away.rename(articles)
        until(lambda: "added park.txt (1 passage)" in watch.lines)
        assert watch.ends(signal.SIGINT) == 130


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--watch"], "No index at "),
        (["--watch", "nowhere"], "There is no file or folder at "),
        (["--watch", "--sweep", "0"], "Invalid value for '--sweep'"),
    ],
)
def test_what_cannot_be_watched_is_said(words: list[str], said: str, tmp_path: Path) -> None:
    with running("index", *words, "--index", tmp_path / "i") as watch:
        assert watch.process.wait(60) == 2
        until(lambda: said in "\n".join(watch.lines))


def test_a_question_about_a_file_that_came_meanwhile_is_answered(
    articles: Path, two_articles: Path
) -> None:
    index = ("--index", two_articles, "--port", "0")
    with running("chat", "--watch", "--read-only", *index) as chat:
        until(lambda: any("The page is at " in line for line in chat.lines))
        (url,) = re.findall(r"http://\S+", "\n".join(chat.lines))
        assert asked(url, "How many lakes has the park?")["citations"] == []
        (articles / "park.txt").write_text("The park has two lakes and an old mill.")
        until(lambda: "added park.txt (1 passage)" in chat.lines)

        found = asked(url, "How many lakes has the park?")
        assert found["citations"][0]["article"] == "park.txt"
        (articles / "park.txt").unlink()
        until(lambda: "removed park.txt" in chat.lines)
        assert chat.ends(signal.SIGINT) == 130
    assert "Traceback" not in "\n".join(chat.lines)


def asked(url: str, question: str) -> dict[str, list[dict[str, str]]]:
    body = {"messages": [{"role": "user", "content": question}]}
    answer = httpx2.post(f"{url}/v1/chat/completions", json=body, timeout=60)
    message: dict[str, list[dict[str, str]]] = answer.json()["choices"][0]["message"]
    return message


def test_help_names_the_options() -> None:
    for command in ("index", "chat"):
        said = CliRunner().invoke(main, [command, "--help"]).stdout
        assert "ARTICLE_QA_WATCH" in said
        assert "ARTICLE_QA_SWEEP" in said
