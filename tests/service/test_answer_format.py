"""Answers and passages as people see them, and as scripts read them."""

import json
from dataclasses import replace

from index.passage import Passage, Span
from index.text.languages import ENGLISH_NAMES
from qa.answer import Answer, Citation, Nearest, Timings
from qa.service.answer_format import (
    answer_json,
    language_of,
    passages_json,
    passages_text,
    sources_text,
)

START = Answer("Who?", "en")
CITED = replace(
    START,
    text="Meituan did. [1]",
    answered=True,
    citations=(Citation(1, "é.txt", 5, 17, "मीतुआन ने।", "supported", 0.8765),),
    done=True,
)
REFUSED = replace(
    START, text="No.", nearest=(Nearest("a.txt", 0, 5, "Tea  is\ngreen.", 0.7),), done=True
)
MODELS = {"llm": "scripted", "llm_sha256": "0", "embedder": "hash"}


UNDERSTOOD = replace(CITED, standing="Who bought Light Years Beyond?")


def test_json_tells_the_rewritten_question_only_where_there_is_one() -> None:
    plain, rewritten = (json.loads(answer_json(a, MODELS)) for a in (CITED, UNDERSTOOD))

    assert rewritten.pop("standing") == UNDERSTOOD.standing
    assert rewritten == plain


def test_yes_or_no_is_there_only_where_the_articles_tell_it() -> None:
    plain, no = (json.loads(answer_json(a, MODELS)) for a in (CITED, replace(CITED, verdict="no")))

    assert no.pop("verdict") == "no"
    assert no == plain


def test_sources_show_place_language_and_words() -> None:
    assert sources_text(CITED) == "\n[1] é.txt 5-17 (Hindi, supported, 0.88)\n    मीतुआन ने।"


def test_what_is_known_of_an_article_has_no_place_in_it() -> None:
    known = replace(CITED, citations=(Citation(1, "é.txt", 0, 0, "", "metadata", 1.0),))

    assert sources_text(known) == "\n[1] é.txt (metadata)"


def test_web_address_is_told_where_there_is_one() -> None:
    address = "https://example.org/news/ferry"
    cited = replace(CITED, citations=(replace(CITED.citations[0], address=address),))
    known = replace(
        CITED, citations=(Citation(1, "é.txt", 0, 0, "", "metadata", 1.0, address=address),)
    )
    plain, told = (json.loads(answer_json(a, MODELS))["citations"][0] for a in (CITED, cited))

    assert told.pop("address") == address
    assert told == plain
    assert sources_text(cited) == (
        "\n[1] é.txt 5-17 (Hindi, supported, 0.88)\n"
        "    https://example.org/news/ferry\n    मीतुआन ने।"
    )
    assert sources_text(known) == "\n[1] é.txt (metadata)\n    https://example.org/news/ferry"
    hostile = replace(CITED, citations=(replace(CITED.citations[0], address="https://a/\x1b[31m"),))
    assert "\x1b" not in sources_text(hostile)


def test_refusal_shows_the_nearest_passages() -> None:
    assert sources_text(REFUSED) == (
        "\nNearest passages:\n\n  - a.txt 0-5 (English, 0.70)\n    Tea is green."
    )


def test_refusal_of_an_empty_index_has_no_sources() -> None:
    assert sources_text(replace(REFUSED, nearest=())) == ""


def test_long_passage_is_cut_for_people() -> None:
    answer = replace(REFUSED, nearest=(Nearest("a.txt", 0, 5, "word " * 200, 0.7),))

    assert sources_text(answer).endswith("word word…")
    assert len(sources_text(answer).splitlines()[-1]) == 4 + 400


def test_answer_is_one_object_on_one_line() -> None:
    answer = replace(CITED, timings=Timings(0.1, 0.2, 0.3, 4, 5, 6))

    assert answer_json(answer, MODELS) == (
        '{"question": "Who?", "language": "en", "answer": "Meituan did. [1]", "answered": true, '
        '"citations": [{"marker": 1, "article": "é.txt", "start": 5, "end": 17, '
        '"quote": "मीतुआन ने।", "support": "supported", "score": 0.8765}], "nearest": [], '
        '"timings": {"retrieve_s": 0.1, "first_token_s": 0.2, "total_s": 0.3, '
        '"prompt_tokens": 4, "cached_tokens": 5, "answer_tokens": 6}, '
        '"models": {"llm": "scripted", "llm_sha256": "0", "embedder": "hash"}}'
    )


def test_refusal_is_one_object_on_one_line() -> None:
    printed = answer_json(REFUSED, MODELS)

    assert "\n" not in printed
    assert json.loads(printed)["citations"] == []
    assert json.loads(printed)["nearest"] == [
        {"article": "a.txt", "start": 0, "end": 5, "quote": "Tea  is\ngreen.", "score": 0.7}
    ]


def test_what_is_no_unicode_is_replaced() -> None:
    assert "Who?\udcff".encode(errors="surrogateescape")
    assert json.loads(answer_json(replace(CITED, question="Who\udcff"), MODELS))["question"] == (
        "Who?"
    )


FOUND = Passage(
    "a.txt", 3, 8, "यह एक है।", "News", 0.81, 0.9, (Span("b.txt", 1, 6),), (Span("d.txt", 2, 8),)
)


def test_passages_are_one_object_on_one_line() -> None:
    assert passages_json("Who?", [FOUND], 0.123456) == (
        '{"question": "Who?", "passages": [{"article": "a.txt", "start": 3, "end": 8, '
        '"quote": "यह एक है।", "score": 0.81}], "timings": {"retrieve_s": 0.1235}}'
    )


def test_passages_show_every_place() -> None:
    assert passages_text([FOUND, replace(FOUND, article="c.txt", elsewhere=(), copies=())]) == (
        "1. a.txt 3-8 (Hindi, 0.81)\n   also b.txt 1-6\n   also in d.txt 2-8, nearly the same\n"
        "   यह एक है।\n\n"
        "2. c.txt 3-8 (Hindi, 0.81)\n   यह एक है।"
    )


def test_every_language_that_is_shown_has_a_name() -> None:
    assert language_of("12") in ENGLISH_NAMES.values()
