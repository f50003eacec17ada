"""Trial worker: loads a model and asks it something; run in a process of its own by trial.py.

llama.cpp ends the process it runs in where a file is not as it expects, so the first time is here.
"""

import contextlib
import json
import os
import resource
from pathlib import Path
from typing import Any

from index.child_process import READY, connected
from index.errors import BadModel
from qa.llm import gpus
from qa.llm.model import Message
from qa.llm.settings import LlamaSettings

# With each byte that UTF-8 may have: a vocabulary of bytes may lack some.
_LETTERS = "".join(
    map(chr, (*range(32, 0x800), *range(0x800, 0xD800, 64), *range(0xE000, 0x10FFFF, 4033)))
)
_SYSTEM, _USER = "Answer shortly.", "The river rose. 河水上涨。\n\nWhen?"
_FIRST_TO_GO = "1000"  # of proc(5)'s oom_score_adj, for when the machine has no more memory
# Bytes that a model may take beside twice those of its file, which is not counted itself: weights
# that are repacked, and two contexts, which take 0.3 GB of 1.5 billion parameters, 3.4 of 70.
_MEMORY = 2 * 2**30


def processor_seconds(weights: int) -> int:
    """How long a processor may compute for weights of so many bytes, however many share it."""
    return 60 + weights // 20_000_000


def use(path: Path, settings: LlamaSettings) -> None:
    """Load a model and do once all that is done with one.

    Raises:
        BadModel: it cannot be used.
    """
    from qa.llm.llama import LlamaModel

    try:
        # One thread need not wait for another, which may take minutes beside other work.
        model = LlamaModel(path, "", threads=1, settings=settings)
        model.count(_LETTERS)
        prompt = [Message("system", _SYSTEM), Message("user", _USER, prefix=15)]
        list(model.write(prompt, max_tokens=2))
        model.yes_no(prompt)
        model.first_word(prompt, "none")
        model.prefill([[Message("user", word)] for word in ("Who?", "When?")])
    except BadModel:
        raise
    except Exception as error:  # whatever a strange vocabulary leads to
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise BadModel(
            f"The model {path} cannot be used: {reason}. Give another GGUF file with --llm"
        ) from error


def main() -> None:
    """Try one model."""
    connection = connected()
    connection.send_bytes(READY)
    path, settings = json.loads(connection.recv_bytes())
    _bound(Path(path).stat().st_size)
    connection.send_bytes(json.dumps(_answer(Path(path), settings)).encode())


def _bound(weights: int) -> None:
    """Have this process end before it takes all memory, or long, for weights of so many bytes."""
    seconds = processor_seconds(weights)
    with contextlib.suppress(ValueError):  # there is a lower limit already
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_FIRST_TO_GO)
    if gpus.names():  # their drivers take memory of their own, by no rule that is known here
        return
    all_there_is = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    most = min(2 * weights + _MEMORY, all_there_is)
    with contextlib.suppress(ValueError):  # there is a lower limit already
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def _answer(path: Path, settings: dict[str, Any]) -> dict[str, str]:
    try:
        use(path, LlamaSettings(**settings))
    except BadModel as error:
        return {"refused": str(error)}
    return {}


if __name__ == "__main__":
    main()
