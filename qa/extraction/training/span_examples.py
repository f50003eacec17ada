"""Span examples: the span that answers, or none, where the passage is nearly the right one."""

from collections.abc import Iterator

from qa.extraction.training.conditions import altered, renumbered, swapped
from qa.extraction.training.examples import SpanExample
from qa.extraction.training.pool import Pool
from qa.extraction.training.question_sets import Answer, Question

NOT_TOLD = 0.4  # share of "not told", where a set has no such questions of its own
OWN_NOT_TOLD = 0.1  # the same where it has
_JOINED = 0.15  # share of the passages that are shown with another
# Shares of the questions "not told" of which a condition is changed, where they have one, and of
# those that are told of which a number is changed in question and passage alike.
_SWAPPED, _ALTERED, _RENUMBERED = 0.25, 0.25, 0.3
_WITHOUT = 0.3  # share of the others whose passage is the right one less the sentences that tell


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
    shown, place = pool.some_sentences(passage, span)
    if pool.rng.random() < _RENUMBERED:
        told = passage[slice(*span)]
        text, shown = renumbered(pool, text, shown, told) or (text, shown)
    return SpanExample(pool.name, text, shown, place, tells=True)


def _not_told(
    pool: Pool, question: Question, text: str, answer: Answer, asked_in: str
) -> SpanExample | None:
    """The question beside a passage that does not tell, or another one beside the right passage."""
    draw = pool.rng.random()
    passage = pool.passages[answer.passage]
    if draw < _SWAPPED and (made := swapped(pool, question, text, answer, asked_in)):
        return SpanExample(pool.name, made, *pool.some_sentences(passage.text), tells=False)
    if draw < _SWAPPED + _ALTERED:
        span = pool.rng.choice(answer.spans) if answer.spans else None
        shown, _ = pool.some_sentences(passage.text, span)
        if made := altered(pool, text, shown, passage.language):
            return SpanExample(pool.name, text, made, None, tells=False)
    left = pool.without(answer) if answer.spans else ""
    other = pool.other_passage(question, answer)
    shown = left if left and (not other or pool.rng.random() < _WITHOUT) else other
    return SpanExample(pool.name, text, shown, None, tells=False) if shown else None
