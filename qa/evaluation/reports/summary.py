"""Summary: the scores of a run, over all questions and by slice; as a table and as JSON."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from qa.evaluation.cases import Case
from qa.evaluation.failures import FAILURE_STAGES, Verification, verification
from qa.evaluation.kind_metrics import KIND_METRICS
from qa.evaluation.reports.statistics import Score, Scores, estimate, quantile
from qa.evaluation.results import Result

METRICS = {
    "evidence recall@1": "gold quotes of which the first passage found covers half or more",
    "evidence recall@5": "gold quotes found in the first five passages",
    "evidence recall@10": "gold quotes found in the first ten passages",
    "MRR": "reciprocal rank of the first passage that holds a gold quote",
    "nDCG@10": "passages that hold gold quotes, weighted by their rank",
    "right": "every fact stated in the question's language; or a refusal, when no article answers",
    "facts in its language": "required facts stated in the question's language, not only quoted",
    "facts stated": "required facts that the answer states, if only in a quotation",
    "false refusal": "refusals of questions that the articles answer",
    "false answer": "answers to questions that the articles do not answer",
    "right language": "answers and refusals in the question's language, apart from quotations",
    "citations valid": "answers whose every quote is in its article, letter by letter",
    "citation precision": "right answers that cite the evidence",
    "citation on gold": "answers, right or wrong, that cite the evidence",
    "span overlap": "F1 of the cited characters against those of the evidence",
    "ALCE precision": "citations that fully support their sentence",
    "ALCE recall": "sentences that are fully supported",
    "injection obeyed": "injections in articles that the answer obeyed",
    "facts stated raw": "facts stated without verification",
    "false refusal raw": "false refusal without verification",
    "false answer raw": "false answer without verification",
    "injection obeyed raw": "injection obeyed without verification",
    **KIND_METRICS,
}
"""Every metric in the order of the reports, and what it is the share or mean of."""

TIMES = ("first token s", "total s")
QUANTILES = {"p50": 0.5, "p95": 0.95}
NAMES = (*METRICS, *(f"{name}, {at}" for name in TIMES for at in QUANTILES))
"""The names of all scores that a run may have."""

LOWER_IS_BETTER = frozenset(
    {
        *(name for name in METRICS if name.startswith(("false ", "injection "))),
        *("verdict wrong", "forbidden said", "uncited sentences"),
        *(name for name in NAMES if name.startswith(TIMES)),
    }
)

# The columns of a table of slices and their heads; --json has every metric of every slice.
HEADS = {
    "evidence recall@1": "recall@1",
    "evidence recall@5": "recall@5",
    "MRR": "MRR",
    "right": "right",
    "facts in its language": "facts own",
    "facts stated": "facts",
    "citation precision": "cit. prec",
    "false refusal": "false ref",
    "false answer": "false ans",
    "right language": "language",
}
# Those of the table of kinds.
KIND_HEADS = {
    "evidence recall@5": "recall@5",
    "right": "right",
    "points covered": "points",
    "articles precision": "art. prec",
    "articles recall": "art. rec",
    "sides covered": "sides",
    "verdict right": "verdict",
    "verdict wrong": "wrong verd",
    "false verdict": "false verd",
    "facts stated": "facts",
    "false refusal": "false ref",
    "false answer": "false ans",
    "uncited sentences": "uncited",
}


@dataclass(frozen=True, slots=True)
class Summary:
    """The scores of a run: over all questions, and by `asked→article` languages, type and tag.

    `by_kind` is empty where no question is about whole articles. `stages` counts the questions that
    failed at each stage; `verification` is None without a model.
    """

    all: Scores
    by_language: Mapping[str, Scores]
    by_type: Mapping[str, Scores]
    by_tag: Mapping[str, Scores] = field(default_factory=dict)
    stages: Mapping[str, int] = field(default_factory=dict)
    verification: Verification | None = None
    by_kind: Mapping[str, Scores] = field(default_factory=dict)

    @property
    def fields(self) -> dict[str, Any]:
        """It as JSON has it: without kinds where there are none."""
        return {name: part for name, part in asdict(self).items() if name != "by_kind" or part}


def summarise(results: Sequence[Result]) -> Summary:
    """Scores over all results, by language pair, by type and by tag."""
    failed = Counter(result.stage for result in results)
    return Summary(
        scores(results),
        _sliced((language_pair(result.case), result) for result in results),
        _sliced((result.case.type or "none", result) for result in results),
        _sliced((tag, result) for result in results for tag in result.case.tags),
        {stage: failed[stage] for stage in FAILURE_STAGES if failed[stage]},
        verification([result.values for result in results]),
        _sliced((result.case.kind, result) for result in results if result.case.kind),
    )


def language_pair(case: Case) -> str:
    """The languages of the question and of the articles that answer it, such as `zh→id`."""
    return f"{case.lang}→{case.doc_lang or 'none'}"


def scores(results: Sequence[Result]) -> dict[str, Score]:
    """Every metric for which any of the results has a value."""
    found: dict[str, Score] = {}
    for name in METRICS:
        if values := values_of(results, name):
            found[name] = estimate(values)
    for name in TIMES:
        if values := values_of(results, name):
            found |= {f"{name}, {at}": quantile(values, q) for at, q in QUANTILES.items()}
    return found


def values_of(results: Iterable[Result], name: str) -> list[float]:
    """The values of one metric, from the results that have it."""
    return [result.values[name] for result in results if name in result.values]


def as_json(about: Mapping[str, Any], summary: Summary) -> str:
    """A run and its scores for scripts: one line of JSON."""
    scores = summary.fields
    rest = {name: scores.pop(name) for name in ("stages", "verification")}
    return json.dumps({**about, "scores": scores, **rest}, ensure_ascii=False)


def table(summary: Summary) -> str:
    """A summary for people: all metrics with their intervals, then the values of each slice."""
    width = max(map(len, summary.all), default=0)
    lines = [f"{'':{width}}      n    score   95 % interval"]
    lines += [
        f"{name:{width}}  {s.n:5}  {s.value:7.3f}   {s.low:.3f} to {s.high:.3f}"
        for name, s in summary.all.items()
    ]
    for title, slices in slices_of(summary).items():
        lines += ["", *_slices(title, slices)]
    if summary.stages:
        lines += ["", "failed at"]
        lines += [
            f"{stage:13} {n:5}   {FAILURE_STAGES[stage]}" for stage, n in summary.stages.items()
        ]
    if summary.verification:
        lines += ["", in_words(summary.verification)]
    return "\n".join(lines)


def slices_of(summary: Summary) -> dict[str, Mapping[str, Scores]]:
    """The slices of the questions that say more than the whole, by the title of their table."""
    slices = {
        "asked→article": summary.by_language,
        "type": summary.by_type,
        "tag": summary.by_tag,
    }
    several = {title: parts for title, parts in slices.items() if len(parts) > 1}
    return {"kind": summary.by_kind, **several} if summary.by_kind else several


def in_words(done: Verification) -> str:
    """The effect of verification, in words."""
    return (
        f"Verification removed {done.removed} of {done.wrong} wrong raw answers and lost "
        f"{done.cost} of {done.right} right ones. Reading further passages added {done.gained} "
        f"right and {done.let_in} wrong answers."
    )


def heads_of(slices: Mapping[str, Scores], title: str = "") -> dict[str, str]:
    """The columns of a table of slices: metrics with a value in any slice, and their heads."""
    heads = KIND_HEADS if title == "kind" else HEADS
    return {name: head for name, head in heads.items() if any(name in s for s in slices.values())}


def _sliced(named: Iterable[tuple[str, Result]]) -> dict[str, Scores]:
    slices: dict[str, list[Result]] = {}
    for name, result in named:
        slices.setdefault(name, []).append(result)
    return {name: scores(slices[name]) for name in sorted(slices)}


def _slices(title: str, slices: Mapping[str, Scores]) -> list[str]:
    """A line for each slice, a column for each metric that has a value in any slice."""
    heads = heads_of(slices, title)
    left = max(map(len, [title, *slices]))
    lines = [f"{title:{left}}" + "".join(f"  {head:>10}" for head in heads.values())]
    for name, found in slices.items():
        if found:
            cells = (f"{found[m].value:.3f}" if m in found else "–" for m in heads)
            lines.append(f"{name:{left}}" + "".join(f"  {cell:>10}" for cell in cells))
    return lines
