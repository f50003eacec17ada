"""Report: the reader's figures on questions that it did not learn.

XQuAD 19 to 24 (span, and "told" against another passage of the article), the last tenth of
IDK-MRC's train file (its own unanswerable questions), and answers to judge of XQuAD 19 to 24.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from qa.extraction.encoder_reader import EncoderReader
from qa.extraction.scoring import auroc, calibration_error, reliability, token_f1
from qa.extraction.training.examples import AnswerExample
from qa.extraction.training.pool import Pool, contains
from qa.extraction.training.question_sets import Question, QuestionSet, norm
from qa.extraction.training.rivals import same_kind

# Languages of question and passage; of answers to judge, those of question and answer, and passage.
PAIRS = (("hi", "hi"), ("en", "hi"), ("zh", "hi"), ("es", "hi"), ("en", "en"), ("zh", "zh"))
SAME = (("en", "en"), ("hi", "hi"), ("zh", "zh"), ("es", "es"))
ACROSS = (("en", "hi"), ("zh", "hi"), ("es", "hi"), ("hi", "en"))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a report: what was measured, on how many, and the figures."""

    name: str
    count: int
    figures: Mapping[str, float]


def report(
    reader: EncoderReader, sets: Mapping[str, QuestionSet], limit: int | None
) -> Iterator[Row]:
    """Each line as soon as it is measured; `limit` questions a line, spread evenly."""
    xquad, idk = (Pool(sets[name], random.Random(1)) for name in ("xquad", "idk"))
    for asked_in, told_in in PAIRS:
        yield _xquad(reader, xquad, asked_in, told_in, limit)
    yield _idk(reader, idk, limit)
    yield _judged(reader, xquad, "the same language", SAME, limit)
    yield _judged(reader, xquad, "another language", ACROSS, limit)


def drafts(reader: EncoderReader, examples: Sequence[AnswerExample]) -> Iterator[Row]:
    """Right drafts of the language model against its wrong ones, by their words that answer.

    In one language, across two, and all; last of all by the whole drafts.
    """
    words, whole = list[float](), list[float]()
    for each in examples:
        (said,) = reader.answering(each.question, [each.answer])
        for scores, answer in ((words, said), (whole, each.answer)):
            scores += reader.judge(each.question, [answer], [each.passage])
    for name, scores, across in (
        ("drafts, passage in the same language", words, (False,)),
        ("drafts, passage in another language", words, (True,)),
        ("drafts", words, (False, True)),
        ("drafts, judged whole", whole, (False, True)),
    ):
        judged: dict[bool, list[float]] = {True: [], False: []}
        for each, score in zip(examples, scores, strict=True):
            if each.across in across:
                judged[each.right].append(score)
        if judged[True] and judged[False]:
            yield _row(name, judged[True], judged[False])


def _some(questions: Sequence[Question], limit: int | None) -> list[Question]:
    if limit is None or limit >= len(questions):
        return list(questions)
    return [questions[i * len(questions) // limit] for i in range(limit)]


def _xquad(
    reader: EncoderReader, pool: Pool, asked_in: str, told_in: str, limit: int | None
) -> Row:
    f1, told, untold = [], [], []
    for question in _some(pool.questions, limit):
        answer = question.answers[told_in]
        passage = pool.passages[answer.passage].text
        other = _other_passage(pool, question, told_in)
        found, *none = reader.read(question.texts[asked_in], [passage, *other])
        f1.append(token_f1(passage[found.start : found.end], pool.told(answer)))
        told.append(found.probability)
        untold += [each.probability for each in none]
    return _row(f"XQuAD 19-24, {asked_in} over {told_in}", told, untold, f1)


def _other_passage(pool: Pool, question: Question, language: str) -> list[str]:
    """A passage of the same article without the answer, which English tells; none if there is none.

    The passages of an article follow each other in each language.
    """
    english = question.answers["en"]
    title = pool.passages[english.passage].title
    of_article = [i for i, passage in enumerate(pool.passages) if passage.title == title]
    in_english = [i for i in of_article if pool.passages[i].language == "en"]
    in_language = [i for i in of_article if pool.passages[i].language == language]
    told = pool.told(english)
    others = [
        pool.passages[there].text
        for here, there in zip(in_english, in_language, strict=True)
        if here != english.passage and not contains(pool.passages[here].text, told)
    ]
    return [pool.rng.choice(others)] if others else []


def _idk(reader: EncoderReader, pool: Pool, limit: int | None) -> Row:
    f1, told, untold = [], [], []
    for question in _some(pool.questions, limit):
        answer = question.answers["id"]
        text = pool.passages[answer.passage].text
        (found,) = reader.read(question.texts["id"], [text])
        if answer.spans:
            f1.append(token_f1(text[found.start : found.end], pool.told(answer)))
            told.append(found.probability)
        else:
            untold.append(found.probability)
    return _row("IDK-MRC, last tenth of train", told, untold, f1)


def _judged(
    reader: EncoderReader,
    pool: Pool,
    name: str,
    pairs: Sequence[tuple[str, str]],
    limit: int | None,
) -> Row:
    """Right answers against others of the same kind that the same passage holds."""
    right, wrong = [], []
    for spoken, told_in in pairs:
        for question in _some(pool.questions, limit):
            passage = pool.passages[question.answers[told_in].passage].text
            gold = pool.told(question.answers[spoken])[0]
            rivals = _rivals(pool, question, spoken, gold)
            if rivals:
                answers = [gold, pool.rng.choice(rivals)]
                good, bad = reader.judge(question.texts[spoken], answers, [passage, passage])
                right.append(good)
                wrong.append(bad)
    return _row(f"XQuAD 19-24, answers of one kind, passage in {name}", right, wrong)


def _rivals(pool: Pool, question: Question, language: str, gold: str) -> list[str]:
    """Of the same kind, or else the answers of its neighbours."""
    text = pool.passages[question.answers[language].passage].text
    neighbours = [
        pool.told(other.answers[language])[0] for other in pool.beside(question, language)
    ]
    rivals = same_kind(gold, text) or neighbours
    return [each for each in rivals if norm(each) not in norm(gold)]


def _row(
    name: str, high: Sequence[float], low: Sequence[float], f1: Sequence[float] | None = None
) -> Row:
    bins = reliability([*high, *low], [True] * len(high) + [False] * len(low))
    figures = {"AUROC": auroc(high, low), "calibration error": calibration_error(bins)}
    if f1:
        figures = {"span F1": sum(f1) / len(f1), **figures}
    return Row(name, len(high) + len(low), figures)
