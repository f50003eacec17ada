"""`models calibrate` as people run it: the real embedder and reader, and a model of nonsense."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from qa.calibration import partial_file
from qa.cli.calibrated import warn_once
from qa.cli.main import main
from qa.verification import calibrations
from qa.verification.calibrations import in_force
from qa.verification.thresholds import DEFAULT_PAIR, READER_ALONE, SHIPPED, Pair
from qa.weights.checksums import hash_file
from tests.support.paths import ROOT
from tests.support.tiny_llm import tiny_llm

FEW = 10


@pytest.fixture
def nonsense(tmp_path: Path) -> Path:
    """A real model that llama.cpp loads, and that leans to nothing in particular."""
    return tiny_llm().write(tmp_path / "nonsense.gguf")


def calibrate(*words: str) -> Result:
    return CliRunner().invoke(main, ["models", "calibrate", *words])


@pytest.mark.weights
def test_a_model_of_nonsense_is_measured_and_not_asked(nonsense: Path) -> None:
    pair = Pair(hash_file(nonsense), DEFAULT_PAIR.embedder)
    named = ("--llm", str(nonsense), "--questions", str(FEW))

    done = calibrate(*named, "--json")
    told = json.loads(done.stdout)
    found = in_force(pair)

    assert (done.exit_code, told["saved"]) == (0, str(calibrations.path(pair)))
    assert (found.source, found.thresholds) == ("measured", READER_ALONE)
    assert found.measured["questions"] == FEW
    assert calibrate("--llm", str(nonsense), "--forget").exit_code == 0
    assert in_force(pair).source == "none"
    assert "is not there" in calibrate("--llm", str(nonsense), "--forget").stdout


@pytest.mark.weights
def test_ctrl_c_keeps_what_was_measured_and_the_same_command_goes_on(nonsense: Path) -> None:
    pair = Pair(hash_file(nonsense), DEFAULT_PAIR.embedder)
    words = ["models", "calibrate", "--llm", str(nonsense), "--questions", str(FEW)]
    command = [sys.executable, "-c", "from qa.cli.main import main; main()", *words]
    stem = calibrations.path(pair).stem

    def begun() -> list[Path]:
        return list(calibrations.folder().glob(f"{stem}-*.jsonl"))

    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    ends = time.monotonic() + 120
    while not begun() and process.poll() is None and time.monotonic() < ends:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    (file,) = begun()
    known = partial_file.read(file)
    done = calibrate(*words[2:])

    assert process.returncode == 130, said
    assert "To resume, run the same command." in said
    assert 0 < len(known) < FEW
    assert done.exit_code == 0
    assert "so the model is not asked whether a passage tells" in done.stdout
    assert begun() == []


@pytest.mark.weights
def test_the_default_models_are_measured_and_keep_what_ships() -> None:
    done = calibrate("--questions", "10")

    assert done.exit_code == 0, done.output
    assert "The thresholds that ship for these models stay in force: told 3.0" in done.stdout
    assert in_force(DEFAULT_PAIR).thresholds == SHIPPED


@pytest.mark.parametrize("what", ["--llm", "--embedder"])
def test_a_model_that_is_not_there_is_told_before_anything_is_measured(
    what: str, tmp_path: Path
) -> None:
    done = calibrate(what, str(tmp_path / "absent"))

    assert (done.exit_code, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1


def test_that_a_model_is_not_calibrated_is_said_once_on_standard_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ARTICLE_QA_CACHE", str(tmp_path / "cache"))

    for sha256 in ("1", "1", "2", DEFAULT_PAIR.llm):
        warn_once(sha256, f"model {sha256}", DEFAULT_PAIR.embedder)
    said = capfd.readouterr()

    assert said.out == ""
    assert [line.split(" is ")[0] for line in said.err.splitlines()] == [
        "note: model 1",
        "note: model 2",
    ]


def test_where_nothing_can_be_kept_it_is_not_said_at_every_question(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "cache").write_text("a file", encoding="utf-8")
    monkeypatch.setenv("ARTICLE_QA_CACHE", os.fspath(tmp_path / "cache"))

    warn_once("1", "model 1", DEFAULT_PAIR.embedder)

    assert capfd.readouterr() == ("", "")
