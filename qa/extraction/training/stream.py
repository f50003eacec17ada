"""Stream: examples to learn from, of all sets in their shares."""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from qa.extraction.training.answer_examples import answer_examples
from qa.extraction.training.examples import AnswerExample, Example
from qa.extraction.training.pool import Pool
from qa.extraction.training.question_sets import QuestionSet
from qa.extraction.training.span_examples import span_examples
from qa.extraction.training.statements import STATEMENTS

ANSWERS = 0.4  # share of the stream that is an answer to judge
_DRAFTS = 0.004  # share of what the language model wrote
_NO_CAPITALS, _NO_MARK = 0.1, 0.15  # shares of the questions
# How much of the stream is of each set; 1 where none is given.
SHARES: Mapping[str, float] = {
    **{
        "xquad": 6,
        "mlqa_dev": 6,
        "mlqa_test": 3,
        "squad": 6,
        "idk": 7,
        "tydi_id": 2.5,
        "tydi": 2,
        "cmrc": 2,
        "drcd": 1.5,
        "ntrex": 2,
        "ntrex_left_out": 2,
        "clapnq": 0.2,
    },
    **{"new_wiki": 1.5, "qamr": 0.7, "facqa": 0.7, "reddit": 0.7, "amazon": 0.5, "covidqa": 0.3},
}


def mixed(
    sets: Sequence[QuestionSet], seed: int, drafts: Sequence[AnswerExample] = ()
) -> Iterator[Example]:
    """Examples of all sets, without end, and the drafts among them again and again."""
    rng = random.Random(seed)
    often = _DRAFTS if drafts else 0
    made: dict[tuple[str, bool], Iterator[Example]] = {}
    for each in sets:
        made[each.name, False] = span_examples(Pool(each, random.Random(f"{seed} {each.name}")))
        made[each.name, True] = answer_examples(Pool(each, random.Random(f"{each.name} {seed}")))
    names = [each.name for each in sets]
    weights = [SHARES.get(name, 1) for name in names]
    while True:
        if rng.random() < often:
            yield as_typed(rng.choice(drafts), rng)
            continue
        name = rng.choices(names, weights)[0]
        spans, answers = made[name, False], made[name, True]
        wanted = rng.random() < ANSWERS and name != STATEMENTS
        answer = next(answers, None) if wanted else None
        yield as_typed(answer or next(spans), rng)


def as_typed(example: Example, rng: random.Random) -> Example:
    """The example, its question now and then as people type: no capitals, no question mark."""
    question = example.question
    if rng.random() < _NO_CAPITALS:
        question = question.lower()
    if rng.random() < _NO_MARK:
        question = question.rstrip(" ?？؟¿।") or question
    return replace(example, question=question)


def judged(path: Path) -> list[AnswerExample]:
    """Drafts that were written and judged before (drafts.py)."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [AnswerExample(**json.loads(line)) for line in lines]
