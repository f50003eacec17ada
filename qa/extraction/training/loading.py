"""Loading: files in the form of SQuAD -> question sets: to learn, to calibrate, to report on.

Knows where each set comes from; does not know what a reader learns of it.
"""

import gzip
import json
import math
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from qa.extraction.training.question_sets import Answer, Passage, Question, QuestionSet, norm
from qa.extraction.training.statements import statements

# Words of XQuAD's articles 19 to 48, IDK-MRC's valid and test parts and TyDi QA's Indonesian dev
# part are for reports alone. The folder of training data has none of them but XQuAD's 19 to 24.
CALIBRATED = 40  # of so many articles one is for calibration
XQUAD_TRAINED = 18  # articles of XQuAD, in the order of its files, that may be learned
IDK_REPORTED = 0.1  # the last part of IDK-MRC's train file, which reports use


@dataclass(frozen=True, slots=True)
class Source:
    """A set of one language a file: globs of files, their language, and where they are from."""

    name: str
    files: Mapping[str, str]
    licence: str
    origin: str


_TYDI = {
    **{"arabic": "ar", "bengali": "bn", "finnish": "fi", "korean": "ko"},
    **{"russian": "ru", "swahili": "sw", "telugu": "te"},
}
_SHIFTS = "modestyachts/squadshifts-website"
_TYDI_ORIGIN = "sagorbrur/tydiqa-language-specific"
SOURCES = (
    Source("squad", {"squad*_en/*": "en", "squad_train*/*": "en"}, "CC BY-SA 4.0", "SQuAD, train"),
    Source("qamr", {"qamr/*": "en"}, "MIT", "uwnlp/qamr"),
    Source("new_wiki", {"squadshifts/new_wiki*": "en"}, "CC BY 4.0", _SHIFTS),
    Source("amazon", {"squadshifts/amazon*": "en"}, "CC BY 4.0", _SHIFTS),
    Source("reddit", {"squadshifts/reddit*": "en"}, "CC BY 4.0", _SHIFTS),
    Source("tydi_en", {"tydi/english_*": "en"}, "Apache-2.0", _TYDI_ORIGIN),
    Source("tydi", {f"tydi/{n}_*": code for n, code in _TYDI.items()}, "Apache-2.0", _TYDI_ORIGIN),
    Source("cmrc", {"cmrc/*": "zh"}, "CC BY-SA 4.0", "ymcui/cmrc2018"),
    Source("drcd", {"drcd/*": "zh"}, "CC BY-SA 3.0", "DRCKnowledgeTeam/DRCD"),
    Source("jaquad", {"jaquad/*": "ja"}, "CC BY-SA 3.0", "SkelterLabsInc/JaQuAD"),
    Source("facqa", {"facqa*/*": "id"}, "CC BY-SA 4.0", "IndoNLP/indonlu"),
    Source("piaf", {"piaf/*": "fr"}, "MIT", "psorianom/piaf-combo-huggingface"),
    Source("arcd", {"arcd/*": "ar"}, "MIT", "husseinmozannar/SOQAL"),
    Source(
        "afriqa",
        {"afriqa/*-en-question-en": "en", "afriqa/*-fr-question-fr": "fr"},
        "CC BY 4.0",
        "masakhane-io/afriqa",
    ),
    Source("tydi_id", {"tydiqa_goldp/train-id": "id"}, "Apache-2.0", "TyDi QA, Indonesian train"),
    Source("clapnq", {"clapnq/*": "en"}, "Apache-2.0", "primeqa/clapnq"),
    Source("covidqa", {"covidqa/*": "en"}, "Apache-2.0", "deepset-ai/COVID-QA"),
)


@dataclass(frozen=True, slots=True)
class Parts:
    """What is learned, what calibrates, and by name what is reported on: "xquad" and "idk"."""

    learned: list[QuestionSet]
    calibration: list[QuestionSet]
    reported: dict[str, QuestionSet]


def load(folders: Sequence[Path]) -> Parts:
    """Read and divide every set; one of which no folder has a file is left out."""
    xquad, reported = _divide_xquad(_xquad(_files(folders, "xquad/*")))
    idk, idk_reported = _divide_idk(_files(folders, "idk/train*"))
    learned = [xquad, idk]
    learned += [
        _mlqa(f"mlqa_{part}", _files(folders, f"mlqa/{part}-*")) for part in ("dev", "test")
    ]
    learned += [_plain(source, folders) for source in SOURCES]
    learned += statements(sorted(path for folder in folders for path in folder.glob("ntrex")))
    apart = {norm(passage.text) for held in (reported, idk_reported) for passage in held.passages}
    asked = {norm(text) for q in idk_reported.questions for text in q.texts.values()}
    titles = {_title(passage.title) for passage in reported.passages}
    for one in learned:
        one.questions = [q for q in one.questions if not _held_back(q, one, apart, asked, titles)]
    divided = [_divided(one, lambda passage: not _calibrates(passage)) for one in learned]
    return Parts(
        [one for one, _ in divided if one.questions],
        [one for _, one in divided if one.questions],
        {"xquad": reported, "idk": idk_reported},
    )


def evaluation_set(folder: Path) -> QuestionSet:
    """A folder in the form of evaluations: `questions.*.jsonl`, and its passages in `articles/`.

    Questions without known words of an article are left out.
    """
    found = QuestionSet(folder.name)
    known: dict[str, int] = {}
    for path in sorted(folder.glob("questions.*.jsonl")):
        for line in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
            names = [each["article"] for each in line.get("evidence") or ()]
            if not names:
                continue
            if names[0] not in known:
                text = (folder / "articles" / names[0]).read_text(encoding="utf-8")
                known[names[0]] = found.add(Passage(text, names[0], line["doc_lang"]))
            text = found.passages[known[names[0]]].text
            said = [each for aliases in line["answers"] for each in aliases if each in text]
            spans = tuple((text.index(each), text.index(each) + len(each)) for each in said)
            if spans:
                answers = {line["lang"]: Answer(known[names[0]], spans)}
                found.questions.append(Question({line["lang"]: line["question"]}, answers))
    return found


def _calibrates(passage: Passage) -> bool:
    return zlib.crc32((passage.title or passage.text).encode()) % CALIBRATED == 0


def _held_back(
    question: Question, among: QuestionSet, apart: set[str], asked: set[str], titles: set[str]
) -> bool:
    passages = [among.passages[answer.passage] for answer in question.answers.values()]
    return (
        any(norm(text) in asked for text in question.texts.values())
        or any(norm(passage.text) in apart for passage in passages)
        or any(_title(passage.title) in titles for passage in passages)
    )


def _title(title: str) -> str:
    return norm(title.replace("_", " ")) or "\0"


def _files(folders: Sequence[Path], pattern: str) -> list[Path]:
    return sorted(path for folder in folders for path in folder.glob(f"{pattern}.json.gz"))


def _articles(path: Path) -> Iterator[tuple[str, Any]]:
    """Each paragraph of a file, with its article's title."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        content = json.load(file)
    for article in content["data"] if isinstance(content, dict) else content:
        for paragraph in article.get("paragraphs", [article]):
            yield article.get("title") or "", paragraph


def _plain(source: Source, folders: Sequence[Path]) -> QuestionSet:
    found = QuestionSet(source.name)
    asked: set[tuple[str, str]] = set()  # two files may have the same
    for pattern, language in source.files.items():
        for path in _files(folders, pattern):
            for title, paragraph in _articles(path):
                text = norm(paragraph["context"])
                new = [q for q in paragraph["qas"] if (text, norm(q["question"])) not in asked]
                asked.update((text, norm(q["question"])) for q in new)
                _add(found, title, paragraph | {"qas": new}, language)
    return found


def _add(found: QuestionSet, title: str, paragraph: Any, language: str) -> None:
    text = paragraph["context"]
    position = None
    for asked in paragraph["qas"]:
        if (answer := _answer(asked, text)) is None:
            continue
        if position is None:
            position = found.add(Passage(text, title, language))
        question = {language: asked["question"].strip()}
        found.questions.append(Question(question, {language: replace(answer, passage=position)}))


def _answer(asked: Any, text: str) -> Answer | None:
    """What the text says, its passage yet to be numbered; None if no answer stands in it.

    An answer without words says that the text tells, not where.
    """
    answers = asked.get("answers") or ()
    if asked.get("is_impossible") or not answers:
        plausible = tuple(each["text"] for each in asked.get("plausible_answers") or ())
        return Answer(-1, (), plausible, tells=False)
    if not any(answer["text"] for answer in answers):
        return Answer(-1, ())
    spans = []
    for answer in answers:
        start, said = answer["answer_start"], answer["text"]
        if not said or start is None or start < 0:
            continue
        if not text.startswith(said, start) and (start := text.find(said)) < 0:
            return None
        spans.append((start, start + len(said)))
    return Answer(-1, tuple(spans)) if spans else None


def _xquad(paths: Iterable[Path]) -> QuestionSet:
    """XQuAD: the files of all languages have the same paragraphs and questions, in one order."""
    found = QuestionSet("xquad")
    by_language = {path.name[:2]: list(_articles(path)) for path in paths}
    for row in zip(*by_language.values(), strict=True):
        positions = {
            language: found.add(Passage(paragraph["context"], title, language))
            for language, (title, paragraph) in zip(by_language, row, strict=True)
        }
        for asked in zip(*(paragraph["qas"] for _, paragraph in row), strict=True):
            texts, answers = {}, {}
            for (language, position), each in zip(positions.items(), asked, strict=True):
                texts[language] = each["question"].strip()
                if answer := _answer(each, found.passages[position].text):
                    answers[language] = replace(answer, passage=position)
            found.questions.append(Question(texts, answers))
    return found


def _mlqa(name: str, paths: Iterable[Path]) -> QuestionSet:
    """MLQA: a file for each language of the passage and of the question, joined by their ids.

    The test part is had without its answers: what it tells is which passage answers.
    """
    found = QuestionSet(name)
    texts: dict[str, dict[str, str]] = {}
    answers: dict[str, dict[str, Answer]] = {}
    known: dict[tuple[str, str], int] = {}
    for path in paths:
        languages = re.search(r"context-(\w\w)-question-(\w\w)", path.name)
        if not languages:
            continue
        language, asked_in = languages.groups()
        for title, paragraph in _articles(path):
            text = paragraph["context"]
            for asked in paragraph["qas"]:
                if not (answer := _answer(asked, text)):
                    continue
                if (position := known.get((language, text))) is None:
                    position = found.add(Passage(text, title, language))
                    known[language, text] = position
                texts.setdefault(asked["id"], {})[asked_in] = asked["question"].strip()
                answers.setdefault(asked["id"], {})[language] = replace(answer, passage=position)
    found.questions = [Question(texts[id], answers[id]) for id in sorted(texts)]
    return found


def _divide_xquad(whole: QuestionSet) -> tuple[QuestionSet, QuestionSet]:
    """The articles to learn, and those for reports."""
    titles = list(dict.fromkeys(passage.title for passage in whole.passages))
    return _divided(whole, lambda passage: titles.index(passage.title) < XQUAD_TRAINED)


def _divide_idk(paths: Iterable[Path]) -> tuple[QuestionSet, QuestionSet]:
    whole = QuestionSet("idk")
    for path in paths:
        for title, paragraph in _articles(path):
            _add(whole, title, paragraph, "id")
    texts = list(dict.fromkeys(passage.text for passage in whole.passages))
    held = set(texts[len(texts) - math.ceil(len(texts) * IDK_REPORTED) :])
    return _divided(whole, lambda passage: passage.text not in held)


def _divided(
    whole: QuestionSet, learn: Callable[[Passage], bool]
) -> tuple[QuestionSet, QuestionSet]:
    parts = QuestionSet(whole.name, whole.passages), QuestionSet(whole.name, whole.passages)
    for question in whole.questions:
        answer = next(iter(question.answers.values()))
        parts[0 if learn(whole.passages[answer.passage]) else 1].questions.append(question)
    return _own_passages(parts[0]), _own_passages(parts[1])


def _own_passages(part: QuestionSet) -> QuestionSet:
    """The set with those of its passages alone that its questions name."""
    own = QuestionSet(part.name)
    moved: dict[int, int] = {}
    for question in part.questions:
        answers = {}
        for language, answer in question.answers.items():
            if answer.passage not in moved:
                moved[answer.passage] = own.add(part.passages[answer.passage])
            answers[language] = replace(answer, passage=moved[answer.passage])
        own.questions.append(Question(question.texts, answers))
    return own
