"""Span examples: the span that answers, or none, where the passage is nearly the right one."""

from collections.abc import Iterator

from qa.extraction.training.examples import SpanExample
from qa.extraction.training.pool import Pool
from qa.extraction.training.question_sets import Answer, Question
from qa.extraction.training.rivals import NAME, NUMBER

NOT_TOLD = 0.4  # share of "not told", where a set has no such questions of its own
OWN_NOT_TOLD = 0.1  # the same where it has
_JOINED = 0.15  # share of the passages that are shown with another


def span_examples(pool: Pool) -> Iterator[SpanExample]:
    """See `Pool.examples`."""
    return pool.examples(_example)


def _example(pool: Pool, question: Question) -> SpanExample | None:
    asked_in, told_in = pool.drawn(question.texts), pool.drawn(question.answers)
    text, answer = question.texts[asked_in], question.answers[told_in]
    passage = pool.passages[answer.passage].text
    if not answer.tells:
        return SpanExample(pool.name, text, pool.some_sentences(passage)[0], None, tells=False)
    if pool.rng.random() < (OWN_NOT_TOLD if pool.has_unanswerable else NOT_TOLD):
        return _not_told(pool, question, text, answer, asked_in)
    if not answer.spans:
        return SpanExample(pool.name, text, passage, None, tells=True)
    span = pool.rng.choice(answer.spans)
    if pool.rng.random() < _JOINED:
        return SpanExample(pool.name, text, *pool.joined(answer.passage, span), tells=True)
    return SpanExample(pool.name, text, *pool.some_sentences(passage, span), tells=True)


def _not_told(
    pool: Pool, question: Question, text: str, answer: Answer, asked_in: str
) -> SpanExample | None:
    """The question beside a passage that does not tell, or another one beside the right passage."""
    draw = pool.rng.random()
    if draw < 0.15 and (made := swapped(pool, question, text, answer, asked_in)):
        shown, _ = pool.some_sentences(pool.passages[answer.passage].text)
        return SpanExample(pool.name, made, shown, None, tells=False)
    shown = (
        pool.without(answer)
        if draw < 0.4 and answer.spans
        else pool.other_passage(question, answer)
    )
    return SpanExample(pool.name, text, shown, None, tells=False) if shown else None


def swapped(pool: Pool, question: Question, text: str, answer: Answer, asked_in: str) -> str | None:
    """The question about another name or number: one that the passage does not have."""
    own = question.answers.get(asked_in)
    known = pool.passages[own.passage].text if own else ""
    passage = pool.passages[answer.passage].text
    for pattern in pool.rng.sample((NAME, NUMBER), 2):
        named = [m for m in pattern.finditer(text) if len(m.group()) > 1 and m.group() in known]
        if not named:
            continue
        found = pool.rng.choice(named)
        for other in pool.any_passages(asked_in, 8):
            rivals = [
                each
                for each in pattern.findall(other)
                if len(each) > 1
                and each not in known
                and each not in passage
                and _alike(each, found.group(), pattern is NUMBER)
            ]
            if rivals:
                rival: str = pool.rng.choice(rivals)
                return f"{text[: found.start()]}{rival}{text[found.end() :]}"
    return None


def _alike(one: str, other: str, number: bool) -> bool:
    if number:
        return len(one) == len(other)
    return abs(len(one.split()) - len(other.split())) < 2
