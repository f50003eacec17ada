"""Any text: what holds of every one that comes from outside, with texts that Hypothesis draws.

`make fuzz` tries the same checks with texts that are found by what they reach.
"""

import json
import sys
import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.text.normal_forms import stream_safe
from tests.security.fuzz import checks
from tests.security.fuzz.letters import KEYS, MARKS, NO_TEXT, UNITS, YAML
from tests.support.non_starters import marks_in_a_row

# The same texts each time, so that a run that fails does so again; as many again in `make fuzz`.
same_texts = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def runs(units: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Texts of units, each some times over."""
    one = st.builds(lambda unit, times: unit * times, st.sampled_from(units), st.integers(1, 90))
    return st.lists(one, max_size=8).map("".join)


MARKED = runs((*MARKS, "a", "é", "ệ", "한", "ｶ", "\ufdfa", "\u034f"))
TEXTS = st.one_of(st.text(max_size=60), runs((*UNITS, *NO_TEXT)))
VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from(KEYS), st.text()
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(KEYS), inner, max_size=5)
    ),
    max_leaves=12,
)


@same_texts
@given(st.one_of(MARKED, TEXTS))
def test_what_passes_the_gate_is_normal_and_safe(text: str) -> None:
    checks.gate(text)


def test_letters_that_begin_with_a_mark_are_all_known() -> None:
    letters = (chr(i) for i in range(sys.maxunicode + 1) if not 0xD800 <= i < 0xE000)
    marks = [one for one in letters if unicodedata.combining(unicodedata.normalize("NFKD", one)[0])]

    assert [one for one in marks if stream_safe("a" + one * 31) == "a" + one * 31] == []
    assert marks_in_a_row("a" + "".join(marks)) > checks.MOST_MARKS
    checks.gate("a" + "".join(marks))


@same_texts
@given(TEXTS)
def test_a_question_is_understood_or_refused(text: str) -> None:
    checks.question(text)


@same_texts
@given(st.one_of(VALUES.map(json.dumps), st.text()))
def test_a_history_is_read_or_refused(text: str) -> None:
    checks.history(text)


WEB = ("/", "..", "%2e", "%2F", "%", "?", "#", ":", "@", "[", "]", "&amp;", "<", "]]>", "a", "ü")


@same_texts
@given(st.one_of(TEXTS, runs((*WEB, *UNITS))))
def test_an_address_has_one_form_and_a_safe_path(text: str) -> None:
    checks.web_address(text)


@same_texts
@given(st.one_of(TEXTS, runs((*WEB, *YAML))))
def test_a_feed_is_read_or_refused(text: str) -> None:
    checks.feed(text)


@same_texts
@given(st.one_of(TEXTS, runs((*YAML, *UNITS))))
def test_front_matter_is_read_or_left(text: str) -> None:
    checks.front_matter(text)


@pytest.mark.parametrize("number", ["FFFFFFFF", "00110000", "0000D800"])
def test_a_letter_that_is_none_is_no_front_matter(number: str) -> None:
    checks.front_matter(rf'title: "\U{number}"')


@same_texts
@given(st.one_of(TEXTS, runs(("**/", "*/", "a/", "?", "[a-", "]", ",", "2024", "/"))))
def test_a_scope_is_read_or_refused(text: str) -> None:
    checks.scope(text)


@same_texts
@given(TEXTS)
def test_an_article_s_text_is_cut_into_what_it_is(text: str) -> None:
    checks.splitter(text)


TABLES = (
    *('"', "\n", ",", ";", "\t", "# ", "a", "2024", "Q1 2024", "0.0", "[Red]", "[>=1]", "[h]"),
    *("General", "E+0", "?/?", "ggge", "@", '{"text":"a"}', '{"a":', "[1,", "[", "]", "}"),
)


@same_texts
@given(st.one_of(TEXTS, runs(TABLES), VALUES.map(json.dumps)))
def test_a_table_is_read_or_refused(text: str) -> None:
    checks.table_file(text)
