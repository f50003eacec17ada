"""Answer examples: right answers, and wrong ones of the same kind, each beside a passage."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import regex

from qa.extraction.training.examples import AnswerExample
from qa.extraction.training.pool import Pool, contains, spans_of_sentences
from qa.extraction.training.question_sets import Question, norm
from qa.extraction.training.rivals import same_kind
from qa.extraction.training.span_examples import swapped

RIGHT = 0.42  # share of the answers that are right
_OWN_LANGUAGE = 0.8  # share in the question's language, where the set has the answer in it
_SENTENCE = 0.3  # share of the answers that are the whole sentence
_SENTENCE_LENGTH = 25, 300  # code points


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question whose answer is to be judged: its languages and what is shown beside it."""

    question: Question
    asked_in: str
    told_in: str
    spoken: str  # the answer's language
    shown: str


def answer_examples(pool: Pool) -> Iterator[AnswerExample]:
    """See `Pool.examples`."""
    return pool.examples(_example)


def _example(pool: Pool, question: Question) -> AnswerExample | None:
    asked_in, told_in = pool.drawn(question.texts), pool.drawn(question.answers)
    answer = question.answers[told_in]
    own = asked_in in question.answers and pool.rng.random() < _OWN_LANGUAGE
    span = pool.rng.choice(answer.spans) if answer.spans else None
    shown, _ = pool.some_sentences(pool.passages[answer.passage].text, span)
    asked = _Asked(question, asked_in, told_in, asked_in if own else told_in, shown)
    if not answer.spans:
        plausible = answer.plausible
        return _made(pool, asked, pool.rng.choice(plausible), "plausible") if plausible else None
    if pool.rng.random() < RIGHT:
        return _made(pool, asked, _gold(pool, asked), "right")
    for maker in pool.rng.choices(list(_MAKERS), list(_MAKERS.values()), k=3):
        if example := maker(pool, asked):
            return example
    return None


def _made(
    pool: Pool, asked: _Asked, said: str, kind: str, shown: str | None = None
) -> AnswerExample:
    return AnswerExample(
        pool.name,
        asked.question.texts[asked.asked_in],
        asked.shown if shown is None else shown,
        said.strip(),
        kind == "right",
        kind,
        asked.spoken != asked.told_in,
    )


def _gold(pool: Pool, asked: _Asked) -> str:
    """The right answer, or the sentence that tells it."""
    answer = asked.question.answers[asked.spoken]
    if pool.rng.random() < _SENTENCE:
        text, (start, end) = pool.passages[answer.passage].text, answer.spans[0]
        for first, last in spans_of_sentences(text):
            if first <= start and end <= last and last - first < _SENTENCE_LENGTH[1]:
                return text[first:last]
    return pool.rng.choice(pool.told(answer))


def _rival(pool: Pool, asked: _Asked) -> AnswerExample | None:
    """Another number, name or run of words of the passage."""
    answer = asked.question.answers[asked.spoken]
    across = asked.spoken != asked.told_in
    text = pool.passages[answer.passage].text if across else asked.shown
    told = pool.told(answer)
    rivals = [each for each in same_kind(pool.rng.choice(told), text) if not _near(each, told)]
    return _made(pool, asked, pool.rng.choice(rivals), "same kind") if rivals else None


def _neighbour(pool: Pool, asked: _Asked) -> AnswerExample | None:
    """The answer to another question of the same passage."""
    told = pool.told(asked.question.answers[asked.spoken])
    others = [
        said
        for other in pool.beside(asked.question, asked.told_in)
        if asked.spoken in other.answers and other.answers[asked.spoken].spans
        for said in pool.told(other.answers[asked.spoken])
        if not _near(said, told)
    ]
    return _made(pool, asked, pool.rng.choice(others), "neighbour") if others else None


def _altered(pool: Pool, asked: _Asked) -> AnswerExample | None:
    """The answer with a digit that is not its own."""
    said = _gold(pool, asked)
    places = [match.start() for match in regex.finditer(r"[1-9]", said)]
    if not places:
        return None
    place = pool.rng.choice(places)
    digit = pool.rng.choice([each for each in "123456789" if each != said[place]])
    made = said[:place] + digit + said[place + 1 :]
    return None if contains(asked.shown, [made]) else _made(pool, asked, made, "altered")


def _elsewhere(pool: Pool, asked: _Asked) -> AnswerExample | None:
    """The right answer beside a passage that does not tell it."""
    answer = asked.question.answers[asked.told_in]
    draw = pool.rng.random() < 0.5
    shown = pool.without(answer) if draw else pool.other_passage(asked.question, answer)
    said = pool.rng.choice(pool.told(asked.question.answers[asked.spoken]))
    return _made(pool, asked, said, "elsewhere", shown) if shown else None


def _other_sentence(pool: Pool, asked: _Asked) -> AnswerExample | None:
    """A sentence of the passage that does not tell."""
    answer = asked.question.answers[asked.spoken]
    text, told = pool.passages[answer.passage].text, pool.told(answer)
    low, high = _SENTENCE_LENGTH
    rivals = [text[s:e] for s, e in spans_of_sentences(text) if low < e - s < high]
    rivals = [each for each in rivals if not contains(each, told)]
    return _made(pool, asked, pool.rng.choice(rivals), "other sentence") if rivals else None


def _other_words(pool: Pool, asked: _Asked) -> AnswerExample | None:
    """The sentence that tells, with other words of the same kind in the place of the answer."""
    answer = asked.question.answers[asked.spoken]
    text, (start, end) = pool.passages[answer.passage].text, answer.spans[0]
    rivals = same_kind(text[start:end], text)
    rivals = [each for each in rivals if not _near(each, pool.told(answer))]
    for first, last in spans_of_sentences(text):
        if rivals and first <= start and end <= last and last - first < _SENTENCE_LENGTH[1]:
            made = f"{text[first:start]}{pool.rng.choice(rivals)}{text[end:last]}"
            return _made(pool, asked, made, "other words")
    return None


def _asked_of_another(pool: Pool, asked: _Asked) -> AnswerExample | None:
    """The right answer to the same question about another name or number."""
    question, answer = asked.question, asked.question.answers[asked.told_in]
    text = question.texts[asked.asked_in]
    made = swapped(pool, question, text, answer, asked.asked_in)
    if not made:
        return None
    example = _made(pool, asked, _gold(pool, asked), "asked of another")
    return replace(example, question=made)


def _near(said: str, told: list[str]) -> bool:
    """Whether an answer is a part of a right one, or has one in it: then it may be right too."""
    own = norm(said)
    return any(own in norm(each) or norm(each) in own for each in told)


_MAKERS: dict[Callable[[Pool, _Asked], AnswerExample | None], float] = {
    _rival: 5,
    _neighbour: 4,
    _altered: 2,
    _elsewhere: 1.5,
    _other_sentence: 1.5,
    _other_words: 4,
    _asked_of_another: 1.5,
}
