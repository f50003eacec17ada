"""What is quickest on a machine is found out, kept for it and used."""

import json
import os
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from index.errors import BadModel
from qa.cli.main import main
from qa.llm import autotune, gpus, loading
from qa.llm import settings as tuning
from qa.llm.autotune import Fault, Timed, Trial
from qa.llm.autotune_worker import Seconds
from qa.llm.llama import LlamaModel
from qa.llm.settings import DEFAULTS, LlamaSettings
from qa.weights.paths import llm_path
from tests.support.tiny_llm import tiny_llm

SHA = "ab" * 32
OTHER = LlamaSettings(
    repack=True,
    flash_attention=False,
    ubatch=128,
    reading_threads=3,
    writing_threads=1,
    gpu_layers=0,
)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ARTICLE_QA_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_without_a_file_the_defaults_hold() -> None:
    assert tuning.load(SHA) == DEFAULTS
    assert not tuning.forget(SHA)


def test_what_is_kept_is_found_for_its_model_alone() -> None:
    file = tuning.save(SHA, OTHER, llm="some")

    assert (tuning.load(SHA), tuning.load("cd" * 32)) == (OTHER, DEFAULTS)
    assert json.loads(file.read_text())["llm"] == "some"
    assert tuning.forget(SHA)
    assert tuning.load(SHA) == DEFAULTS


@pytest.mark.parametrize("other", ["processor", "cores", "llama_cpp"])
def test_of_another_machine_it_says_nothing(other: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tuning.save(SHA, OTHER)
    changed = tuning._machine() | {other: "another"}
    monkeypatch.setattr(tuning, "_machine", lambda: changed)

    assert tuning.load(SHA) == DEFAULTS


@pytest.mark.parametrize(
    "changes",
    [{"repack": 1}, {"ubatch": 0}, {"ubatch": 4096}, {"ubatch": "512"}, {"writing_threads": -1},
     {"reading_threads": True}, {"gpu_layers": -1}, {"gpu_layers": "all"}, None],
)  # fmt: skip
def test_a_damaged_file_is_as_none(changes: dict[str, Any] | None) -> None:
    file = tuning.save(SHA, OTHER)
    text = file.read_text()
    told = json.loads(text)
    told["tuning"] |= changes or {}
    file.write_text(json.dumps(told) if changes else text[:-9])

    assert tuning.load(SHA) == DEFAULTS


@pytest.mark.parametrize("text", ["", "[]", "5", "[" * 100_000, '{"tuning": 5, "tried": 5}'])
def test_a_file_of_something_else_is_as_none(text: str) -> None:
    tuning.save(SHA, OTHER).write_text(text)

    assert (tuning.load(SHA), tuning.faults(SHA)) == (DEFAULTS, {})


def test_a_file_from_before_a_setting_was_known_is_used() -> None:
    file = tuning.save(SHA, OTHER)
    told = json.loads(file.read_text())
    del told["tuning"]["gpu_layers"]
    file.write_text(json.dumps(told))

    assert tuning.load(SHA) == replace(OTHER, gpu_layers=None)


def some(*found: tuple[str, bool, LlamaSettings]) -> Iterator[Trial]:
    for name, better, best in found:
        yield Trial(name, 1.234, 0.9, better, best)


def test_command_keeps_the_best_and_gives_it_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    weights = tmp_path / "some.gguf"
    weights.write_bytes(b"GGUF")
    found = [("repacked weights", False, DEFAULTS), ("64 tokens at once", True, OTHER)]
    monkeypatch.setattr(autotune, "trials", lambda path, faults: some(*found))
    monkeypatch.setattr("qa.weights.paths.gguf.check", lambda path: None)
    monkeypatch.setattr("qa.llm.trial.check", lambda path, sha256, settings: None)
    run = CliRunner().invoke

    done = run(main, ["models", "tune", "--llm", str(weights)], standalone_mode=False)
    (file,) = (tmp_path / "cache" / "tuning").glob("*.json")
    kept = json.loads(file.read_text())
    again = run(main, ["models", "tune", "--llm", str(weights), "--defaults"])

    assert done.output.splitlines() == [
        "repacked weights     reads 1.23 and writes 0.90 times as fast",
        "64 tokens at once    reads 1.23 and writes 0.90 times as fast: taken",
        f"Saved in {file}",
    ]
    assert LlamaSettings(**kept["tuning"]) == OTHER
    assert kept["tried"]["repacked weights"] == {"reading": 1.23, "writing": 0.9}
    assert (again.output, file.exists()) == ("some: the defaults are used again.\n", False)


def test_a_model_with_more_layers_than_a_gpu_has_room_for_is_tuned(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def check(path: Path, sha256: str, settings: LlamaSettings) -> None:
        if settings.gpu_layers is None:
            raise BadModel("There is no room for all layers.")

    file = tiny_llm().write(tmp_path / "model.gguf")
    found = [("all layers on the GPU", False, OTHER)]
    monkeypatch.setattr(autotune, "trials", lambda path, faults: some(*found))
    monkeypatch.setattr("qa.llm.trial.check", check)
    done = CliRunner().invoke(main, ["models", "tune", "--llm", str(file)])

    assert done.exit_code == 0, done.output


class Stopwatch:
    """Times by the settings, instead of a model; on its GPU there is room for 20 of 28 layers."""

    layers = 28

    def __init__(self, path: Path, settings: LlamaSettings) -> None:
        self.settings = settings

    def close(self) -> None:
        """Nothing runs."""

    def run(self) -> Seconds:
        layers = self.settings.gpu_layers
        if gpus.names() and (layers is None or layers > 20):
            raise Fault("llama.cpp refuses it", lasting=False)
        word = 0.02 if self.settings.repack else 0.03 - 0.001 * (layers or 0)
        return Seconds(1.0, 0.3 if self.settings.ubatch > 128 else 0.31, word)


def test_only_what_is_clearly_quicker_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autotune, "Timed", Stopwatch)
    found = list(autotune.trials(Path("some.gguf"), {}))

    assert [trial.name for trial in found if trial.better] == ["repacked weights"]
    assert found[-1].best == LlamaSettings(repack=True)
    assert (found[0].reading, round(found[0].writing, 2)) == (1, 1.5)


def test_as_many_layers_as_fit_are_found_for_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpus, "names", lambda: ("Some GPU",))
    monkeypatch.setattr(autotune, "Timed", Stopwatch)
    found = {trial.name: trial for trial in autotune.trials(Path("some.gguf"), {})}

    assert list(found)[:4] == [
        "all layers on the GPU",
        "21 layers on the GPU",
        "14 layers on the GPU",
        "7 layers on the GPU",
    ]
    assert [bool(found[name].fault) for name in list(found)[:4]] == [True, True, False, False]
    assert found["14 layers on the GPU"].best.gpu_layers == 14


def kill_the_child(of: str, number: int) -> None:
    """End the process that times some settings, as soon as it is there."""
    while True:
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                words = (entry / "cmdline").read_text()
                parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
            except OSError:
                continue
            if "qa.llm.autotune_worker" in words and of in words and parent == str(os.getpid()):
                os.kill(int(entry.name), number)
                return
        time.sleep(0.001)


@contextmanager
def ended_by(number: int, of: str = '"repack": true') -> Iterator[None]:
    """The process that times some settings is ended by a signal, meanwhile."""
    killer = threading.Thread(target=kill_the_child, args=(of, number), daemon=True)
    killer.start()
    yield
    killer.join()


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model, and what is tried of it: a setting that ends its process, and another."""
    found: Mapping[str, dict[str, Any]] = {
        "repacked weights": {"repack": True},
        "128 tokens at once": {"ubatch": 128},
    }
    monkeypatch.setattr(autotune, "_candidates", lambda layers: iter(found.items()))
    monkeypatch.setattr(autotune, "_LARGEST_NOISE", 1000.0)  # whatever can be used is taken
    return tiny_llm().write(tmp_path / "some.gguf")


def tune(path: Path, *arguments: str) -> list[str]:
    result = CliRunner().invoke(main, ["models", "tune", "--llm", str(path), *arguments])
    assert result.exit_code == 0, result.output
    return result.output.splitlines()


def test_a_setting_that_ends_its_process_is_remembered_and_the_rest_is_tuned(
    tiny: Path, cache: Path
) -> None:
    with ended_by(signal.SIGILL):
        died, taken, _ = tune(tiny)
    (file,) = (cache / "tuning").glob("*.json")
    kept = json.loads(file.read_text())
    again, *_ = tune(tiny)

    assert died.split(maxsplit=2) == [
        *("repacked", "weights"),
        "ended the process that tried it (SIGILL): not tried again on this machine",
    ]
    assert taken.endswith("times as fast: taken")
    assert kept["tried"]["repacked weights"] == {"fault": "SIGILL"}
    assert LlamaSettings(**kept["tuning"]) == LlamaSettings(ubatch=128)
    assert "not tried: it ended the process before (SIGILL)" in again
    assert json.loads(file.read_text())["tried"]["repacked weights"] == {"fault": "SIGILL"}

    tune(tiny, "--defaults")
    assert tune(tiny)[0].endswith("times as fast: taken")


def test_a_process_that_was_ended_from_outside_is_tried_again(tiny: Path, cache: Path) -> None:
    with ended_by(signal.SIGKILL):
        died, *_ = tune(tiny)

    assert died.endswith("cannot be used now (SIGKILL)")
    assert tune(tiny)[0].endswith("times as fast: taken")


def test_what_was_found_stays_when_the_rest_cannot_be_tried(tiny: Path, cache: Path) -> None:
    with ended_by(signal.SIGABRT, of='"ubatch": 128'):
        tune(tiny)
    (file,) = (cache / "tuning").glob("*.json")

    assert LlamaSettings(**json.loads(file.read_text())["tuning"]) == LlamaSettings(repack=True)


def test_a_process_that_is_gone_says_by_what(tiny: Path) -> None:
    timed = Timed(tiny, DEFAULTS)
    timed.run()
    assert timed._process.pid
    os.kill(timed._process.pid, signal.SIGSEGV)

    with pytest.raises(Fault, match=r"^SIGSEGV$"):
        timed.run()


@pytest.mark.weights
def test_settings_reach_llama_cpp(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # the weights lie in the real cache
    monkeypatch.setattr(autotune, "_ROUNDS", 1)
    changes: dict[str, Any] = {"ubatch": 64, "writing_threads": 1, "flash_attention": False}
    monkeypatch.setattr(autotune, "_candidates", lambda layers: iter([("other", changes)]))

    (trial,) = autotune.trials(llm_path(), {})

    assert trial.reading > 0 < trial.writing
    model = LlamaModel(llm_path(), SHA, settings=LlamaSettings(**changes))
    parameters = loading.parameters(model._llama, 512)
    assert (parameters.n_ubatch, parameters.n_threads, parameters.flash_attn_type) == (64, 1, 0)
