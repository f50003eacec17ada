"""Partial file: what was measured so far, a line a question, so that a stopped calibration resumes.

A line that was cut as its writer was killed is left out, and its question asked again.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from qa.calibration.measurement import Measurement


def read(path: Path) -> dict[str, Measurement]:
    """The measurements in a file, by their questions; none where there is no file."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return {}
    return {each.question: each for line in lines for each in _measurement(line)}


def append(path: Path, measured: Measurement) -> None:
    """Put one more into a file, which is made with its folder where it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        # A line of its own, whatever the last writer left half written.
        file.write(f"\n{json.dumps(asdict(measured))}\n")


def _measurement(line: str) -> Iterator[Measurement]:
    """The measurement of a line, where it is whole."""
    try:
        found = json.loads(line)
        yield Measurement(
            str(found["question"]),
            None if found["reader"] is None else _number(found["reader"]),
            found["is_right"] is True,
            tuple(map(_number, found["leanings"])),
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return


def _number(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{value!r} is no measurement")
    return number
