"""The model's words become text whose every citation is real."""

import pytest
import regex

from qa.answer import Answer, Citation
from qa.answering.drafts import add, claims, finished, visible
from qa.verification.evidence import Sentence
from qa.verification.support import State, Verdict

START = Answer("Who bought it?", "en")


def proof(*sentences: Sentence, state: State = "supported") -> Verdict:
    return Verdict(state, sentences, 0.87654)


def sentence(start: int, article: str = "a.txt") -> Sentence:
    return Sentence(article, start, start + 9, f"sentence{start}")


@pytest.mark.parametrize(
    ("draft", "shown"),
    [
        pytest.param("Meituan did [1].", "Meituan did.", id="mark"),
        pytest.param("Meituan did [1][2], in June [3, 4].", "Meituan did, in June.", id="marks"),
        pytest.param("Meituan did [१].", "Meituan did.", id="mark in Devanagari digits"),
        pytest.param("Meituan did [1-3].", "Meituan did.", id="range"),
        pytest.param("Meituan did [", "Meituan did", id="bracket"),
        pytest.param("Meituan did [1", "Meituan did", id="bracket and digit"),
        pytest.param("Meituan did [1, ", "Meituan did", id="half a list"),
        pytest.param("It [sic] did", "It [sic] did", id="bracketed word stays"),
        pytest.param("  Meituan did ", "Meituan did", id="space around"),
        pytest.param("", "", id="empty"),
    ],
)
def test_marks_and_half_written_marks_are_hidden(draft: str, shown: str) -> None:
    assert visible(draft) == shown


@pytest.mark.parametrize("draft", ["", "  \n", "[1]", " [1, 2] "])
def test_saying_nothing_is_no_claim(draft: str) -> None:
    assert (visible(draft), claims(draft)) == ("", [])


@pytest.mark.parametrize("draft", ["NONE", "No", "None of them did.", "नहीं।"])
def test_a_short_answer_is_shown_as_it_comes(draft: str) -> None:
    assert (visible(draft), claims(draft)) == (draft, [draft])


MADE = [
    pytest.param("See [the deal](https://a.b/c).", "See the deal.", id="link"),
    pytest.param("See ![a chart](https://a.b/c.png) here.", "See a chart here.", id="picture"),
    pytest.param("See [![x](https://a.b)](https://c.d).", "See x.", id="picture in a link"),
    pytest.param("Meituan did [1](https://a.b).", "Meituan did.", id="mark with a link"),
    pytest.param("See <https://a.b/c> or <mailto:x@y.z>.", "See  or .", id="address"),
    pytest.param("It <b>grew</b><br/> a lot.", "It grew a lot.", id="tags"),
    pytest.param("It <<b>b>grew.", "It grew.", id="tag in a tag"),
    pytest.param('<img src="x" onerror="a(1)">It grew.', "It grew.", id="tag with attributes"),
    pytest.param("It <!-- no -->grew<!doctype html>.", "It grew.", id="comment"),
    pytest.param("It grew <script src=//a.b", "It grew", id="tag never ended"),
    pytest.param("It grew [a lot](https://a.b", "It grew", id="link never ended"),
    pytest.param("<<script>script>It</<i>i> grew.", "It grew.", id="tags that make tags"),
]
KEPT = [
    pytest.param("3 < 5, and 7 > 5.", id="less and more"),
    pytest.param("x <y, but y> z.", id="comma"),
    pytest.param("价格<5元，涨幅>2%。", id="Chinese"),
    pytest.param("It [sic] did (so they say).", id="brackets"),
    pytest.param("I <3 it.", id="heart"),
]


@pytest.mark.parametrize(("draft", "left"), MADE)
def test_links_pictures_and_tags_never_reach_an_answer(draft: str, left: str) -> None:
    assert (visible(draft), " ".join(claims(draft))) == (left, left)


@pytest.mark.parametrize("draft", KEPT)
def test_what_only_looks_like_a_tag_or_link_stays(draft: str) -> None:
    assert claims(draft) == [draft]


@pytest.mark.parametrize("draft", [case.values[0] for case in MADE])
def test_half_a_link_or_tag_is_never_seen(draft: str) -> None:
    seen = [visible(str(draft)[:length]) for length in range(len(str(draft)) + 1)]

    assert [text for text in seen if "://" in text or "](" in text] == []
    assert [text for text in seen if regex.search(r"<[/!a-z]", text)] == []


@pytest.mark.parametrize(
    "draft",
    [*(case.values[0] for case in MADE), "A. B [x. C](u). D <b>e</b>.", "1. A is. 2. B is. 3."],
)
def test_finished_claims_are_those_of_the_whole_draft(draft: str) -> None:
    whole = claims(str(draft))

    for length in range(len(str(draft)) + 1):
        done, _ = finished(visible(str(draft)[:length]))
        assert done == whole[: len(done)]


@pytest.mark.parametrize(
    ("draft", "found"),
    [
        pytest.param("One. Two.", ["One.", "Two."], id="two"),
        pytest.param("One. One. One", ["One.", "One"], id="repeated"),
        pytest.param("यह एक है। यह दो है।", ["यह एक है।", "यह दो है।"], id="danda"),
        pytest.param(
            "总价20.65亿元。成立于三月。", ["总价20.65亿元。", "成立于三月。"], id="full-width"
        ),
        pytest.param("Naik 2,8% [1]. Lalu turun [2].", ["Naik 2,8%.", "Lalu turun."], id="marks"),
        pytest.param("... !", [], id="no word"),
        pytest.param("", [], id="empty"),
    ],
)
def test_claims_are_the_sentences_of_a_draft(draft: str, found: list[str]) -> None:
    assert claims(draft) == found


def test_proven_sentence_gets_a_mark_and_its_citation() -> None:
    answer = add(START, "Meituan did.", proof(sentence(5)))

    assert answer == Answer(
        "Who bought it?",
        "en",
        text="Meituan did. [1]",
        answered=True,
        citations=(Citation(1, "a.txt", 5, 14, "sentence5", "supported", 0.8765),),
    )


def test_unproven_sentence_leaves_the_answer_as_it_was() -> None:
    assert add(START, "Google did.", proof(sentence(5), state="unsupported")) is START


def test_two_sentences_with_one_proof_share_a_mark() -> None:
    answer = add(START, "Meituan did.", proof(sentence(5)))
    answer = add(answer, "It paid.", proof(sentence(5)))

    assert answer.text == "Meituan did. [1] It paid. [1]"
    assert [citation.marker for citation in answer.citations] == [1]


def test_marks_are_numbered_in_the_order_of_the_text() -> None:
    answer = add(START, "Meituan did.", proof(sentence(50), sentence(5)))
    answer = add(answer, "It paid.", proof(sentence(5), sentence(5, "b.txt"), state="partial"))

    assert answer.text == "Meituan did. [1][2] It paid. [2][3]"
    assert [(c.marker, c.article, c.start, c.support) for c in answer.citations] == [
        (1, "a.txt", 50, "supported"),
        (2, "a.txt", 5, "supported"),
        (3, "b.txt", 5, "partial"),
    ]


def test_citation_holds_its_words_as_the_answer_quotes_them() -> None:
    item, other = Sentence("a.txt", 5, 14, "- He said “it burns” twice."), sentence(50)
    answer = add(START, "Wood burns.", proof(item, other))
    answer = add(answer, "The article says: “He said ‘it burns’ twice.”", proof(item))

    assert answer.text.endswith("twice.” [1]")
    assert [citation.said for citation in answer.citations] == ["He said ‘it burns’ twice.", ""]


def test_list_marks_are_no_part_of_a_claim() -> None:
    assert claims("Sektornya:\n1. Energi\n- Game") == ["Sektornya:", "Energi", "Game"]


@pytest.mark.parametrize(
    ("draft", "found"),
    [
        pytest.param(
            "1. A is first. 2. B is next. 3) C is last.",
            ["A is first.", "B is next.", "C is last."],
            id="in one line",
        ),
        pytest.param("1. A is first. 2.", ["A is first."], id="half a list"),
        pytest.param(
            "1. A is first. 29. Juni was it.", ["A is first.", "29. Juni was it."], id="date"
        ),
        pytest.param("It began. 29. It ended.", ["It began.", "29. It ended."], id="no list"),
        pytest.param("5.", ["5."], id="a number is the whole answer"),
        pytest.param("2023. 50%.", ["2023.", "50%."], id="other numbers"),
    ],
)
def test_a_bare_number_is_no_claim_beside_others(draft: str, found: list[str]) -> None:
    assert claims(draft) == found


@pytest.mark.parametrize("draft", ["29. Juni 2023.", "3. Mai 2023."])
def test_the_day_of_a_date_is_no_list_mark(draft: str) -> None:
    assert " ".join(claims(draft)) == draft


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "draft",
    [
        "[" * 2000 + "a " * 300,
        "![" * 1000 + "a" * 300,
        "[<" * 1000 + "]",
        "<" * 2000 + "]",
        ("[" + "<" * 50) * 40 + "]b",
        "<a [" * 500 + ">",
    ],
    ids=ascii,
)
def test_brackets_without_end_are_read_in_a_moment(draft: str) -> None:
    assert visible(draft) is not None
    assert claims(draft) is not None


@pytest.mark.parametrize(
    ("draft", "shown"),
    [
        ("It did [see <b", "It did"),
        ("It did [a < b and", "It did"),
        ("It did <a href='x [y", "It did"),
        ("It did [text](http://a.b/<c", "It did"),
        ("It did <!-- so [x", "It did"),
        ("It did ![[", "It did"),
        ("It did [x", "It did"),
        ("It [did] so", "It [did] so"),
        ("1 < 2 and 3", "1 < 2 and 3"),
    ],
)
def test_what_may_still_become_a_link_or_tag_is_hidden(draft: str, shown: str) -> None:
    assert visible(draft) == shown
