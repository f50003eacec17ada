"""Stand-ins for a calibration: an index of its articles, a weak reader, and models that lean."""

from collections.abc import Callable, Sequence

from index.passage import Passage
from index.scope import EVERYTHING, Scope
from qa.calibration.calibrate import Calibrating
from qa.calibration.questions import CalibrationQuestion, CalibrationSet, load
from qa.llm.model import Leaning, Message
from tests.support.fakes import FixedIndex, ScriptedModel, ScriptedReader, passage

Leans = Callable[[CalibrationQuestion], float]


def some_questions(articles: int = 16) -> CalibrationSet:
    """The questions about the first of the articles."""
    whole = load()
    names = list(whole.articles)[:articles]
    kept = tuple(q for q in whole.questions if q.article in names)
    return CalibrationSet({name: whole.articles[name] for name in names}, kept)


class ArticleIndex(FixedIndex):
    """Finds the article that a question is about, before a few others."""

    def __init__(self, chosen: CalibrationSet) -> None:
        self._all = [passage(text, name) for name, text in chosen.articles.items()]
        self._of = {q.question.text: q.article for q in chosen.questions}
        super().__init__(*self._all)

    def search(self, question: str, limit: int = 10, scope: Scope = EVERYTHING) -> list[Passage]:
        own = [p for p in self._all if p.article == self._of[question]]
        return [*own, *(p for p in self._all if p not in own)][:3]


def weak_reader(chosen: CalibrationSet) -> ScriptedReader:
    """Takes nearly every question about an article for one that it tells, and finds the words."""
    asked = {q.question.text: q for q in chosen.questions}
    answers = {q.article: q.answer for q in chosen.questions if q.kind == "told"}

    def tells(question: str, text: str) -> float:
        if text != chosen.articles[asked[question].article]:
            return 0.01
        unsure = int(asked[question].id, 16) % 10 / 40  # the same for told and untold
        return 0.95 - unsure if asked[question].kind in ("told", "holds") else 0.92 - unsure

    def finds(text: str) -> str:
        return next(answers[name] for name, whole in chosen.articles.items() if whole == text)

    return ScriptedReader(tells=tells, finds=finds)


class LeaningModel(ScriptedModel):
    """Leans as it is told to by the question that it reads; counts how many it was asked."""

    sha256 = "1" * 64

    def __init__(self, chosen: CalibrationSet, leans: Leans) -> None:
        super().__init__("NONE")
        self._chosen, self._by = chosen, leans

    def yes_no(self, messages: Sequence[Message]) -> Leaning:
        return self._leaning(messages, self._by(self._question(messages)))

    def first_word(self, messages: Sequence[Message], word: str) -> Leaning:
        return self._leaning(messages, -self._by(self._question(messages)))

    def _question(self, messages: Sequence[Message]) -> CalibrationQuestion:
        text = messages[-1].content
        return next(q for q in self._chosen.questions if f" {q.question.text}\n" in text)


def job(leans: Leans, chosen: CalibrationSet | None = None) -> Calibrating:
    """A calibration of a model that leans so."""
    chosen = chosen or some_questions()
    model = LeaningModel(chosen, leans)
    return Calibrating(chosen, ArticleIndex(chosen), weak_reader(chosen), model)
