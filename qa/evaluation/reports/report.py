"""Report: a run as an HTML page and as Markdown; writes the files of a finished run."""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from qa.evaluation import trec
from qa.evaluation.failures import FAILURE_STAGES, outcome
from qa.evaluation.reports import plots
from qa.evaluation.reports.compare import Comparison, better, state
from qa.evaluation.reports.gates import Checked
from qa.evaluation.reports.statistics import Score
from qa.evaluation.reports.summary import (
    LOWER_IS_BETTER,
    METRICS,
    TIMES,
    Summary,
    heads_of,
    in_words,
    slices_of,
    values_of,
)
from qa.evaluation.results import Result
from qa.evaluation.run_folder import RunFolder
from qa.templates import Templates

# The figures at the top of the page, those of them that a run has.
_TILES = (
    "right",
    "facts in its language",
    "facts stated",
    "citation precision",
    "false answer",
    "false refusal",
    "right language",
    "injection obeyed",
    "evidence recall@5",
    "MRR",
    "total s, p50",
)
_NO_SHARES = ("MRR", "nDCG@10", "span overlap", "uncited sentences")
_WITH_RAW = "facts stated", "false refusal", "false answer", "injection obeyed"
_HERE = Path(__file__).parent


def write(folder: RunFolder, summary: Summary, gates: Sequence[Checked]) -> None:
    """Write summary.json, report.html, report.md, qrels and run into the run folder."""
    results = folder.results
    folder.finish({**summary.fields, "gates": [gate.as_json for gate in gates]})
    page = contents(folder.about, results, summary, gates)
    folder.write("report.html", _templates().render("report.html.jinja", page))
    folder.write("report.md", _templates().render("report.md.jinja", page))
    folder.write("qrels", "".join(trec.qrels(results)))
    folder.write("run", "".join(trec.run(results, "article-qa")))


def comparison_page(
    made: Comparison, names: tuple[str, str], changed: Sequence[tuple[str, Any, Any]]
) -> str:
    """A comparison of two runs as a page: metrics, then the questions broken and fixed.

    Args:
        made: the comparison.
        names: of the two runs.
        changed: the differences between their configurations, with both values.
    """
    values = {
        "made": made,
        "first": names[0],
        "second": names[1],
        "differences": changed,
        "metrics": METRICS,
        "better": {name for name, change in made.changes.items() if better(name, change)},
    }
    return _templates().render("compare.html.jinja", values)


def contents(
    about: Mapping[str, Any],
    results: Sequence[Result],
    summary: Summary,
    gates: Sequence[Checked],
) -> dict[str, Any]:
    """The values of the templates."""
    return {
        "about": about,
        "summary": summary,
        "gates": gates,
        "tiles": {name: summary.all[name] for name in _TILES if name in summary.all},
        "metrics": METRICS,
        "lower": LOWER_IS_BETTER,
        "slices": slices_of(summary),
        "verification": summary.verification and in_words(summary.verification),
        "raw": [
            (name, summary.all[f"{name} raw"], summary.all[name])
            for name in _WITH_RAW
            if f"{name} raw" in summary.all and name in summary.all
        ],
        "stages": FAILURE_STAGES,
        "plots": list(_plots(results, summary)),
        "results": sorted(results, key=lambda result: _order(result.stage)),
        "failed": [result for result in results if result.stage],
    }


def shown(name: str, value: float) -> str:
    """A score for people: a share in per cent, a time in seconds."""
    if name.startswith(TIMES):
        return f"{value:.1f} s"
    return f"{value:.2f}" if name in _NO_SHARES else f"{value * 100:.0f} %"


def interval(name: str, score: Score) -> str:
    """The 95 % interval for people."""
    low = shown(name, score.low).removesuffix(" %").removesuffix(" s")
    return f"{low} to {shown(name, score.high)}"


def _order(stage: str | None) -> int:
    """Failed questions come first, stage by stage."""
    return list(FAILURE_STAGES).index(stage) if stage else len(FAILURE_STAGES)


def _plots(results: Sequence[Result], summary: Summary) -> Iterator[dict[str, Any]]:
    """Each chart with its title, its meaning in words, and its numbers as a table."""
    found = {
        name: parts["evidence recall@5"]
        for name, parts in summary.by_language.items()
        if "evidence recall@5" in parts
    }
    if found:
        yield _plot(
            "Evidence found, by language",
            "asked→article: the share of gold quotes found in the first five passages, with its "
            "95 % interval.",
            plots.shares(found),
            ("asked→article", "n", "share", "95 %"),
            [(name, s.n, shown("", s.value), interval("", s)) for name, s in found.items()],
        )
    if counted := _outcomes(results):
        yield _plot(
            "Answers and refusals",
            "Questions that the articles answer, and those that they do not: a refusal is right "
            "only for the second.",
            plots.outcomes(counted),
            ("questions", "right", "refused", "wrong"),
            [
                (name, *(parts[o] for o in ("right", "refused", "wrong")))
                for name, parts in counted.items()
            ],
        )
    if summary.stages:
        yield _plot(
            "Where questions failed",
            "Each question whose answer is not right, at the one stage at which it failed.",
            plots.counts(summary.stages),
            ("stage", "questions", ""),
            [(stage, n, FAILURE_STAGES[stage]) for stage, n in summary.stages.items()],
        )
    times = {name: values for name in TIMES if (values := values_of(results, name))}
    if times:
        rows = [
            (name, *(shown(name, summary.all[f"{name}, {at}"].value) for at in ("p50", "p95")))
            for name in times
        ]
        yield _plot(
            "Time to answer",
            "The share of questions answered within so many seconds; the dot is the median.",
            plots.latencies({name.removesuffix(" s"): values for name, values in times.items()}),
            ("time", "median", "95 % within"),
            rows,
        )


def _plot(
    title: str, words: str, svg: str, head: Sequence[str], rows: Sequence[Sequence[Any]]
) -> dict[str, Any]:
    return {"title": title, "words": words, "svg": svg, "head": head, "rows": rows}


def _outcomes(results: Sequence[Result]) -> dict[str, dict[str, int]]:
    """Counts of right, refused and wrong, for questions with and without an answer."""
    groups: dict[str, dict[str, int]] = {}
    for result in results:
        if "right" not in result.values:
            continue
        name = "answerable" if result.case.answerable else "unanswerable"
        group = groups.setdefault(name, {"right": 0, "refused": 0, "wrong": 0})
        refused = outcome(result.values) == "refused"
        group["right" if result.values["right"] else "refused" if refused else "wrong"] += 1
    return groups


@cache
def _templates() -> Templates:
    return Templates(
        _HERE,
        shown_as=lambda value, name: shown(name, value),
        interval_of=lambda score, name: interval(name, score),
        heads_of=heads_of,
        pretty=lambda value: json.dumps(value, ensure_ascii=False, indent=2),
        counted=lambda number, what: f"{number} {what}{'' if number == 1 else 's'}",
        state=state,
        cell=_cell,
    )


def _cell(text: object) -> str:
    """A text as a cell of a Markdown table: one line, no bars, no tags."""
    flat = " ".join(str(text).split())
    for mark in "\\`*_[]<>|&#":
        flat = flat.replace(mark, f"\\{mark}")
    return flat
