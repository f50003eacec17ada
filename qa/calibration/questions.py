"""CalibrationQuestion: what a model is asked to be calibrated: invented articles, and questions.

The files of `passages/` hold them, one file a language of articles. A third of the questions are
told by an article; a third ask for what is missing of the same matter: another year, another name,
a number that nobody gives; and a third for what no article speaks of. Beside these there are
claims, of which some hold. They are in no set that figures are reported of.
"""

import hashlib
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from qa.question import Question

Kind = Literal["told", "untold", "holds", "fails", "unheld"]
"""Of a question: an article tells, or none does; of a claim: it holds, fails, or is not told of."""

FOLDER = Path(__file__).parent / "passages"
_CLAIMS: dict[str, Kind] = {"holds": "holds", "fails": "fails", "untold": "unheld"}


@dataclass(frozen=True, slots=True)
class CalibrationQuestion:
    """A question, the article that it is about, and the words of it that answer; "" without any.

    One for what no article speaks of has no article.
    """

    question: Question
    article: str
    kind: Kind
    answer: str = ""

    @property
    def is_claim(self) -> bool:
        """Whether it asks for yes or no."""
        return self.kind in _CLAIMS.values()

    @property
    def id(self) -> str:
        """By which a measurement is known to be of it."""
        asked = f"{self.article}\0{self.question.text}\0{self.kind}\0{self.answer}"
        return hashlib.sha256(asked.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class CalibrationSet:
    """The articles, by their file names, and the questions, those about one article together."""

    articles: dict[str, str]
    questions: tuple[CalibrationQuestion, ...]

    @cached_property
    def digest(self) -> str:
        """By which measurements are known to be of this set."""
        whole = hashlib.sha256()
        for name, text in self.articles.items():
            whole.update(f"{name}\0{text}\0".encode())
        for question in self.questions:
            whole.update(question.id.encode())
        return whole.hexdigest()[:16]

    def write(self, folder: Path) -> None:
        """Put the articles into a folder, a file each."""
        for name, text in self.articles.items():
            (folder / name).write_text(text, encoding="utf-8")

    def some(self, count: int | None) -> "CalibrationSet":
        """The same with so many questions, spread evenly over it; all of them when None."""
        if count is None or count >= len(self.questions):
            return self
        step = len(self.questions) / count
        chosen = tuple(self.questions[int(i * step)] for i in range(count))
        return CalibrationSet(self.articles, chosen)


def load(folder: Path = FOLDER) -> CalibrationSet:
    """The set that ships."""
    articles: dict[str, str] = {}
    questions: list[CalibrationQuestion] = []
    for file in sorted(folder.glob("*.toml")):
        table = tomllib.loads(file.read_text(encoding="utf-8"))
        questions += _untold(table.get("untold", ()), "")
        for number, passage in enumerate(table.get("passage", ()), 1):
            name = f"{file.stem}{number}.txt"
            articles[name] = f"{passage['title']}\n\n{passage['text'].strip()}\n"
            questions += _questions(name, passage)
    return CalibrationSet(articles, tuple(questions))


def _untold(asked: Sequence[Sequence[str]], article: str) -> list[CalibrationQuestion]:
    return [CalibrationQuestion(Question(q, code), article, "untold") for code, q in asked]


def _questions(article: str, passage: dict[str, list[list[str]]]) -> list[CalibrationQuestion]:
    told = [
        CalibrationQuestion(Question(text, language), article, "told", answer)
        for language, text, answer in passage["told"]
    ]
    untold = _untold(passage["untold"], article)
    claims = [
        CalibrationQuestion(Question(text, language), article, _CLAIMS[verdict])
        for language, text, verdict in passage["claims"]
    ]
    return [*told, *untold, *claims]
