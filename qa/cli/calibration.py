"""Command `models calibrate`: measure when a language model is believed, or forget that."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from qa.cli.options import computing_options, embedder_option, json_option, llm_option, option
from qa.llm.computing import Computing

if TYPE_CHECKING:
    from qa.calibration.calibrate import Calibrating
    from qa.calibration.choosing import Found, Mark

Progress = Callable[[int, int, str], None]


@click.command("calibrate")
@llm_option
@embedder_option
@computing_options
@option(
    "--forget",
    variable="CALIBRATE_FORGET",
    is_flag=True,
    help="Drop what was measured; the reader decides alone again.",
)
@option(
    "--questions",
    variable="CALIBRATE_QUESTIONS",
    type=click.IntRange(min=10),
    hidden=True,
    help="Ask so many, for a trial.",
)
@json_option
def calibrate(
    llm: str | None,
    embedder: str | None,
    computing: Computing,
    forget: bool,
    questions: int | None,
    json: bool,
) -> None:
    """Measure from when on a model's judgement is believed; takes some ten minutes.

    Asks 280 questions about articles that ship with the program, a part of which these articles do
    not answer. The thresholds are saved and used from then on, whenever this model is asked with
    this embedder; a model whose judgement adds nothing writes, and is not asked. A stopped
    calibration resumes.
    """
    if forget:
        click.echo(_forgotten(llm, embedder))
        return
    from qa.calibration import calibrate as job

    with _opened(llm, embedder, computing, questions) as opened, _progress() as progress:
        found, where = job.calibrate(opened, progress)
        name, embedder_name = opened.model.name, embedder or "the default embedder"
    if json:
        from qa.service.answer_format import json_text

        click.echo(json_text(_as_json(found, where)))
        return
    click.echo("\n".join([f"{name}, with {embedder_name}:", *_lines(found), _saved(found, where)]))


def _forgotten(llm: str | None, embedder: str | None) -> str:
    from qa.calibration.calibrate import forget
    from qa.cli import opening
    from qa.verification.thresholds import DEFAULT_PAIR, Pair

    name, id = opening.name_and_id(llm)
    pair = Pair(id, opening.embedder(embedder).fingerprint)
    what = "was dropped" if forget(pair) else "is not there"
    then = "those that ship are" if pair == DEFAULT_PAIR else "the reader decides alone, which is"
    return f"{name}: its calibration {what}; {then} in force."


@contextmanager
def _opened(
    llm: str | None, embedder: str | None, computing: Computing, questions: int | None
) -> "Iterator[Calibrating]":
    """The models, and a temporary index of the set's articles."""
    from qa.calibration.calibrate import Calibrating
    from qa.calibration.questions import load
    from qa.cli import opening
    from qa.cli.evaluation_run import temporary_index
    from qa.temporary_folder import temporary_folder

    opening.check_models(embedder, llm)  # what is missing is told at once
    chosen = load().some(questions)
    with temporary_folder() as articles:
        chosen.write(articles)
        with temporary_index(articles, embedder) as index:
            parts = opening.asking_parts(index, embedder, llm, computing, 0)
            yield Calibrating(chosen, *parts)


@contextmanager
def _progress() -> Iterator[Progress]:
    """How far it is, with the time left; and how to go on once it is stopped."""
    from qa.progress import count

    shown, begun = count("question", sys.stderr), time.monotonic()
    first: list[int] = []

    def told(done: int, total: int, what: str) -> None:
        first.append(done)
        fresh = done - first[0]
        left = (time.monotonic() - begun) / fresh * (total - done) if fresh else 0.0
        shown(done, total, f"{left // 60:.0f} min {left % 60:.0f} s left" if fresh else "")

    try:
        yield told
    except KeyboardInterrupt:
        shown.close()
        click.echo("What was measured is kept. To resume, run the same command.", err=True)
        raise
    finally:
        shown.close()


def _lines(found: "Found") -> Iterator[str]:
    """What was found, for people."""
    if areas := found.areas:
        yield (
            f"  told from untold (area under the curve): the reader {areas.reader:.3f}, "
            f"with the model {areas.both:.3f}; gain {areas.low:+.3f} to {areas.high:+.3f}"
        )
    yield f"  the reader alone: {_of(found.alone)}"
    yield f"  with the model:   {_of(found.together)}"
    if area := found.claims_area:
        yield f"  claims, yes from no (area): {area[0]:.3f}, at least {area[1]:.3f}"
    yield f"  a claim holds:    {_of(found.claims)}"
    given = found.thresholds
    yield (
        f"  so the model is asked, from {given.told:g} with weight {given.weight:g}"
        if given.is_asked
        else f"  so the model is not asked whether a passage tells: the reader, from {given.told:g}"
    )
    if given.holds is None:
        yield "  and it is not asked whether a claim holds"
    else:
        yield f"  and a claim holds from {given.holds:g}"


def _of(mark: "Mark | None") -> str:
    if mark is None:
        return "no mark is safe"
    return (
        f"from {mark.least:.2f}, {mark.told} of {mark.of_told} right and {mark.untold} of "
        f"{mark.of_untold} wrong"
    )


def _saved(found: "Found", where: str) -> str:
    from dataclasses import asdict

    from qa.verification.thresholds import SHIPPED

    if where:
        return f"Saved in {where}"
    shipped = ", ".join(f"{name} {value}" for name, value in asdict(SHIPPED).items())
    return f"The thresholds that ship for these models stay in force: {shipped}."


def _as_json(found: "Found", where: str) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "thresholds": asdict(found.thresholds),
        "measured": dict(found.measured),
        "saved": where or None,
    }
