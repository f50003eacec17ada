"""Summary: the central sentences of one article or more, in their order, as they stand.

Of one article more are taken of its beginning than of its end. To readers of another language they
are shown as quotations. How many: as the question asks, "in three sentences", else a few.
"""

import itertools
from collections.abc import Sequence

import numpy as np
import regex

from index.article_sentences import ArticleSentence
from index.centrality import central, even, growing
from index.storage.catalog import Entry
from index.text.scripts import UNSPACED
from qa.answer import Answer
from qa.answering.asked_about import meant, titled
from qa.answering.asking import Asking, Growing
from qa.answering.mentioning import mentioning
from qa.answering.proof import quoted
from qa.verification.evidence import Sentence, gives_orders

SENTENCES, MOST = 5, 12
"""How many a summary of an article has, and any has at most when more are asked for."""
_OF_MANY = 8  # of several articles
_SHORTEST = 20  # letters: less is a heading or the rest of a list
_UNSPACED = regex.compile(f"[{UNSPACED}]")  # such a character says as much as two letters


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
    return [mention.sentence for mention in mentions][: asking.counted(MOST, _OF_MANY)]


def _of_articles(asking: Asking, entries: Sequence[Entry]) -> list[Sentence]:
    """The central sentences of each; of more articles than sentences, of the most central ones."""
    count = asking.counted(MOST, SENTENCES if len(entries) == 1 else _OF_MANY)
    every = [s for s in asking.index.sentences([e.id for e in entries]) if _is_whole(s.text)]
    told = [list(same) for _, same in itertools.groupby(every, lambda s: s.article)]
    if len(told) > count:
        means = np.stack([np.mean([s.vector for s in sentences], axis=0) for sentences in told])
        means /= np.linalg.norm(means, axis=1, keepdims=True)
        told = [told[i] for i in central(means, even(len(told), count))]
    shares = even(max(count, len(told)), len(told))
    return [
        sentence
        for sentences, share in zip(told, shares, strict=True)
        for sentence in _central(sentences, len(share))
    ]


def _central(sentences: Sequence[ArticleSentence], count: int) -> list[Sentence]:
    """The central ones of an article's sentences, but for those that give orders."""
    chosen = central(
        np.stack([s.vector for s in sentences]),
        growing(len(sentences), count),
        [_size(s.text) for s in sentences],
        lambda i: not gives_orders(sentences[i].text),
    )
    return [Sentence(s.article, s.start, s.end, s.text) for s in (sentences[i] for i in chosen)]


def _is_whole(text: str) -> bool:
    """Whether it is no heading, and nothing that the next sentence answers or goes on with."""
    ends_open = text.strip().endswith((":", "：", "?", "？", "؟"))
    return _size(text) >= _SHORTEST and not ends_open


def _size(text: str) -> int:
    """How long a text is, as one in letters would be."""
    return len(text.strip()) + len(_UNSPACED.findall(text))
