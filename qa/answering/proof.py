"""Proof: the sentences that an answer rests on, quoted once more."""

from collections.abc import Sequence

from index.passage import Span
from qa.answer import Answer
from qa.answering.asking import Asking, Growing
from qa.answering.wording import Wording
from qa.answering.writer import PassageWriter
from qa.verification.evidence import Evidence, Sentence, gives_orders
from qa.verification.support import Verdict

_MOST = 12  # sentences


def proven(asking: Asking, answer: Answer, places: Sequence[Span]) -> Growing:
    """Yield the sentences at these places as the index has them, sentence by sentence.

    Not answered where the articles of the scope have nothing there any more.
    """
    for sentence in _sentences(asking, places)[:_MOST]:
        asking.stop.raise_if_set()
        answer = quoted(asking, answer, sentence)
        yield asking.timed(answer)
    return answer


def quoted(asking: Asking, answer: Answer, sentence: Sentence) -> Answer:
    """The answer with one more sentence of an article and its mark."""
    evidence = Evidence("", (sentence,), sentence.start, sentence.end, 1.0)
    writer = PassageWriter(asking.question, answer.language, evidence, asking.model)
    return Wording(writer).quote(answer, Verdict("supported", (sentence,), 1.0))


def _sentences(asking: Asking, places: Sequence[Span]) -> list[Sentence]:
    """The sentences at each place, in the order of the places."""
    known = {entry.id for entry in asking.index.articles(asking.scope)}
    articles = [a for a in dict.fromkeys(p.article for p in places) if a in known]
    there = [s for s in asking.index.sentences(articles) if not gives_orders(s.text)]
    found = [
        Sentence(s.article, s.start, s.end, s.text)
        for place in places
        for s in there
        if s.article == place.article and s.start < place.end and place.start < s.end
    ]
    return list(dict.fromkeys(found))
