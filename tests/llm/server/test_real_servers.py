"""Two real servers with the default weights: what they give is what the local model gives."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from qa.cancellation import StopFlag
from qa.errors import Cancelled
from qa.llm.llama import LlamaModel
from qa.llm.model import LanguageModel, Message
from qa.llm.server.errors import ServerError
from qa.llm.server.model import ServerModel
from qa.llm.server.opening import open_server
from qa.weights.paths import llm_path
from tests.support.paths import ROOT

pytestmark = pytest.mark.weights

PASSAGE = "The ferry to Harbour Island leaves at 7:40. It is called “Anna”, and costs 12 euros."
FERRY = [
    Message("system", "Answer in one short sentence."),
    Message("user", f"{PASSAGE}\n\nWhat is the ferry called?", len(PASSAGE)),
]
HINDI = [Message("system", "Answer shortly."), Message("user", "नमस्ते का अर्थ हिन्दी में बताओ।")]
YES = [*FERRY[:1], Message("user", f"{PASSAGE}\n\nIs the ferry called Anna? Say yes or no.")]
TOKENS = 12


def started(command: Sequence[object], port: int, log: Path) -> Iterator[ServerModel]:
    """A server until the end of the tests; it loads its model for some seconds first."""
    with log.open("wb") as out:
        process = subprocess.Popen(list(map(str, command)), stdout=out, stderr=out, cwd=ROOT)
    try:
        ends = time.monotonic() + 120
        while not _is_listening(port):
            assert process.poll() is None, log.read_text(errors="replace")[-2000:]
            assert time.monotonic() < ends, "it did not start"
            time.sleep(0.1)
        yield open_server(f"http://127.0.0.1:{port}/v1")[0]
    finally:
        process.terminate()
        process.wait()


def _is_listening(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


@pytest.fixture(scope="module")
def llama_cpp_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerModel]:
    """`llama_cpp.server` of the pinned package, which keeps the logits of its whole context."""
    pytest.importorskip("starlette_context", reason="llama_cpp.server's packages are not here")
    port, threads = free_port(), str(len(os.sched_getaffinity(0)))
    command: list[object] = [sys.executable, "-m", "llama_cpp.server", "--model", llm_path()]
    command += ["--port", port, "--model_alias", "coder", "--n_ctx", "512", "--logits_all", "true"]
    command += ["--n_threads", threads, "--n_threads_batch", threads, "--verbose", "false"]
    yield from started(command, port, tmp_path_factory.mktemp("server") / "log")


@pytest.fixture(scope="module")
def llama_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerModel]:
    """llama.cpp's own server, of the same source."""
    binary = Path(os.environ.get("LLAMA_SERVER", ROOT / ".venv/llama-server/llama-server"))
    if not binary.exists():
        pytest.skip("llama-server is not built: make llama-server")
    port, threads = free_port(), str(len(os.sched_getaffinity(0)))
    command: list[object] = [binary, "--model", llm_path(), "--port", port, "--alias", "coder"]
    command += ["--ctx-size", "4096", "--parallel", "2", "--threads", threads, "--no-repack"]
    yield from started(command, port, tmp_path_factory.mktemp("server") / "log")


@pytest.fixture(params=["llama_cpp_server", "llama_server"])
def served(request: pytest.FixtureRequest) -> ServerModel:
    found: ServerModel = request.getfixturevalue(request.param)
    return found


def written(model: LanguageModel, messages: Sequence[Message]) -> str:
    return "".join(model.write(messages, TOKENS))


def test_both_write_what_the_local_model_writes(
    served: ServerModel, real_model: LlamaModel
) -> None:
    here, there = (model.write(FERRY, TOKENS) for model in (real_model, served))
    assert "".join(there) == "".join(here)
    assert there.answer_tokens == here.answer_tokens
    assert there.confidence == pytest.approx(here.confidence, abs=0.05)

    hindi = [written(model, HINDI) for model in (real_model, served)]
    size = min(map(len, hindi)) - 2  # the last letter may be half written
    assert size > TOKENS / 2
    assert len({text[:size] for text in hindi}) == 1


def test_both_lean_as_the_local_model_leans(served: ServerModel, real_model: LlamaModel) -> None:
    here, there = real_model.yes_no(YES), served.yes_no(YES)
    assert there.log_odds == pytest.approx(here.log_odds, abs=0.3)
    assert there.prompt_tokens == here.prompt_tokens

    none, there_none = (model.first_word(FERRY, "none") for model in (real_model, served))
    # Not among the twenty likeliest: a bound stands for it, from above.
    assert none.log_odds - 0.3 <= there_none.log_odds < -3


def test_both_count_tokens_as_the_local_model(served: ServerModel, real_model: LlamaModel) -> None:
    for text in (PASSAGE, HINDI[1].content, "2024年5月1日，谁来了？"):
        assert served.count(text) == real_model.count(text)


def test_both_are_cancelled_in_the_midst_and_answer_again(served: ServerModel) -> None:
    flag = StopFlag()
    served.cancel_when(flag)
    pieces = iter(served.write(FERRY, TOKENS))
    next(pieces)
    flag.set()
    with pytest.raises(Cancelled):
        list(pieces)
    flag = StopFlag()
    served.cancel_when(flag)
    threading.Timer(0.05, flag.set).start()
    with pytest.raises(Cancelled):
        written(served, [Message("user", f"{PASSAGE} " * 8)])
    served.cancel_when(StopFlag())

    assert "Anna" in written(served, FERRY)


def test_both_answer_several_at_once(served: ServerModel) -> None:
    words: list[str] = []
    other = threading.Thread(target=lambda: words.append(written(served.fork(), FERRY)))
    other.start()
    pieces = iter(served.write(FERRY, TOKENS))
    begun = next(pieces)
    assert served.yes_no(YES).log_odds > 0  # asked while a draft is written
    assert "Anna" in begun + "".join(pieces)
    other.join()

    assert "Anna" in words[0]


def test_llama_server_tells_its_context_and_uses_its_cache(llama_server: ServerModel) -> None:
    assert llama_server._facts.prompt_room == 2048  # of two at once, each half
    with pytest.raises(ServerError, match="does not fit into the 2048"):
        llama_server.write([Message("user", f"{PASSAGE} " * 80)], TOKENS)
    draft = llama_server.write(FERRY, TOKENS)
    assert "Anna" in "".join(draft)
    assert draft.cached_tokens > draft.prompt_tokens / 2


def test_a_prompt_too_long_for_llama_cpp_server_is_an_error(llama_cpp_server: ServerModel) -> None:
    with pytest.raises(ServerError, match=r"maximum context length is 512|broke off"):
        llama_cpp_server.yes_no([Message("user", f"{PASSAGE} " * 30)])
