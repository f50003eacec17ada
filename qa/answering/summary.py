"""Summary: the central sentences of one article or more, in their order, as they stand.

To readers of another language they are shown as quotations. How many: as the question asks, "in
three sentences", else a few.
"""

import itertools
from collections.abc import Sequence

import numpy as np

from index.article_sentences import ArticleSentence
from index.centrality import central
from index.storage.catalog import Entry
from qa.answer import Answer
from qa.answering.asked_about import meant, titled
from qa.answering.asking import Asking, Growing
from qa.answering.mentioning import mentioning
from qa.answering.proof import quoted
from qa.text.numbers import numbers
from qa.verification.answer_type import in_words
from qa.verification.evidence import Sentence, gives_orders

SENTENCES, MOST = 5, 12
"""How many a summary of an article has, and any has at most when more are asked for."""
_OF_MANY = 8  # of several articles
_SHORTEST = 20  # code points: less is a heading or the rest of a list


def summarised(asking: Asking, answer: Answer) -> Growing:
    """Yield a summary, sentence by sentence; not answered where no article is meant."""
    wanted, topics = asking.reader.details(asking.question.text), asking.topics()
    if not topics:
        chosen = _of_articles(asking, asking.index.articles(asking.scope))
    elif "topic" in wanted:
        chosen = _of_topic(asking, topics[0])
    else:
        chosen = _of_articles(asking, meant(asking))
    for sentence in chosen:
        asking.stop.raise_if_set()
        answer = quoted(asking, answer, sentence)
        yield asking.timed(answer)
    return answer


def _of_topic(asking: Asking, topic: str) -> list[Sentence]:
    """What each article says of a topic; a summary of the one that is about it, if it is alone."""
    mentions = mentioning(asking, topic)
    alone = len(mentions) <= 1 or titled(asking.index.articles(asking.scope), topic)
    if alone and (about := meant(asking)):
        return _of_articles(asking, about)
    return [mention.sentence for mention in mentions][: _count(asking, _OF_MANY)]


def _of_articles(asking: Asking, entries: Sequence[Entry]) -> list[Sentence]:
    """The central sentences of each; of more articles than sentences, of the most central ones."""
    count = _count(asking, SENTENCES if len(entries) == 1 else _OF_MANY)
    every = [s for s in asking.index.sentences([e.id for e in entries]) if _is_sayable(s)]
    told = [list(same) for _, same in itertools.groupby(every, lambda s: s.article)]
    if len(told) > count:
        means = np.stack([np.mean([s.vector for s in sentences], axis=0) for sentences in told])
        means /= np.linalg.norm(means, axis=1, keepdims=True)
        told = [told[i] for i in central(means, count)]
    shares = [
        len(part) for part in np.array_split(np.arange(max(count, len(told))), len(told) or 1)
    ]
    return [
        Sentence(s.article, s.start, s.end, s.text)
        for sentences, share in zip(told, shares, strict=False)
        for i in central(np.stack([s.vector for s in sentences]), share)
        for s in [sentences[i]]
    ]


def _count(asking: Asking, default: int) -> int:
    """How many sentences are asked for."""
    if asking.sentences:
        return min(asking.sentences, MOST)
    text, language = asking.question.text, asking.question.language
    asked = {value for n in numbers(text) for value in n.values} | in_words(text, language)
    small = [int(value) for value in asked if value in range(1, MOST + 1)]
    return small[0] if len(small) == 1 else default


def _is_sayable(sentence: ArticleSentence) -> bool:
    text = sentence.text.strip()
    ends_open = text.endswith((":", "：", "?", "？", "؟"))
    return len(text) >= _SHORTEST and not ends_open and not gives_orders(text)
