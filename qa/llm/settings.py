"""Settings: how llama.cpp is to compute on this machine, in one small file for each model.

`article-qa models tune` finds it out (qa/llm/autotune.py). Where there is no such file the defaults
hold, which are right on two cores of 2021 and 2024 and safe everywhere. The file goes by the
processor, the cores and llama.cpp's version: of others it says nothing.
"""

import hashlib
import json
import os
from dataclasses import asdict, dataclass, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

from index.atomic_file import write_atomically
from index.user_cache import cache_folder
from qa.environment import processor
from qa.llm import gpus


@dataclass(frozen=True, slots=True)
class LlamaSettings:
    """Settings that change the speed, and of the logits only the last digits.

    `repack` lays the weights out anew when they are loaded, for which llama.cpp mostly writes
    quicker and reads slower. `ubatch` tokens are computed at once. None is as many threads as there
    are cores that this process may use. `gpu_layers` are computed on the GPU where llama.cpp was
    built for one; None is all of them. What type keys and values have is no setting: in q8_0 they
    are half as large, but read at .72 of the speed, and 3 of 16 answers differ.
    """

    repack: bool = False
    flash_attention: bool = True
    ubatch: int = 512
    reading_threads: int | None = None
    writing_threads: int | None = None
    gpu_layers: int | None = None


DEFAULTS = LlamaSettings()


def load(sha256: str) -> LlamaSettings:
    """What was found out for a model on this machine; the defaults when nothing was."""
    try:
        found = asdict(DEFAULTS) | _read(sha256)["tuning"]
        return LlamaSettings(
            **{field.name: _checked(field.name, found) for field in fields(LlamaSettings)}
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return DEFAULTS


def faults(sha256: str) -> dict[str, str]:
    """Which settings cannot be used for a model on this machine, by name, and why."""
    try:
        tried = _read(sha256)["tried"].items()
        return {name: str(one["fault"]) for name, one in tried if "fault" in one}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def _read(sha256: str) -> Any:
    return json.loads(path(sha256).read_text(encoding="utf-8"))


def save(sha256: str, tuning: LlamaSettings, **told: Any) -> Path:
    """Keep it for the next times, with what else is `told`; where."""
    file = path(sha256)
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"tuning": asdict(tuning), "machine": _machine(), **told}, indent=2)
    write_atomically(file, f"{text}\n")
    return file


def forget(sha256: str) -> bool:
    """Use the defaults again; whether there was anything else."""
    try:
        path(sha256).unlink()
    except FileNotFoundError:
        return False
    return True


def path(sha256: str) -> Path:
    """Where it is kept for a model, by the SHA-256 of its weights."""
    machine = hashlib.sha256(json.dumps(_machine()).encode()).hexdigest()
    return cache_folder() / "tuning" / f"{sha256[:16]}-{machine[:16]}.json"


def _machine() -> dict[str, Any]:
    found = {
        "processor": processor(),
        "cores": len(os.sched_getaffinity(0)),
        "llama_cpp": version("llama-cpp-python"),
    }
    return found | ({"gpus": gpus.names()} if gpus.names() else {})


def _checked(name: str, found: dict[str, Any]) -> Any:
    value, kind = found[name], type(getattr(DEFAULTS, name))
    counted, least = kind is type(None), 0 if name == "gpu_layers" else 1
    right = type(value) is int and value >= least if counted else type(value) is kind
    right = right or (counted and value is None)
    if not right or (name == "ubatch" and not 0 < value <= DEFAULTS.ubatch):
        raise ValueError(f"{name} is {value!r}")
    return value
