"""Charts: the XML part of a chart -> its title, and a line for each category. Pure.

Reads the values that the file keeps for those who do not open the workbook behind the chart:
ECMA-376, part 1, 21.2 (`c:`), and the newer kinds of MS-ODRAWXML 2.24.3 (`cx:`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from index.converters.archive import parsed
from index.converters.chart_numbers import shown
from index.converters.tables import cell_text, line
from index.text.normalise import MAX_CODE_POINTS, too_long

_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_CX = "{http://schemas.microsoft.com/office/drawing/2014/chartex}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_NAME_LENGTH = 200  # code points: a name stands in each line
_MOST_LEVELS = 10  # of categories, such as year and quarter
_AXES = ("catAx", "dateAx", "serAx"), ("valAx",)

_Points = dict[int, str]


@dataclass(frozen=True, slots=True)
class _Series:
    """One row of a chart's data; `points` and `categories` are by their place, from 0."""

    name: str
    categories: _Points
    points: _Points
    across: bool = False  # whether `categories` are numbers along an axis, as of scattered points
    sizes: _Points = field(default_factory=dict)


def charts(part_xml: bytes) -> list[str]:
    """A chart as Markdown: `Chart “Catch”:`, then `- North; 2023: 100` for each category.

    Args:
        part_xml: the chart's own part, such as `xl/charts/chart1.xml` or `…/chartEx1.xml`.

    Raises:
        NotText: it is not XML, or holds more than MAX_CODE_POINTS.
    """
    root = parsed(part_xml)
    if root.tag == f"{_CX}chartSpace":
        title, axes, series = _extended(root)
    elif root.tag == f"{_C}chartSpace":
        title, axes, series = _classic(root)
    else:
        return []
    lines = _limited(_lines(series, axes))
    if not title and not lines:
        return []
    return [
        "\n".join([_introduction(title, axes[1], bool(lines)), *([""] if lines else []), *lines])
    ]


def _introduction(title: str, measured: str, has_values: bool) -> str:
    name = f"Chart “{title}”" if title else "Chart"
    if not has_values:
        return f"{name} (the file keeps no values of it)"
    return f"{name}, {measured}:" if measured and measured != title else f"{name}:"


def _limited(lines: Iterator[str]) -> list[str]:
    kept, total = [], 0
    for each in lines:
        total += len(each)
        if total > MAX_CODE_POINTS:
            raise too_long()
        kept.append(f"- {each}")
    return kept


def _lines(series: Iterable[_Series], axes: tuple[str, str]) -> Iterator[str]:
    """A line for each category of the series that share their categories."""
    groups: dict[object, list[_Series]] = {}
    for each in series:
        if each.points:
            shared = tuple(each.categories.items())
            groups.setdefault(len(groups) if each.across else shared, []).append(each)
    for group in groups.values():
        yield from _scattered(group[0], axes) if group[0].across else _by_category(group, axes)


def _by_category(group: list[_Series], axes: tuple[str, str]) -> Iterator[str]:
    along, measured = axes
    rows: dict[int, list[tuple[str, str]]] = {}
    for each in group:
        for place, value in each.points.items():
            rows.setdefault(place, []).append((each.name or measured, value))
    for place in sorted(rows):
        names, values = zip(*rows[place], strict=True)
        category = group[0].categories.get(place) or str(place + 1)
        yield line([along, *names], [category, *values])


def _scattered(series: _Series, axes: tuple[str, str]) -> Iterator[str]:
    names = ["", axes[0] or "x", axes[1] or "y", "size"]
    for place, value in sorted(series.points.items()):
        row = [series.name, series.categories.get(place, ""), value, series.sizes.get(place, "")]
        yield line(names, row)


def _classic(root: Any) -> tuple[str, tuple[str, str], list[_Series]]:
    chart = root.find(f"{_C}chart")
    plot = chart.find(f"{_C}plotArea") if chart is not None else None
    if plot is None:
        return "", ("", ""), []
    from_1904 = _flag(root.find(f"{_C}date1904"))
    series = [
        _read_series(each, from_1904) for kind in plot for each in kind.iterchildren(f"{_C}ser")
    ]
    title = _title(chart)
    # With one row of data, programs show its name as the title (21.2.2.7, autoTitleDeleted).
    if not title and len(series) == 1 and not _flag(chart.find(f"{_C}autoTitleDeleted")):
        title = series[0].name
    return title, _axis_titles(plot), series


def _axis_titles(plot: Any) -> tuple[str, str]:
    along, measured = (
        [_title(axis) for axis in plot if axis.tag in {f"{_C}{name}" for name in names}]
        for names in _AXES
    )
    if not along and len(measured) > 1:  # scattered points have two axes of values
        along, measured = measured[:1], measured[1:]
    return next(filter(None, along), ""), ", ".join(filter(None, measured))


def _read_series(each: Any, from_1904: bool) -> _Series:
    def read(name: str) -> _Points:
        return _points(each.find(f"{_C}{name}"), from_1904)

    across = each.find(f"{_C}xVal") is not None
    points = read("yVal" if across else "val")
    for place, label in _labels(each):
        if place in points and label != points[place]:
            points[place] += f" ({label})"
    categories = read("xVal" if across else "cat")
    return _Series(_name(each.find(f"{_C}tx")), categories, points, across, read("bubbleSize"))


def _labels(series: Any) -> Iterator[tuple[int, str]]:
    """Labels that somebody wrote beside a value."""
    for label in series.iterfind(f"{_C}dLbls/{_C}dLbl"):
        rich, place = label.find(f"{_C}tx/{_C}rich"), label.find(f"{_C}idx")
        if rich is not None and place is not None and (text := _rich(rich)):
            yield _whole(place.get("val")), text


def _points(data: Any, from_1904: bool) -> _Points:
    """The values kept for one row of data, by their places."""
    if data is None:
        return {}
    levels = [_level(level, "", from_1904) for level in data.iter(f"{_C}lvl")]
    if levels:  # the first level is the innermost
        return _nested(levels)
    for kept in data.iter(f"{_C}strCache", f"{_C}numCache", f"{_C}strLit", f"{_C}numLit"):
        return _level(kept, kept.findtext(f"{_C}formatCode") or "", from_1904)
    return {}


def _level(kept: Any, code: str, from_1904: bool) -> _Points:
    numbers = not kept.tag.endswith(("strCache", "strLit", "lvl"))
    found: _Points = {}
    for point in kept.iterchildren(f"{_C}pt"):
        text = _short(point.findtext(f"{_C}v") or "")
        if numbers:
            text = shown(text, point.get("formatCode") or code, from_1904=from_1904)
        if text:
            found[_whole(point.get("idx"))] = text
    return found


def _nested(levels: list[_Points]) -> _Points:
    """Categories of several levels in one: `2024 Q1`; an outer one holds until the next."""
    levels = levels[:_MOST_LEVELS]
    outer = [""] * (len(levels) - 1)
    names: _Points = {}
    for place in sorted(set().union(*levels)):
        outer = [level.get(place, before) for level, before in zip(levels[1:], outer, strict=True)]
        names[place] = _short(" ".join(filter(None, [*reversed(outer), levels[0].get(place, "")])))
    return names


def _extended(root: Any) -> tuple[str, tuple[str, str], list[_Series]]:
    """A waterfall, funnel, treemap, sunburst, histogram, box plot or map."""
    data = {each.get("id"): each for each in root.iterfind(f"{_CX}chartData/{_CX}data")}
    chart = root.find(f"{_CX}chart")
    if chart is None:
        return "", ("", ""), []
    series = []
    for each in chart.iter(f"{_CX}series"):
        source = each.find(f"{_CX}dataId")
        kept = data.get(source.get("val")) if source is not None else None
        if kept is not None:
            categories, points = _dimension(kept, "strDim"), _dimension(kept, "numDim")
            series.append(_Series(_name(each.find(f"{_CX}tx")), categories, points))
    titles = [_title(axis) for axis in chart.iter(f"{_CX}axis")]
    return _title(chart), ("", ", ".join(filter(None, titles))), series


def _dimension(data: Any, kind: str) -> _Points:
    levels = []
    for level in data.iterfind(f"{_CX}{kind}/{_CX}lvl"):
        code = level.get("formatCode") or ""
        points = ((point.get("idx"), _short(point.text or "")) for point in level.iter(f"{_CX}pt"))
        numbers = kind == "numDim"
        levels.append({_whole(i): shown(text, code) if numbers else text for i, text in points})
    return _nested(levels) if len(levels) > 1 else next(iter(levels), {})


def _title(owner: Any) -> str:
    """The title of a chart or an axis, "" where it has none of its own."""
    for title in owner.iterchildren(f"{_C}title", f"{_CX}title"):
        for tx in title.iterchildren(f"{_C}tx", f"{_CX}tx"):
            return _name(tx)
    return ""


def _name(tx: Any) -> str:
    """A text that is written, or kept from a cell."""
    if tx is None:
        return ""
    rich = next(tx.iter(f"{_C}rich", f"{_CX}rich"), None)
    if rich is not None:
        return _rich(rich)
    return _short(" ".join(each.text or "" for each in tx.iter(f"{_C}v", f"{_CX}v")))


def _rich(rich: Any) -> str:
    paragraphs = rich.iter(f"{_A}p")
    texts = ("".join(t.text or "" for t in each.iter(f"{_A}t")) for each in paragraphs)
    return _short(" ".join(texts))


def _short(text: str) -> str:
    return cell_text(text)[:_NAME_LENGTH]


def _whole(number: str | None) -> int:
    return (
        int(number) if number and number.isascii() and number.isdecimal() and len(number) < 8 else 0
    )


def _flag(element: Any) -> bool:
    return element is not None and element.get("val", "1") in ("1", "true")
