"""Calibrations: which thresholds are in force for a language model and an embedder, and why.

The default pair's ship with the program. `article-qa models calibrate` measures those of any other
(qa/calibration) and keeps them in one small file a pair. It holds for one reader and these prompts:
of others it says nothing, nor does a damaged one. Where nothing is in force, the reader decides
alone (`READER_ALONE`): the model may write, and what it writes is shown where reader, numbers and
names prove it, as ever; whether a passage tells or a claim holds, it is not asked.
"""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, Literal

import prompts
from index.atomic_file import write_atomically
from index.user_cache import cache_folder
from qa.extraction.weights import SHIPPED as READER
from qa.verification.thresholds import DEFAULT_PAIR, READER_ALONE, SHIPPED, Pair, Thresholds

Source = Literal["shipped", "measured", "none"]

_PROMPTS = ("answer_system", "passage", "none", "right", "holds")
_FORMAT = 1  # of the file, and of how thresholds are used
_DAMAGED = "its calibration file is damaged and not in force"
_OTHER_VERSION = "its calibration was made for another version of this program and is not in force"
_LARGEST = 1e6  # log-odds, weights and counts beyond it are none


@dataclass(frozen=True, slots=True)
class Calibration:
    """The thresholds in force for a pair.

    `source` says where they are from; `problem` why a file that is there is not in force, else "";
    `measured` what was counted when they were found, for people, `made` on which day.
    """

    thresholds: Thresholds
    source: Source
    problem: str = ""
    measured: Mapping[str, Any] = field(default_factory=dict)
    made: str = ""

    @property
    def text(self) -> str:
        """One line for people: what is in force."""
        if self.source == "none":
            return f"not calibrated{f' ({self.problem})' if self.problem else ''}"
        shipped = "calibrated: its thresholds ship"
        return shipped if self.source == "shipped" else self._outcome

    @property
    def _outcome(self) -> str:
        asked = "asked" if self.thresholds.is_asked else "not asked, as it adds nothing"
        return f"calibrated on {self.made}: {asked}"


class _OtherVersion(ValueError):
    """The file is for another reader, other prompts, or of another format."""


def in_force(pair: Pair) -> Calibration:
    """What asking with this model and embedder goes by."""
    if pair == DEFAULT_PAIR:
        return Calibration(SHIPPED, "shipped")
    try:
        return _checked(json.loads(path(pair).read_text(encoding="utf-8")), pair)
    except FileNotFoundError:
        return Calibration(READER_ALONE, "none")
    except _OtherVersion:
        return Calibration(READER_ALONE, "none", _OTHER_VERSION)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return Calibration(READER_ALONE, "none", _DAMAGED)


def thresholds(pair: Pair) -> Thresholds:
    """The thresholds that are in force for a model and an embedder."""
    return in_force(pair).thresholds


def of_model(llm: str) -> Iterator[Calibration]:
    """Those in force for a language model with any embedder, the default pair's first."""
    if llm == DEFAULT_PAIR.llm:
        yield in_force(DEFAULT_PAIR)
    for file in sorted(folder().glob(f"{_short(llm)}-*.json")):
        found = _embedder_of(file)
        if found and (one := in_force(Pair(llm, found))).source == "measured":
            yield one


def save(pair: Pair, found: Thresholds, made: str, measured: Mapping[str, Any]) -> Path:
    """Keep what was measured for the next times; where."""
    file = path(pair)
    file.parent.mkdir(parents=True, exist_ok=True)
    told = {
        "version": version(),
        "pair": asdict(pair),
        "made": made,
        "thresholds": asdict(found),
        "measured": dict(measured),
    }
    write_atomically(file, f"{json.dumps(told, indent=2, ensure_ascii=False)}\n")
    return file


def forget(pair: Pair) -> bool:
    """Drop what was measured; whether there was anything."""
    try:
        path(pair).unlink()
    except FileNotFoundError:
        return False
    return True


def first_time(pair: Pair, problem: str) -> bool:
    """Whether nobody was told of it before that nothing is in force; from now on they were."""
    note = path(pair).with_suffix(".told")
    try:
        if note.read_text(encoding="utf-8") == problem:
            return False
    except (OSError, ValueError):
        pass
    try:
        note.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(note, problem)
    except OSError:
        return False  # nothing can be kept there, a calibration least of all
    return True


def folder() -> Path:
    """Where calibrations are kept."""
    return cache_folder() / "calibration"


def path(pair: Pair) -> Path:
    """The file of a pair."""
    return folder() / f"{_short(pair.llm)}-{_short(pair.embedder)}.json"


@cache
def version() -> str:
    """What measured leanings depend on besides the pair: prompts, reader, and how both are used."""
    whole = hashlib.sha256(f"{_FORMAT}\n".encode())
    for name in _PROMPTS:
        whole.update(f"{prompts.load(name).template.template}\0".encode())
    whole.update(READER.read_bytes())
    return whole.hexdigest()[:16]


def _short(identity: str) -> str:
    """Sixteen letters for an id of any form: that of a model behind a server is what it tells."""
    return hashlib.sha256(identity.encode()).hexdigest()[:16]


def _embedder_of(file: Path) -> str:
    """The embedder's fingerprint in a file; "" where that is no calibration."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))["pair"]["embedder"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ""
    return found if isinstance(found, str) else ""


def _checked(found: Any, pair: Pair) -> Calibration:
    if found["version"] != version():
        raise _OtherVersion
    if found["pair"] != asdict(pair) or not isinstance(found["measured"], dict):
        raise ValueError("of another pair")
    made, given = found["made"], found["thresholds"]
    if not isinstance(made, str) or set(given) != {each.name for each in fields(Thresholds)}:
        raise ValueError("not a calibration")
    return Calibration(_thresholds(given), "measured", measured=found["measured"], made=made)


def _thresholds(given: Mapping[str, Any]) -> Thresholds:
    if type(given["is_asked"]) is not bool:
        raise TypeError("is_asked")
    told, weight = _number(given["told"]), _number(given["weight"])
    holds = None if given["holds"] is None else _number(given["holds"])
    # What is laxer than the reader by itself, or takes a leaning the other way round, was not
    # written by this program.
    lax = told < READER_ALONE.told and not given["is_asked"]
    if lax or not 0 < weight <= 1 or (holds is not None and holds < 0):
        raise ValueError("thresholds that no calibration finds")
    return Thresholds(told, given["is_asked"], weight, holds)


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value) or abs(value) > _LARGEST:
        raise ValueError(f"{value!r} is no threshold")
    return float(value)
