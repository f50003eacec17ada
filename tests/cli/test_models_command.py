"""`models list` and `models fetch`: what is known of each model, and what its licence asks for."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from qa.cli.main import main
from qa.weights import licences, paths
from qa.weights.manifest import find, load_manifest
from tests.support.paths import ROOT

RESTRICTED = [model.name for model in load_manifest() if licences.terms(model.licence)]
FETCH = "from qa.cli.main import main; main()"


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ARTICLE_QA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["models", *arguments])


def test_list_is_readable_on_a_narrow_terminal() -> None:
    lines = run("list").stdout.splitlines()
    rows = {line.split()[0]: line.split()[1:] for line in lines if line.startswith("  ")}

    assert max(map(len, lines)) <= 80
    assert rows["qwen3-8b-q4_k_m"][:4] == ["5.0", "~8.3", "Apache-2.0", "100+"]
    assert rows["granite-4.0-micro-q4_k_m"] == ["?", "?", "Apache-2.0", "12", "?"]
    assert {model.name for model in load_manifest()} <= set(rows)
    assert "      reads every prompt whole: same answers, slower" in lines


def test_list_as_json_tells_all_of_each_model() -> None:
    told = json.loads(run("list", "--json").stdout)
    models = {model["name"]: model for model in told["models"]}
    gemma = models["gemma-3-4b-it-q4_k_m"]

    assert told["cores"] >= 1
    assert [model["name"] for model in told["models"]] == [m.name for m in load_manifest()]
    assert sum(model["recommended"] for model in models.values()) == 1
    assert gemma == {
        "name": "gemma-3-4b-it-q4_k_m",
        "kind": "llm",
        "default": False,
        "recommended": False,
        "bytes": None,
        "memory_bytes": None,
        "memory_measured": False,
        "fits": None,
        "licence": "Gemma",
        "terms": licences.terms("Gemma"),
        "languages": "140+",
        "reads": "whole",
        "path": None,
        "calibrated": None,
    }


@pytest.mark.parametrize("name", RESTRICTED)
def test_licence_that_is_not_free_is_told_and_nothing_is_downloaded(name: str) -> None:
    result = run("fetch", name)
    model = find(name)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        f"article-qa: {name} is under {model.licence}: {licences.terms(model.licence)}. "
        "Nothing was downloaded. To accept that: "
        f"article-qa models fetch {name} --accept-licence\n"
    )


def test_accepted_licence_is_told_and_the_download_begins() -> None:
    result = run("fetch", "aya-expanse-8b-q4_k_m", "--accept-licence")
    told, *_, last = result.stderr.splitlines()

    assert result.exit_code == 2
    assert told.startswith("aya-expanse-8b-q4_k_m is under CC-BY-NC-4.0: no commercial use")
    assert last == "article-qa: HF_HUB_OFFLINE forbids the download. Unset it."


def test_free_licence_asks_for_nothing() -> None:
    result = run("fetch", "qwen3-8b-q4_k_m")

    assert "licence" not in result.stderr
    assert result.stderr.splitlines()[-1] == (
        "article-qa: HF_HUB_OFFLINE forbids the download. Unset it."
    )


@pytest.mark.parametrize(
    ("answer", "last"),
    [
        ("n", "article-qa: Nothing was downloaded."),
        ("y", "article-qa: HF_HUB_OFFLINE forbids the download. Unset it."),
    ],
)
def test_somebody_at_a_terminal_is_asked(answer: str, last: str) -> None:
    ours, theirs = os.openpty()
    os.write(ours, f"{answer}\n".encode())
    command = [sys.executable, "-c", FETCH, "models", "fetch", "aya-expanse-8b-q4_k_m"]
    done = subprocess.run(command, cwd=ROOT, stdin=theirs, stderr=subprocess.PIPE, text=True)
    os.close(ours)
    os.close(theirs)

    assert done.returncode == 2
    assert "no commercial use, and its makers are to be named. Download it? [y/N]: " in done.stderr
    assert done.stderr.splitlines()[-1].endswith(last)


def test_known_name_that_is_not_fetched_names_the_command() -> None:
    with pytest.raises(paths.MissingWeights, match="models fetch qwen3-8b-q4_k_m"):
        paths.llm_path("qwen3-8b-q4_k_m")
