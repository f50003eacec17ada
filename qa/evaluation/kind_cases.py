"""Kind cases: what an answer about whole articles must hold, by the kind of the question. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

Kind = Literal["summary", "list", "compare", "yes_no", "about", "catalog"]
Verdict = Literal["yes", "no", "untold"]
Side = Literal["a", "b"]
KINDS: tuple[str, ...] = get_args(Kind)
VERDICTS: tuple[str, ...] = get_args(Verdict)
SIDES: tuple[str, ...] = get_args(Side)

_OF_KINDS = {
    "articles": ("summary", "list", "about"),
    "also": ("list",),
    "points": ("summary",),
    "verdict": ("yes_no",),
    "sides": ("compare",),
    "more": ("compare",),
}
# What there must be where the articles answer, by kind; a fact is needed of all others.
_NEEDED = {
    "summary": ("points",),
    "list": ("articles",),
    "compare": ("sides", "evidence"),
    "yes_no": ("verdict", "evidence"),
    "about": ("answers",),
    "catalog": ("answers",),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an answer to a question about articles must hold.

    `articles` are those that must be listed (list), or that are asked about (summary, about);
    `also` those that may be listed beside them. `points` are the main points of a summary, each by
    its aliases. `sides` are the facts of both sides of a comparison, each by its aliases, none
    where the articles do not tell; `more` is the side that is asked for, as the dearer one.
    """

    kind: Kind
    articles: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    points: tuple[tuple[str, ...], ...] = ()
    verdict: Verdict | None = None
    sides: tuple[tuple[str, ...], ...] = ()
    more: Side | None = None

    @property
    def in_words(self) -> str:
        """What is expected, in one line for people."""
        if self.kind == "list":
            also = f"; perhaps {', '.join(self.also)}" if self.also else ""
            return f"{', '.join(self.articles)}{also}"
        facts = self.points or self.sides
        return self.verdict or "; ".join(" / ".join(aliases) or "untold" for aliases in facts)


NAMES = tuple(field.name for field in fields(Wanted))
"""The keys of a line of the file of questions that are read here."""


def wanted(values: Mapping[str, Any]) -> Wanted | None:
    """Make it of the values of `NAMES`; None where there is no kind.

    Raises:
        ValueError: a value is for another kind.
    """
    kind = values["kind"]
    for name, kinds in _OF_KINDS.items():
        if values[name] and kind not in kinds:
            named = " or ".join(kinds)
            raise ValueError(f"has {name}, which is for the kind {named}")
    return Wanted(**values) if kind else None


def check(
    known: Wanted, answerable: bool, given: Mapping[str, object], points: Sequence[int | None]
) -> None:
    """Check that what is known of the answer agrees with itself.

    Args:
        known: what is wanted.
        answerable: whether the articles answer.
        given: the case's answers and evidence, by their names.
        points: for each piece of evidence the point that it is of, if the file says so.

    Raises:
        ValueError: it does not; the message says why.
    """
    if known.kind == "yes_no" and (known.verdict in ("yes", "no")) != answerable:
        raise ValueError("of the kind yes_no: answerable with the verdict yes or no, else untold")
    for name in _NEEDED[known.kind] if answerable else ():
        if not (given.get(name) or getattr(known, name, None)):
            raise ValueError(f"answerable and of the kind {known.kind}, but without {name}")
    if known.sides and not any(known.sides):
        raise ValueError("of the kind compare, but neither of its sides is told")
    if known.more and not all(known.sides):
        raise ValueError("has more, but one of its sides is not told")
    _check_points(known, points)


def point_of(place: int, point: int | None) -> int:
    """The point that a piece of evidence is of: the one it names, else that of its place."""
    return place if point is None else point


def _check_points(known: Wanted, points: Sequence[int | None]) -> None:
    if known.kind != "summary":
        if any(point is not None for point in points):
            raise ValueError("has evidence of a point, which is for the kind summary")
        return
    for place, point in enumerate(points):
        if not 0 <= point_of(place, point) < len(known.points):
            raise ValueError(f"evidence[{place}] is of no point; give its number, from 0, as point")
