"""Train: workers that share the weights; with checkpoints, from which it goes on.

On processors each worker takes batches of its own and applies its own step of Adam to the shared
weights without waiting for the others (Hogwild: Recht et al. 2011), since threads within one
process wait for each other at each layer. On a GPU there is one worker. The learning rate rises,
stays, and falls over the last part of the pairs (Hu et al. 2024, arXiv:2404.06395), so a longer
run can go on from where it began to fall.

What ships has four bits for each number. `Settings.packed` lets the last pairs, of the falling
rate, see the weights as they will be packed (straight-through: Bengio et al. 2013).
"""

import contextlib
import ctypes
import json
import os
import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import click
import torch
import torch.multiprocessing as mp
from torch import Tensor, nn

from qa.extraction.training.batches import Batch, all_of, batch_of, batches, chunk
from qa.extraction.training.loss import Tally, added, loss_of, means
from qa.extraction.training.network import HEADS, Network, encoder_of, is_packed
from qa.extraction.training.packing import as_packed
from qa.extraction.training.prepared import EXAMPLES, HELD, Examples

CHECKPOINT, STABLE = "checkpoint.pt", "stable.pt"
_LOG_EVERY, _SAVE_EVERY, _HELD_EVERY = 60.0, 600.0, 300.0  # seconds
_ON_GPU = 1 / 6  # of these times, on a GPU
_BETAS = 0.9, 0.98  # of Adam
_HEADS_FASTER = 5.0  # they begin from nothing: their learning rate is so many times as high
_CHUNK = 8  # batches of examples that are sorted by length together, at least
# mallopt(3): M_TRIM_THRESHOLD, M_TOP_PAD and M_MMAP_MAX.
_KEEP = (-1, 2**31 - 1), (-2, 2**28), (-4, 0)
_TENSORS = "base", "weights", "mean", "square", "counts"


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train; a checkpoint records it."""

    pairs: int
    falling: int  # the last pairs, over which the learning rate falls to nothing
    rate: float = 1e-4
    warmup: int = 3000  # the first pairs, over which it rises
    tokens: int = 2200  # in a batch
    frozen: int = 3
    dropout: float = 0.0
    workers: int = 2
    packed: bool = False
    device: str = "cpu"
    seed: int = 1


@dataclass(slots=True)
class State:
    """What workers share: weights, moments of Adam, and counts of chunks, steps and pairs.

    `base` are the weights before any training; the first `packed` of them ship in four bits.
    """

    weights: Tensor
    scale: Tensor
    packed: int
    base: Tensor = field(init=False)
    mean: Tensor = field(init=False)
    square: Tensor = field(init=False)
    counts: Tensor = field(default_factory=lambda: torch.zeros(3, dtype=torch.float64))

    def __post_init__(self) -> None:
        self.base = self.weights.clone()
        self.mean, self.square = torch.zeros_like(self.weights), torch.zeros_like(self.weights)

    def share(self) -> None:
        """Move all to memory that workers share; the weights keep their places."""
        for name in (*_TENSORS, "scale"):
            getattr(self, name).share_memory_()


def train(settings: Settings, prepared: Path, folder: Path) -> None:
    """Train until the pairs are seen; go on from the folder's checkpoint if it has one."""
    torch.set_num_threads(1)
    torch.manual_seed(settings.seed)
    network = Network(encoder_of(prepared, settings.dropout, settings.device), settings.frozen)
    network.to(settings.device)
    state = _state(network)
    if (folder / CHECKPOINT).exists():
        _restore(state, folder / CHECKPOINT)
    examples = Examples.read(prepared / EXAMPLES), Examples.read(prepared / HELD)
    click.echo(
        f"{state.weights.numel() / 1e6:.1f}M weights are trained on {len(examples[0]):,} examples; "
        f"{int(state.counts[2]):,} of {settings.pairs:,} pairs seen."
    )
    if settings.device != "cpu":
        _Worker(0, network, state, mp.Lock(), settings, *examples, folder).run()
    else:
        state.share()
        _in_processes(network, state, settings, examples, folder)
    _save(network, state, folder / CHECKPOINT, settings)


def _in_processes(
    network: Network,
    state: State,
    settings: Settings,
    examples: tuple[Examples, Examples],
    folder: Path,
) -> None:
    _keep_memory()
    context = mp.get_context("fork")
    lock = context.Lock()
    workers = [
        context.Process(target=_Worker(rank, network, state, lock, settings, *examples, folder).run)
        for rank in range(settings.workers)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if any(worker.exitcode for worker in workers):
        raise RuntimeError("a worker failed; what it said stands above")


def _keep_memory() -> None:
    """Have the C library keep what is freed: a third of the time went into asking for it anew."""
    with contextlib.suppress(OSError, AttributeError):  # another library than GNU's
        for option, value in _KEEP:
            ctypes.CDLL(None).mallopt(option, value)


def _state(network: Network) -> State:
    """One vector of all weights that are trained; the network's parameters become views of it."""
    weights = torch.cat([parameter.detach().reshape(-1) for _, parameter in network.trained()])
    scale = torch.ones_like(weights)
    for _, parameter, part in _parts(network, weights):
        parameter.data = part
    for name, _, part in _parts(network, scale):
        if name.startswith(HEADS):
            part.fill_(_HEADS_FASTER)
    packed = sum(each.numel() for name, each in network.trained() if is_packed(name, each))
    return State(weights, scale, packed)


def _parts(network: Network, vector: Tensor) -> Iterator[tuple[str, nn.Parameter, Tensor]]:
    """Each parameter that is trained, by its name, with its part of a vector of all of them."""
    at = 0
    for name, parameter in network.trained():
        yield name, parameter, vector[at : at + parameter.numel()].view_as(parameter)
        at += parameter.numel()


def trained_from(network: Network, weights: Tensor) -> None:
    """Copy a checkpoint's vector of weights into a network."""
    with torch.no_grad():
        for _, parameter, part in _parts(network, weights):
            parameter.copy_(part)


def _save(network: Network, state: State, path: Path, settings: Settings) -> None:
    """Write a checkpoint, whole or not at all."""
    content = {name: getattr(state, name) for name in _TENSORS}
    shapes = {name: list(parameter.shape) for name, parameter in network.trained()}
    part = path.with_suffix(".part")
    torch.save({**content, "shapes": shapes, "settings": asdict(settings)}, part)
    part.replace(path)


def _restore(state: State, path: Path) -> None:
    content = torch.load(path, weights_only=True, map_location="cpu")
    for name in _TENSORS:
        getattr(state, name).copy_(content[name])


def rate_at(settings: Settings, seen: float) -> float:
    """The learning rate after so many pairs."""
    rising = min(1.0, (seen + 1) / settings.warmup)
    falling = min(1.0, (settings.pairs - seen) / max(1, settings.falling))
    return settings.rate * max(0.0, min(rising, falling))


@dataclass(slots=True)
class _Worker:
    """One process: takes chunks of the examples until enough pairs are seen."""

    rank: int
    network: Network
    state: State
    lock: Any
    settings: Settings
    examples: Examples
    held: Examples
    folder: Path
    tally: Tally = field(default_factory=dict)
    begun: float = field(default_factory=time.monotonic)
    logged: float = field(default_factory=time.monotonic)
    saved: float = field(default_factory=time.monotonic)
    looked: float = field(default_factory=time.monotonic)
    seen_packed: Tensor | None = None  # what the network computes with, once that is packed

    def run(self) -> None:
        """Train; a process of its own calls it."""
        torch.set_num_threads(1)
        gradient = self._gradient()
        self.network.train()
        for batch in self._ahead(self._batches()):
            self._see_packed()
            loss, tally = loss_of(self.network, batch)
            loss.backward()  # type: ignore[no-untyped-call]  # torch has no type here
            gradient.div_(gradient.norm().clamp(min=1.0))
            with self.lock:
                self._step(gradient, len(batch))
            gradient.zero_()
            self._note(tally)
            if self.state.counts[2] >= self.settings.pairs:
                break
        if self.rank == 0:
            self._see_packed()
            self._look()

    def _batches(self) -> Iterator[Batch]:
        """Batches without end, of the chunks that no other worker took."""
        settings = self.settings
        size = max(384, _CHUNK * settings.tokens // 150)
        while True:
            with self.lock:
                number = int(self.state.counts[0])
                self.state.counts[0] += 1
            rng = random.Random(f"{settings.seed} {number}")
            positions = chunk(self.examples, number, size, settings.seed)
            for each in batches(self.examples, positions, settings.tokens, rng):
                yield batch_of(self.examples, each, settings.device)

    def _ahead(self, made: Iterator[Batch]) -> Iterator[Batch]:
        """The batches, on a GPU each made while the one before it is learned."""
        if self.settings.device == "cpu":
            yield from made
            return
        with ThreadPoolExecutor(1) as thread:
            coming = [thread.submit(next, made) for _ in range(4)]
            while True:
                coming.append(thread.submit(next, made))
                yield coming.pop(0).result()

    def _gradient(self) -> Tensor:
        """One vector of all gradients, of which the parameters' are views."""
        gradient = torch.zeros_like(self.state.weights)
        for _, parameter, part in _parts(self.network, gradient):
            parameter.grad = part
        return gradient

    def _step(self, gradient: Tensor, pairs: int) -> None:
        """A step of Adam (Kingma and Ba 2015)."""
        state, (first, second) = self.state, _BETAS
        state.counts[1] += 1
        state.counts[2] += pairs
        steps, seen = state.counts[1].item(), state.counts[2].item()
        state.mean.lerp_(gradient, 1 - first)
        state.square.mul_(second).addcmul_(gradient, gradient, value=1 - second)
        step = state.mean / (state.square / (1 - second**steps)).sqrt_().add_(1e-8)
        rate = rate_at(self.settings, seen) / (1 - first**steps)
        state.weights.addcmul_(step, state.scale, value=-rate)

    def _see_packed(self) -> None:
        """Once the rate falls, compute with the weights as they will be packed."""
        settings, state = self.settings, self.state
        if not settings.packed or state.counts[2] < settings.pairs - settings.falling:
            return
        if self.seen_packed is None:
            self.seen_packed = torch.empty_like(state.weights)
            for _, parameter, part in _parts(self.network, self.seen_packed):
                parameter.data = part
        size = state.packed
        near = as_packed(state.weights[:size] - state.base[:size])
        torch.add(state.base[:size], near, out=self.seen_packed[:size])
        self.seen_packed[size:] = state.weights[size:]

    def _note(self, tally: Tally) -> None:
        """Log now and then; the first worker also saves, and looks at the held examples."""
        self.tally = added(self.tally, tally)
        now, often = time.monotonic(), 1.0 if self.settings.device == "cpu" else _ON_GPU
        if now - self.logged > often * _LOG_EVERY:
            self._log(means(self.tally))
            self.logged, self.tally = now, {}
        if self.rank:
            return
        stable = self.folder / STABLE
        seen = int(self.state.counts[2])
        if seen >= self.settings.pairs - self.settings.falling and not stable.exists():
            self._checkpoint(stable)
        if now - self.saved > often * _SAVE_EVERY:
            self._checkpoint(self.folder / CHECKPOINT)
            self.saved = time.monotonic()
        if now - self.looked > often * _HELD_EVERY:
            self._look()
            self.looked = time.monotonic()

    def _look(self) -> None:
        """Log how well it does on the held examples."""
        self.network.eval()
        tally: Tally = {}
        with torch.no_grad():
            for batch in all_of(self.held, self.settings.tokens, self.settings.device):
                tally = added(tally, loss_of(self.network, batch)[1])
        self.network.train()
        self._log({f"held_{name}": mean for name, mean in means(tally).items()})

    def _log(self, figures: dict[str, float]) -> None:
        seen = int(self.state.counts[2])
        line = {"seconds": round(time.monotonic() - self.begun), "seen": seen, **figures}
        with (self.folder / f"log{self.rank}.jsonl").open("a") as log:
            log.write(json.dumps(line) + "\n")

    def _checkpoint(self, path: Path) -> None:
        with self.lock:
            _save(self.network, self.state, path, self.settings)
