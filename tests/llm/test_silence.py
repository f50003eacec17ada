"""No line of llama.cpp's or ggml's reaches the terminal, whatever it has to say of a model."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tests.support.tiny_architectures import hybrid, recurrent, sliding
from tests.support.tiny_llm import tiny_llm

USED = """
import sys
from pathlib import Path
from qa.llm.llama import LlamaModel
from qa.llm.model import Message

model = LlamaModel(Path(sys.argv[1]), "0", threads=1)
model.yes_no([Message("user", "Who?", prefix=2)])
list(model.fork().write([Message("user", "Who?")], 3))
"""
LOADED_ALONE = "import sys, llama_cpp; llama_cpp.Llama(sys.argv[1], n_ctx=64, verbose=False)"


def output(code: str, path: Path) -> bytes:
    """All that reaches the terminal's two file descriptors, from native code too."""
    run = [sys.executable, "-c", code, str(path)]
    done = subprocess.run(run, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0
    return done.stdout


@pytest.mark.parametrize("make", [tiny_llm, sliding, recurrent, hybrid])
def test_nothing_is_printed_while_a_model_is_used(make: object, tmp_path: Path) -> None:
    assert callable(make)
    assert output(USED, make().write(tmp_path / "model.gguf")) == b""


def test_llama_cpp_would_print_a_line(tmp_path: Path) -> None:
    path = sliding().write(tmp_path / "model.gguf")

    assert b"using full-size SWA cache" in output(LOADED_ALONE, path)
