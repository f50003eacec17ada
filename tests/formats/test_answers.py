"""What people ask of files that are easily read wrong: the right answer, with its proof."""

import pytest

from index.build import sync
from index.embedding.embedder import Embedder
from index.scope import Scope
from index.search import Searcher
from qa.answer import Answer
from qa.ask import ask
from qa.extraction.reader import Reader
from qa.llm.llama import LlamaModel
from tests.formats.golden_text import FILES

pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def searcher(real_embedder: Embedder, tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    """An index of the whole corpus."""
    folder = tmp_path_factory.mktemp("corpus") / "index"
    sync([FILES], folder, real_embedder)
    return Searcher(folder, real_embedder)


def asked(question: str, file: str, parts: tuple[Searcher, Reader, LlamaModel]) -> Answer:
    *_, answer = ask(question, *parts, scope=Scope(only=(file,)))
    return answer


@pytest.mark.parametrize(
    ("file", "question", "said", "proof"),
    [
        ("superscript.pdf", "How long is the quay?", "210", "210"),
        ("hidden_super.docx", "How deep is it?", "10³", "10³"),
        ("book.epub", "When was the quay built?", "1790", "1790"),
        ("code_hash.md", "Which port should be chosen for the tide tool?", "8123", "8123"),
        ("form.pdf", "What is the name of the boat?", "Heron of Grey Cape", "Heron of Grey Cape"),
        (
            "quarters_words.xlsx",
            "What was the catch of the South in the second quarter of 2024?",
            "75",
            "Second quarter of 2024: 75",
        ),
        ("numbered_clauses.docx", "What does clause 2.2 say?", "two coins", "2.2"),
        ("numbered_clauses.docx", "What is clause 2.3?", "sixty days", "2.3"),
        ("title_with_two_cells.xlsx", "What is the fee of the Heron?", "14", "Fee: 14"),
    ],
)
def test_what_stands_on_the_page_is_said(
    file: str,
    question: str,
    said: str,
    proof: str,
    searcher: Searcher,
    real_reader: Reader,
    real_model: LlamaModel,
) -> None:
    answer = asked(question, f"./case_{file}", (searcher, real_reader, real_model))

    assert said in answer.text
    assert any(proof in searcher.text(c.article)[c.start : c.end] for c in answer.citations)


def test_a_year_of_another_table_is_not_told(
    searcher: Searcher, real_reader: Reader, real_model: LlamaModel
) -> None:
    question = "When was the Night watch built?"
    answer = asked(question, "./case_two_tables_stacked.xlsx", (searcher, real_reader, real_model))

    assert "Built" not in answer.text
    assert not any("Night watch" in c.quote and "Built" in c.quote for c in answer.citations)
