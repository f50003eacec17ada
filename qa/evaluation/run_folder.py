"""Run folder: what an evaluation leaves on disk, and how a stopped one goes on.

run.json        configuration, versions, machine, when
results.jsonl   a line a question, written as soon as it is done
summary.json    scores, stages, gates
report.html     for people; report.md the same in short
qrels, run      the searches, for TREC's tools
"""

import json
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from index.atomic_file import write_atomically
from qa.errors import BadRun
from qa.evaluation.configuration import differences
from qa.evaluation.results import Result, as_json, from_json

RUN, RESULTS, SUMMARY = "run.json", "results.jsonl", "summary.json"
_LOCK = ".lock"


class RunFolder:
    """A run folder opened for writing, by one process at a time.

    `results` are those there are, in the order asked.
    """

    def __init__(self, path: Path, about: Mapping[str, Any], results: Sequence[Result]) -> None:
        """Use `open`."""
        self.path, self.about, self.results = path, dict(about), list(results)
        self._lock: FileLock | None = None

    @classmethod
    def open(
        cls, path: Path, configuration: Mapping[str, Any], told: Mapping[str, Any]
    ) -> "RunFolder":
        """Begin a run in a new or empty folder, or go on with one of the same configuration.

        Args:
            path: the folder.
            configuration: what decides the results; see `qa/evaluation/configuration.py`.
            told: what else is to be known of the run.

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
            folder = cls(path, about, _mended(path / RESULTS))
        else:
            begun = datetime.now().astimezone().isoformat(timespec="seconds")
            folder = cls(path, {"configuration": configuration, **told, "begun": begun}, [])
            folder.write(RUN, _pretty(folder.about))
        folder._lock = lock
        return folder

    def close(self) -> None:
        """Let another process write to it; the end of this one does so too."""
        if self._lock:
            self._lock.release()

    def add(self, result: Result) -> None:
        """Keep a result; it is on the disk when this returns."""
        self.results.append(result)
        with (self.path / RESULTS).open("ab") as file:
            file.write(as_json(result) + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def finish(self, summary: Mapping[str, Any]) -> None:
        """Write the summary, and that the run is whole."""
        ended = datetime.now().astimezone().isoformat(timespec="seconds")
        self.about.setdefault("ended", ended)
        self.write(SUMMARY, _pretty(summary))
        self.write(RUN, _pretty(self.about))

    def write(self, name: str, text: str) -> None:
        """Write a file of the folder in one step, so that none is ever half written."""
        write_atomically(self.path / name, text)


def check(path: Path) -> None:
    """See that a run can be kept here.

    Raises:
        BadRun: it is a file, or a folder of something else.
    """
    if path.exists() and not path.is_dir():
        raise BadRun(
            f"{path} is a file, but an evaluation writes a folder: run.json, results.jsonl, "
            "report.html and more. Give --out another name."
        )
    if (path / RUN).exists() or not path.is_dir():
        return
    if any(not file.name.startswith(".") for file in path.iterdir()):
        raise BadRun(f"{path} holds other files and no run. Give --out a new folder.")


def read_about(path: Path) -> dict[str, Any]:
    """What run.json tells.

    Raises:
        BadRun: there is no run, or it cannot be read.
    """
    try:
        about = json.loads((path / RUN).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadRun(
            f"There is no run at {path}: it has no {RUN}. "
            "Make one with: article-qa eval QUESTIONS.jsonl --out FOLDER"
        ) from None
    except (OSError, ValueError) as error:
        raise BadRun(f"{path / RUN} cannot be read ({error}).") from error
    if not isinstance(about, dict):
        raise BadRun(f"{path / RUN} is not what an evaluation writes.")
    return about


def read_results(path: Path) -> list[Result]:
    """The results of a run that has a line for each; a last line without its end is left out.

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
                f"{path / RESULTS} line {number} is damaged. Take the line out and run the same "
                "command again: only what is missing is asked."
            ) from error
    return results


def _locked(path: Path) -> FileLock:
    lock = FileLock(path / _LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise BadRun(
            f"Another process is writing the run at {path}. "
            "Wait for it, or give --out a new folder."
        ) from error
    return lock


def _whole_lines(path: Path) -> tuple[list[bytes], int]:
    """The lines that have their end, and how many bytes they are."""
    data = path.read_bytes() if path.exists() else b""
    end = data.rfind(b"\n") + 1
    return [line for line in data[:end].split(b"\n") if line], end


def _mended(path: Path) -> list[Result]:
    """The results so far; half a line, left by a run that was killed, is cut off."""
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
            f"The run at {path} is of another configuration: {'; '.join(found)}. "
            "Give --out a new folder."
        )


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 24 else f"{text[:12]}…"


def _pretty(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
