from pathlib import Path

import pytest

from qa.cli import opening
from qa.llm.computing import Computing
from qa.weights import gguf, model_memory, paths
from qa.weights.manifest import default, find, load_manifest
from qa.weights.model_memory import Need, NoMemory, needed
from qa.weights.recommended import recommended
from tests.support.tiny_architectures import hybrid, recurrent, sliding
from tests.support.tiny_llm import Gguf, tiny_llm

BESIDE, TOKENS = 550_000_000, 10_240


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ARTICLE_QA_CACHE", str(tmp_path / "cache"))


def machine(monkeypatch: pytest.MonkeyPatch, free: int | None, cores: int = 2) -> None:
    monkeypatch.setattr("qa.weights.machine_memory.available", lambda: free)
    monkeypatch.setattr("qa.weights.recommended.cores", lambda: cores)


@pytest.mark.parametrize(
    ("file", "token"),
    [
        pytest.param(tiny_llm(), 1 * 2 * (16 + 16) * 2, id="heads of the embedding's width"),
        pytest.param(sliding(), 6 * 2 * (16 + 16) * 2, id="heads of a width of their own"),
        pytest.param(hybrid(), 2 * (16 + 16) * 2, id="attention in one layer of two"),
        pytest.param(tiny_llm().having({"llama.block_count": "many"}), 0, id="no number"),
    ],
)
def test_memory_of_a_file_is_told_by_its_header(file: Gguf, token: int, tmp_path: Path) -> None:
    path = file.write(tmp_path / "model.gguf")

    assert model_memory.of_file(path) == path.stat().st_size + TOKENS * token + BESIDE


def test_header_tells_numbers_texts_and_how_long_a_list_is(tmp_path: Path) -> None:
    told = gguf.values(recurrent().write(tmp_path / "model.gguf"))

    assert told["general.architecture"] == "mamba"
    assert (told["mamba.block_count"], told["tokenizer.ggml.tokens"]) == (2, 259)
    assert told["tokenizer.ggml.scores"] == [0.0] * 259


def test_model_without_room_is_refused_before_it_is_loaded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    machine(monkeypatch, 200_000_000)
    path = tiny_llm("{% nonsense %}").write(tmp_path / "large.gguf")

    with pytest.raises(NoMemory) as caught:
        opening.model(str(path), Computing(threads=1), None)
    assert str(caught.value) == (
        "large.gguf needs about 0.6 GB of memory, and 0.2 GB are free here. End other programs, or "
        "choose a smaller model: article-qa models list"
    )


@pytest.mark.parametrize("free", [None, 10**10, 600_000_000])
def test_model_with_room_is_not_refused(
    free: int | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    machine(monkeypatch, free)

    model_memory.check(tiny_llm().write(tmp_path / "model.gguf"))


def test_need_is_measured_estimated_or_unknown() -> None:
    assert needed(default("llm")) == Need(1_953_000_000, measured=True)
    assert needed(find("qwen3-4b-instruct-2507-q4_k_m")) == Need(
        int(2_497_280_736 * 1.5) + 8 * 10**8
    )
    assert needed(find("granite-4.0-micro-q4_k_m")) == Need(None)


@pytest.mark.parametrize(
    ("free", "cores", "name"),
    [
        pytest.param(30 * 10**9, 2, "qwen2.5-coder-1.5b-instruct-q4_k_m", id="two cores"),
        pytest.param(30 * 10**9, 4, "qwen3-4b-instruct-2507-q4_k_m", id="four cores"),
        pytest.param(30 * 10**9, 16, "qwen3-8b-q4_k_m", id="many cores"),
        pytest.param(5 * 10**9, 16, "qwen3-4b-instruct-2507-q4_k_m", id="5 GB"),
        pytest.param(10**9, 16, "qwen2.5-coder-1.5b-instruct-q4_k_m", id="1 GB"),
        pytest.param(None, 16, "qwen2.5-coder-1.5b-instruct-q4_k_m", id="nobody knows"),
    ],
)
def test_recommended_is_the_largest_that_fits(
    free: int | None, cores: int, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine(monkeypatch, free, cores)

    assert recommended(load_manifest()).name == name


def test_fetched_model_without_a_known_size_is_here(tmp_path: Path) -> None:
    model = find("granite-4.0-micro-q4_k_m")
    paths.path_of(model).parent.mkdir(parents=True)
    path = tiny_llm().write(paths.path_of(model))

    assert paths.llm_path(model.name) == path
    assert needed(model) == Need(model_memory.of_file(path))
