"""Model list: what `models list` tells of each known model and of this machine."""

import functools
import json
import textwrap
from dataclasses import asdict, dataclass

from qa.cli.calibrated import mark
from qa.weights import licences, machine_memory
from qa.weights.manifest import Kind, ModelSpec, default, load_manifest
from qa.weights.model_memory import cores, fits, needed
from qa.weights.paths import is_present, path_of
from qa.weights.recommended import recommended

_TITLES: dict[Kind, str] = {"llm": "Language models (--llm)", "embedder": "Embedders (--embedder)"}
_COLUMNS = "  {name:36} {size:>5} {memory:>7}  {licence:13} {languages:>5}  {fits}"
_SLOWER = "reads every prompt whole: same answers, slower"
_WIDTH = 80
_INDENT = " " * 6
_EXPLAINED = """\
Sizes and memory in GB: ~ is an estimate, ? is not known until the hub is asked.
Lang. is how many languages the makers name. No quality is claimed: recommended
is the largest model that fits, is free for any use, shares what was read
between prompts, and has no more weights for each core than the default on two.
Get one with: article-qa models fetch NAME"""


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A known model on this machine. Sizes in bytes; None is what nobody knows yet."""

    name: str
    kind: Kind
    default: bool
    recommended: bool
    bytes: int | None
    memory_bytes: int | None
    memory_measured: bool
    fits: bool | None
    licence: str
    terms: str
    languages: str
    reads: str
    path: str | None
    calibrated: str | None = None  # what `models calibrate` says of it


@dataclass(frozen=True, slots=True)
class Listing:
    """Every known model, the reader that ships, and what this machine has."""

    models: tuple[ListedModel, ...]
    reader_bytes: int
    free_memory_bytes: int | None
    cores: int


def collect() -> Listing:
    """What there is to tell, now."""
    from qa.extraction.weights import SHIPPED

    known = load_manifest()
    best = recommended(known)
    models = tuple(_listed(model, model == best) for model in known)
    return Listing(models, SHIPPED.stat().st_size, machine_memory.available(), cores())


def as_json(listing: Listing) -> str:
    """One JSON object on one line."""
    return json.dumps(asdict(listing), ensure_ascii=False)


def as_text(listing: Listing) -> str:
    """Tables of at most 80 columns, and what a model has to be told of below it."""
    lines = [line for kind in _TITLES for line in _table(kind, listing)]
    size = f"{listing.reader_bytes / 1e6:.0f} MB"
    only = f"part of this program, for {default('embedder').name} alone"
    lines += ["Reader", f"  {size}, CC BY-SA 4.0; {only}", "", _EXPLAINED]
    free = listing.free_memory_bytes
    if free is not None:
        lines.append(f"This machine: {free / 1e9:.1f} GB of memory free, {listing.cores} cores.")
    return "\n".join(lines)


def _listed(model: ModelSpec, is_best: bool) -> ListedModel:
    need = needed(model)
    return ListedModel(
        name=model.name,
        kind=model.kind,
        default=model.default,
        recommended=is_best,
        bytes=(model.folder_bytes or model.bytes) or None,
        memory_bytes=need.bytes,
        memory_measured=need.measured,
        fits=fits(need),
        licence=model.licence,
        terms=licences.terms(model.licence),
        languages=model.languages,
        reads=model.reads,
        path=str(path_of(model)) if is_present(model) else None,
        calibrated=mark(model.sha256) or None if model.kind == "llm" else None,
    )


def _table(kind: Kind, listing: Listing) -> list[str]:
    lines = [_head(kind)]
    for model in listing.models:
        if model.kind == kind:
            lines += [_row(model), *_wrapped(_notes(model))]
    return [*lines, ""]


def _head(kind: Kind) -> str:
    line = _COLUMNS.format(
        name="", size="size", memory="memory", licence="licence", languages="lang.", fits="fits"
    )
    return _TITLES[kind] + line[len(_TITLES[kind]) :]


def _row(model: ListedModel) -> str:
    return _COLUMNS.format(
        name=model.name,
        size=_gigabytes(model.bytes),
        memory=_gigabytes(model.memory_bytes, "" if model.memory_measured else "~"),
        licence=model.licence,
        languages=model.languages,
        fits={True: "yes", False: "no", None: "?"}[model.fits],
    )


def _notes(model: ListedModel) -> list[str]:
    marks = {
        "default": model.default,
        "recommended here": model.recommended,
        model.calibrated or "": bool(model.calibrated),
    }
    told = [", ".join(mark for mark, holds in marks.items() if holds)]
    told += [model.path or "", _SLOWER if model.reads == "whole" else "", model.terms]
    return [note for note in told if note]


def _wrapped(notes: list[str]) -> list[str]:
    """Indented lines; a path is not broken."""
    wrap = functools.partial(
        textwrap.wrap, width=_WIDTH, break_long_words=False, break_on_hyphens=False
    )
    return [
        line
        for note in notes
        for line in wrap(note, initial_indent=_INDENT, subsequent_indent=_INDENT)
    ]


def _gigabytes(size: int | None, about: str = "") -> str:
    return "?" if size is None else f"{about}{size / 1e9:.1f}"
