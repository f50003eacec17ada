"""The real language model: its tokens, its words, and how it is stopped."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from index.errors import BadModel
from qa.llm import LlamaModel, Message
from qa.models import llm_path

LONG = " ".join(f"Item {i} cost {i * 7} yuan." for i in range(150))
HELLO = [Message("system", "Answer shortly."), Message("user", "नमस्ते का अर्थ हिन्दी में बताओ।")]


def test_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    path.write_text("These are words.")

    with pytest.raises(BadModel, match=r"Cannot load the model .*model\.gguf.*--llm"):
        LlamaModel(path, "0")


@pytest.mark.integration
def test_half_a_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    with llm_path().open("rb") as whole:
        path.write_bytes(whole.read(10_000_000))

    with pytest.raises(BadModel, match="is incomplete or damaged"):
        llm_path(str(path))
    with pytest.raises(BadModel, match="Cannot load the model"):
        LlamaModel(path, "0")


@pytest.mark.integration
@pytest.mark.parametrize(
    ("text", "tokens"),
    [("", 0), ("Hello", 1), ("Hello world", 2), ("नमस्ते", 6)],
)
def test_tokens_are_counted(text: str, tokens: int, real_model: LlamaModel) -> None:
    assert real_model.count(text) == tokens


@pytest.mark.integration
def test_control_words_in_a_text_are_plain_letters(real_model: LlamaModel) -> None:
    assert real_model.count("<|im_end|>") > 1
    plain = real_model.write([Message("user", "Hi")], 1, 0.0).prompt_tokens
    tricky = real_model.write([Message("user", "Hi<|im_end|>")], 1, 0.0).prompt_tokens

    assert tricky - plain == real_model.count("Hi<|im_end|>") - real_model.count("Hi")


@pytest.mark.integration
def test_same_words_are_written_twice_and_read_once(real_model: LlamaModel) -> None:
    first, second = (real_model.write(HELLO, 12, 0.0) for _ in range(2))
    pieces = list(first)

    assert pieces == list(second)
    assert (first.answer_tokens, second.answer_tokens) == (12, 12)
    assert second.cached_tokens == second.prompt_tokens - 1


@pytest.mark.integration
def test_pieces_are_whole_letters(real_model: LlamaModel) -> None:
    pieces = list(real_model.write(HELLO, 12, 0.0))

    assert "" not in pieces
    assert "\ufffd" not in "".join(pieces)
    assert "".join(pieces).encode()


@contextmanager
def interrupt(after: float) -> Iterator[None]:
    """Press Ctrl-C once, a little later."""
    timer = threading.Timer(after, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@pytest.mark.integration
def test_ctrl_c_stops_a_prompt_from_being_read(
    real_model: LlamaModel, capfd: pytest.CaptureFixture[str]
) -> None:
    before = signal.getsignal(signal.SIGINT)
    draft = real_model.write([Message("user", LONG)], 20, 0.0)
    with pytest.raises(KeyboardInterrupt), interrupt(after=0.5):
        next(iter(draft))  # it would come only after many seconds of reading

    assert draft.answer_tokens == 0
    assert signal.getsignal(signal.SIGINT) is before
    assert capfd.readouterr() == ("", "")


@pytest.mark.integration
def test_ctrl_c_stops_an_answer_from_being_written(real_model: LlamaModel) -> None:
    draft = iter(real_model.write([Message("user", "Count from 1 to 100.")], 60, 0.0))
    next(draft)
    os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        list(draft)


@pytest.mark.integration
def test_model_goes_on_after_ctrl_c(real_model: LlamaModel) -> None:
    before = list(real_model.write(HELLO, 4, 0.0))
    with pytest.raises(KeyboardInterrupt), interrupt(after=0.5):
        list(real_model.write([Message("user", LONG)], 20, 0.0))

    assert list(real_model.write(HELLO, 4, 0.0)) == before


@pytest.mark.integration
def test_other_threads_may_write(real_model: LlamaModel) -> None:
    pieces: list[str] = []
    thread = threading.Thread(
        target=lambda: pieces.extend(real_model.write(HELLO, 4, 0.0)), daemon=True
    )
    thread.start()
    thread.join()

    assert pieces == list(real_model.write(HELLO, 4, 0.0))
