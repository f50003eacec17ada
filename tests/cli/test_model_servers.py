"""`--llm` with the address of a model server, from the command line, on the page and in a run."""

import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from qa.cli import opening
from qa.cli.main import main
from qa.evaluation.run_folder import read_about
from qa.llm.computing import Computing
from qa.service.conversations import Conversations
from qa.service.jobs.scheduler import Scheduler
from tests.support.fakes import FixedIndex, HashEmbedder, ScriptedReader, passage
from tests.support.model_server import (
    KEY,
    Said,
    error,
    model_server,
    opened,
    streamed,
    token,
    whole,
)

OVEN = "Who built the new oven?"
PROBE = whole("Yes", token("Yes", 0.9, No=0.05))
DRAFT = streamed("The oven was built by", " Kumar Steel.", prompt_tokens=None)
KNOWING = ScriptedReader(
    lambda question, passage: float("built" in question and "built" in passage),
    lambda passage: "Kumar Steel" if "Kumar Steel" in passage else "",
)


@pytest.fixture(autouse=True)
def stand_ins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, two_articles: Path) -> None:
    """Search and reader without weights, an index, and a key; the model is a server's."""
    for name in [name for name in os.environ if name.startswith("ARTICLE_QA_")]:
        if name != "ARTICLE_QA_CACHE":
            monkeypatch.delenv(name)
    two_articles.rename(tmp_path / ".article-qa")
    monkeypatch.setattr("qa.weights.paths.embedder_path", lambda name=None: "")
    monkeypatch.setattr("qa.cli.opening.embedder", lambda name: HashEmbedder())
    monkeypatch.setattr("qa.cli.opening.reader", lambda: KNOWING)
    monkeypatch.setattr("qa.evaluation.reports.plots._svg", lambda figure, name: "<svg/>")
    monkeypatch.setenv("ARTICLE_QA_LLM_KEY", KEY)
    monkeypatch.chdir(tmp_path)


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def everything(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


def test_a_question_is_answered_by_a_server() -> None:
    with model_server(PROBE, DRAFT) as server:
        done = run("ask", OVEN, "--llm", f"{server.address}#tiny", "--json", "--no-server")
        assert done.exit_code == 0, done.output
        answer: dict[str, Any] = json.loads(done.stdout)

        assert answer["answer"] == "The new oven was built by Kumar Steel. [1]"
        assert len(server.completions) == 2  # the probe and the draft
        assert (answer["models"]["llm"], len(answer["models"]["llm_sha256"])) == ("tiny", 64)
        assert server.asked[-1].headers["authorization"] == f"Bearer {KEY}"
        assert "Note: The model server at 127.0.0.1:" in done.stderr
        assert KEY not in done.output


@pytest.mark.parametrize(("probe", "is_told"), [(PROBE, True), (whole("Yes"), False)])
def test_calibrating_is_proposed_where_the_server_gives_probabilities(
    probe: Said, is_told: bool
) -> None:
    with model_server(probe, DRAFT) as server:
        done = run("ask", OVEN, "--llm", f"{server.address}#tiny", "--no-server")

    assert done.exit_code == 0, done.output
    assert ("models calibrate" in done.stderr) is is_told


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("ask", OVEN, "--no-server"), "No model server answers at"),
        (("models", "tune"), "needs a language model on this machine"),
        (("index", "--warm"), "needs a language model on this machine"),
    ],
)
def test_a_server_that_cannot_be_used_is_one_line(words: tuple[str, ...], message: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
    done = run(*words, "--llm", address)

    assert (done.exit_code, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert message in line


def test_a_wrong_address_is_told_before_anything_is_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("qa.cli.opening.searcher", lambda *given: pytest.fail("it was loaded"))
    done = run("ask", OVEN, "--no-server", "--llm", f"http://me:{KEY}@host/v1")

    assert (done.exit_code, done.stdout, KEY in done.stderr) == (2, "", False)


def test_a_run_records_the_address_and_no_key(tmp_path: Path) -> None:
    case = {"id": "oven", "question": OVEN, "lang": "en", "answerable": True}
    case |= {"answers": [["Kumar Steel"]], "type": "factoid"}
    case |= {"evidence": [{"article": "bakery.txt", "quote": "built by Kumar Steel in 2019"}]}
    Path("questions.jsonl").write_text(json.dumps(case), encoding="utf-8")
    with model_server(PROBE, DRAFT) as server:
        done = run("eval", "questions.jsonl", "--out", "first", "--llm", server.address)
        assert done.exit_code == 0, done.output
        about = read_about(Path("first"))

        assert about["configuration"]["models"]["llm_server"] == server.address
        assert about["configuration"]["calibration"]["source"] == "none"
        assert "tuning" not in about
    assert KEY.encode() not in everything(tmp_path)


def test_the_page_offers_the_server_and_nothing_is_read_ahead(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    local = {"qwen": Path("qwen.gguf"), "tiny": Path("tiny.gguf")}
    monkeypatch.setattr("qa.weights.paths.present_llms", lambda: local)
    ahead: list[Any] = []
    monkeypatch.setattr(
        "qa.service.jobs.scheduler.Scheduler.__init__",
        lambda self, *given: ahead.extend(given[3:]),
    )
    monkeypatch.setattr("qa.service.jobs.scheduler.Scheduler.close", lambda self: None)
    store = Conversations(Path("conversations.sqlite"))
    with model_server(PROBE) as server:
        chat = opening.chat_service(
            Path(".article-qa"), None, server.address, Computing(), None, store, True, ()
        )
        with chat as (_, _, offer):
            load, prefill = ahead
            begun = len(server.asked)
            assert offer.models == ("tiny", "qwen")
            assert not prefill(opened(server))()
            assert len(server.asked) == begun
            assert load("tiny").name == "tiny"  # the server again, not the file of that name
            for name in ("http://127.0.0.1:1/v1", server.address):
                with pytest.raises(Exception, match="There is no model"):
                    load(name)
    store.close()


def test_a_question_that_the_server_fails_fails_with_its_reason() -> None:
    index = FixedIndex(passage("Meituan bought it in June."))
    reader = ScriptedReader(lambda question, text: 1.0, lambda text: "Meituan")
    with model_server(error(500, f"out of memory for {KEY}"), DRAFT) as server:
        scheduler = Scheduler(index, reader, opened(server, KEY))
        failed = scheduler.ask("Who bought it?", visitor="a")
        assert failed.wait(30)
        again = scheduler.ask("Who bought it?", visitor="a")
        assert again.wait(30)
        scheduler.close()

    assert (failed.state, again.state) == ("failed", "done")
    assert "status 500: out of memory for …. Its own log" in failed.error
