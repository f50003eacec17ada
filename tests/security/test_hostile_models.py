"""A model is data: whatever a GGUF file holds costs one line, and never this process."""

import struct
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from index.child_process import ChildProcess
from index.errors import BadModel
from qa.cli.main import main
from qa.llm import loading, trial
from qa.llm.llama import LlamaModel
from qa.llm.model import Message
from qa.llm.settings import DEFAULTS
from qa.llm.template_renderer import BoundedRenderer
from qa.weights import gguf
from tests.support.tiny_llm import TEMPLATE, TOKENS, Gguf, tiny_llm

NESTED = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
USER = [Message("user", "Who?")]


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ARTICLE_QA_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.gguf"


def complaint(path: Path) -> str:
    """The one line that a command ends with that loads the model."""
    result = CliRunner().invoke(main, ["models", "tune", "--llm", str(path)])
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    (line,) = result.stderr.splitlines()
    return line.removeprefix("article-qa: ")


def header(**values: Any) -> Gguf:
    return tiny_llm().having({name.replace("__", "."): value for name, value in values.items()})


def vocabulary(*tokens: str, kind: str = "llama") -> Gguf:
    both = {"tokenizer.ggml.tokens": list(tokens), "tokenizer.ggml.model": kind}
    return tiny_llm().having(both)


def with_epsilon(value: float) -> Gguf:
    return header(llama__attention__layer_norm_rms_epsilon=value)


ABORT = "breaks off on it (SIGABRT)"
ENDS_LLAMA_CPP = [
    pytest.param(vocabulary(*TOKENS[:13], "<0x0G>", *TOKENS[14:]), id="no newline"),
    pytest.param(vocabulary(*TOKENS[:5], *TOKENS[4:-1]), id="a token twice"),
    pytest.param(vocabulary(*["a"] * len(TOKENS)), id="one token for all"),
    pytest.param(vocabulary(*TOKENS, kind="bert"), id="tokens of another kind"),
    pytest.param(header(llama__block_count=0), id="no block"),
    pytest.param(header(llama__block_count=600), id="600 blocks"),
    pytest.param(header(llama__block_count=2**31), id="2**31 blocks"),
    pytest.param(with_epsilon(float("nan")), id="no number"),
]


@pytest.mark.parametrize("file", ENDS_LLAMA_CPP)
def test_what_ends_llama_cpp_ends_a_child(file: Gguf, path: Path) -> None:
    assert ABORT in complaint(file.write(path))


@pytest.mark.slow
def test_what_takes_all_memory_ends_a_child(path: Path) -> None:
    assert ABORT in complaint(vocabulary(*TOKENS, kind="rwkv").write(path))


TINY = tiny_llm()
TENSORS = {name: value for name, value in TINY.tensors.items() if "ffn_up" not in name}
REFUSED = [
    pytest.param(header(llama__attention__head_count=0), id="no head"),
    pytest.param(header(llama__attention__head_count=3), id="heads that do not fit"),
    pytest.param(header(llama__attention__head_count_kv=0), id="no head of keys"),
    pytest.param(header(llama__attention__key_length=2**31 - 1), id="huge keys"),
    pytest.param(header(llama__rope__dimension_count=2**20), id="huge rope"),
    pytest.param(header(llama__embedding_length=2**31), id="huge embedding"),
    pytest.param(header(llama__feed_forward_length=2**31), id="huge layer"),
    pytest.param(header(general__architecture=None), id="no architecture"),
    pytest.param(header(general__architecture="bert"), id="another architecture"),
    pytest.param(header(general__architecture=7), id="a number for a name"),
    pytest.param(vocabulary(), id="no tokens"),
    pytest.param(vocabulary(*TOKENS, kind="gpt2"), id="no merges"),
    pytest.param(header(tokenizer__ggml__scores=[0.0]), id="too few scores"),
    pytest.param(header(tokenizer__ggml__token_type=[1]), id="too few types"),
    pytest.param(replace(TINY, twice=("token_embd.weight",)), id="a tensor twice"),
    pytest.param(replace(TINY, tensors=TENSORS), id="no tensor"),
    pytest.param(replace(TINY, shapes={"token_embd.weight": (0, 0)}), id="an empty tensor"),
    pytest.param(replace(TINY, shapes={"token_embd.weight": (32, 2**40)}), id="a huge tensor"),
    pytest.param(replace(TINY, shapes={"output_norm.weight": (32,) * 9}), id="9 dimensions"),
]


@pytest.mark.slow
@pytest.mark.parametrize("file", REFUSED)
def test_what_llama_cpp_refuses_costs_one_line(file: Gguf, path: Path) -> None:
    assert str(file.write(path)) in complaint(path)


TEMPLATES = [
    pytest.param("{% nonsense %}", "unknown tag 'nonsense'", id="unknown tag"),
    pytest.param("{{ messages.__class__.__mro__ }}", "unsafe", id="a class"),
    pytest.param("{{ 'a' * 10**9 }}", "MemoryError", id="too long a text"),
    pytest.param("{{ 'a' * 150_000 }}", "memory, or is too long", id="long"),
    pytest.param("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "recursion", id="calls itself"),
    pytest.param("{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}", "recursion", id="deep"),
    pytest.param("{{ raise_exception('\x1b[31mred\nblue') }}", "[31mred blue", id="an escape"),
    pytest.param("Hello.", "leaves out messages", id="no message"),
    pytest.param(
        "{% for m in messages|reverse %}{{ m.content }}{% endfor %}", "order", id="the other way"
    ),
]


@pytest.mark.parametrize(("template", "reason"), TEMPLATES)
def test_a_template_that_cannot_be_used_costs_one_line(
    template: str, reason: str, path: Path
) -> None:
    line = complaint(tiny_llm(template).write(path))

    assert line.startswith("The model's chat template cannot be used: ")
    assert (reason in line, "\x1b" in line) == (True, False)


@pytest.mark.slow
@pytest.mark.parametrize("endless", [NESTED, "{{ 'a'|center(200000000) }}"])
def test_a_template_that_does_not_end_is_ended_within_seconds(endless: str, path: Path) -> None:
    line = complaint(tiny_llm(endless).write(path))

    # Which limit is met first depends on the machine.
    assert "it takes more than 5 seconds" in line or "it needs too much memory" in line


@pytest.fixture
def renderer() -> Iterator[BoundedRenderer]:
    one = BoundedRenderer(seconds=1)
    yield one
    del one


def test_a_template_that_does_not_end_for_some_costs_nothing_after(
    renderer: BoundedRenderer,
) -> None:
    some = f"{TEMPLATE}{{% if messages|length > 1 %}}{NESTED}{{% endif %}}"
    text = renderer.render(some, "</s>", "<s>", ["user"])

    with pytest.raises(BadModel, match="it takes more than 1 seconds"):
        renderer.render(some, "</s>", "<s>", ["user", "assistant"])
    assert renderer.render(some, "</s>", "<s>", ["user"]) == text


def test_no_template_is_compiled_where_the_model_is_loaded(path: Path) -> None:
    llama = loading.load(tiny_llm("{% nonsense %}").write(path), DEFAULTS)

    assert llama.metadata["tokenizer.chat_template"] == "{% nonsense %}"


def test_a_model_is_tried_once_for_each_way_to_load_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny_llm().write(path)
    tried: list[Path] = []
    monkeypatch.setattr("qa.llm.trial._try", lambda path, settings: tried.append(path))
    threads, repacked = replace(DEFAULTS, reading_threads=1), replace(DEFAULTS, repack=True)
    for settings in (DEFAULTS, DEFAULTS, threads, repacked, repacked):
        trial.check(path, "0" * 64, settings)
    trial.check(path, "1" * 64, DEFAULTS)

    assert len(tried) == 3


def test_a_model_that_takes_a_processor_for_ever_is_ended(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`trial_worker` is told what it may take by the size of the file; here a second is all."""
    tiny_llm().write(path)
    endless = (
        "import qa.llm.trial_worker as it; it.processor_seconds = lambda weights: 1\n"
        "def use(path, settings):\n    while True: pass\n"
        "it.use = use; it.main()"
    )
    monkeypatch.setattr(
        "qa.llm.trial.ChildProcess", lambda module, **given: running(endless, **given)
    )

    with pytest.raises(BadModel, match="it takes more than 60 seconds to load"):
        trial.check(path, "0" * 64, DEFAULTS)


def running(code: str, **environment: str) -> ChildProcess:
    child = ChildProcess("", **environment)
    child.command = [sys.executable, "-c", code]
    return child


def test_a_model_that_failed_is_tried_again(path: Path) -> None:
    broken = header(llama__block_count=600).write(path)

    for _ in range(2):
        with pytest.raises(BadModel, match="SIGABRT"):
            trial.check(broken, "0" * 64, DEFAULTS)


def test_a_model_that_nothing_is_wrong_with_is_used(path: Path) -> None:
    tiny_llm().write(path)
    trial.check(path, "0" * 64, DEFAULTS)
    model = LlamaModel(path, "0" * 64, threads=1)

    assert model.count("é") == 5  # with the word mark that its kind of vocabulary begins with
    assert isinstance("".join(model.write(USER, 3)), str)


def long_header(entries: int, tensors: int, array: bytes = b"") -> bytes:
    return b"GGUF" + struct.pack("<IQQ", 3, tensors, entries) + array


STRINGS = struct.pack("<QIIQ", 0, 9, 8, 2**60)
LISTS = struct.pack("<QIIQ", 0, 9, 9, 2**60)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(long_header(2**63, 0), id="entries"),
        pytest.param(long_header(0, 2**63), id="tensors"),
        pytest.param(long_header(1, 0, STRINGS), id="strings"),
        pytest.param(long_header(1, 0, LISTS), id="lists"),
        pytest.param(long_header(0, 1, struct.pack("<QI", 0, 2**32 - 1)), id="dimensions"),
    ],
)
def test_a_header_that_says_it_is_endless_is_read_no_further(data: bytes, path: Path) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.truncate(10**10)  # zeros, which take no room
    begun = time.process_time()

    with pytest.raises(BadModel, match="incomplete or damaged"):
        gguf.check(path)
    assert time.process_time() - begun < 5
