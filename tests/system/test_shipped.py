"""The articles that ship, asked through the command line with the real models."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import prompts
from index.articles.article import read
from index.articles.files import Found, find
from index.embedding.embedder import Embedder
from index.text.languages import detect
from qa.cli.main import main
from qa.llm.llama import LlamaModel

pytestmark = pytest.mark.weights

# question, its language, the article that tells, what the answer holds, what a quote holds
TOLD = [
    pytest.param(
        "Berapa pertumbuhan kunjungan ChatGPT pada bulan Mei?",
        "id",
        "004_6d2d983447a03547.txt",
        r"(?<![\d,])2,8\s?(%|persen)",
        r"2,8%",
        id="growth, in Indonesian",
    ),
    pytest.param(
        "शून्य एक लाख की 2024 की वास्तविक आय कितनी थी?",
        "hi",
        "000_720ee3b291885d98.txt",
        r"(?<!\d)(100|१००) मिलियन|(?<!\d)(10|१०) करोड़",
        r"100 मिलियन",
        id="income, in Hindi",
    ),
    pytest.param(
        "美团收购光年之外的总价是多少？",
        "zh",
        "004_6d2d983447a03547.txt",
        r"(?<!\d)20\.65\s?亿",
        r"2,065 miliar",
        id="price, in Chinese from Indonesian",
    ),
    pytest.param(
        "For how much did Meituan buy Light Years Beyond?",
        "en",
        "004_6d2d983447a03547.txt",
        r"(?<!\d)(233\.673 million|2\.065 billion)",
        r"2,065 miliar",
        id="price, in English from Indonesian",
    ),
]


@pytest.fixture(scope="module")
def texts(seed_articles: Path) -> dict[str, str]:
    found = [one for one in find(seed_articles) if isinstance(one, Found)]
    return {one.id: read(one).text for one in found}


@pytest.fixture
def loaded_once(
    real_model: LlamaModel, real_embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command line with weights that are in memory already."""
    monkeypatch.setattr("qa.llm.llama.LlamaModel", lambda *_: real_model)
    monkeypatch.setattr("qa.cli.opening.embedder", lambda _: real_embedder)


def ask(question: str, index: Path) -> dict[str, Any]:
    result = CliRunner().invoke(main, ["ask", "--json", question, "--index", str(index)])
    assert (result.exit_code, result.stderr, result.stdout.count("\n")) == (0, "", 1)
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


@pytest.mark.usefixtures("loaded_once")
@pytest.mark.parametrize(("question", "language", "article", "fact", "proof"), TOLD)
def test_question_is_answered_from_the_article_that_tells(
    question: str,
    language: str,
    article: str,
    fact: str,
    proof: str,
    real_index: Path,
    texts: dict[str, str],
) -> None:
    answer = ask(question, real_index)

    assert (answer["language"], answer["answered"], answer["nearest"]) == (language, True, [])
    assert re.search(fact, answer["answer"]), answer["answer"]
    assert detect(re.sub(r"\[\d+\]", "", answer["answer"])) == language
    quotes = {c["quote"] for c in answer["citations"] if c["article"] == article}
    assert [quote for quote in quotes if re.search(proof, quote)] != []
    for cited in answer["citations"]:
        assert texts[cited["article"]][cited["start"] : cited["end"]] == cited["quote"]
        assert f"[{cited['marker']}]" in answer["answer"]


@pytest.mark.usefixtures("loaded_once")
def test_question_that_no_article_answers_is_refused(
    real_index: Path, texts: dict[str, str]
) -> None:
    answer = ask("What is the capital of France?", real_index)

    assert (answer["language"], answer["answered"]) == ("en", False)
    assert (answer["answer"], answer["citations"]) == (prompts.refusals()["en"], [])
    assert len(answer["nearest"]) == 3
    for near in answer["nearest"]:
        assert texts[near["article"]][near["start"] : near["end"]] == near["quote"]


@pytest.mark.usefixtures("loaded_once")
def test_too_long_question_is_refused(real_index: Path) -> None:
    question = "क्यों और कैसे? " * 200
    result = CliRunner().invoke(main, ["ask", question, "--index", str(real_index)])

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("article-qa: The question is longer than 512 tokens")


@pytest.mark.usefixtures("loaded_once")
def test_index_of_another_embedder_is_refused(two_articles: Path) -> None:
    result = CliRunner().invoke(main, ["search", "Who?", "--index", str(two_articles)])

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        f"article-qa: The index at {two_articles} was made with another embedder. "
        f"Rebuild it with: article-qa index --rebuild --index {two_articles}\n"
    )
