"""Quality gates: bounds that the scores of a run must keep, from a small TOML file.

["facts stated"]                             over all questions
min = 0.85

[type.factoid."false refusal"]               over a slice: language, type, tag or kind
max = 0.12

[language."zh→id"."evidence recall@5"]
min = 0.9
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.errors import BadGates
from qa.evaluation.reports.statistics import Scores
from qa.evaluation.reports.summary import NAMES, Summary
from qa.evaluation.results import RENAMED

_BOUNDS = ("min", "max")
_SLICES = ("language", "type", "tag", "kind")


@dataclass(frozen=True, slots=True)
class Gate:
    """The bounds of one metric: over all questions, or over the slice `name` of a `kind`."""

    metric: str
    minimum: float | None = None
    maximum: float | None = None
    kind: str | None = None
    name: str | None = None

    @property
    def in_words(self) -> str:
        """The gate in words, such as `facts stated of type factoid ≥ 0.85`."""
        where = f" of {self.kind} {self.name}" if self.kind else ""
        low = "" if self.minimum is None else f" ≥ {self.minimum:g}"
        high = "" if self.maximum is None else f" ≤ {self.maximum:g}"
        return f"{self.metric}{where}{' and'.join(bound for bound in (low, high) if bound)}"


@dataclass(frozen=True, slots=True)
class Checked:
    """A gate and the score reached; None when no question has the metric, which fails the gate."""

    gate: Gate
    value: float | None

    @property
    def passed(self) -> bool:
        """Whether there is a score and it lies within the bounds."""
        if self.value is None:
            return False
        low = self.gate.minimum is None or self.value >= self.gate.minimum
        return low and (self.gate.maximum is None or self.value <= self.gate.maximum)

    @property
    def as_json(self) -> dict[str, Any]:
        """The outcome as an object of JSON."""
        return {"gate": self.gate.in_words, "value": self.value, "passed": self.passed}

    @property
    def in_words(self) -> str:
        """The outcome in one line."""
        reached = "no question has a value" if self.value is None else f"is {self.value:.3f}"
        return f"{self.gate.in_words}: {reached}"


def load(path: Path) -> tuple[Gate, ...]:
    """Read a file of gates.

    Raises:
        BadGates: it cannot be used; the message names the gate.
    """
    try:
        value = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadGates(f"Cannot read the gates at {path}: {error.strerror}.") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadGates(f"{path} is not TOML: {error}.") from error
    try:
        gates = tuple(_gates(value))
    except BadGates as fault:
        raise BadGates(f"{path}: {fault}") from None
    if not gates:
        raise BadGates(f'{path} holds no gate. Write one: ["facts stated"] and min = 0.85.')
    return gates


def check(gates: Sequence[Gate], summary: Summary) -> tuple[Checked, ...]:
    """Compare each gate with the scores as they are shown, with four digits."""
    return tuple(Checked(gate, _value(gate, summary)) for gate in gates)


def _gates(value: Mapping[str, Any]) -> Iterator[Gate]:
    for name, table in value.items():
        if name not in _SLICES:
            yield _gate(name, table)
            continue
        for part, metrics in _table(name, table).items():
            for metric, bounds in _table(f"{name}.{part}", metrics).items():
                yield _gate(metric, bounds, name, part)


def _gate(metric: str, bounds: object, kind: str | None = None, part: str | None = None) -> Gate:
    metric = RENAMED.get(metric, metric)
    if metric not in NAMES:
        raise BadGates(f"no metric is called {metric!r}. Known: {', '.join(NAMES)}.")
    given = _table(metric, bounds)
    for name, value in given.items():
        if name not in _BOUNDS:
            raise BadGates(f"{metric!r} has {name!r}; a gate has only min and max.")
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
            raise BadGates(f"the {name} of {metric!r} is {value!r}, which is not a number.")
    if not given:
        raise BadGates(f"{metric!r} has neither min nor max.")
    return Gate(metric, given.get("min"), given.get("max"), kind, part)


def _table(name: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise BadGates(f"{name!r} must be a table, such as: [{name!r}] and min = 0.85.")
    return value


def _value(gate: Gate, summary: Summary) -> float | None:
    slices: Mapping[str | None, Mapping[str, Scores]] = {
        None: {"": summary.all},
        "language": summary.by_language,
        "type": summary.by_type,
        "tag": summary.by_tag,
        "kind": summary.by_kind,
    }
    score = slices[gate.kind].get(gate.name or "", {}).get(gate.metric)
    return score.value if score else None
