"""Rivals: what a text holds that is of the same kind as an answer, or as a name in a question."""

import regex

from index.text.scripts import UNSPACED
from qa.extraction.training.question_sets import norm

_UPPER = "A-ZÀ-ÖØ-Þ"
NAME = regex.compile(
    rf"(?<![.!?।]\s)(?<!^)\b[{_UPPER}][\w'’-]*(?:\s+(?:of\s+|de\s+)?[{_UPPER}][\w'’-]*)*"
)
"""A name in Latin script that does not begin a sentence."""
NUMBER = regex.compile(r"\d[\d.,:/–-]*\d|\d")

_UNIT = regex.compile(r"\s?[^\W\d_]+|\s?[%€$₹]")
_UNSPACED = regex.compile(rf"[{UNSPACED}]+")


def same_kind(answer: str, text: str) -> list[str]:
    """Other numbers, names, or runs of as many words, that a text holds beside an answer."""
    if NUMBER.search(answer):
        return _numbers(answer, text)
    if regex.match(rf"[{_UPPER}]", answer):
        return [each for each in NAME.findall(text) if each not in answer and answer not in each]
    if _UNSPACED.fullmatch(answer):
        runs = [run[: len(answer)] for run in _UNSPACED.findall(text) if len(run) >= len(answer)]
        return [run for run in runs if run != answer]
    return _runs(answer, text)


def _numbers(answer: str, text: str) -> list[str]:
    """With the word behind each, if the answer has words."""
    found = []
    for match in NUMBER.finditer(text):
        if match.group() in answer:
            continue
        unit = _UNIT.match(text, match.end()) if len(answer.split()) > 1 else None
        found.append(text[match.start() : unit.end() if unit else match.end()])
    return found


def _runs(answer: str, text: str) -> list[str]:
    words = list(regex.finditer(r"\S+", text))
    size = len(answer.split())
    own = set(norm(answer).split())
    starts = range(0, len(words) - size + 1, max(1, size))
    runs = [text[words[i].start() : words[i + size - 1].end()] for i in starts]
    return [run.strip('.,;:!?।"()') for run in runs if own.isdisjoint(norm(run).split())]
