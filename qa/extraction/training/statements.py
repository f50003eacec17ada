"""Statements: sentences of news in many languages, as question sets of what they state.

NTREX-128 (Federmann et al. 2022; CC BY-SA 4.0) has the same sentences in each language. A sentence
in one language asks where a passage of another says the same; with a number or name left out, which
is spelt alike in both, it asks for that.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import regex

from index.text.scripts import UNSPACED
from qa.extraction.training.question_sets import Answer, Passage, Question, QuestionSet

STATEMENTS, LEFT_OUT = "ntrex", "ntrex_left_out"
_FILES: Mapping[str, str] = {
    **{"en": "src.eng", "hi": "ref.hin", "id": "ref.ind", "zh": "ref.zho-CN", "es": "ref.spa"},
    **{"de": "ref.deu", "fr": "ref.fra", "ar": "ref.arb", "vi": "ref.vie", "ja": "ref.jpn"},
}
_TOGETHER = 5  # sentences of a passage
_GAP = "…"
_SPELT = regex.compile(
    r"(?<![\w.,])\d[\d.,:]*\d(?![\w])|\b\p{Lu}[\p{Latin}'’-]{2,}(?:\s\p{Lu}[\p{Latin}'’-]+)*"
)
_UNSPACED = regex.compile(rf"[{UNSPACED}]")


def statements(folders: Sequence[Path]) -> Iterator[QuestionSet]:
    """The sets of a folder that has the files of NTREX-128; none without one."""
    for folder in folders[:1]:
        documents = (folder / "DOCUMENT_IDS.tsv").read_text(encoding="utf-8").split()
        lines = {
            language: [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
            for language, name in _FILES.items()
            if (path := folder / f"newstest2019-{name}.txt").is_file()
        }
        yield from _sets(documents, lines)


def _sets(documents: Sequence[str], lines: Mapping[str, Sequence[str]]) -> Iterator[QuestionSet]:
    whole, part = QuestionSet(STATEMENTS), QuestionSet(LEFT_OUT)
    for rows in _runs(documents):
        places = {}
        for language, sentences in lines.items():
            text, spans = _passage([sentences[row] for row in rows])
            passage = Passage(text, documents[rows[0]], language)
            positions = [each.add(passage) for each in (whole, part)]
            places[language] = positions[0], spans
        for i, row in enumerate(rows):
            said = {language: sentences[row] for language, sentences in lines.items()}
            told = {name: Answer(at, (spans[i],)) for name, (at, spans) in places.items()}
            whole.questions.append(Question(said, told))
            starts = {name: spans[i][0] for name, (_, spans) in places.items()}
            part.questions += _without(said, told, starts)
    yield whole
    yield part


def _runs(documents: Sequence[str]) -> Iterator[list[int]]:
    """Rows that stand together in one document."""
    run: list[int] = []
    for row, document in enumerate(documents):
        if run and (documents[run[-1]] != document or len(run) == _TOGETHER):
            yield run
            run = []
        run.append(row)
    yield run


def _passage(sentences: Sequence[str]) -> tuple[str, list[tuple[int, int]]]:
    """One text, and where in it each sentence stands."""
    text, spans = "", []
    for sentence in sentences:
        text += "" if not text or _UNSPACED.search(sentence) else " "
        spans.append((len(text), len(text) + len(sentence)))
        text += sentence
    return text, spans


def _without(
    said: Mapping[str, str], told: Mapping[str, Answer], starts: Mapping[str, int]
) -> Iterator[Question]:
    """Questions for what the English sentence and others spell alike."""
    for spelt in dict.fromkeys(_SPELT.findall(said["en"])):
        texts, answers = {}, {}
        for language, sentence in said.items():
            if sentence.count(spelt) != 1:
                continue
            place = sentence.index(spelt)
            texts[language] = sentence.replace(spelt, _GAP)
            start = starts[language] + place
            answers[language] = Answer(told[language].passage, ((start, start + len(spelt)),))
        if len(texts) > 2:
            yield Question(texts, answers)
