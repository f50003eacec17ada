"""Calibrated: what commands tell of the calibration in force for a model and an embedder."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from qa.verification.calibrations import Calibration


def told(llm: str, embedder: str) -> "Calibration":
    """What is in force for a language model's SHA-256 and an embedder's fingerprint."""
    from qa.verification.calibrations import in_force
    from qa.verification.thresholds import Pair

    return in_force(Pair(llm, embedder))


def as_json(found: "Calibration") -> dict[str, Any]:
    """What is in force, as `run.json` of an evaluation tells it."""
    from dataclasses import asdict

    told = {"source": found.source, "thresholds": asdict(found.thresholds), "made": found.made}
    return {name: value for name, value in told.items() if value} | (
        {"problem": found.problem} if found.problem else {}
    )


def warn_once(llm: str, name: str, embedder: str) -> None:
    """Say on standard error, once a model, that nothing is in force and what would change that."""
    from qa.verification.calibrations import first_time
    from qa.verification.thresholds import Pair

    found = told(llm, embedder)
    if found.source == "none" and first_time(Pair(llm, embedder), found.problem):
        from qa.service.answer_format import safe

        problem = f" ({found.problem})" if found.problem else ""
        click.echo(
            f"note: {safe(name)} is not calibrated{problem}: it is not asked whether a passage "
            "answers. To measure whether that would help: article-qa models calibrate --llm …",
            err=True,
        )


def mark(llm: str) -> str:
    """How `models list` says that a language model was calibrated, by its SHA-256; "" if not."""
    from qa.verification.calibrations import of_model

    return next((one.text for one in of_model(llm)), "")


def calibrations(embedder: str) -> Iterator[str]:
    """What is in force for each language model that is here, with an index's embedder.

    Of a model whose file was never loaded nothing can be in force: its SHA-256 is not known yet.
    """
    from qa.weights.checksums import known_sha256
    from qa.weights.paths import present_llms

    for name, path in present_llms().items():
        sha256 = known_sha256(path)
        yield f"{name}: {told(sha256, embedder).text if sha256 else 'not calibrated'}"
