"""Trial: whether llama.cpp can use a model at all, found out where it may end the process.

What was tried is remembered by its SHA-256, so that it costs nothing the next time. The default
model, whose every byte is known, is not tried.
"""

import json
import signal
from contextlib import closing
from dataclasses import asdict
from hashlib import sha256 as digest
from importlib.metadata import version
from pathlib import Path

from index.atomic_file import write_atomically
from index.child_process import ChildProcess, NotStarted
from index.errors import BadModel
from index.user_cache import cache_folder
from qa.llm import gpus
from qa.llm.settings import LlamaSettings
from qa.llm.trial_worker import processor_seconds
from qa.weights.manifest import is_known_to_run

_PATIENCE = 20  # seconds for each that a processor may compute: others may use it, or a slow disk
_MOST = 10_000  # bytes of an answer


def check(path: Path, sha256: str, settings: LlamaSettings) -> None:
    """See that a model can be used with some settings; takes as long as to load it, the first time.

    Raises:
        BadModel: it cannot be loaded, or llama.cpp ends the process that uses it.
    """
    if is_known_to_run(sha256):
        return
    note = _note(sha256, settings)
    if not note.exists():
        _try(path, settings)
        _remember(note, path)


def _try(path: Path, settings: LlamaSettings) -> None:
    # Without it ggml starts a debugger, if there is one, before it aborts.
    child = ChildProcess("qa.llm.trial_worker", GGML_NO_BACKTRACE="1")
    seconds = processor_seconds(path.stat().st_size)
    request = json.dumps([str(path.absolute()), asdict(settings)]).encode()
    with closing(child):
        try:
            answer = json.loads(child.ask(request, seconds=_PATIENCE * seconds, most=_MOST))
        except TimeoutError as error:
            raise _unusable(path, _endless(seconds)) from error
        except (NotStarted, EOFError, OSError, ValueError) as error:
            name = ended_by(child.ended)
            why = _endless(seconds) if name == "SIGXCPU" else f"llama.cpp breaks off on it ({name})"
            raise _unusable(path, why) from error
    if answer:
        raise BadModel(str(answer["refused"]))


def _endless(seconds: int) -> str:
    return f"it takes more than {seconds} seconds to load and to read a sentence"


def _unusable(path: Path, why: str) -> BadModel:
    return BadModel(
        f"Cannot load the model {path}: {why}. Is the file whole, and is there memory for it? "
        "Check with: article-qa models verify, or give another GGUF file with --llm"
    )


def ended_by(code: int) -> str:
    """What a process ended with, by its return code: such as SIGABRT."""
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"exit code {code}"


def _note(sha256: str, settings: LlamaSettings) -> Path:
    """The file of the cache that says that a model was tried, in the way it is to be used."""
    ways: tuple[object, ...] = settings.repack, settings.flash_attention, settings.ubatch
    if gpus.names():
        ways = *ways, settings.gpu_layers, gpus.names()
    key = digest(repr((sha256, ways, version("llama-cpp-python"))).encode()).hexdigest()
    return cache_folder() / "tried" / f"{key[:32]}.json"


def _remember(note: Path, path: Path) -> None:
    """Where the cache cannot be written, it is tried again the next time."""
    try:
        note.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(note, json.dumps({"path": str(path.absolute())}) + "\n")
    except OSError:
        return
