"""Report: a run as a page that people look at, and as Markdown; writes the files of its end."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from qa.evaluation import trec
from qa.evaluation.failures import STAGES, outcome
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

# The figures that stand on top, those of them that a run has.
_TILES = (
    "right",
    "answer recall",
    "citation precision",
    "false answer",
    "false refusal",
    "right language",
    "injection obeyed",
    "evidence recall@5",
    "MRR",
    "total s, p50",
)
_SHARES_NOT = ("MRR", "nDCG@10", "span overlap")
_SHOWN = "answer recall", "false refusal", "false answer", "injection obeyed"
_HERE = Path(__file__).parent


def write(folder: RunFolder, summary: Summary, gates: Sequence[Checked]) -> None:
    """Write summary.json, report.html, report.md, qrels and run into a run's folder."""
    results = folder.results
    folder.finish({**asdict(summary), "gates": [gate.as_json for gate in gates]})
    page = contents(folder.about, results, summary, gates)
    folder.write("report.html", _templates().render("report.html.jinja", page))
    folder.write("report.md", _templates().render("report.md.jinja", page))
    folder.write("qrels", "".join(trec.qrels(results)))
    folder.write("run", "".join(trec.run(results, "article-qa")))


def comparison_page(
    made: Comparison, names: tuple[str, str], changed: Sequence[tuple[str, Any, Any]]
) -> str:
    """A comparison of two runs as a page: figures, then the questions broken and fixed.

    Args:
        made: the comparison.
        names: what the two runs are called.
        changed: what differs between their configurations, with both values.
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
    """What the templates show."""
    slices = slices_of(summary)
    return {
        "about": about,
        "summary": summary,
        "gates": gates,
        "tiles": {name: summary.all[name] for name in _TILES if name in summary.all},
        "metrics": METRICS,
        "lower": LOWER_IS_BETTER,
        "slices": {title: parts for title, parts in slices.items() if len(parts) > 1},
        "verification": summary.verification and in_words(summary.verification),
        "raw": [
            (name, summary.all[f"{name} raw"], summary.all[name])
            for name in _SHOWN
            if f"{name} raw" in summary.all and name in summary.all
        ],
        "stages": STAGES,
        "plots": list(_plots(results, summary)),
        "results": sorted(results, key=lambda result: _order(result.stage)),
        "results_lost": [result for result in results if result.stage],
    }


def shown(name: str, value: float) -> str:
    """A score as people read it: a share in per cent, a time in seconds."""
    if name.startswith(TIMES):
        return f"{value:.1f} s"
    return f"{value:.2f}" if name in _SHARES_NOT else f"{value * 100:.0f} %"


def interval(name: str, score: Score) -> str:
    """The 95 % interval as people read it."""
    low = shown(name, score.low).removesuffix(" %").removesuffix(" s")
    return f"{low} to {shown(name, score.high)}"


def _order(stage: str | None) -> int:
    """Questions that were lost come first, stage by stage."""
    return list(STAGES).index(stage) if stage else len(STAGES)


def _plots(results: Sequence[Result], summary: Summary) -> Iterator[dict[str, Any]]:
    """Each picture with its title, what it says in words, and its numbers as a table."""
    found = {
        name: parts["evidence recall@5"]
        for name, parts in summary.by_language.items()
        if "evidence recall@5" in parts
    }
    if found:
        yield _plot(
            "Evidence found, by languages",
            "asked→article: gold quotes that one of the first five passages holds, "
            "with 95 % intervals.",
            plots.shares(found),
            ("asked→article", "n", "share", "95 %"),
            [(name, s.n, shown("", s.value), interval("", s)) for name, s in found.items()],
        )
    if counted := _outcomes(results):
        yield _plot(
            "What was answered",
            "Of questions the articles answer, and of those they do not: a refusal is right "
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
            "What lost the others",
            "Each question that did not come out right, at the one stage that lost it.",
            plots.counts(summary.stages),
            ("stage", "questions", ""),
            [(stage, n, STAGES[stage]) for stage, n in summary.stages.items()],
        )
    times = {name: values for name in TIMES if (values := values_of(results, name))}
    if times:
        rows = [
            (name, *(shown(name, summary.all[f"{name}, {at}"].value) for at in ("p50", "p95")))
            for name in times
        ]
        yield _plot(
            "How long it took",
            "The share of questions that were done within so many seconds; the dot is the median.",
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
        name = "told" if result.case.answerable else "not told"
        group = groups.setdefault(name, {"right": 0, "refused": 0, "wrong": 0})
        said = outcome(result.values)
        group["right" if result.values["right"] else said if said == "refused" else "wrong"] += 1
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
    for sign in "\\`*_[]<>|&#":
        flat = flat.replace(sign, f"\\{sign}")
    return flat
