"""Follow-ups: examples of how questions lean on earlier turns, and models that tell it.

Made of `follow_ups.txt`, with topics in {t}, names of languages by Unicode's CLDR in {language},
and the file's own ordinals in {nth}. Questions of `kinds.txt` and of public sets lean on nothing.
"""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from index.embedding.embedder import Vectors
from index.text.languages import ENGLISH_NAMES
from qa.extraction.follow_ups import ASKS, FollowUps
from qa.extraction.reader import ORDINALS
from qa.extraction.training import topics
from qa.extraction.training.kinds import Asked, by_language, filled
from qa.extraction.training.logistic import fitted
from qa.extraction.training.question_sets import QuestionSet
from qa.extraction.training.topics import Rows

TEMPLATES = Path(__file__).with_name("follow_ups.txt")
_TIMES = 6  # questions made of a template with a hole; of one without, half of it
_OTHERS = 1  # questions made of each template of `kinds.txt`
_PLAIN = 200  # plain questions of a language
_BARE = 0.4  # the share that is typed without marks or capitals
_MARKS = "?？。.¿¡"
_PENALTY = 3e-6  # of the squared weights
_EVERY = 3  # of so many questions one has its tokens learned from: there are many of each
_NAMES_KNOWN = ("hi", "en", "zh", "id", "es")  # languages that are named more often than others


def examples(sets: Sequence[QuestionSet], seed: int = 23) -> list[Asked]:
    """Questions to learn from, by the names of `FollowUps`."""
    chance = random.Random(seed)
    named = topics.mixed(sets, seed)
    made = list(_made(named, chance))
    plain, _ = by_language(sets)
    for language, texts in plain.items():
        some = chance.sample(texts, min(_PLAIN, len(texts)))
        made += [Asked("own", text, language) for text in some]
    return made + [
        Asked("own", each.text, each.language, each.topics)
        for each in filled(named, _OTHERS, chance)
        if each.name not in ("yes_no", "compare")
    ]


def learned(
    embedder: str, vectors: Vectors, asked: Sequence[Asked], rows: Iterable[Rows]
) -> FollowUps:
    """Two logistic regressions, over questions and over their tokens.

    Each name is weighted by the root of how rare it is.

    Args:
        embedder: the fingerprint of what made the vectors.
        vectors: of the questions, shape (n, dimension), of length one.
        asked: the questions.
        rows: of each of them.
    """
    names = tuple(sorted({each.name for each in asked}))
    labels = np.array([names.index(each.name) for each in asked])
    rare = np.sqrt(len(asked) / len(names) / np.bincount(labels)).astype(np.float32)
    weight, bias = fitted(vectors, labels, rare, _PENALTY)
    some = list(rows)[::_EVERY]
    return FollowUps(embedder, names, weight, bias, topics.linear(asked[::_EVERY], some))


def _made(named: Mapping[str, Sequence[str]], chance: random.Random) -> Iterator[Asked]:
    """Questions made of each template."""
    lines = [line.split("|", 2) for line in TEMPLATES.read_text(encoding="utf-8").splitlines()]
    ordinals = [(name, language, text) for name, language, text in lines if name in ORDINALS]
    for name, language, text in lines:
        if name in ORDINALS:
            continue
        for _ in range(_TIMES if "{" in text else _TIMES // 2):
            which, _, words = chance.choice([o for o in ordinals if o[1] == language])
            whole = text.replace("{nth}", words).replace("{language}", _language(language, chance))
            called = name.replace("nth", which).replace(".own", ASKS)
            yield _typed(called, language, whole, chance.choice(named[language]), chance)


def _typed(name: str, language: str, text: str, topic: str, chance: random.Random) -> Asked:
    """A question with its topic, at times without marks and capitals."""
    bare = chance.random() < _BARE
    before, hole, after = text.partition("{t}")
    if bare:
        before, after = before.lstrip(_MARKS).lower(), after.rstrip(_MARKS)
        before = before if hole else before.rstrip(_MARKS)
    place = (len(before), len(before) + len(topic))
    whole = f"{before}{topic}{after}" if hole else before
    return Asked(name, whole, language, (place,) if hole else ())


def _language(reader: str, chance: random.Random) -> str:
    """What some language is called in the reader's."""
    from babel import Locale

    code = chance.choice(_NAMES_KNOWN if chance.random() < 0.5 else sorted(ENGLISH_NAMES))
    return str(Locale.parse(reader).languages[code])
