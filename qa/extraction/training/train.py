"""Train: workers that share the weights; with checkpoints, from which it goes on.

Each worker takes batches of its own and applies its own step of Adam to the shared weights without
waiting for the others (Hogwild: Recht et al. 2011), since threads within one process wait for each
other at each layer. The learning rate rises, stays, and falls over the last part of the pairs
(Hu et al. 2024, arXiv:2404.06395), so a longer run can go on from where it began to fall.
"""

import json
import os
import random
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import click
import torch
import torch.multiprocessing as mp
from torch import Tensor, nn

from qa.extraction.training.batches import Encoder, batches
from qa.extraction.training.loss import Tally, loss_of
from qa.extraction.training.network import HEADS, Network
from qa.extraction.training.stream import Stream

CHECKPOINT, STABLE = "checkpoint.pt", "stable.pt"
_CHUNK = 384  # examples that are sorted by length together
_LOG_EVERY, _SAVE_EVERY = 60.0, 600.0  # seconds
_BETAS = 0.9, 0.98  # of Adam
_HEADS_FASTER = 5.0  # they begin from nothing: their learning rate is so many times as high


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train; a checkpoint records it."""

    pairs: int
    falling: int  # the last pairs, over which the learning rate falls to nothing
    rate: float = 1e-4
    warmup: int = 3000  # the first pairs, over which it rises
    tokens: int = 2200  # in a batch
    frozen: int = 3
    workers: int = 2
    seed: int = 1


@dataclass(slots=True)
class State:
    """What workers share: weights, moments of Adam, and counts of chunks, steps and pairs."""

    weights: Tensor
    mean: Tensor
    square: Tensor
    scale: Tensor
    counts: Tensor = field(default_factory=lambda: torch.zeros(3, dtype=torch.float64))

    def share(self) -> None:
        """Move all to memory that workers share; the weights keep their places."""
        for tensor in (self.weights, self.mean, self.square, self.scale, self.counts):
            tensor.share_memory_()  # type: ignore[no-untyped-call]  # torch has no type here


def train(settings: Settings, embedder: Path, stream: Stream, folder: Path) -> None:
    """Train until the pairs are seen; go on from the folder's checkpoint if it has one."""
    torch.set_num_threads(1)
    torch.manual_seed(settings.seed)
    network = Network(embedder, settings.frozen)
    state = _state(network)
    if (folder / CHECKPOINT).exists():
        _restore(state, folder / CHECKPOINT)
    state.share()
    click.echo(
        f"{state.weights.numel() / 1e6:.1f}M weights are trained, {int(state.counts[2]):,} of "
        f"{settings.pairs:,} pairs seen."
    )
    context = mp.get_context("fork")
    lock = context.Lock()
    workers = [
        context.Process(
            target=_Worker(rank, network, state, lock, settings, embedder, stream, folder).run
        )
        for rank in range(settings.workers)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if any(worker.exitcode for worker in workers):
        raise RuntimeError("a worker failed; what it said stands above")
    _save(state, folder / CHECKPOINT, settings)


def _state(network: Network) -> State:
    """One vector of all weights that are trained; the network's parameters become views of it."""
    weights = torch.cat([parameter.detach().reshape(-1) for _, parameter in network.trained()])
    scale = torch.ones_like(weights)
    for _, parameter, part in _parts(network, weights):
        parameter.data = part
    for name, _, part in _parts(network, scale):
        if name.startswith(HEADS):
            part.fill_(_HEADS_FASTER)
    return State(weights, torch.zeros_like(weights), torch.zeros_like(weights), scale)


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


def _save(state: State, path: Path, settings: Settings) -> None:
    """Write a checkpoint, whole or not at all."""
    content = {name: getattr(state, name) for name in ("weights", "mean", "square", "counts")}
    part = path.with_suffix(".part")
    torch.save({**content, "settings": asdict(settings)}, part)
    part.replace(path)


def _restore(state: State, path: Path) -> None:
    content = torch.load(path, weights_only=True)
    for name in ("weights", "mean", "square", "counts"):
        getattr(state, name).copy_(content[name])


def rate_at(settings: Settings, seen: float) -> float:
    """The learning rate after so many pairs."""
    rising = min(1.0, (seen + 1) / settings.warmup)
    falling = min(1.0, (settings.pairs - seen) / max(1, settings.falling))
    return settings.rate * max(0.0, min(rising, falling))


@dataclass(slots=True)
class _Worker:
    """One process: takes chunks of the stream until enough pairs are seen."""

    rank: int
    network: Network
    state: State
    lock: Any
    settings: Settings
    embedder: Path
    stream: Stream
    folder: Path
    tally: Tally = field(default_factory=dict)
    begun: float = field(default_factory=time.monotonic)
    logged: float = field(default_factory=time.monotonic)
    saved: float = field(default_factory=time.monotonic)

    def run(self) -> None:
        """Train; a process of its own calls it."""
        torch.set_num_threads(1)
        encode, gradient = Encoder(self.embedder), self._gradient()
        self.network.train()
        while self.state.counts[2] < self.settings.pairs:
            with self.lock:
                chunk = int(self.state.counts[0])
                self.state.counts[0] += 1
            rng = random.Random(f"{self.settings.seed} {chunk}")
            examples = [encode(each, rng) for each in self.stream.chunk(chunk, _CHUNK)]
            for batch in batches(filter(None, examples), self.settings.tokens, rng):
                loss, tally = loss_of(self.network, batch)
                loss.backward()  # type: ignore[no-untyped-call]  # nor here
                gradient.div_(max(1.0, float(gradient.norm())))
                with self.lock:
                    self._step(gradient, len(batch))
                gradient.zero_()
                self._note(tally)
                if self.state.counts[2] >= self.settings.pairs:
                    return

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

    def _note(self, tally: Tally) -> None:
        """Log now and then; the first worker also saves."""
        for name, (value, count) in tally.items():
            old, counted = self.tally.get(name, (0.0, 0))
            self.tally[name] = old + value, counted + count
        now, seen = time.monotonic(), int(self.state.counts[2])
        if now - self.logged > _LOG_EVERY:
            means = {name: round(v / c, 4) for name, (v, c) in self.tally.items() if c}
            with (self.folder / f"log{self.rank}.jsonl").open("a") as log:
                log.write(json.dumps({"seconds": round(now - self.begun), "seen": seen, **means}))
                log.write("\n")
            self.logged, self.tally = now, {}
        if self.rank:
            return
        stable = self.folder / STABLE
        if seen >= self.settings.pairs - self.settings.falling and not stable.exists():
            self._checkpoint(stable)
        if now - self.saved > _SAVE_EVERY:
            self.saved = now
            self._checkpoint(self.folder / CHECKPOINT)

    def _checkpoint(self, path: Path) -> None:
        with self.lock:
            _save(self.state, path, self.settings)
