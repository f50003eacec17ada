"""The real language model: what it kept on disk is worth as much as reading it, or is not used."""

import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from qa.cancellation import StopFlag
from qa.errors import Cancelled
from qa.llm import loading
from qa.llm.cache.files import DiskCache
from qa.llm.cache.ledger import Tally
from qa.llm.llama import LlamaModel
from qa.llm.model import Message
from qa.weights.checksums import sha256_of
from qa.weights.paths import llm_path

PASSAGE = (
    "Passage:\nSoal harga\nMeituan membeli Light Years Away seharga 2,065 miliar yuan pada Juni "
    "2023. दो संस्थापकों ने तीन महीने तक धन की तलाश की। 总价包括现金和债务。\n\nQuestion:"
)
TASK = "\nAnswer in English in one full sentence, with the passage's own words."


def asking(question: str) -> list[Message]:
    system = Message("system", "You answer questions from one passage of an article.")
    return [system, Message("user", f"{PASSAGE} {question}{TASK}", len(PASSAGE))]


Opened = Callable[..., LlamaModel]


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    """Opens the default model anew, as another process would, with the same folder of states."""
    path = llm_path()

    def fresh(sha256: str = "") -> LlamaModel:
        files = DiskCache(tmp_path / "states", 10**9)
        return LlamaModel(path, sha256 or sha256_of(path), None, files)

    return fresh


def told(model: LlamaModel) -> tuple[list[float], str]:
    """The logits of what comes first, and what is written greedily."""
    model.reset()
    _, logits = model._lean(asking("Who bought it?"))
    return logits.tolist(), "".join(model.write(asking("What did it cost?"), 16))


def prefix_of(model: LlamaModel) -> list[int]:
    return model._template.prompt(asking("Who?")).prefix


def spared(model: LlamaModel) -> int:
    model.reset()
    return model.yes_no(asking("Who bought it?")).cached_tokens


def tally(folder: Path) -> Tally:
    return DiskCache(folder / "states", 10**9).tally()


@pytest.mark.weights
def test_answers_are_the_same_from_memory_and_from_disk(
    real_model: LlamaModel, opened: Opened, tmp_path: Path
) -> None:
    begun = prefix_of(real_model)
    first = opened()
    assert spared(first) == 0
    read, in_memory = told(first), told(first)
    assert spared(first) == len(begun)
    assert (tally(tmp_path).hits, tally(tmp_path).misses) == (0, 1)
    second = opened()
    on_disk = told(second)

    assert (tally(tmp_path).hits, tally(tmp_path).misses) == (1, 1)
    assert spared(opened()) == len(begun)
    draft = opened().write(asking("Who bought it?"), 1)
    list(draft)
    assert draft.cached_tokens == len(begun)
    for logits, text in (in_memory, on_disk):
        assert logits == pytest.approx(read[0], abs=1e-3)
        assert text == read[1]
    assert told(real_model)[1] == read[1]


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1000])


def of_another(path: Path) -> None:
    """A whole file of another model's state, under this one's name."""
    folder = path.parent.parent / "other"
    other = DiskCache(folder, 10**9)
    other.put("0" * 64, 3, bytearray(path.stat().st_size))
    (folder / f"{'0' * 64}.state").replace(path)


@pytest.mark.weights
@pytest.mark.parametrize("damage", [flipped, cut_short, of_another])
def test_what_is_damaged_is_read_anew(
    damage: Callable[[Path], None], opened: Opened, tmp_path: Path
) -> None:
    before = told(opened())
    (path,) = (tmp_path / "states").glob("*.state")
    whole = path.read_bytes()
    damage(path)

    model = opened()
    assert spared(model) == 0
    after = told(model)

    assert after[1] == before[1]
    assert after[0] == pytest.approx(before[0], abs=1e-3)
    assert path.read_bytes() == whole
    assert spared(opened()) > 0


@pytest.mark.weights
def test_a_state_that_llama_cpp_does_not_take_is_read_anew(opened: Opened, tmp_path: Path) -> None:
    model = opened()
    before, begun = told(model), prefix_of(model)
    model._session.cache.put(begun, bytearray(1000))

    assert spared(model) == 0
    assert told(model)[1] == before[1]


@pytest.mark.weights
def test_another_model_finds_nothing(opened: Opened, tmp_path: Path) -> None:
    spared(opened())

    assert spared(opened("0" * 64)) == 0
    assert tally(tmp_path).states == 2


@pytest.mark.weights
def test_what_is_read_ahead_is_found_by_a_question(opened: Opened, tmp_path: Path) -> None:
    model = opened()
    sizes = [
        model.stored(asking("What?")),
        model.store(asking("What?"), 1000),
        model.store(asking("What?"), 10**9),
        model.stored(asking("Why?")),
    ]

    assert sizes == [0, 0, (size := tally(tmp_path).size), size]
    assert size > 28_000 * len(prefix_of(model))
    fresh = opened()
    assert spared(fresh) == len(prefix_of(fresh))


@pytest.mark.weights
def test_reading_ahead_is_stopped_in_its_midst(opened: Opened, tmp_path: Path) -> None:
    model, stop = opened(), StopFlag()
    long = Message("user", " ".join(f"Item {i} cost {i * 7} yuan." for i in range(150)), 2000)
    model.cancel_when(stop)
    threading.Timer(0.3, stop.set).start()  # reading takes many seconds

    with pytest.raises(Cancelled):
        model.store([long], 10**9)

    assert (len(model._session.context.sequences), tally(tmp_path).states) == (0, 0)
    model.cancel_when(StopFlag())
    assert model.store(asking("What?"), 10**9) > 0


def test_settings_that_change_what_is_computed_make_other_states() -> None:
    import llama_cpp

    def maker(name: str = "", value: Any = None, sha256: str = "0") -> bytes:
        context = llama_cpp.llama_context_default_params()
        model = llama_cpp.llama_model_default_params()
        if name:
            setattr(context if hasattr(context, name) else model, name, value)
        llama: Any = SimpleNamespace(context_params=context, model_params=model)
        return loading.state_fingerprint(llama, sha256, 4096)

    settings = {
        "type_k": 8,
        "type_v": 8,
        "flash_attn_type": 1,
        "rope_freq_base": 1e6,
        "use_extra_bufts": False,
    }
    makers = [maker(), maker(sha256="1"), *(maker(*setting) for setting in settings.items())]

    assert len(set(makers)) == len(makers)
    assert maker() == maker("n_threads", 7) == maker("n_threads_batch", 7)
