"""What is read ahead of questions is exactly what asking reads, the most useful first."""

import threading
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from index.build import sync
from index.passage import Passage
from index.search import Searcher, every_passage
from index.text.sentences import sentence_spans
from qa.answering.prefill import Prefill, ahead
from qa.ask import ask
from qa.cancellation import StopFlag
from qa.errors import Cancelled
from qa.llm.cache.files import DiskCache
from tests.support.fakes import HashEmbedder, KeepingModel, ScriptedModel, ScriptedReader, passage

DEAL = "Harganya 2,065 miliar yuan. Dibayar pada bulan Juni oleh perusahaan besar dari Tiongkok."
SOLD = "Toko roti itu menjual 400 roti pada bulan Mei, kata pemiliknya kepada kami kemarin."
LONG = " ".join(
    f"Item number {i} cost {i}.5 million yuan in the year {1900 + i}." for i in range(40)
)
KEPT = "Passage:\n{}\n\nQuestion:"


class Spelling(ScriptedModel):
    """Reads letters: a long passage is over its budget."""

    def count(self, text: str) -> int:
        return len(text) // 2


def texts(model: ScriptedModel, *passages: Passage) -> list[tuple[str, str]]:
    return [(reading.language, reading.passage) for reading in ahead(passages, model)]


def test_each_text_comes_once_and_the_numbers_of_other_languages_after_all_passages() -> None:
    assert texts(ScriptedModel(), passage(DEAL), passage(SOLD, start=200)) == [
        ("id", DEAL),
        ("id", SOLD),
        ("en", DEAL.replace("2,065 miliar", "2.065 billion")),
        ("hi", DEAL.replace("2,065 miliar", "2.065 अरब")),
        ("zh", DEAL.replace("2,065 miliar", "20.65亿")),
        ("es", DEAL.replace("2,065 miliar", "2,065 mil millones")),
        ("ja", DEAL.replace("2,065 miliar", "20.65億")),
        ("ko", DEAL.replace("2,065 miliar", "20.65억")),
    ]


def test_a_long_passage_is_read_about_each_of_its_sentences() -> None:
    found = passage("A b c d. E f g h. I j k l.", context="News")
    foci = [replace(found, focus=span) for span in ((0, 8), (9, 17), (18, 26))]

    class Slow(ScriptedModel):
        def count(self, text: str) -> int:
            return 120 * len(text.split())  # 480 for a sentence

    assert texts(Slow(), *foci) == []
    assert texts(ScriptedModel(), *foci) == [("en", "News\nA b c d. E f g h. I j k l.")]
    narrow = type("Narrow", (ScriptedModel,), {"count": lambda _, text: 80 * len(text.split())})
    assert [text for _, text in texts(narrow(), *foci)] == [
        "News\nA b c d.",
        "News\nE f g h.",
        "News\nI j k l.",
    ]


def any_sentence(number: int, text: str) -> str:
    spans = sentence_spans(text)
    return text[slice(*spans[number % len(spans)])]


def test_all_that_asking_reads_was_read_ahead(tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "a.txt").write_text(f"Prices\n\n{LONG}\n\n{DEAL}\n\n{SOLD}", encoding="utf-8")
    sync([folder], tmp_path / "index", HashEmbedder())
    model = Spelling("Yes.")
    known = {
        KEPT.format(reading.passage) for reading in ahead(every_passage(tmp_path / "index"), model)
    }
    searcher = Searcher(tmp_path / "index", HashEmbedder())
    for number in range(0, 40, 3):
        reader = ScriptedReader(finds=partial(any_sentence, number))
        for language in ("en", "hi", "id", "zh", "es", "de"):
            question = f"Which item cost {number}.5 million yuan in {1900 + number}?"
            list(ask(question, searcher, reader, model, language=language))

    read = {m[-1].content[: m[-1].prefix] for m in (*model.asked, *model.read)}
    assert len(read) > 20
    assert read <= known


def test_every_passage_of_an_index_comes_with_every_focus(two_articles: Path) -> None:
    found = list(every_passage(two_articles))
    searcher = Searcher(two_articles, HashEmbedder())
    searched = [p for word in ["oven", "loaves", "जहाज", "closed"] for p in searcher.search(word)]

    bare = {replace(p, score=0.0, rank_score=0.0, copies=()) for p in searched}
    assert bare <= set(found)
    assert {p.text for p in found} == {p.text for p in searched}


@pytest.fixture
def files(tmp_path: Path) -> DiskCache:
    return DiskCache(tmp_path / "states", 100_000)


def read(warming: Prefill) -> int:
    """How many steps there were to do."""
    steps = 0
    while warming.step():
        steps += 1
    return steps


def test_all_is_read_once_and_found_again(two_articles: Path, files: DiskCache) -> None:
    model, again = KeepingModel(files), KeepingModel(files)
    first, second = Prefill(two_articles, model, files), Prefill(two_articles, again, files)

    assert (read(first), read(second), read(first)) == (len(model.kept), len(model.kept), 0)
    assert (len(set(model.kept)), again.kept) == (len(model.kept), [])
    assert (first.done, first.size, first.tokens) == (second.done, second.size, second.tokens)
    assert (first.fresh, second.fresh) == (first.tokens, 0)
    assert first.size == files.tally().size


def test_what_an_index_gets_is_read_too(
    two_articles: Path, articles: Path, files: DiskCache
) -> None:
    model = KeepingModel(files)
    warming = Prefill(two_articles, model, files)
    before = read(warming)
    (articles / "new.txt").write_text("The harbour has a new crane from Pune.", encoding="utf-8")
    sync([articles], two_articles, HashEmbedder())

    assert read(warming) == warming.done == before + 1
    assert "a new crane" in model.kept[-1]


def test_it_ends_where_there_is_no_room_and_takes_none_from_what_was_asked(
    two_articles: Path, tmp_path: Path
) -> None:
    whole = Prefill(two_articles, KeepingModel(big := DiskCache(tmp_path / "a", 10**6)), big)
    read(whole)
    small = DiskCache(tmp_path / "b", whole.size * 2 // 3)
    small.put("a" * 64, 1, bytearray(whole.size // 3))
    for number in range(5):  # of articles that are gone
        small.put(f"{number:064}", 1, bytearray(10), asked=False)
    warming = Prefill(two_articles, model := KeepingModel(small), small)

    assert 0 < read(warming) == warming.done == len(model.kept) < whole.done
    assert "a" * 64 in small
    assert read(warming) == 0
    assert {f"{number:064}" in small for number in range(5)} == {False}


def test_where_nothing_can_be_kept_nothing_more_is_read(two_articles: Path, tmp_path: Path) -> None:
    (tmp_path / "states").write_text("in the way")
    files = DiskCache(tmp_path / "states", 10**6)
    warming = Prefill(two_articles, model := KeepingModel(files), files)

    assert [warming.step() for _ in range(3)] == [False] * 3
    assert (warming.done, len(model.kept)) == (0, 1)


def test_what_was_stopped_in_its_midst_is_read_next(two_articles: Path, files: DiskCache) -> None:
    model = KeepingModel(files, waits=0.05)
    warming = Prefill(two_articles, model, files)
    assert warming.step()
    stop = StopFlag()
    model.cancel_when(stop)
    threading.Timer(0.01, stop.set).start()
    with pytest.raises(Cancelled):
        warming.step()
    model.cancel_when(StopFlag())

    assert (warming.done, 1 + read(warming)) == (1, len(set(model.kept)))
    assert read(Prefill(two_articles, KeepingModel(files), files)) == warming.done
