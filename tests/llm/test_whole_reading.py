"""Models whose sequences cannot be branched are read whole, and answer as if asked one thing."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from qa.llm import loading
from qa.llm.cache.files import DiskCache
from qa.llm.context import Context, Logits
from qa.llm.free_cores import FreeCores
from qa.llm.llama import LlamaModel
from qa.llm.model import Message
from qa.llm.settings import DEFAULTS
from qa.weights.paths import llm_path
from tests.support.tiny_architectures import hybrid, recurrent, sliding
from tests.support.tiny_llm import Gguf, tiny_llm

KINDS = {"sliding": sliding, "recurrent": recurrent, "hybrid": hybrid}
PASSAGE, TAILS = list(range(65, 105)), ([70, 71, 72], [80, 81], [90, 75, 76, 77])
ASKED = [Message("user", f"The river rose in {month}. When did it?") for month in ("May", "June")]


@pytest.fixture(params=KINDS)
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return KINDS[request.param]().write(tmp_path / "model.gguf")


def fresh(llama: object, tokens: list[int]) -> Logits:
    """The logits behind tokens that are all that a new context ever decoded."""
    context: Context = loading.open_context(llama, 512, whole=True)  # type: ignore[arg-type]
    return context.decode([tokens])[0].logits


@pytest.mark.parametrize(
    ("make", "branches"), [(tiny_llm, True), (sliding, False), (recurrent, False), (hybrid, False)]
)
def test_what_cannot_be_branched_is_told_from_the_file(
    make: Callable[[], Gguf], branches: bool, tmp_path: Path
) -> None:
    llama = loading.load(make().write(tmp_path / "model.gguf"), DEFAULTS)

    assert loading.can_branch(llama) is branches
    assert loading.open_context(llama, 512).branches is branches


def test_each_prompt_is_decoded_as_if_it_were_the_first(file: Path) -> None:
    llama = loading.load(file, DEFAULTS)
    context = loading.open_context(llama, 512)
    context.decode([PASSAGE])
    prompts = [PASSAGE[:20] + tail for tail in TAILS]
    decoded = [context.decode([prompt])[0] for prompt in prompts]

    assert [one.fresh for one in decoded] == [len(prompt) for prompt in prompts]
    for one, prompt in zip(decoded, prompts, strict=True):
        assert np.array_equal(one.logits, fresh(llama, prompt))


def test_a_branched_prompt_would_be_another_one(tmp_path: Path) -> None:
    """Why they are read whole: a kept state has forgotten what a shorter prompt needs."""
    llama = loading.load(sliding().write(tmp_path / "model.gguf"), DEFAULTS)
    context, kept = Context(llama, loading.parameters(llama, 512)), PASSAGE + TAILS[0]
    context.decode([kept])
    state = context.state(kept)
    context.clear()
    context.load_state(kept, state)
    prompt = PASSAGE[:20] + TAILS[1]

    wrong, right = context.decode([prompt])[0].logits, fresh(llama, prompt)
    assert np.abs(wrong - right).max() > 0.05 * np.abs(right).max()


def test_what_is_written_goes_on_from_what_was_read(file: Path) -> None:
    llama = loading.load(file, DEFAULTS)
    context, written = loading.open_context(llama, 512), list(PASSAGE)
    context.decode([written])
    for token in range(100, 120):
        written = [*written, token]
        (one,) = context.decode([written])

        assert one.fresh == 1
        assert one.logits == pytest.approx(fresh(llama, written), abs=1e-4)


def test_what_was_broken_off_in_its_midst_is_not_gone_on_from(file: Path) -> None:
    class Stopped(FreeCores):
        """Ctrl-C comes before the second batch of the second prompt."""

        looks = 0

        def count(self) -> int:
            self.looks += 1
            if self.looks == 3:
                raise KeyboardInterrupt
            return super().count()

    llama = loading.load(file, DEFAULTS)
    context = loading.open_context(llama, 1024, free_cores=Stopped())
    context.decode([PASSAGE])
    long = PASSAGE + [65 + i % 26 for i in range(600)]
    with pytest.raises(KeyboardInterrupt):
        context.decode([long])

    (one,) = context.decode([PASSAGE + TAILS[0]])
    assert one.logits == pytest.approx(fresh(llama, PASSAGE + TAILS[0]), abs=1e-4)


def test_the_model_answers_the_same_whatever_it_was_asked_before(file: Path) -> None:
    model = LlamaModel(file, "0", threads=1)
    first = [model.yes_no([message]).log_odds for message in ASKED]
    drafts = ["".join(model.write([message], 20)) for message in ASKED]
    model.prefill([[message] for message in ASKED])
    fork = model.fork()

    assert [model.yes_no([message]).log_odds for message in ASKED] == first
    assert [fork.yes_no([message]).log_odds for message in ASKED[::-1]] == first[::-1]
    assert ["".join(fork.write([message], 20)) for message in ASKED] == drafts


def test_a_question_within_a_draft_changes_nothing_of_it(file: Path) -> None:
    model = LlamaModel(file, "0", threads=1)
    alone = "".join(model.write([ASKED[0]], 12))
    pieces = []
    for piece in model.write([ASKED[0]], 12):
        pieces.append(piece)
        model.yes_no([ASKED[1]])

    assert "".join(pieces) == alone


def test_no_state_of_it_is_kept(file: Path, tmp_path: Path) -> None:
    files = DiskCache(tmp_path / "states", 10_000_000)
    model = LlamaModel(file, "0", threads=1, disk_cache=files)
    passage = [Message("user", "The river rose in May. When did it?", prefix=20)]
    model.yes_no(passage)

    assert (model.stored(passage), model.store(passage, 10_000_000)) == (0, 0)
    assert files.tally().size == 0


@pytest.mark.weights
def test_the_default_model_answers_the_same_read_whole(real_model: LlamaModel) -> None:
    whole = LlamaModel(llm_path(), real_model.sha256, whole=True)
    passage = "Passage:\nMeituan bought Light Years Beyond for 2.065 billion yuan in June 2023.\n\n"
    asked = [
        [Message("user", f"{passage}{question} Write only the answer.", prefix=len(passage))]
        for question in ("Who bought it?", "When was it bought?", "Is it cheap, Yes or No?")
    ]
    real_model.prefill(asked)

    for messages in asked:
        ways = real_model, whole
        one, other = (model.yes_no(messages).log_odds for model in ways)
        assert one == pytest.approx(other, abs=0.7)
        drafts = ["".join(model.write(messages, 10)) for model in ways]
        assert drafts[0] == drafts[1]
