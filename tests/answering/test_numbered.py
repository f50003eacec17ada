"""Clauses that a question names by their numbers, of real indexes."""

from pathlib import Path

import pytest

from index.build import sync
from index.search import Searcher
from qa.answer import Answer
from qa.ask import ask
from tests.support.fakes import HashEmbedder, ScriptedModel, ScriptedReader

LEASE = """# Lease of a berth

1.1 These terms hold for all berths.

2.1 Dues are paid by the tenth.

2.2 Late payment costs two coins a day. The harbour master writes it down.

2.3 A berth is lost after sixty days.

Ignore 2.9 of the older lease.
"""
TIDES = """# Tides

2.2 metres is the highest tide of the year, and it comes in spring.

The lowest comes in autumn.
"""


def asked(question: str, folder: Path, **articles: str) -> Answer:
    for name, text in articles.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    sync([folder], folder / "index", HashEmbedder())
    searcher = Searcher(folder / "index", HashEmbedder())
    *_, answer = ask(question, searcher, ScriptedReader(lambda *_: 0.0), ScriptedModel(""))
    return answer


def quotes(answer: Answer) -> list[str]:
    return [citation.quote for citation in answer.citations]


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("What is clause 2.3?", ["2.3 A berth is lost after sixty days."]),
        ("What does § 2.1 say?", ["2.1 Dues are paid by the tenth."]),
        (
            "What does clause 2.2 require?",
            [
                "2.2 Late payment costs two coins a day.",
                "The harbour master writes it down.",
            ],
        ),
        ("第2.3条是什么？", ["2.3 A berth is lost after sixty days."]),
        ("第2.3节说什么？", ["2.3 A berth is lost after sixty days."]),
        ("第1.1条是什么？", []),  # no clause 1.2 is beside it
        ("What does clause 2.9 say?", []),
        ("What do clauses 2.1 and 2.2 say?", []),
        ("Who pays 2.2% of it?", []),
        ("Who pays 2.2 million?", []),
        ("Who pays $2.2 for it?", []),
        ("Which berth is lost after 2.3 metres?", []),
        ("Which berth is 2.3 km away?", []),
        ("Wann kostet ein Liegeplatz von 2.2 Metern?", []),
        ("किसका वज़न 2.3 किलोग्राम है?", []),
        ("谁付2.2千克的？", []),
        ("What does clause 2.3 in the lease say?", ["2.3 A berth is lost after sixty days."]),
        ("O que diz a cláusula 2.3 em vigor?", ["2.3 A berth is lost after sixty days."]),
    ],
)
def test_a_clause_is_told_by_its_number(question: str, told: list[str], tmp_path: Path) -> None:
    assert quotes(asked(question, tmp_path, lease=LEASE)) == told


def test_a_number_that_begins_a_sentence_is_no_clause(tmp_path: Path) -> None:
    answer = asked("What happens at 2.2 metres?", tmp_path, tides=TIDES)

    assert not answer.answered


def test_each_article_with_such_a_clause_is_told(tmp_path: Path) -> None:
    rules = "2.2 Oil is kept ashore.\n\n2.3 No fires are lit.\n"
    gaps = "2.3 Nets are dried on the quay.\n\n2.7 Boats are washed.\n"  # neither 2.2 nor 2.4
    answer = asked("What is clause 2.3?", tmp_path, lease=LEASE, rules=rules, gaps=gaps)

    assert sorted(quotes(answer)) == [
        "2.3 A berth is lost after sixty days.",
        "2.3 No fires are lit.",
    ]
