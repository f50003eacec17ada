"""Computing: what is asked for on the command line, over what was found out."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from index.errors import BadModel
from qa.cli.main import main
from qa.cli.opening import model
from qa.errors import NoGpu
from qa.llm import gpus, loading, trial
from qa.llm.computing import Computing
from qa.llm.settings import DEFAULTS, LlamaSettings
from tests.support.tiny_llm import tiny_llm

TUNED = LlamaSettings(repack=True, reading_threads=8, writing_threads=4, gpu_layers=20)


def test_what_nobody_asks_for_stays_as_it_was_tuned() -> None:
    assert Computing().over(TUNED) == TUNED
    assert Computing().is_free


def test_what_is_asked_for_goes_before() -> None:
    asked = Computing(threads=2, gpu_layers=0)

    assert asked.over(TUNED) == LlamaSettings(
        repack=True, reading_threads=2, writing_threads=2, gpu_layers=0
    )
    assert not asked.is_free


@pytest.mark.parametrize(
    ("computing", "gives_way"),
    [
        (Computing(), True),
        (Computing(gpu_layers=3), True),
        (Computing(threads=2), False),
        (Computing(steady=True), False),
    ],
)
def test_it_makes_way_unless_it_is_to_be_steady(computing: Computing, gives_way: bool) -> None:
    assert computing.gives_way == gives_way


@pytest.mark.parametrize("command", [("ask", "Who?"), ("eval", "q.jsonl"), ("chat",), ("index",)])
@pytest.mark.parametrize("layers", ["-1", "all"])
def test_layers_are_a_number(command: tuple[str, ...], layers: str) -> None:
    done = CliRunner().invoke(main, [*command, "--gpu-layers", layers])

    assert (done.exit_code, done.stdout) == (2, "")
    assert "--gpu-layers" in done.stderr.splitlines()[-1]


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpus, "names", lambda: ())


def test_layers_without_a_gpu_are_refused(no_gpu: None, tmp_path: Path) -> None:
    path = tiny_llm().write(tmp_path / "some.gguf")

    with pytest.raises(NoGpu, match="GPU=cuda make"):
        model(str(path), Computing(gpu_layers=3), None)


def test_no_layer_is_what_there_is_without_a_gpu(
    no_gpu: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARTICLE_QA_CACHE", str(tmp_path / "cache"))
    path = tiny_llm().write(tmp_path / "some.gguf")

    assert model(str(path), Computing(gpu_layers=0), None).name == "some"


def test_layers_reach_llama_cpp_only_with_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    assert loading._layers_on_gpu(DEFAULTS) == (-1 if gpus.names() else 0)
    monkeypatch.setattr(gpus, "names", lambda: ("Some GPU",))

    assert loading._layers_on_gpu(DEFAULTS) == -1  # all, as llama_cpp counts
    assert loading._layers_on_gpu(LlamaSettings(gpu_layers=7)) == 7


def test_states_of_another_gpu_are_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    llama = loading.load(tiny_llm().write(tmp_path / "some.gguf"), DEFAULTS)
    made = []
    for names in ((), ("One GPU",), ("Another GPU",)):
        monkeypatch.setattr(gpus, "names", lambda names=names: names)
        made.append(loading.state_fingerprint(llama, "0" * 64, 512))

    assert len(set(made)) == 3


def test_a_model_is_tried_for_each_gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without = trial._note("0" * 64, DEFAULTS)
    monkeypatch.setattr(gpus, "names", lambda: ("Some GPU",))

    assert trial._note("0" * 64, DEFAULTS) != without


def test_the_processor_is_a_device_of_llama_cpp() -> None:
    kinds = [kind for kind, _ in gpus.devices()]

    assert 0 in kinds  # GGML_BACKEND_DEVICE_TYPE_CPU


def test_what_a_gpu_has_no_room_for_is_one_line_that_says_what_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tiny_llm().write(tmp_path / "some.gguf")
    llama = loading.load(path, DEFAULTS)
    monkeypatch.setattr(gpus, "names", lambda: ("Some GPU",))
    monkeypatch.setattr("llama_cpp.llama_init_from_model", lambda model, parameters: None)

    with pytest.raises(BadModel, match=r"some\.gguf.*--gpu-layers"):
        loading.open_context(llama, 512)
