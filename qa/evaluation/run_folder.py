"""Run folder: the files of an evaluation, from which a stopped one is resumed.

run.json        configuration, versions, machine, when
results.jsonl   a line for each question, written as soon as it is done
summary.json    scores, failed stages, gates
report.html     for people; report.md the same in short
qrels, run      the searches in the format of TREC's tools
"""

import json
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from index.atomic_file import naming, write_atomically
from index.regular_file import open_regular
from qa.errors import BadRun
from qa.evaluation.configuration import differences
from qa.evaluation.results import Result, as_json, from_json

RUN, RESULTS, SUMMARY = "run.json", "results.jsonl", "summary.json"
_LOCK = ".lock"
_DEPTH = 8  # of the groups of a configuration, which has three


class RunFolder:
    """A run folder opened for writing, by one process at a time.

    `results` are those so far, in the order asked.
    """

    def __init__(self, path: Path, about: Mapping[str, Any], results: Sequence[Result]) -> None:
        """Use `open`."""
        self.path, self.about, self.results = path, dict(about), list(results)
        self._lock: FileLock | None = None

    @classmethod
    def open(
        cls, path: Path, configuration: Mapping[str, Any], details: Mapping[str, Any]
    ) -> "RunFolder":
        """Start a run in a new or empty folder, or resume one of the same configuration.

        Args:
            path: the folder.
            configuration: what decides the results; see `qa/evaluation/configuration.py`.
            details: what else to record about the run.

        Raises:
            BadRun: the folder holds something else, or a run of another configuration, or another
                process writes to it.
        """
        check(path)
        path.mkdir(parents=True, exist_ok=True)
        lock = _locked(path)
        if (path / RUN).exists():
            about = read_about(path)
            _same(path, about.get("configuration", {}), configuration)
            known = {**details, "begun": "", **about}
            folder = cls(path, known, _repaired(path / RESULTS))
        else:
            begun = datetime.now().astimezone().isoformat(timespec="seconds")
            folder = cls(path, {"configuration": configuration, **details, "begun": begun}, [])
            folder.write(RUN, _pretty(folder.about))
        folder._lock = lock
        return folder

    def close(self) -> None:
        """Let another process write to the folder; so does the end of this process."""
        if self._lock:
            self._lock.release()

    def add(self, result: Result) -> None:
        """Append a result; it is on the disk when this returns."""
        self.results.append(result)
        path = self.path / RESULTS
        with naming(path), path.open("ab") as file:
            file.write(as_json(result) + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def finish(self, summary: Mapping[str, Any]) -> None:
        """Write the summary, and record that the run is complete."""
        ended = datetime.now().astimezone().isoformat(timespec="seconds")
        self.about.setdefault("ended", ended)
        self.write(SUMMARY, _pretty(summary))
        self.write(RUN, _pretty(self.about))

    def write(self, name: str, text: str) -> None:
        """Write a file of the folder in one step, so that none is ever half written."""
        write_atomically(self.path / name, text)


def check(path: Path) -> None:
    """Check that a run can be written here.

    Raises:
        BadRun: it is a file, or a folder of something else.
    """
    _refuse_links(path)
    if path.exists() and not path.is_dir():
        raise BadRun(
            f"{path} is a file, but an evaluation writes a folder: run.json, results.jsonl, "
            "report.html and more. Give --out another name."
        )
    if (path / RUN).exists() or not path.is_dir():
        return
    if any(not file.name.startswith(".") for file in path.iterdir()):
        raise BadRun(f"{path} holds other files, but no run. Give --out a new folder.")


def read_about(path: Path) -> dict[str, Any]:
    """The contents of run.json.

    Raises:
        BadRun: there is no run, or it cannot be read.
    """
    _refuse_links(path)
    try:
        with open_regular(path / RUN) as file:
            about = json.loads(file.read())
    except FileNotFoundError:
        raise BadRun(
            f"There is no run at {path}: it has no {RUN}. "
            "Make one with: article-qa eval QUESTIONS.jsonl --out FOLDER"
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise BadRun(f"{path / RUN} cannot be read ({error}).") from error
    if not isinstance(about, dict) or not _fits(about):
        raise BadRun(f"{path / RUN} was not written by an evaluation.")
    return about


def read_results(path: Path) -> list[Result]:
    """The results of a run; a last line without its line end is skipped.

    Raises:
        BadRun: there is no run, or a line is damaged.
    """
    read_about(path)
    lines, _ = _whole_lines(path / RESULTS)
    results = []
    for number, line in enumerate(lines, 1):
        try:
            results.append(from_json(line))
        except ValueError as error:
            raise BadRun(
                f"{path / RESULTS} line {number} is damaged. Delete the line and run the same "
                "command again: only the missing questions are asked."
            ) from error
    return results


def _refuse_links(path: Path) -> None:
    """See that what is read and added to lies in the folder."""
    for name in (RUN, RESULTS):
        if (path / name).is_symlink():
            raise BadRun(f"{path / name} is a link. Give a folder whose files are its own.")


def _fits(about: Mapping[str, Any]) -> bool:
    """Whether run.json holds what is read of it."""
    named = all(isinstance(about.get(name, ""), str) for name in ("questions", "begun"))
    configured = about.get("configuration", {})
    return named and isinstance(configured, dict) and _is_shallow(configured, _DEPTH)


def _is_shallow(value: object, depth: int) -> bool:
    if not isinstance(value, dict | list):
        return True
    parts = value.values() if isinstance(value, dict) else value
    return depth > 0 and all(_is_shallow(part, depth - 1) for part in parts)


def _locked(path: Path) -> FileLock:
    lock = FileLock(path / _LOCK, timeout=0)
    try:
        with naming(path):
            lock.acquire()
    except Timeout as error:
        raise BadRun(
            f"Another process is writing the run at {path}. "
            "Wait for it, or give --out a new folder."
        ) from error
    return lock


def _whole_lines(path: Path) -> tuple[list[bytes], int]:
    """The complete lines of a file, and how many bytes they are."""
    try:
        with open_regular(path) as file:
            data = file.read()
    except FileNotFoundError:
        data = b""
    end = data.rfind(b"\n") + 1
    return [line for line in data[:end].split(b"\n") if line], end


def _repaired(path: Path) -> list[Result]:
    """The results so far; half a line, left by a killed run, is cut off."""
    results = read_results(path.parent)
    _, end = _whole_lines(path)
    if path.exists() and end < path.stat().st_size:
        os.truncate(path, end)
    return results


def _same(path: Path, known: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    found = [
        f"{name} was {_short(was)} and is {_short(now)}"
        for name, was, now in differences(known, wanted)
    ]
    if found:
        raise BadRun(
            f"The run at {path} was made with another configuration: {'; '.join(found)}. "
            "Give --out a new folder."
        )


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 24 else f"{text[:12]}…"


def _pretty(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
