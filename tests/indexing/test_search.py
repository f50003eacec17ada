import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from index.build import sync
from index.embedding.embedder import Embedder
from index.errors import IndexMissing
from index.passage import Passage, Span
from index.search import Searcher
from index.storage.catalog import Catalog
from index.storage.vectors.ann_index import AnnIndex
from index.storage.vectors.vector_file import Embedding
from tests.support import child_processes
from tests.support.fakes import HashEmbedder
from tests.support.indexed_texts import indexed
from tests.support.paths import ROOT

QUESTION = "Who built the new oven?"
OVEN = "The new oven was built by Kumar Steel in 2019. It burns wood."


def places(passage: Passage) -> list[Span]:
    return [Span(passage.article, passage.start, passage.end), *passage.elsewhere]


def test_the_passage_that_answers_comes_first_and_is_exact(
    articles: Path, two_articles: Path
) -> None:
    found = Searcher(two_articles, HashEmbedder()).search(QUESTION)[0]
    text = (articles / "bakery.txt").read_text()

    assert (found.article, found.text) == ("bakery.txt", OVEN)
    assert found.context == "Bread of the north\nThe ovens"
    assert text[found.start : found.end] == OVEN


def test_scores_are_cosines_and_the_focus_is_the_sentence_that_answers(
    two_articles: Path,
) -> None:
    embedder = HashEmbedder()
    found = Searcher(two_articles, embedder).search(QUESTION)
    question = embedder.query(QUESTION)

    for passage in found:
        (vector,) = embedder.documents([f"{passage.context}\n{passage.text}".strip()])
        assert passage.score == pytest.approx(float(question @ vector), abs=1e-4)
    assert found[0].focus == (found[0].start, found[0].start + len(OVEN) - len(" It burns wood."))
    ranks = [passage.rank_score for passage in found]
    assert ranks == sorted(ranks, reverse=True)


@pytest.mark.parametrize("limit", [0, 1, 2, 3, 99])
def test_no_more_passages_than_asked_for(limit: int, two_articles: Path) -> None:
    searcher = Searcher(two_articles, HashEmbedder())

    assert searcher.search(QUESTION, limit) == searcher.search(QUESTION)[:limit]
    assert len(searcher.search(QUESTION, limit)) == min(limit, 3)


@pytest.mark.parametrize("question", ["", "?", "😀", "unheard words", "क" * 10_000])
def test_any_question_finds_the_nearest(question: str, two_articles: Path) -> None:
    assert len(Searcher(two_articles, HashEmbedder()).search(question)) == 3


def test_the_same_text_in_and_across_articles_is_shown_once(tmp_path: Path) -> None:
    searcher = indexed(
        tmp_path,
        a="The oven burns wood.\n\n***\n\nThe oven burns wood.",
        b="Title of the page\n\nThe oven burns wood.",
        c="Something else entirely.",
    )
    (found,) = [p for p in searcher.search("oven wood") if p.text == "The oven burns wood."]

    assert sorted(places(found), key=lambda p: (p.article, p.start)) == [
        Span("a.txt", 0, 20),
        Span("a.txt", 27, 47),
        Span("b.txt", 19, 39),
    ]


def test_a_byline_stands_below_text_that_is_as_near(tmp_path: Path) -> None:
    searcher = indexed(tmp_path, a="Source: Kumar Steel\n\nKumar Steel source.")

    text, byline = searcher.search("source Kumar Steel")

    assert (text.text, byline.text) == ("Kumar Steel source.", "Source: Kumar Steel")
    assert text.score == byline.score


def test_a_rare_word_finds_its_passage_among_many(tmp_path: Path) -> None:
    texts = {f"n{i}": f"The report number {i} is about trade in the north." for i in range(80)}
    searcher = indexed(tmp_path, **texts, x="The zeppelin number 7 left with trade of the south.")

    assert searcher.search("zeppelin")[0].article == "x.txt"


def test_vectors_that_no_chunk_names_are_never_shown_nor_crowd_others_out(
    two_articles: Path,
) -> None:
    vector = HashEmbedder().query(QUESTION)
    orphans = [Embedding(f"orphan{i}", "en", vector, vector[:0, None]) for i in range(1000)]
    AnnIndex(two_articles, "hash-1").add(orphans)

    found = Searcher(two_articles, HashEmbedder()).search(QUESTION)

    assert found[0].text == OVEN
    assert len(found) == 3


@pytest.mark.slow
def test_an_open_reader_sees_what_another_process_syncs(articles: Path, two_articles: Path) -> None:
    searcher = Searcher(two_articles, HashEmbedder())
    searcher.search(QUESTION)
    (articles / "bakery.txt").unlink()
    (articles / "park.txt").write_text("The new park was built by Rao in 2024.")
    for i in range(1100):
        (articles / f"n{i}.txt").write_text(f"Report {i} is of no use to anyone but Mr. {i * i}.")
    run = child_processes.command(child_processes.sync_index, two_articles)
    subprocess.run(run, cwd=ROOT, check=True)

    found = searcher.search("Who built the new park?")

    assert found[0].text == "The new park was built by Rao in 2024."
    assert "bakery.txt" not in {passage.article for passage in searcher.search(QUESTION)}


def test_an_article_whose_file_is_gone_still_quotes_exactly(
    articles: Path, two_articles: Path
) -> None:
    shutil.rmtree(articles)
    searcher = Searcher(two_articles, HashEmbedder())

    for passage in searcher.search(QUESTION):
        text = searcher.text(passage.article)
        for place in places(passage):
            assert text[place.start : place.end] == passage.text


def test_the_lengths_of_articles_follow_what_is_indexed(articles: Path, two_articles: Path) -> None:
    searcher = Searcher(two_articles, HashEmbedder())
    asked = ["new.txt", "bakery.txt"]
    bakery = len((articles / "bakery.txt").read_text(encoding="utf-8"))

    assert searcher.lengths(asked) == {"bakery.txt": bakery}
    (articles / "new.txt").write_text("😀 यह", encoding="utf-8")
    sync([articles], two_articles, HashEmbedder())
    assert searcher.lengths(asked) == {"bakery.txt": bakery, "new.txt": 4}


def test_similarity_is_that_of_the_embedder(two_articles: Path) -> None:
    embedder = HashEmbedder()
    searcher = Searcher(two_articles, embedder)
    questions, passages = ["oven", "harbour"], ["The oven.", "The quay.", "The oven."]

    expected = [[float(embedder.query(q) @ embedder.query(p)) for p in passages] for q in questions]

    assert searcher.similarity(questions, passages).tolist() == [
        pytest.approx(row, abs=1e-6) for row in expected
    ]


def test_passages_are_embedded_once_for_many_questions(two_articles: Path) -> None:
    embedder = HashEmbedder()
    searcher = Searcher(two_articles, embedder)

    for i in range(2500):
        assert searcher.similarity(["oven"], ["The oven.", f"Number {i}."]).shape == (1, 2)

    assert embedder.embedded.count("The oven.") <= 4


def test_no_index_is_said_with_the_command_that_builds_one(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match=f"article-qa index ARTICLES --index {tmp_path}$"):
        Searcher(tmp_path, HashEmbedder())


def test_an_open_reader_says_when_the_index_was_made_anew_by_another_embedder(
    two_articles: Path,
) -> None:
    searcher = Searcher(two_articles, HashEmbedder())
    sync([], two_articles, HashEmbedder("hash-2"), rebuild=True)

    with pytest.raises(Exception, match="was made with another embedder"):
        searcher.search(QUESTION)


@pytest.mark.weights
@pytest.mark.parametrize(
    ("question", "quote"),
    [
        pytest.param(
            "Berapa pertumbuhan kunjungan ChatGPT pada bulan Mei?", "hanya 2,8%", id="Indonesian"
        ),
        pytest.param("शून्य एक लाख की 2024 की वास्तविक आय कितनी थी?", "100 मिलियन युआन", id="Hindi"),
        pytest.param("美团收购光年之外的总价是多少？", "2,065 miliar yuan", id="Chinese"),
        pytest.param(
            "Who bought Light Years Beyond, and for how much?", "2,065 miliar yuan", id="English"
        ),
    ],
)
def test_the_shipped_articles_answer_across_languages(
    question: str, quote: str, real_index: Path, real_embedder: Embedder
) -> None:
    found = Searcher(real_index, real_embedder).search(question, 3)

    assert quote in found[0].text


@pytest.mark.weights
@pytest.mark.parametrize("query", ["Published on", "Lihat Asli", "disclaimer", "financial advice"])
def test_chrome_of_the_shipped_articles_is_not_found(
    query: str, real_index: Path, real_embedder: Embedder
) -> None:
    found = Searcher(real_index, real_embedder).search(query)
    chrome = ("Published on", "Lihat Asli", "third-party content", "Disclaimer")

    assert len(found) == 10
    assert [p.text for p in found if any(words in p.text for words in chrome)] == []


@pytest.mark.weights
def test_the_shipped_index_holds_each_text_once(real_index: Path) -> None:
    with Catalog.open(real_index) as catalog:
        articles, chunks, texts = catalog.counts()

    assert articles == 2
    assert chunks == texts


def test_who_is_first_does_not_depend_on_how_many_are_asked_for(tmp_path: Path) -> None:
    bylines = {f"b{i}": f"Author: Ada Lovelace {i}" for i in range(6)}
    searcher = indexed(tmp_path, answer="Ada Lovelace wrote the first program.", **bylines)
    found = searcher.search("ada lovelace", 10)

    assert [searcher.search("ada lovelace", limit)[0] for limit in (1, 2, 3)] == [found[0]] * 3


def test_headings_and_text_are_told_apart(tmp_path: Path) -> None:
    folder, index = tmp_path / "texts", tmp_path / "i"
    folder.mkdir()
    (folder / "b.md").write_text("Harbour news of today\nThe ferry left. It was late.")
    sync([folder], index, HashEmbedder())
    (folder / "a.md").write_text("# Harbour news of today\n\nThe ferry left. It was late.")
    sync([folder], index, HashEmbedder())
    searcher = Searcher(index, HashEmbedder())

    for passage in searcher.search("ferry left"):
        for place in places(passage):
            assert searcher.text(place.article)[place.start : place.end] == passage.text


@pytest.mark.slow
def test_a_search_sees_one_state_even_as_another_is_written(
    articles: Path, two_articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    searcher = Searcher(two_articles, HashEmbedder())
    different = searcher._different

    def meanwhile(*arguments: Any) -> list[Passage]:
        monkeypatch.undo()
        for file in articles.iterdir():
            file.write_text(f"Quite another text: {file.name}. {QUESTION}")
        subprocess.run(
            child_processes.command(child_processes.sync_index, two_articles), cwd=ROOT, check=True
        )
        return different(*arguments)

    monkeypatch.setattr(searcher, "_different", meanwhile)

    found = searcher.search(QUESTION)

    assert sorted(p.article for p in found) == ["bakery.txt", "harbour.txt"]
    assert all(p.text.startswith("Quite another text") for p in found)


def test_a_reader_follows_an_index_that_was_thrown_away_and_made_anew(
    articles: Path, two_articles: Path
) -> None:
    searcher = Searcher(two_articles, HashEmbedder())
    shutil.rmtree(two_articles)
    (articles / "bakery.txt").write_text("The new oven burns peat.")
    sync([articles], two_articles, HashEmbedder())

    assert searcher.search(QUESTION)[0].text == "The new oven burns peat."


def test_many_near_copies_are_shown_once_and_leave_room_for_the_others(tmp_path: Path) -> None:
    story = (
        "The new oven was built by Kumar Steel in the year of number {} and it burns wood all day."
    )
    copies = {f"c{i:03}": story.format(i) for i in range(200)}
    searcher = indexed(tmp_path, other="The old oven was built by nobody.", **copies)

    found = searcher.search(QUESTION, 2)

    assert [p.article for p in found][1:] == ["other.txt"]
    assert len(found[0].copies) > 100
