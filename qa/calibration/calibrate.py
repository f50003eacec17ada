"""THE CALIBRATING JOB, one page: questions -> measurements -> thresholds -> a small file.

Every measurement is on the disk before the next is begun, so that what is stopped resumes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from qa.calibration import partial_file
from qa.calibration.choosing import Found, choose
from qa.calibration.measurement import Measurement
from qa.calibration.measuring import measure
from qa.calibration.questions import CalibrationQuestion, CalibrationSet
from qa.errors import NoProbabilities
from qa.verification import calibrations
from qa.verification.thresholds import DEFAULT_PAIR, Pair

if TYPE_CHECKING:
    from qa.answering.asking import Index
    from qa.extraction.reader import Reader
    from qa.llm.model import LanguageModel


@dataclass(frozen=True, slots=True)
class Calibrating:
    """What is calibrated, and what is needed for that: `index` is of the set's articles."""

    questions: CalibrationSet
    index: "Index"
    reader: "Reader"
    model: "LanguageModel"

    @property
    def pair(self) -> Pair:
        """For which the thresholds are."""
        return Pair(self.model.sha256, self.index.embedder_fingerprint)


def calibrate(job: Calibrating, progress: Callable[[int, int, str], None]) -> tuple[Found, str]:
    """Measure what was not measured yet, choose, and keep the thresholds; where they are kept.

    Those of the default models ship, as they were measured on more questions: what is found of
    these is not kept, and stands nowhere ("").

    Args:
        job: what is calibrated.
        progress: is called with how many are done, of how many, and what is next.

    Raises:
        NoProbabilities: the model gives none.
    """
    if not job.model.gives_probabilities:
        raise NoProbabilities(job.model.name)
    file = partial_path(job.pair, job.questions)
    measured = dict(_measured(job, file, progress))
    found = choose([(each, measured[each.id]) for each in job.questions.questions])
    if job.pair == DEFAULT_PAIR:
        return found, ""
    about = {**found.measured, "llm": job.model.name, "set": job.questions.digest}
    saved = calibrations.save(job.pair, found.thresholds, date.today().isoformat(), about)
    file.unlink(missing_ok=True)
    return found, str(saved)


def partial_path(pair: Pair, questions: CalibrationSet) -> Path:
    """Where measurements of a pair lie until it is calibrated, by the set and the version."""
    name = calibrations.path(pair).stem
    return calibrations.folder() / f"{name}-{calibrations.version()}-{questions.digest}.jsonl"


def forget(pair: Pair) -> bool:
    """Drop the thresholds of a pair and all half of a calibration; whether there was anything."""
    begun = list(calibrations.folder().glob(f"{calibrations.path(pair).stem}-*.jsonl"))
    for file in begun:
        file.unlink(missing_ok=True)
    return calibrations.forget(pair) or bool(begun)


def _measured(
    job: Calibrating, file: Path, progress: Callable[[int, int, str], None]
) -> Iterator[tuple[str, Measurement]]:
    """Each question's measurement, by its id: those that are known, then the others."""
    known, asked = partial_file.read(file), job.questions.questions
    done = [known[each.id] for each in asked if each.id in known]
    yield from ((each.question, each) for each in done)
    left: list[CalibrationQuestion] = [each for each in asked if each.id not in known]
    for number, question in enumerate(left, len(done)):
        progress(number, len(asked), question.question.text)
        measured = measure(question, job.index, job.reader, job.model)
        partial_file.append(file, measured)
        yield question.id, measured
