"""What is quickest on a machine is found out, kept for it and used."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from qa.cli.main import main
from qa.llm import autotune, loading
from qa.llm import settings as tuning
from qa.llm.autotune import Seconds, Trial
from qa.llm.llama import LlamaModel
from qa.llm.settings import DEFAULTS, LlamaSettings
from qa.weights.paths import llm_path

SHA = "ab" * 32
OTHER = LlamaSettings(
    repack=True, flash_attention=False, ubatch=128, reading_threads=3, writing_threads=1
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
     {"reading_threads": True}, None],
)  # fmt: skip
def test_a_damaged_file_is_as_none(changes: dict[str, Any] | None) -> None:
    file = tuning.save(SHA, OTHER)
    text = file.read_text()
    told = json.loads(text)
    told["tuning"] |= changes or {}
    file.write_text(json.dumps(told) if changes else text[:-9])

    assert tuning.load(SHA) == DEFAULTS


def some(*found: tuple[str, bool, LlamaSettings]) -> Iterator[Trial]:
    for name, better, best in found:
        yield Trial(name, 1.234, 0.9, better, best)


def test_command_keeps_the_best_and_gives_it_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    weights = tmp_path / "some.gguf"
    weights.write_bytes(b"GGUF")
    found = [("repacked weights", False, DEFAULTS), ("64 tokens at once", True, OTHER)]
    monkeypatch.setattr(autotune, "trials", lambda path: some(*found))
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


class Bench:
    """Times by the settings, instead of a model."""

    def __init__(self, path: Path, tuning: LlamaSettings, other: "Bench | None" = None) -> None:
        self.tuning = tuning

    def run(self) -> Seconds:
        word = 0.02 if self.tuning.repack else 0.03
        return Seconds(1.0, 0.3 if self.tuning.ubatch > 128 else 0.31, word)


def test_only_what_is_clearly_quicker_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autotune, "_Bench", Bench)
    found = list(autotune.trials(Path("some.gguf")))

    assert [trial.name for trial in found if trial.better] == ["repacked weights"]
    assert found[-1].best == LlamaSettings(repack=True)
    assert (found[0].reading, round(found[0].writing, 2)) == (1, 1.5)


@pytest.mark.weights
def test_settings_reach_llama_cpp(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # the weights lie in the real cache
    monkeypatch.setattr(autotune, "_ROUNDS", 1)
    changes: dict[str, Any] = {"ubatch": 64, "writing_threads": 1, "flash_attention": False}
    monkeypatch.setattr(autotune, "_candidates", lambda: iter([("other", changes)]))

    (trial,) = autotune.trials(llm_path())

    assert trial.reading > 0 < trial.writing
    model = LlamaModel(llm_path(), SHA, settings=LlamaSettings(**changes))
    parameters = loading.parameters(model._llama, 512)
    assert (parameters.n_ubatch, parameters.n_threads, parameters.flash_attn_type) == (64, 1, 0)
