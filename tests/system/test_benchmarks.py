"""What the benchmarks write; none is run here."""

from pathlib import Path

import pytest

from tests.benchmarks import neighbours, results
from tests.benchmarks.commands import Ran
from tests.benchmarks.peers import COLD, WARM, Said
from tests.benchmarks.peers import tables as compared
from tests.benchmarks.refusing import refuses
from tests.benchmarks.results import Part, page
from tests.benchmarks.run import PARTS
from tests.benchmarks.table import Table, from_json, markdown, table, to_json
from tests.benchmarks.timing import number, ratios, spread, turns

SPEEDS = table("Speeds", ("by", "tokens a second"), [["ours", "29.3"], ["a|b", "–"]], "In turn.")
PART = Part({"Processor": "Abacus"}, {"date": "2026-11-26", "commit": "abc1234"}, (SPEEDS,))


def test_table_is_drawn_under_its_title() -> None:
    assert markdown(SPEEDS) == (
        "### Speeds\n\n"
        "| by | tokens a second |\n"
        "| --- | --- |\n"
        "| ours | 29.3 |\n"
        "| a\\|b | – |\n\n"
        "In turn.\n"
    )


def test_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="Speeds: 1 cells for 2 columns"):
        table("Speeds", ("by", "tokens a second"), [["ours"]])


def test_table_is_the_same_when_read_again() -> None:
    assert from_json(to_json(SPEEDS)) == SPEEDS


def test_part_is_the_same_when_read_again(tmp_path: Path) -> None:
    results.save(tmp_path / "runs" / "tokens.json", PART)

    assert results.load(tmp_path / "runs" / "tokens.json") == PART


def test_page_names_the_machine_once_and_each_part_s_commit() -> None:
    told = {"date": "2026-11-26", "commit": "abc1234", "extent": "5 runs", "load": "0.1"}
    part = Part({"Processor": "Abacus"}, told, (Table("Speeds", ("by",), (("ours",),)),))

    assert page("Benchmarks", "How.", [("Reading", part)]) == (
        "# Benchmarks\n\n"
        "How.\n\n"
        "- **Processor:** Abacus\n\n"
        "## Reading\n\n"
        "2026-11-26, commit abc1234, 5 runs, load before: 0.1.\n\n"
        "### Speeds\n\n"
        "| by |\n"
        "| --- |\n"
        "| ours |\n"
    )


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        pytest.param([3.0, 1.0, 20.0], "3.00 (1.00–20.0)", id="odd"),
        pytest.param([1.0, 2.0, 3.0, 4.0], "2.50 (1.00–4.00)", id="even"),
        pytest.param([0.5], "0.50", id="one"),
        pytest.param([], "–", id="none"),
    ],
)
def test_spread_is_median_least_and_most(values: list[float], shown: str) -> None:
    assert spread(values) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(0.0512, "0.05"), (-9.999, "-10.0"), (12.34, "12.3"), (1234.5, "1,234")]
)
def test_number_has_the_digits_that_mean_something(value: float, shown: str) -> None:
    assert number(value) == shown


def test_ways_take_turns() -> None:
    done: list[str] = []
    ways = {"a": lambda: done.append("a"), "b": lambda: done.append("b")}

    turns(ways, 2)

    assert done == ["a", "b", "a", "b"]


def test_ratios_are_those_of_each_run() -> None:
    assert ratios([2.0, 9.0], [1.0, 3.0]) == [2.0, 3.0]


def test_every_part_is_a_module() -> None:
    folder = Path(results.__file__).parent

    assert [name for name in PARTS if not (folder / f"{name}.py").exists()] == []


@pytest.mark.parametrize(
    "text",
    [
        "The sources do not provide this.",
        "There isn't enough detail; it can't be told.",
        "Tidak disebutkan dalam artikel.",
        "文章中没有提到这一点。",
        "लेख में इसकी जानकारी नहीं दी गई है।",
        "El artículo no menciona quién.",
        "",
    ],
)
def test_words_that_decline_are_a_refusal(text: str) -> None:
    assert refuses(text)


@pytest.mark.parametrize(
    "text",
    [
        "MiniMax was founded by MiniMax.",
        "Diumumkan pada bulan Mei.",
        "该公司于2021年成立。",
        "यह कंपनी 2021 में बनी।",
        "Fue fundada en mayo.",
    ],
)
def test_statement_is_no_refusal(text: str) -> None:
    assert not refuses(text)


def test_peer_is_compared_question_by_question() -> None:
    theirs = "LlamaIndex, default engine"
    said = [
        Said("a", "Who?", True, COLD, 2.0, 4.0, "Ana. [1]", "right"),
        Said("a", "Who?", True, WARM, 1.0, 4.0, "Ana. [1]", "right"),
        Said("a", "Who?", True, theirs, 20.0, 40.0, "Rao.", "wrong"),
        Said("b", "When?", False, COLD, 4.0, 4.0, "The articles do not tell.", "refused"),
        Said("b", "When?", False, WARM, 2.0, 4.0, "The articles do not tell.", "refused"),
        Said("b", "When?", False, theirs, 10.0, 20.0, "In May.", "invented"),
    ]

    times, answers, unanswerable = compared(said)

    assert times.rows[2] == (
        *(theirs, "15.0 (10.0–20.0)", "6.25 (2.50–10.0)", "12.5 (5.00–20.0)"),
        *("30.0 (20.0–40.0)", "7.50 (5.00–10.0)"),
    )
    assert answers.rows[2] == (theirs, "0 of 1", "1 of 1", "0 of 1", "1 of 1", "0 of 1")
    assert unanswerable.rows == (
        ("When?", WARM, "refused", "The articles do not tell."),
        ("When?", theirs, "invented", "In May."),
    )


def test_what_a_neighbour_costs_is_told_run_by_run() -> None:
    found = {
        neighbours.ALONE: [Ran(1.0, 2.0, 0), Ran(2.0, 8.0, 0), Ran(1.0, 2.0, 0)],
        neighbours.BESIDE: [Ran(2.0, 4.0, 0), Ran(2.0, 8.0, 0), Ran(3.0, 8.0, 0)],
    }
    alone, beside = neighbours.asked(found).rows

    assert alone[2] == alone[4] == "1.00 (1.00–1.00)"
    assert beside[1:] == (
        *("2.00 (2.00–3.00)", "2.00 (1.00–3.00)", "8.00 (4.00–8.00)", "2.00 (1.00–4.00)"),
    )
