"""The reader's training on a tiny embedder: it learns, goes on where it stopped, and is packed."""

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from index.embedding.numpy_embedder import NumpyEmbedder
from qa.extraction import deltas, weights
from qa.extraction.encoder_reader import EncoderReader, best_span
from qa.extraction.training import pack
from qa.extraction.training.batches import batch_of, batches, chunk
from qa.extraction.training.encoding import Encoded, Encoder, encoded
from qa.extraction.training.examples import AnswerExample, Example, SpanExample
from qa.extraction.training.loss import of_spans
from qa.extraction.training.network import Network, encoder_of
from qa.extraction.training.packing import as_packed
from qa.extraction.training.prepared import EXAMPLES, Examples, prepare
from qa.extraction.training.train import CHECKPOINT, STABLE, Settings, rate_at, train, trained_from
from tests.support import tiny_embedder

SETTINGS = Settings(
    pairs=12_000, falling=2_000, rate=1e-3, warmup=500, tokens=200, frozen=0, workers=2
)


def examples() -> list[Example]:
    """ "ab" is what is asked for; an answer is right if it is that."""
    rng = random.Random(1)
    found: list[Example] = []
    for _ in range(400):
        passage = " ".join(rng.choices(("a", "b"), k=2))
        told = rng.random() < 0.6
        place = rng.choice((0, 2))
        shown = f"{passage[:place]}ab {passage[place:]}" if told else passage
        found.append(SpanExample("x", "a", shown, (place, place + 2) if told else None, told))
        said = rng.choice(("ab", "b"))
        found.append(AnswerExample("x", "a", shown, said, said == "ab", "right", False))
    return found


@pytest.fixture(scope="module")
def embedder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_embedder.write(tmp_path_factory.mktemp("embedder") / "tiny")


@pytest.fixture(scope="module")
def trained(embedder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that is done."""
    folder = tmp_path_factory.mktemp("run")
    made = Examples.of(encoded(examples(), embedder, seed=1))
    prepare(folder, embedder, made, made)
    train(SETTINGS, folder, folder)
    return folder


@pytest.mark.slow
def test_it_learns(trained: Path, embedder: Path) -> None:
    learned = pack.differences(trained / CHECKPOINT, embedder)
    reader = EncoderReader(NumpyEmbedder(str(embedder)), learned)
    told, untold = reader.read("a", ["b ab a", "b a"])
    right, wrong = reader.judge("a", ["ab", "b"], ["b ab a"] * 2)

    assert (told.start, told.end) == (2, 4)
    assert told.probability > 0.5 > untold.probability
    assert right > 0.5 > wrong
    assert learned.about["pairs"] >= SETTINGS.pairs


@pytest.mark.slow
def test_it_goes_on_where_it_stopped(trained: Path, tmp_path: Path) -> None:
    before = torch.load(trained / CHECKPOINT, weights_only=True)
    (tmp_path / CHECKPOINT).write_bytes((trained / CHECKPOINT).read_bytes())
    longer = replace(SETTINGS, pairs=13_000)
    train(longer, trained, tmp_path)
    after = torch.load(tmp_path / CHECKPOINT, weights_only=True)

    assert before["counts"][2] < 13_000 <= after["counts"][2]
    assert after["counts"][1] - before["counts"][1] < before["counts"][1]
    assert 0 < (after["weights"] - before["weights"]).abs().max() < 0.5
    assert torch.load(trained / STABLE, weights_only=True)["counts"][2] < before["counts"][2]


@pytest.mark.slow
def test_the_last_pairs_see_the_weights_as_packed(trained: Path, tmp_path: Path) -> None:
    """One process, as on a GPU."""
    settings = replace(SETTINGS, pairs=600, falling=400, workers=1, packed=True, dropout=0.1)
    train(settings, trained, tmp_path)
    content = torch.load(tmp_path / CHECKPOINT, weights_only=True)

    assert content["counts"][2] >= 600
    assert (content["weights"] - content["base"]).abs().max() > 0


@pytest.mark.slow
def test_the_reader_computes_what_was_trained(
    trained: Path, embedder: Path, tmp_path: Path
) -> None:
    learned = pack.differences(trained / CHECKPOINT, embedder)
    reader = EncoderReader(NumpyEmbedder(str(embedder)), learned)
    asked: list[Example] = [
        SpanExample("x", "a", "b ab a", None, False),
        AnswerExample("x", "a", "b ab a", "b", False, "", False),
    ]
    made = Examples.of(encoded(asked, embedder, seed=1))
    prepare(tmp_path, embedder, made, made)
    made = Examples.read(tmp_path / EXAMPLES)
    network = Network(encoder_of(tmp_path), SETTINGS.frozen).eval()
    trained_from(network, torch.load(trained / CHECKPOINT, weights_only=True)["weights"])
    span, answer = (batch_of(made, [i], "cpu") for i in range(2))
    with torch.no_grad():
        start, end, told, _ = (each[0].numpy() for each in network(span.ids, span.mask))
        right = network(answer.ids, answer.mask)[3].item()
    first = int(span.first)
    passage = slice(first, first + int(span.count))
    score = best_span(start[passage], end[passage])[2] - start[0] - end[0]

    # The folder has the embedder in float16.
    assert reader.told_logits("a", "b ab a") == pytest.approx((score, float(told)), abs=0.02)
    assert reader.right_logit("a", "b", "b ab a") == pytest.approx(right, abs=0.02)


def test_attention_is_the_same_on_any_device(embedder: Path, tmp_path: Path) -> None:
    """Of one example and, shorter, another: what pads it is not looked at."""
    asked = [SpanExample("x", "a", passage, None, False) for passage in ("b ab a ab b a", "b")]
    made = Examples.of(encoded(list[Example](asked), embedder, seed=1))
    prepare(tmp_path, embedder, made, made)
    batch = batch_of(Examples.read(tmp_path / EXAMPLES), [0, 1], "cpu")
    on_cpu, on_gpu = (Network(encoder_of(tmp_path, device=each)).eval() for each in ("cpu", "cuda"))
    on_gpu.load_state_dict(on_cpu.state_dict())
    with torch.no_grad():
        logits = [network(batch.ids, batch.mask) for network in (on_cpu, on_gpu)]

    assert batch.mask.sum(1).tolist() != [batch.mask.shape[1]] * 2
    for one, other in zip(*logits, strict=True):
        kept = batch.mask.bool() if one.dim() == 2 else torch.ones(2, dtype=torch.bool)
        assert torch.allclose(one[kept], other[kept], atol=1e-5)


@pytest.mark.slow
def test_what_is_packed_is_calibrated(trained: Path, embedder: Path, tmp_path: Path) -> None:
    learned = pack.differences(trained / CHECKPOINT, embedder)
    made = pack.calibration(learned, embedder, examples()[:200])
    path = tmp_path / "reader.safetensors"
    weights.write(path, replace(learned, calibration=made))
    told = [each for each in examples()[200:400] if isinstance(each, SpanExample)]
    reader = EncoderReader(NumpyEmbedder(str(embedder)), weights.read(path))
    found = [reader.read(each.question, [each.passage])[0].probability for each in told]

    assert sum(found) / len(found) == pytest.approx(
        sum(each.tells for each in told) / len(told), abs=0.1
    )


def test_the_loss_falls_when_the_span_may_be_anywhere() -> None:
    """A batch whose passage tells somewhere wants "not told" to be unlikely, and no more."""
    logits = torch.zeros(1, 6)
    made = Examples.of([Encoded([0] * 6, 3, 2, tells=True)])
    batch = batch_of(made, [0], "cpu")
    losses = []
    for none, elsewhere in ((0.0, 0.0), (-5.0, 0.0), (0.0, 5.0)):
        start = logits.clone()
        start[0, 0], start[0, 3] = none, elsewhere
        losses.append(float(of_spans(start, start, torch.zeros(1), batch)[0]))

    assert losses[0] > max(losses[1:])


def test_the_learning_rate_rises_stays_and_falls() -> None:
    rates = [
        rate_at(SETTINGS, seen) / SETTINGS.rate
        for seen in (0, 249, 499, 10_000, 11_000, 12_000, 13_000)
    ]

    assert rates == pytest.approx([0.002, 0.5, 1, 1, 0.5, 0, 0])


def test_a_batch_is_of_one_kind_and_no_larger_than_said(embedder: Path) -> None:
    made = Examples.of(encoded(examples(), embedder, seed=1))
    found = batches(made, np.arange(len(made)), 120, random.Random(1))

    assert sorted(np.concatenate(found)) == list(range(800))
    for positions in found:
        batch = batch_of(made, positions, "cpu")
        assert len({right < 0 for right in made.right[positions]}) == 1
        assert batch.ids.numel() <= 120
        assert batch.mask.sum(1).tolist() == [
            made.bounds[i + 1] - made.bounds[i] for i in positions
        ]


def test_every_pass_has_all_examples_in_an_order_of_its_own(embedder: Path) -> None:
    made = Examples.of(encoded(examples()[:64], embedder, seed=1))
    passes = [
        np.concatenate([chunk(made, n * 4 + i, 16, seed=1) for i in range(4)]) for n in (0, 1)
    ]

    assert [sorted(each) for each in passes] == [list(range(64))] * 2
    assert list(passes[0]) != list(passes[1])


def test_joined_examples_are_those_of_the_parts(embedder: Path) -> None:
    made = list(encoded(examples()[:6], embedder, seed=1))
    whole, joined = (
        Examples.of(made),
        Examples.joined([Examples.of(made[:2]), Examples.of(made[2:])]),
    )

    for name in ("tokens", "bounds", "start", "end", "right"):
        assert getattr(joined, name).tolist() == getattr(whole, name).tolist()


def test_training_sees_what_packing_leaves() -> None:
    values = np.random.default_rng(1).normal(size=(4, 64)).astype(np.float32)
    packed = deltas.unpack(*deltas.pack(values), (4, 64))

    assert as_packed(torch.from_numpy(values.reshape(-1))).numpy() == pytest.approx(
        packed.reshape(-1), abs=1e-6
    )


def test_the_span_is_found_again_among_the_tokens(embedder: Path) -> None:
    encode, rng = Encoder(embedder), random.Random(1)
    made = encode(SpanExample("x", "a", "a ab a", (2, 4), True), rng)
    assert made

    # The tokens are ▁a, ▁, ab, ▁a.
    assert (made.first, made.count, made.start, made.end) == (4, 4, 6, 6)
