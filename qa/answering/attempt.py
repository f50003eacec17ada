"""PassageAttempt: an answer from one passage, in the model's words where proven, or as a quotation.

The reader found where the passage may tell before anything is written. A sentence of the model is
said when it is proven; where none is, the sentences that answer are quoted.
"""

from collections.abc import Iterator
from dataclasses import replace

from qa.answer import Answer, Attempt, Stage
from qa.answering.drafts import add, claims, finished, visible
from qa.answering.timing import Stopwatch
from qa.answering.wording import Wording
from qa.answering.writer import PassageWriter
from qa.extraction.ranking import log_odds
from qa.extraction.reader import Reader
from qa.text.repetition import garbled, loops, repeats, unlooped
from qa.verification.prompt_injection import is_instruction
from qa.verification.support import Similarity, Verdict, keeps, support
from qa.verification.thresholds import Thresholds


class PassageAttempt:
    """One passage before the model. `attempt` is whole when `answers` has been iterated over."""

    def __init__(
        self,
        writer: PassageWriter,
        reader: Reader,
        similarity: Similarity,
        limits: Thresholds,
        clock: Stopwatch,
    ) -> None:
        self._writer, self._reader = writer, reader
        self._similarity, self._clock = similarity, clock
        self._wording, self._limits = Wording(writer), limits
        self._is_told: bool | None = None
        evidence = writer.evidence
        self.attempt = Attempt(
            evidence.sentences[0].article,
            evidence.sentences[0].start,
            evidence.sentences[-1].end,
            tells=log_odds(evidence.told),
        )

    def answers(self, answer: Answer) -> Iterator[Answer]:
        """Yield `answer` as it grows from this passage."""
        if not self._limits.is_asked and not self._tells():
            return
        for grown in self._write(answer):
            yield grown
        if len(grown.citations) == len(answer.citations):
            yield self._at("checking", self._quoted(answer))

    def _write(self, answer: Answer) -> Iterator[Answer]:
        draft, text, checked = self._writer.answer(), "", 0
        for piece in draft:
            if not text:
                self._clock.read(draft)
            text += piece
            shown = visible(text)
            self._clock.wrote(shown)
            whole, last = finished(shown)
            for claim in whole[checked:]:
                yield self._at("checking", answer, *whole[checked:], last)
                answer = self._with(answer, claim)
                checked += 1
            yield self._at("writing", answer, last)
            if loops(text):
                break
        if not text:
            self._clock.read(draft)
        self._clock.finished(draft)
        text = unlooped(text)
        self.attempt = replace(self.attempt, draft=text, confidence=draft.confidence)
        left = claims(text)[checked:]
        for i, claim in enumerate(left):
            yield self._at("checking", answer, *left[i:])
            answer = self._with(answer, claim)
        yield self._at("checking", answer)

    def _tells(self) -> bool:
        """Whether the passage tells: by the reader, and by the model where that was measured.

        The model reads for it, so it is asked once the first words are there to be seen. It judges
        what the reader found, never what it wrote itself.
        """
        if self._is_told is None:
            odds = self.attempt.tells
            if self._limits.is_asked:
                leanings = self._writer.witness()
                for leaning in leanings:
                    self._clock.read(leaning)
                odds = self._limits.sum(odds, sum(leaning.log_odds for leaning in leanings))
            self.attempt = replace(self.attempt, tells=odds)
            self._is_told = odds >= self._limits.told
        return self._is_told

    def _at(self, stage: Stage, answer: Answer, *unjudged: str) -> Answer:
        """The answer as it can be shown now, with the sentences that are not judged yet."""
        draft = " ".join(unjudged)
        return replace(answer, stage=stage, draft=draft, timings=self._clock.timings)

    def _with(self, answer: Answer, claim: str) -> Answer:
        """The answer and a sentence of the draft, if it is proven and in the answer's language."""
        proof = self._proof(claim)
        if proof.state != "unsupported" and self._tells():
            said = self._wording.of_claim(claim, proof)
            if all(not garbled(words) for words, _ in said):
                for words, proven in said:
                    answer = add(answer, words, proven)
                return answer
        self.attempt = replace(self.attempt, dropped=(*self.attempt.dropped, claim))
        return answer

    def _proof(self, claim: str) -> Verdict:
        writer, question = self._writer, self._writer.question
        repeated = repeats(claim, question.text) and keeps(claim, question.text, writer.language)
        if repeated or self._wording.is_unread(claim) or is_instruction(claim):
            return Verdict("unsupported", (), -1.0)
        found = support(
            question,
            claim,
            writer.language,
            writer.evidence,
            self._reader,
            self._similarity,
            writer.passage,
        )
        if found.right is not None:
            right = (*self.attempt.right, log_odds(found.right))
            self.attempt = replace(self.attempt, right=right)
        return found

    def _quoted(self, answer: Answer) -> Answer:
        """The answer in the article's own words."""
        if not self._tells():
            return answer
        evidence = self._writer.evidence
        (cosines,) = self._similarity(
            [self._writer.question.text], [sentence.text for sentence in evidence.answering]
        )
        proof = Verdict("supported", evidence.answering, float(max(cosines)))
        return self._wording.quote(answer, proof)
