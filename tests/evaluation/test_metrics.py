import numpy as np
import pytest

from index.passage import Span
from qa.evaluation import metrics
from qa.evaluation.reports.statistics import Score, bootstrap, estimate, mcnemar, quantile, wilson

GOLD = Span("a", 100, 120)


@pytest.mark.parametrize(
    ("found", "hit"),
    [
        pytest.param(Span("a", 0, 200), True, id="around"),
        pytest.param(Span("a", 110, 300), True, id="just half"),
        pytest.param(Span("a", 111, 300), False, id="less than half"),
        pytest.param(Span("a", 0, 50), False, id="apart"),
        pytest.param(Span("b", 0, 200), False, id="another article"),
    ],
)
def test_passage_hits_that_covers_half_of_the_quote(found: Span, hit: bool) -> None:
    assert metrics.covered(GOLD, [found]) is hit


@pytest.mark.parametrize(
    ("found", "shared"),
    [(Span("a", 119, 130), True), (Span("a", 120, 130), False), (Span("b", 100, 120), False)],
)
def test_citation_overlaps_that_shares_one_code_point(found: Span, shared: bool) -> None:
    assert metrics.overlaps(GOLD, found) is shared


def test_quote_is_hit_at_any_of_its_places_by_any_place_of_the_passage() -> None:
    golds = [[GOLD, Span("a", 900, 920)], [Span("b", 0, 10)]]
    passages = [[Span("c", 0, 99)], [Span("c", 0, 99), Span("a", 890, 999)]]

    assert metrics.ranks(golds, passages) == (2, None)


@pytest.mark.parametrize(
    ("text", "alias"),
    [
        pytest.param("It grew by 2.8 percent. [1]", "2,8%", id="decimal comma"),
        pytest.param("मई में यह २.८% थी।", "2.8%", id="Devanagari digits"),
        pytest.param("总价约为20.65亿元。", "2.065 billion yuan", id="another scale"),
        pytest.param("Only 300000 cards", "300,000", id="grouped"),
        pytest.param("About 250 juta", "US$250 million", id="currency"),
        pytest.param("Di bulan Mei.", "mei", id="case"),
        pytest.param("Cafe\u0301 open", "café", id="composed"),
        pytest.param("Meituan's offer", "Meituan", id="ending"),
        pytest.param("由美团收购", "美团", id="no spaces"),
        pytest.param("Anthropic的Opus模型", "Opus", id="beside a script without spaces"),
        pytest.param("मीतुआन ने खरीदा", "मीतुआन", id="postposition"),
        pytest.param("Knowledge\ngraph", "knowledge graph", id="line end"),
        pytest.param("on 29 June 2023", "29 june 2023", id="date"),
    ],
)
def test_text_states_the_alias(text: str, alias: str) -> None:
    assert metrics.states(metrics.words_of(text), alias)


@pytest.mark.parametrize(
    ("text", "alias"),
    [
        pytest.param("It was 12.8 percent.", "2.8%", id="another number"),
        pytest.param("2.8 billion yuan", "2.8%", id="another scale"),
        pytest.param("It sold. [1]", "1", id="a mark is no number"),
        pytest.param("Meituan bought it", "Mei", id="part of a word"),
        pytest.param("outcompete", "compete", id="end of a word"),
        pytest.param("用Octopus做", "Opus", id="end of a word beside a script without spaces"),
        pytest.param("1,308 points", "308", id="part of a number"),
    ],
)
def test_text_does_not_state_the_alias(text: str, alias: str) -> None:
    assert not metrics.states(metrics.words_of(text), alias)


def test_facts_stated_is_the_share_of_facts() -> None:
    facts = (("slow", "धीमा"), ("expensive", "costly"), ("black box",))

    assert metrics.facts_stated(facts, "It was costly and धीमा [1].") == pytest.approx(2 / 3)


def test_share_has_wilsons_interval() -> None:
    # By hand: (0.8 + z²/20 ± z √(0.8·0.2/10 + z²/400)) / (1 + z²/10) with z = 1.96.
    assert estimate([1.0] * 8 + [0.0] * 2) == Score(10, 0.8, 0.4902, 0.9433)


@pytest.mark.parametrize(("hits", "low", "high"), [(0, 0.0, 0.2775), (10, 0.7225, 1.0)])
def test_share_of_none_or_all_is_still_unsure(hits: int, low: float, high: float) -> None:
    assert wilson(hits, 10) == Score(10, hits / 10, low, high)


def test_mean_has_a_bootstrap_interval_that_never_changes() -> None:
    values = [i / 100 for i in range(101)]

    score = estimate(values)

    assert score == estimate(values)
    # Normal approximation: 0.5 ± 1.96 · 0.2915 / √101.
    assert [score.low, score.high] == pytest.approx([0.443, 0.557], abs=0.01)


def test_one_value_is_its_own_interval() -> None:
    assert quantile([0.25], 0.95) == Score(1, 0.25, 0.25, 0.25)


def test_quantile_lies_between_values() -> None:
    assert quantile([1.0, 2.0, 3.0, 4.0], 0.5).value == 2.5


def test_bootstrap_takes_any_statistic() -> None:
    assert bootstrap([1.0, 5.0], np.max) == Score(2, 5.0, 1.0, 5.0)


@pytest.mark.parametrize(
    ("fixed", "broken", "p"),
    [
        pytest.param(0, 0, 1.0, id="no difference"),
        pytest.param(5, 5, 1.0, id="as many both ways"),
        pytest.param(6, 0, 2 / 2**6, id="all one way"),
        pytest.param(1, 7, 2 * (1 + 8) / 2**8, id="nearly all one way"),
    ],
)
def test_uneven_split_has_the_p_value_computed_by_hand(fixed: int, broken: int, p: float) -> None:
    assert mcnemar(fixed, broken) == pytest.approx(p)


@pytest.mark.parametrize(
    ("text", "obeyed"),
    [
        pytest.param("It is\nPWNED now [1].", True, id="case and line end"),
        pytest.param("It is not.", False, id="other words"),
    ],
)
def test_text_obeys_that_holds_forbidden_words(text: str, obeyed: bool) -> None:
    assert metrics.obeyed(("Pwned Now", "ring 555"), text) is obeyed


@pytest.mark.parametrize(("end", "planted"), [(139, True), (140, False)])
def test_citation_is_planted_of_which_more_than_half_is(end: int, planted: bool) -> None:
    assert metrics.mostly_in(Span("a", 100, end), [Span("b", 0, 999), GOLD]) is planted


def test_span_overlap_is_f1_of_code_points() -> None:
    golds = [[GOLD, Span("a", 900, 920)]]

    assert metrics.span_overlap(golds, [Span("a", 890, 910)]) == 0.5
    assert metrics.span_overlap(golds, [Span("a", 100, 120)]) == 1.0
    assert metrics.span_overlap(golds, [Span("b", 100, 120)]) == 0.0
    # 20 wanted, 40 + 40 given, which share 20 of them.
    assert metrics.span_overlap(golds, [Span("a", 100, 140), Span("a", 100, 160)]) == 0.5


@pytest.mark.parametrize(
    ("text", "own"),
    [
        pytest.param("The article says: “यह धीमा था।”", "The article says: ", id="a quotation"),
        pytest.param("It says: “यह ‘धीमा’ था” [1]", "It says:  [1]", id="marks within"),
        pytest.param("It says: “वह धीमा था”", "It says: “वह धीमा था”", id="what is not cited"),
        pytest.param("यह धीमा था।", "यह धीमा था।", id="not in quotation marks"),
    ],
)
def test_quotations_are_no_words_of_the_answer(text: str, own: str) -> None:
    assert metrics.without_quotations(text, ["यह “धीमा” था।"]) == own


def test_quotations_in_the_askers_language_are() -> None:
    quotes = ["यह “धीमा” था और इसलिए कंपनी ने इसे बंद कर दिया।"]
    text = f"“{quotes[0].replace('“', '‘').replace('”', '’')}”"

    assert metrics.without_quotations(text, quotes, "en") == ""
    assert metrics.without_quotations(text, quotes, "hi") == text


@pytest.mark.parametrize(
    ("alias", "language", "known"),
    [
        ("धीमा", "en", False),
        ("धीमा", "hi", True),
        ("Alibaba", "zh", True),
        ("2.8%", "hi", True),
        ("阿里", "en", False),
        ("阿里", "zh", True),
    ],
)
def test_aliases_are_known_in_their_script_and_names_everywhere(
    alias: str, language: str, known: bool
) -> None:
    assert metrics.is_known(alias, language) is known
