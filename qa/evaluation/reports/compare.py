"""Comparison: the changes from one run to another, on the questions of both."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from qa.evaluation.reports.statistics import Score, bootstrap, mcnemar
from qa.evaluation.reports.summary import LOWER_IS_BETTER, METRICS, TIMES
from qa.evaluation.results import Result

_SIGNIFICANCE = 0.05
# The metrics that decide whether a question is right: the first that both runs have for it.
_RIGHT = ("right", "evidence recall@5")


@dataclass(frozen=True, slots=True)
class Change:
    """The change of one metric, over the questions for which both runs have it.

    `first` and `second` are the means; `difference` is the mean of second − first with its 95 %
    paired bootstrap interval. `p` is McNemar's, for metrics that are 0 or 1 everywhere.
    """

    first: float
    second: float
    difference: Score
    p: float | None

    @property
    def significant(self) -> bool:
        """Whether the change is significant: p below 0.05; without p, zero outside the interval."""
        if self.p is not None:
            return self.p < _SIGNIFICANCE
        return self.difference.low > 0 or self.difference.high < 0


@dataclass(frozen=True, slots=True)
class Pair:
    """One question in both runs."""

    first: Result
    second: Result


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs side by side; `only_first` and `only_second` are ids that only one of them has."""

    changes: Mapping[str, Change]
    fixed: Sequence[Pair]
    broken: Sequence[Pair]
    both: int
    only_first: Sequence[str]
    only_second: Sequence[str]


def compare(first: Sequence[Result], second: Sequence[Result]) -> Comparison:
    """Compare two runs, question by question.

    A question is the same in both when its id and its text are.
    """
    mine, theirs = ({_key(result): result for result in run} for run in (first, second))
    pairs = [Pair(mine[key], theirs[key]) for key in mine if key in theirs]
    outcomes = [(pair, _right(pair)) for pair in pairs]
    return Comparison(
        {name: change for name in (*METRICS, *TIMES) if (change := _change(name, pairs))},
        [pair for pair, right in outcomes if right == (False, True)],
        [pair for pair, right in outcomes if right == (True, False)],
        len(pairs),
        [id for id, words in mine if (id, words) not in theirs],
        [id for id, words in theirs if (id, words) not in mine],
    )


def better(name: str, change: Change) -> bool:
    """Whether a metric changed for the better."""
    lower = name in LOWER_IS_BETTER or name in TIMES
    return (change.difference.value < 0) == lower and change.difference.value != 0


def state(result: Result) -> str:
    """The outcome of a question in a word or two; of a search alone, the ranks of its evidence."""
    if result.stage or result.answer:
        return result.stage or "right"
    return f"evidence at rank {', '.join(str(rank or '–') for rank in result.ranks) or '–'}"


def as_json(comparison: Comparison) -> str:
    """A comparison for scripts: one line of JSON; questions by their ids."""
    value = {
        "both": comparison.both,
        "only_first": comparison.only_first,
        "only_second": comparison.only_second,
        "changes": {name: asdict(change) for name, change in comparison.changes.items()},
        "fixed": [pair.first.case.id for pair in comparison.fixed],
        "broken": [pair.first.case.id for pair in comparison.broken],
    }
    return json.dumps(value, ensure_ascii=False)


def table(comparison: Comparison) -> str:
    """A comparison for people: each metric, then the questions that were fixed and broken."""
    width = max(map(len, comparison.changes), default=0)
    lines = [f"{'':{width}}      n    first   second   change   95 % interval          McNemar p"]
    for name, c in comparison.changes.items():
        d = c.difference
        p = "" if c.p is None else f"{c.p:.3f}"
        mark = "" if not c.significant else "better" if better(name, c) else "worse"
        line = (
            f"{name:{width}}  {d.n:5}  {c.first:7.3f}  {c.second:7.3f}  {d.value:+7.3f}   "
            f"{d.low:+.3f} to {d.high:+.3f}   {p:>10}  {mark}"
        )
        lines.append(line.rstrip())
    for title, pairs in (("fixed", comparison.fixed), ("broken", comparison.broken)):
        lines += ["", f"{title}: {len(pairs)}", *(_line(pair) for pair in pairs)]
    return "\n".join([*lines, *_left_out(comparison)])


def _left_out(comparison: Comparison) -> Iterator[str]:
    for which, ids in (("first", comparison.only_first), ("second", comparison.only_second)):
        if ids:
            some = "1 question" if len(ids) == 1 else f"{len(ids)} questions"
            yield f"\nNot compared: {some} that only the {which} run has."


def _line(pair: Pair) -> str:
    states = f"{state(pair.first)} → {state(pair.second)}"
    return f"  {pair.first.case.id}  ({states})  {' '.join(pair.first.case.question.split())}"


def _key(result: Result) -> tuple[str, str]:
    return result.case.id, result.case.question


def _right(pair: Pair) -> tuple[bool, bool] | None:
    for name in _RIGHT:
        if name in pair.first.values and name in pair.second.values:
            return pair.first.values[name] == 1, pair.second.values[name] == 1
    return None


def _change(name: str, pairs: Sequence[Pair]) -> Change | None:
    values = [
        (pair.first.values[name], pair.second.values[name])
        for pair in pairs
        if name in pair.first.values and name in pair.second.values
    ]
    if not values:
        return None
    first, second = np.array(values, dtype=np.float64).T
    binary = np.isin(values, (0, 1)).all() and name not in TIMES
    p = mcnemar(int((second > first).sum()), int((first > second).sum())) if binary else None
    difference = bootstrap((second - first).tolist(), np.mean)
    return Change(round(float(first.mean()), 4), round(float(second.mean()), 4), difference, p)
