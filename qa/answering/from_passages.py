"""From passages: search -> reader -> model -> checked sentences, as most questions are answered."""

from dataclasses import replace

from qa.answer import Answer, Nearest
from qa.answering.asking import Asking, Growing
from qa.answering.attempt import PassageAttempt
from qa.answering.writer import PassageWriter
from qa.verification.evidence import tells_otherwise

_NEAREST_SHOWN = 3  # passages that a refusal shows


def from_passages(asking: Asking, answer: Answer) -> Growing:
    """Yield `answer` as it grows from what a passage says; it is not answered where none tells.

    The first one comes when the passages are found, with the nearest of them.
    """
    # 1. Find passages, and show the nearest at once.
    asked, index, reader, model = asking.question, asking.index, asking.reader, asking.model
    passages = asking.search(asked.text)
    near = tuple(
        Nearest(p.article, p.start, p.end, p.text, p.score, p.page, p.address)
        for p in sorted(passages, key=lambda p: -p.score)[:_NEAREST_SHOWN]
    )
    answer = replace(answer, nearest=near, stage="reading")
    yield asking.timed(answer)

    # 2. Read them, as far as needed: which of them tells, and where.
    chosen = asking.choose(asked, passages)

    # 3. Write and check an answer from each passage that tells, until a sentence is proven; and
    # from one of another article that tells something else.
    limits = asking.limits
    said, attempts, first = answer, list[PassageAttempt](), None
    for evidence in chosen:
        asking.stop.raise_if_set()
        first = first or evidence
        if said.answered and not tells_otherwise(asked, evidence, first, reader):
            break
        writer = PassageWriter(asked, answer.language, evidence, model)
        attempts.append(PassageAttempt(writer, reader, index.similarity, limits, asking.clock))
        grown = said
        yield asking.timed(grown)
        for grown in attempts[-1].answers(said):
            yield grown
            asking.stop.raise_if_set()
        said = grown if grown.answered else answer
    asking.stop.raise_if_set()
    return replace(said, attempts=tuple(attempt.attempt for attempt in attempts))
