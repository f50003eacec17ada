"""Proving: what the model answers from one passage, sentence by proven sentence.

Whether the passage answers at all is asked before anything is written; each sentence is checked
when it is whole, and what is not proven, or not in the answer's language, goes.
"""

from collections.abc import Iterator
from dataclasses import replace

from index.languages import may_be
from qa.answer import Answer, Attempt, add, claims, finished, visible
from qa.clock import Clock
from qa.exact import exact, plain, quoting
from qa.reading import Reading
from qa.support import Similarity, Support, keeps, support, unmet
from qa.thresholds import Thresholds


class Proving:
    """One passage before the model. `attempt` is whole when `answers` has been iterated over."""

    def __init__(
        self, reading: Reading, similarity: Similarity, limits: Thresholds, clock: Clock
    ) -> None:
        self._reading, self._sentences = reading, reading.evidence.sentences
        self._similarity, self._limits, self._clock = similarity, limits, clock
        first, last = self._sentences[0], self._sentences[-1]
        self.attempt = Attempt(first.article, first.start, last.end)

    def answers(self, answer: Answer) -> Iterator[Answer]:
        """Yield `answer` as it grows from this passage; nothing when the passage does not tell."""
        if not self._tells():
            return
        for insist in (False, True):
            for grown in self._write(answer, insist=insist):
                yield grown
            if grown.answered or not self._is_foreign(self.attempt.draft):
                return

    def _tells(self) -> bool:
        if unmet(self._reading.question, self._sentences):
            return False
        leaning = self._reading.tells()
        self._clock.read(leaning)
        self.attempt = replace(self.attempt, tells=leaning.log_odds)
        return leaning.log_odds >= self._limits.tells

    def _write(self, answer: Answer, *, insist: bool) -> Iterator[Answer]:
        draft, text, checked = self._reading.answer(insist=insist), "", 0
        for piece in draft:
            text += piece
            shown = visible(text)
            self._clock.wrote(shown)
            whole, last = finished(shown)
            for claim in whole[checked:]:
                answer = self._with(answer, claim)
                checked += 1
            yield replace(answer, draft=last, timings=self._clock.timings)
        self._clock.finished(draft)
        self.attempt = replace(self.attempt, draft=text)
        for claim in claims(text)[checked:]:
            answer = self._with(answer, claim)
        yield replace(answer, draft="", timings=self._clock.timings)

    def _with(self, answer: Answer, claim: str) -> Answer:
        """The answer and a sentence of the draft, if it is proven and in the answer's language."""
        proof = self._proof(claim)
        if proof.state == "unsupported" or self._is_foreign(claim):
            self.attempt = replace(self.attempt, dropped=(*self.attempt.dropped, claim))
            return answer
        return add(answer, self._worded(claim, proof), proof)

    def _proof(self, claim: str) -> Support:
        question, language = self._reading.question, self._reading.language
        found = support(question, claim, language, self._sentences, self._similarity, self._limits)
        if found.state == "unsupported":
            return found
        leaning = self._reading.confirms(claim)
        self._clock.read(leaning)
        self.attempt = replace(self.attempt, right=(*self.attempt.right, leaning.log_odds))
        holds = leaning.log_odds >= self._limits.right
        return found if holds else replace(found, state="unsupported")

    def _worded(self, claim: str, proof: Support) -> str:
        """The claim in the article's own words where it repeats them, and with no false quote."""
        for sentence in proof.sentences:
            words = exact(claim, sentence.text)
            if words and keeps(claim, words, self._reading.language):
                return plain(words)
        return quoting(claim, [self._reading.evidence.text])

    def _is_foreign(self, text: str) -> bool:
        return not may_be(text, self._reading.language)
