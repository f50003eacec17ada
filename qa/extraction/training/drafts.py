"""Drafts: what the language model writes about passages, judged by the known answers.

A draft with a right answer in it is right, one without a word of any is wrong, and so is whatever
is written where the passage does not tell; what lies between is left out.
"""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from qa import question as product
from qa.answering.writer import PassageWriter
from qa.extraction.scoring import words
from qa.extraction.training.examples import AnswerExample
from qa.extraction.training.pool import Pool
from qa.extraction.training.question_sets import Question, QuestionSet, norm
from qa.llm.model import LanguageModel
from qa.verification.evidence import Evidence, Sentence

KIND = "draft"
# How much of the drafts is of each set; sets of languages that the model writes, or nearly.
SHARES: Mapping[str, float] = {
    **{"xquad": 4, "mlqa_dev": 6, "idk": 6, "squad": 4, "new_wiki": 2, "tydi_en": 1},
    **{"cmrc": 1.5, "drcd": 0.5, "facqa": 1},
}
LANGUAGES = ("en", "zh", "es", "id", "de", "fr", "vi", "hi")  # of questions
# Languages of question and passage.
REPORTED = ("en", "en"), ("es", "es"), ("zh", "zh"), ("en", "hi"), ("zh", "hi"), ("es", "hi")
_NOTHING = "none"


def drafted(
    model: LanguageModel, sets: Sequence[QuestionSet], seed: int
) -> Iterator[AnswerExample | None]:
    """Drafts without end, or None for one that cannot be judged."""
    rng = random.Random(seed)
    among = [each for each in sets if each.name in SHARES]
    pools = [Pool(each, random.Random(f"{seed} {each.name}")) for each in among]
    drawn = {pool.name: pool.examples(lambda _, question: question) for pool in pools}
    shares = [SHARES[pool.name] for pool in pools]
    while True:
        pool = rng.choices(pools, shares)[0]
        yield draft_of(model, pool, next(drawn[pool.name]))


def reported(
    model: LanguageModel, parallel: QuestionSet, others: Sequence[QuestionSet]
) -> Iterator[AnswerExample | None]:
    """Drafts to report on: of a parallel set each question in a pair of languages, then others."""
    pools = [Pool(each, random.Random(1)) for each in (parallel, *others)]
    for number, question in enumerate(pools[0].questions):
        yield draft_of(model, pools[0], question, *REPORTED[number % len(REPORTED)])
    for pool in pools[1:]:
        for question in pool.questions:
            yield draft_of(model, pool, question)


def draft_of(
    model: LanguageModel,
    pool: Pool,
    question: Question,
    asked_in: str | None = None,
    told_in: str | None = None,
) -> AnswerExample | None:
    """The draft for a question, in languages that are drawn where none is named."""
    asked = [each for each in question.texts if each in LANGUAGES]
    if asked_in is None and not asked:
        return None
    asked_in = asked_in or pool.drawn(asked)
    told_in = told_in or pool.drawn(question.answers)
    answer, text = question.answers[told_in], question.texts[asked_in]
    known = question.answers.get(asked_in)
    if answer.tells and not (known and known.spans):
        return None  # nobody said what is right in the language that it answers in
    span = pool.rng.choice(answer.spans) if answer.spans else None
    shown, _ = pool.some_sentences(pool.passages[answer.passage].text, span)
    said = written(model, text, shown, asked_in)
    right = judged(said, pool.told(known) if known and answer.tells else [])
    if right is None:
        return None
    return AnswerExample(pool.name, text, shown, said, right, KIND, asked_in != told_in)


def written(model: LanguageModel, question: str, passage: str, language: str) -> str:
    """What the product has the model write, before anything is checked."""
    evidence = Evidence("", (Sentence("", 0, len(passage), passage),))
    reader = PassageWriter(product.Question.of(question), language, evidence, model)
    return "".join(reader.answer()).strip()


def judged(said: str, told: Sequence[str]) -> bool | None:
    """Whether a draft is right, by the answers that are; None if that cannot be told."""
    own = set(words(said))
    if not own or norm(said).strip(" .") == _NOTHING:
        return None
    if any(norm(each) in norm(said) for each in told):
        return True
    return None if any(own.intersection(words(each)) for each in told) else False


def write(made: Iterator[AnswerExample | None], path: Path, count: int) -> Iterator[int]:
    """Append until there are `count` or no more; yields how many there are."""
    have = len(path.read_text(encoding="utf-8").splitlines()) if path.exists() else 0
    for example in made if have < count else ():
        if example is not None:
            with path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(example), ensure_ascii=False) + "\n")
            have += 1
            yield have
        if have >= count:
            return
