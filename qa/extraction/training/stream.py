"""Stream: the examples to learn from, written once to a file and read in chunks."""

import json
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from qa.extraction.training.answer_examples import answer_examples
from qa.extraction.training.examples import AnswerExample, Example, SpanExample
from qa.extraction.training.pool import Pool
from qa.extraction.training.question_sets import QuestionSet
from qa.extraction.training.span_examples import span_examples
from qa.progress import count as progress_of

ANSWERS = 0.35  # share of the stream that is an answer to judge
# How much of the stream is of each set; 1 where none is given.
SHARES: Mapping[str, float] = {
    **{
        "xquad": 6,
        "mlqa_dev": 6,
        "mlqa_test": 3,
        "squad": 6,
        "idk": 4,
        "tydi": 2,
        "cmrc": 2,
        "drcd": 1.5,
    },
    **{"new_wiki": 1.5, "qamr": 0.7, "facqa": 0.7, "reddit": 0.7, "amazon": 0.5, "covidqa": 0.3},
}


def mixed(sets: Sequence[QuestionSet], seed: int) -> Iterator[Example]:
    """Examples of all sets, without end."""
    rng = random.Random(seed)
    made: dict[tuple[str, bool], Iterator[Example]] = {}
    for each in sets:
        made[each.name, False] = span_examples(Pool(each, random.Random(f"{seed} {each.name}")))
        made[each.name, True] = answer_examples(Pool(each, random.Random(f"{each.name} {seed}")))
    names = [each.name for each in sets]
    weights = [SHARES.get(name, 1) for name in names]
    while True:
        name = rng.choices(names, weights)[0]
        spans, answers = made[name, False], made[name, True]
        answer = next(answers, None) if rng.random() < ANSWERS else None
        yield answer or next(spans)


def write(examples: Iterator[Example], path: Path, count: int) -> None:
    """Write the first `count` examples, a line of JSON each."""
    part, progress = path.with_suffix(".part"), progress_of("example", sys.stderr)
    with part.open("w", encoding="utf-8") as file, closing(progress):
        for done in range(1, count + 1):
            example = next(examples)
            file.write(json.dumps(asdict(example), ensure_ascii=False) + "\n")
            progress(done, count, example.source)
    part.replace(path)


class Stream:
    """A written stream; processes may share it."""

    def __init__(self, path: Path) -> None:
        """Find where the lines begin."""
        self._path = path
        found, at = [0], 0
        with path.open("rb") as file:
            for line in file:
                at += len(line)
                found.append(at)
        self._bounds = np.array(found, np.int64)

    def __len__(self) -> int:
        """The number of examples."""
        return len(self._bounds) - 1

    def chunk(self, index: int, size: int) -> list[Example]:
        """The chunk of this number; after the last comes the first again."""
        index %= max(1, len(self) // size)
        first = int(self._bounds[index * size])
        last = int(self._bounds[min(len(self), (index + 1) * size)])
        with self._path.open("rb") as file:
            file.seek(first)
            lines = file.read(last - first).splitlines()
        return [_example(json.loads(line)) for line in lines]


def _example(fields: dict[str, Any]) -> Example:
    if "answer" in fields:
        return AnswerExample(**fields)
    span = fields.pop("span")
    return SpanExample(**fields, span=tuple(span) if span else None)
