"""`ask` by a server that runs: the same answer as without, and without where that is not so."""

import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from index.errors import UserError
from index.scope import Scope
from qa.answering.turns import Turn
from qa.ask import ask
from qa.cli.main import main
from qa.ipc import client as local_client
from qa.ipc import protocol
from qa.ipc.client import NotServed, answers, whole
from qa.ipc.protocol import Growth, Request, Whole
from qa.ipc.unix_socket import NAME, Lines
from qa.service.answer_format import answer_json, sources_text
from tests.support.fakes import FixedIndex, ScriptedModel, ScriptedReader, jobs_of, stuck, until
from tests.support.local_server import (
    ANSWER,
    DEAL,
    EMBEDDER,
    QUESTION,
    Named,
    named,
    quick,
    served_locally,
)
from tests.support.paths import ROOT

RUN = "from qa.cli.main import main; main()"
HERE = "Meituan paid 2.065 billion yuan for all of it. [1]"  # what is answered without a server
MODELS = {"llm": "scripted", "llm_sha256": ScriptedModel.sha256, "embedder": EMBEDDER}
REQUEST = Request(QUESTION)


@pytest.fixture
def names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Named:
    """No setting of the machine; what is asked without a server is answered by `HERE`."""
    for name in [name for name in os.environ if name.startswith("ARTICLE_QA_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ARTICLE_QA_CACHE", str(tmp_path / "cache"))
    model = ScriptedModel("Meituan paid 2.065 billion yuan for all of it.")
    monkeypatch.setattr(
        "qa.cli.opening.asking_parts", lambda *_: (FixedIndex(DEAL), ScriptedReader(), model)
    )
    return named(tmp_path)


def asked(names: Named, request: Request = REQUEST) -> list[Growth | Whole]:
    return list(answers(names.index, request, names.llm, names.embedder, drafts=True))


def run(names: Named, *words: str) -> Result:
    return CliRunner().invoke(main, ["ask", QUESTION, *names.options, *words])


def untimed(line: str) -> str:
    return re.sub(r'"timings": \{.*?\}', "", line)


@contextmanager
def telling(
    names: Named, *messages: protocol.Message, held: threading.Event | None = None
) -> Iterator[None]:
    """A server that greets, hears the request, tells this and ends; not before `held` is set."""
    from qa.ipc.client import _greeting

    greeting = _greeting(names.index, names.llm, names.embedder)

    def serve() -> None:
        connection, _ = made.accept()
        with connection:
            connection.sendall(protocol.encode(greeting))
            Lines(connection).next(5)
            for message in messages:
                connection.sendall(protocol.encode(message))
            if held:
                held.wait(30)

    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(names.index / NAME))
        made.listen()
        thread = threading.Thread(target=serve)
        thread.start()
        yield
        thread.join(5)


def test_answer_is_the_one_of_asking(names: Named) -> None:
    history = (Turn("user", "Who bought it in May?"), Turn("assistant", "Google did."))
    request = Request("And in June?", "id", 3, history)

    with served_locally(names, quick()):
        whole_answer = asked(names, request)[-1]
        alone = whole(names.index, request, names.llm, names.embedder)
    *_, answer = ask(
        "And in June?", FixedIndex(DEAL), ScriptedReader(), quick(), history=history, language="id"
    )

    assert isinstance(whole_answer, Whole)
    assert (whole_answer.text, whole_answer.standing, whole_answer.sources) == (
        answer.text,
        answer.standing,
        sources_text(answer),
    )
    assert answer.standing
    assert untimed(whole_answer.json) == untimed(alone.json) == untimed(answer_json(answer, MODELS))


def test_answer_grows_as_it_is_written(names: Named) -> None:
    with served_locally(names, ScriptedModel("Meituan bought it in June.", pause=0.02)):
        *growing, last = asked(names)

    drafts = [grown.draft for grown in growing if grown.draft]
    assert len(drafts) > 3
    assert all("Meituan bought it in June".startswith(draft.rstrip(".")) for draft in drafts)
    assert last.text == ANSWER


@pytest.mark.parametrize("words", [(), ("--json",)], ids=["text", "JSON"])
def test_command_is_answered_by_the_server(names: Named, words: tuple[str, ...]) -> None:
    with served_locally(names, quick()):
        result = run(names, *words)

    assert (result.exit_code, result.stderr) == (0, "")
    if words:
        assert json.loads(result.stdout)["answer"] == ANSWER
    else:
        assert result.stdout.startswith(f"{ANSWER}\n\n[1] a.txt 0-26 (English, supported, ")


def test_server_searches_the_articles_that_the_command_names(names: Named) -> None:
    words = "--only", "news", "--only", "a*.txt", "--language-of-articles", "hi", "--until", "2024"
    index = FixedIndex(DEAL)

    with served_locally(names, quick(), index=index):
        result = run(names, *words, "--json")

    assert index.scopes == [Scope(("news", "a*.txt"), "hi", until="2024")]
    assert json.loads(result.stdout)["scope"] == {
        "only": ["news", "a*.txt"],
        "language": "hi",
        "until": "2024",
    }


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("--no-server",), id="it is told to"),
        pytest.param(("--threads", "1"), id="threads are named"),
        pytest.param(("--gpu-layers", "0"), id="layers are named"),
        pytest.param(("--cache-size", "0"), id="room is named"),
        pytest.param(("--llm", "other.gguf"), id="another model is named"),
        pytest.param(("--embedder", "other"), id="another embedder is named"),
        pytest.param(("--llm", "qwen2.5-coder-1.5b"), id="a model that is not there is named"),
        pytest.param(("--embedder", "gone"), id="an embedder that is not there is named"),
    ],
)
def test_command_answers_here_when(
    names: Named, words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "modules.json").write_text("[]")
    (tmp_path / "other.gguf").write_text("other weights")
    monkeypatch.chdir(tmp_path)

    with served_locally(names, stuck()) as scheduler:
        result = run(names, *words)
        assert not jobs_of(scheduler)

    told = [line for line in result.stderr.splitlines() if "is not calibrated" not in line]
    assert (result.exit_code, told) == (0, [])
    assert result.stdout.startswith(f"{HERE}\n")


def test_command_answers_here_when_another_model_was_chosen_on_the_page(names: Named) -> None:
    other = ScriptedModel("Meituan did.")
    other.name = "other"

    with served_locally(names, other):
        assert run(names).stdout.startswith(HERE)


@pytest.mark.parametrize("field", ["code", "index", "llm", "llm_sha256", "embedder", "protocol"])
def test_server_of_another_kind_is_passed_over(
    names: Named, field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = protocol.greeting
    other: dict[str, Any] = {field: 2 if field == "protocol" else "other"}

    with served_locally(names, quick()):
        assert asked(names)
        monkeypatch.setattr(protocol, "greeting", lambda *of: replace(known(*of), **other))
        with pytest.raises(NotServed):
            asked(names)


def test_weights_that_were_changed_are_not_those_of_the_server(names: Named) -> None:
    with served_locally(names, quick()):
        Path(names.llm).write_text("other weights")
        assert run(names).stdout.startswith(HERE)


def test_no_server_and_one_that_was_killed_are_passed_over(names: Named) -> None:
    assert run(names).stdout.startswith(HERE)
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(names.index / NAME))
    result = run(names)

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(HERE)


def test_server_that_does_not_greet_is_passed_over_soon(names: Named) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(names.index / NAME))
        silent.listen()
        begun = time.monotonic()
        with pytest.raises(NotServed):
            asked(names)

        assert 0.4 < time.monotonic() - begun < 1.5


def test_server_that_greets_and_says_no_more_is_passed_over(
    names: Named, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_client, "_BEGINNING_S", 0.1)
    with telling(names), pytest.raises(NotServed):
        asked(names)


def test_server_of_another_user_is_passed_over(
    names: Named, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served_locally(names, quick()):
        monkeypatch.setattr("os.geteuid", lambda: 12345)
        with pytest.raises(NotServed):
            asked(names)


def test_history_that_is_too_long_for_a_line_is_not_sent(names: Named) -> None:
    history = (Turn("user", "a" * protocol.LONGEST),)

    with served_locally(names, quick()), pytest.raises(NotServed):
        asked(names, Request(QUESTION, history=history))


@pytest.mark.parametrize("words", [(), ("--json",)], ids=["text", "JSON"])
def test_server_that_ends_before_anything_is_shown_is_passed_over(
    names: Named, words: tuple[str, ...]
) -> None:
    with telling(names, protocol.Waiting(1), Growth("", "Meituan did", None)):
        assert HERE in run(names, *words).stdout


def test_json_of_a_server_that_ends_in_the_midst_is_made_here(names: Named) -> None:
    with telling(names, Growth("Meituan did. [1]", "", None)):
        result = run(names, "--json")

    assert (result.exit_code, json.loads(result.stdout)["answer"]) == (0, HERE)


def test_server_that_ends_in_the_midst_of_what_is_shown_is_told(names: Named) -> None:
    with telling(names, Growth("Meituan did. [1]", "", None)):
        result = run(names)

    assert (result.exit_code, result.stdout) == (2, "Meituan did. [1]\n")
    assert result.stderr == (
        "article-qa: The article-qa chat that was answering has ended, or says no more. "
        "Ask again: without it (--no-server) the answer takes some seconds more.\n"
    )


@pytest.mark.parametrize("message", [protocol.Waiting(1), Growth("", "", None)])
def test_server_that_is_suspended_is_passed_over(
    names: Named, message: protocol.Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_client, "_SILENCE_S", 0.1)
    held = threading.Event()

    with telling(names, message, held=held):
        try:
            assert run(names).stdout.startswith(HERE)
        finally:
            held.set()


@pytest.mark.parametrize("words", [(), ("--json",)], ids=["text", "JSON"])
def test_what_cannot_be_answered_is_told_as_ever(names: Named, words: tuple[str, ...]) -> None:
    with telling(names, protocol.Failed("The index is damaged.")):
        result = run(names, *words)

    assert (result.exit_code, result.stdout, result.stderr) == (
        2,
        "",
        "article-qa: The index is damaged.\n",
    )


def test_question_that_a_model_cannot_be_given_is_refused_as_ever(names: Named) -> None:
    with served_locally(names, quick()), pytest.raises(UserError, match="longer than 512 tokens"):
        asked(names, Request("why " * 600))


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("out", "seen"),
    [
        (Screen(), "2 questions are before yours.\n1 question is before yours.\n"),
        (io.StringIO(), ""),
    ],
    ids=["terminal", "pipe"],
)
def test_who_waits_sees_how_many_are_before(
    names: Named, out: io.StringIO, seen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr", out)
    messages = (protocol.Waiting(2), protocol.Waiting(1), protocol.Waiting(1), protocol.Waiting(0))

    with telling(names, *messages, Whole("Meituan did.", None, "", "{}")):
        asked(names)

    assert out.getvalue() == seen


def process(*words: str, code: str = RUN) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-c", code, *words], env=env, stdout=pipe, stderr=pipe, text=True
    )


def test_ctrl_c_ends_the_client_and_stops_the_question(names: Named) -> None:
    with served_locally(names, stuck()) as scheduler:
        client = process("ask", QUESTION, *names.options)
        until(lambda: jobs_of(scheduler))
        client.send_signal(signal.SIGINT)

        assert (client.communicate(timeout=10)[1], client.returncode) == ("\nStopped.\n", 130)
        until(lambda: not jobs_of(scheduler))


GROWTH = "Berapa pertumbuhan kunjungan ChatGPT pada bulan Mei?"
CAPITAL = "What is the capital of France?"
TELLING = """
import atexit, sys
atexit.register(lambda: print("qa.llm.llama" in sys.modules, file=sys.stderr))
"""


@pytest.mark.weights
def test_real_answers_are_the_same_with_a_server_and_without(real_index: Path) -> None:
    index = ("--index", str(real_index))

    def answer(*words: str) -> tuple[str, str]:
        """What is said, and whether a model was loaded to say it."""
        said, loaded = process("ask", *words, *index, code=TELLING + RUN).communicate(timeout=300)
        return untimed(said), loaded.strip()

    asked = [(GROWTH,), (CAPITAL,), (GROWTH, "--json"), (CAPITAL, "--json")]
    server = process("chat", *index, "--port", "0")
    try:
        until((real_index / NAME).exists)
        served = [answer(*words) for words in asked]
        alone = [answer(*words, "--no-server") for words in asked]
    finally:
        server.terminate()
        server.communicate(timeout=30)

    assert "2,8%" in served[0][0]
    assert [loaded for _, loaded in served] == ["False"] * len(asked)
    assert [loaded for _, loaded in alone] == ["True"] * len(asked)
    assert [said for said, _ in served] == [said for said, _ in alone]
    assert (server.returncode, (real_index / NAME).exists()) == (0, False)
