"""Autotuning: settings of llama.cpp, each timed beside the best so far, on a typical question.

Each in a process of its own: a setting may end it (autotune_worker.py), and the others are tried
all the same.
"""

import json
import os
import statistics
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from index.child_process import ChildProcess, NotStarted
from index.errors import BadModel
from qa.llm import gpus
from qa.llm.autotune_worker import Seconds
from qa.llm.settings import DEFAULTS, LlamaSettings
from qa.llm.trial import ended_by
from qa.llm.trial_worker import processor_seconds

_ROUNDS = 3
_LARGEST_NOISE = 0.97  # a setting that is not so much quicker may be no quicker at all
_PATIENCE = 5  # times what a model may take to load and to be asked once
_MOST = 10_000  # bytes of an answer
_ALL_LAYERS = "all layers on the GPU"
_FROM_OUTSIDE = "SIGKILL", "SIGTERM"  # sent by people, or by a system without memory


@dataclass(frozen=True, slots=True)
class Trial:
    """A setting that was timed: how it compares with the best before it, and whether it is better.

    `reading` and `writing` say how many times as fast it prefills and decodes; `best` is the best
    by now. `fault` says why it cannot be used, and then nothing was timed; `lasting` is one that is
    the same the next time.
    """

    name: str
    reading: float
    writing: float
    better: bool
    best: LlamaSettings
    fault: str = ""
    lasting: bool = False


class Fault(Exception):
    """A setting cannot be used, and why; `lasting` as in `Trial`."""

    def __init__(self, reason: str, *, lasting: bool) -> None:
        super().__init__(reason)
        self.lasting = lasting


def trials(path: Path, faults: Mapping[str, str]) -> Iterator[Trial]:
    """Time setting after setting of a model, for a minute; the last `best` is the best.

    Args:
        path: the model.
        faults: why some settings cannot be used here, by their name; these are not tried.

    Raises:
        BadModel: the model cannot be used with the settings that are safe everywhere.
    """
    with closing(_Contest(path, faults)) as contest:
        if given_up := contest.begin():
            yield given_up
        layers = contest.best.layers if given_up else 0
        for name, changes in _candidates(layers):
            if trial := contest.challenge(name, changes):
                yield trial


def _candidates(layers: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Names and changes; of `layers` some are tried on the GPU where it has no room for all."""
    for some in dict.fromkeys((layers * 3 // 4, layers // 2, layers // 4)):
        if some:
            yield f"{some} layers on the GPU", {"gpu_layers": some}
    if gpus.names():
        yield "no layer on the GPU", {"gpu_layers": 0}
    yield "repacked weights", {"repack": True}
    yield "no flash attention", {"flash_attention": False}
    for ubatch in (256, 128):
        yield f"{ubatch} tokens at once", {"ubatch": ubatch}
    cores = len(os.sched_getaffinity(0))
    # Half of them: where two of the cores that are seen are one, or memory is the limit.
    for threads in dict.fromkeys((cores // 2, cores // 4)):
        if threads:
            yield f"{threads} threads to write", {"writing_threads": threads}
        if threads > 1:
            yield f"{threads} threads to read", {"reading_threads": threads}


class _Contest:
    """The best settings by now, which are timed again beside each that challenges them."""

    def __init__(self, path: Path, faults: Mapping[str, str]) -> None:
        self._path, self._faults = path, faults
        self.best = Timed(path, DEFAULTS)

    def close(self) -> None:
        """End all processes."""
        self.best.close()

    def begin(self) -> Trial | None:
        """Load the defaults; what was given up where the GPU has no room for all layers.

        Raises:
            BadModel: the model cannot be used at all.
        """
        try:
            if _ALL_LAYERS in self._faults:
                raise Fault(self._faults[_ALL_LAYERS], lasting=True)
            self.best.run()
        except Fault as fault:
            if not gpus.names():
                raise _unusable(self._path, fault) from fault
            self._take(Timed(self._path, replace(DEFAULTS, gpu_layers=0)))
            self._run_best()
            return self._given_up(_ALL_LAYERS, fault)
        return None

    def challenge(self, name: str, changes: dict[str, Any]) -> Trial | None:
        """Time the best with some changes beside it; None where these change nothing.

        Raises:
            BadModel: the best cannot be used any more.
        """
        other = replace(self.best.settings, **changes)
        if other == self.best.settings:
            return None
        if name in self._faults:
            return self._given_up(name, Fault(self._faults[name], lasting=True))
        tried = Timed(self._path, other)
        try:
            tried.run()  # whether it can
            pairs = [(self._run_best(), tried.run()) for _ in range(_ROUNDS)]
        except Fault as fault:
            tried.close()
            return self._given_up(name, fault)
        except BaseException:
            tried.close()
            raise
        return self._judged(name, tried, pairs)

    def _judged(self, name: str, tried: "Timed", pairs: list[tuple[Seconds, Seconds]]) -> Trial:
        better = statistics.median(new.cost / old.cost for old, new in pairs) < _LARGEST_NOISE
        reading = statistics.median(old.question / new.question for old, new in pairs)
        writing = statistics.median(old.word / new.word for old, new in pairs)
        if better:
            self._take(tried)
        else:
            tried.close()
        return Trial(name, reading, writing, better, self.best.settings)

    def _run_best(self) -> Seconds:
        try:
            return self.best.run()
        except Fault as fault:
            raise _unusable(self._path, fault) from fault

    def _take(self, other: "Timed") -> None:
        self.best.close()
        self.best = other

    def _given_up(self, name: str, fault: Fault) -> Trial:
        return Trial(name, 0, 0, False, self.best.settings, str(fault), fault.lasting)


class Timed:
    """A model that is loaded with some settings in a process of its own, with the first round."""

    def __init__(self, path: Path, settings: LlamaSettings) -> None:
        self.settings, self.layers = settings, 0
        given = str(path.absolute()), json.dumps(asdict(settings))
        # Without it ggml starts a debugger, if there is one, before it aborts.
        self._process = ChildProcess("qa.llm.autotune_worker", *given, GGML_NO_BACKTRACE="1")
        self._seconds = _PATIENCE * processor_seconds(path.stat().st_size)

    def close(self) -> None:
        """End the process."""
        self._process.close()

    def run(self) -> Seconds:
        """One round.

        Raises:
            Fault: the settings cannot be used.
        """
        try:
            request = str(self._seconds).encode()
            answer = json.loads(self._process.ask(request, seconds=self._seconds, most=_MOST))
        except TimeoutError as error:
            raise Fault(f"more than {self._seconds} seconds", lasting=True) from error
        except (NotStarted, EOFError, OSError, ValueError) as error:
            name = ended_by(self._process.ended)
            raise Fault(name, lasting=name not in _FROM_OUTSIDE) from error
        if "refused" in answer:
            raise Fault("llama.cpp refuses it", lasting=False)
        self.layers = answer["layers"]
        return Seconds(**answer["seconds"])


def _unusable(path: Path, fault: Fault) -> BadModel:
    return BadModel(
        f"Cannot time the model {path}: {fault}. Check with: article-qa models verify, "
        "or give another GGUF file with --llm"
    )
