"""Measuring: one question through search, reader and model, as asking does it, up to the answer."""

import math
from typing import TYPE_CHECKING

from qa.answering.writer import PassageWriter
from qa.calibration.measurement import Measurement
from qa.calibration.questions import CalibrationQuestion
from qa.errors import NoProbabilities
from qa.extraction.ranking import log_odds
from qa.verification.evidence import PASSAGE_TOKENS, Evidence, choose

if TYPE_CHECKING:
    from qa.answering.asking import Index
    from qa.extraction.reader import Reader
    from qa.llm.model import LanguageModel, Leaning

_PASSAGES = 10  # as asking searches by itself


def measure(
    asked: CalibrationQuestion, index: "Index", reader: "Reader", model: "LanguageModel"
) -> Measurement:
    """What reader and model think of the passage that the reader puts first.

    Raises:
        NoProbabilities: the model gives none that is a number.
    """
    passages = index.search(asked.question.text, _PASSAGES)
    found = next(choose(asked.question, passages, reader, model.count, PASSAGE_TOKENS), None)
    if found is None:
        return Measurement(asked.id, None)
    model.reset()
    writer = PassageWriter(asked.question, asked.question.language, found, model)
    leanings = [writer.holds()] if asked.is_claim else writer.witness()
    return Measurement(
        asked.id, log_odds(found.told), _is_right(asked, found), tuple(_odds(leanings, model.name))
    )


def _is_right(asked: CalibrationQuestion, found: Evidence) -> bool:
    """Whether the evidence holds the words that answer; of a claim, is of its article."""
    return found.article == asked.article and asked.answer in found.text


def _odds(leanings: "list[Leaning]", name: str) -> list[float]:
    odds = [leaning.log_odds for leaning in leanings]
    if not all(map(math.isfinite, odds)):
        raise NoProbabilities(name)
    return odds
