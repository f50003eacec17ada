"""Plots: the charts of a run, as SVG in the colours of the page; only home of matplotlib.

Colours are names of the page's style sheet, so that a chart is light or dark as the page is.
"""

import io
import logging
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from qa.evaluation.reports.statistics import Score

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# The colours that matplotlib draws with, and the names in the style sheet that replace them.
_INK, _MUTED, _GRID, _GOOD, _BAD, _QUIET, _ACCENT, _PAPER = (f"#01020{i}" for i in range(8))
_NAMES = {
    _INK: "ink",
    _MUTED: "muted",
    _GRID: "grid",
    _GOOD: "good",
    _BAD: "bad",
    _QUIET: "quiet",
    _ACCENT: "accent",
    _PAPER: "paper",
}
_OUTCOMES = {"right": _GOOD, "refused": _QUIET, "wrong": _BAD}
_WIDTH = 6.2  # inches; the page scales it to the room it has
_ROW = 0.36  # inches of height for a line of a chart


def shares(scores: Mapping[str, Score]) -> str:
    """A chart of shares: a line for each, the share as a dot, its 95 % interval as a bar."""
    with _drawn(len(scores), "shares") as (axes, svg):
        for row, score in enumerate(scores.values()):
            axes.plot([score.low, score.high], [row, row], color=_ACCENT, linewidth=5, alpha=0.3)
            axes.plot(score.value, row, "o", color=_ACCENT, markersize=7)
            axes.text(1.03, row, f"n {score.n}", va="center", color=_MUTED, fontsize=9)
        _rows(axes, list(scores))
        axes.set_xlim(-0.02, 1.02)
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])
        return svg()


def outcomes(counts: Mapping[str, Mapping[str, int]]) -> str:
    """A chart of outcomes: a bar for each group, made of `right`, `refused` and `wrong`."""
    with _drawn(len(counts) + 1, "outcomes") as (axes, svg):
        for row, parts in enumerate(counts.values()):
            left, total = 0.0, max(sum(parts.values()), 1)
            for outcome, colour in _OUTCOMES.items():
                width = parts.get(outcome, 0) / total
                label = outcome if row == 0 else None
                axes.barh(row, width, left=left, height=0.62, color=colour, label=label)
                if width > 0.06:
                    middle = left + width / 2
                    axes.text(
                        middle, row, str(parts[outcome]), ha="center", va="center", color=_PAPER
                    )
                left += width
        _rows(axes, [f"{name} ({sum(parts.values())})" for name, parts in counts.items()])
        axes.set_xlim(0, 1)
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])
        axes.legend(
            loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3, frameon=False, labelcolor=_INK
        )
        return svg()


def latencies(times: Mapping[str, Sequence[float]]) -> str:
    """A chart of times: for each kind, the share of questions that took no longer, by seconds."""
    import numpy as np

    with _drawn(6, "latencies") as (axes, svg):
        for (name, values), colour in zip(times.items(), (_ACCENT, _GOOD), strict=False):
            seconds = np.sort(np.asarray(values, dtype=np.float64))
            reached = np.arange(1, len(seconds) + 1) / len(seconds)
            axes.step([0, *seconds], [0, *reached], where="post", color=colour, label=name)
            half = float(np.quantile(seconds, 0.5))
            axes.plot(half, 0.5, "o", color=colour)
            axes.annotate(
                f"{half:.1f} s", (half, 0.5), (6, -12), textcoords="offset points", color=colour
            )
        axes.set_ylim(0, 1.02)
        axes.set_xlim(left=0)
        axes.set_yticks([0, 0.5, 0.95], ["0", "half", "95 %"])
        axes.set_xlabel("seconds", color=_MUTED)
        axes.grid(axis="y", color=_GRID)
        axes.legend(loc="lower right", frameon=False, labelcolor=_INK)
        return svg()


def counts(numbers: Mapping[str, int]) -> str:
    """A chart of counts: a bar for each, with its number."""
    with _drawn(len(numbers), "counts") as (axes, svg):
        axes.barh(range(len(numbers)), list(numbers.values()), height=0.62, color=_BAD)
        for row, number in enumerate(numbers.values()):
            axes.annotate(
                str(number), (number, row), (5, 0), textcoords="offset points", va="center"
            )
        _rows(axes, list(numbers))
        axes.set_xlim(0, max(numbers.values()) * 1.12)
        axes.set_xticks([])
        axes.grid(visible=False)
        return svg()


def _rows(axes: "Axes", names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.45, -0.55)
    axes.grid(axis="x", color=_GRID)


@contextmanager
def _drawn(rows: int, name: str) -> "Iterator[tuple[Axes, Callable[[], str]]]":
    """An empty chart for `rows` lines, and the function that returns its SVG once it is drawn."""
    import matplotlib
    from matplotlib.figure import Figure

    settings: Any = {
        "svg.fonttype": "none",  # text stays text: it can be read aloud, and takes the page's font
        "svg.hashsalt": name,
        "font.size": 11,
        "text.parse_math": False,  # a label with two dollar signs is no formula
        "text.color": _INK,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.spines.left": False,
        "axes.edgecolor": _GRID,
        "axes.axisbelow": True,
        "xtick.color": _MUTED,
        "ytick.color": _INK,
        "ytick.left": False,
        "xtick.bottom": False,
        "lines.linewidth": 2,
    }
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # else it reports its font cache
    with matplotlib.rc_context(settings), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # letters that its font lacks; the page has others
        figure = Figure(figsize=(_WIDTH, rows * _ROW + 0.6), layout="constrained")
        yield figure.add_subplot(), lambda: _svg(figure, name)


def _svg(figure: Any, name: str) -> str:
    out = io.StringIO()
    figure.savefig(out, format="svg", transparent=True, metadata={"Date": None})
    svg = out.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    # A page holds several charts, and each has parts called `axes_1`.
    svg = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", svg)
    for colour, variable in _NAMES.items():
        svg = svg.replace(colour, f"var(--{variable})")
    # The page gives size and title.
    return re.sub(
        r'<svg ([^>]*?)height="[^"]*"([^>]*?)width="[^"]*"',
        r'<svg aria-hidden="true" \1\2',
        re.sub(r'<svg ([^>]*?)width="[^"]*"([^>]*?)height="[^"]*"', r"<svg \1\2", svg, count=1),
        count=1,
    )
