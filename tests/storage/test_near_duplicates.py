"""Which articles are copies, which is named as whose, and what of them a search shows."""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from index.build import Report, sync
from index.collapsing import collapse_near_duplicates
from index.passage import Passage, Span
from index.search import Searcher
from index.storage import near_duplicates
from index.storage.bm25 import tokens
from index.storage.catalog import Catalog
from index.storage.near_duplicates import (
    BANDS,
    PERMUTATIONS,
    NearDuplicate,
    bands,
    shingles,
    signature,
    similarity,
)
from index.storage.shelf import Shelf
from tests.support.fakes import HashEmbedder, passage
from tests.support.paths import ROOT

NEWS = """The harbour of Rao was closed for two days in June after the storm took its longest quay.

Fishermen waited at the northern wall while 400 crates of mackerel were sold on the open road.

The town council promised a new crane before winter, and asked Kumar Steel to build it nearby.
"""
LINES = NEWS.split("\n\n")
CHANGED = NEWS.replace("400", "950")
OTHER = """A glacier above the village lost a third of its ice within one lifetime, maps show.

Guides now lead their guests along gravel where their fathers cut steps with an axe each spring.
"""
UNIQUE = "Meanwhile a lighthouse keeper found seven letters from 1931 inside a painted biscuit tin."
CHINESE = (
    "港口因风暴关闭两天，渔民在北墙等待，四百箱鲭鱼在路边出售，镇议会答应在冬天之前建造新的起重机。"
)
HINDI = (
    "तूफान के बाद बंदरगाह दो दिन बंद रहा और मछुआरे उत्तरी दीवार पर इंतजार करते रहे, 400 पेटियां सड़क पर बिकीं।"
)


def written(folder: Path, **texts: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


def indexed(tmp_path: Path, *paths: Path, rebuild: bool = False) -> Report:
    return sync(paths, tmp_path / "i", HashEmbedder(), rebuild=rebuild)


def named(found: Sequence[NearDuplicate]) -> list[tuple[str, str]]:
    return [(copy.article, copy.original) for copy in found]


def kept(tmp_path: Path) -> list[tuple[str, str]]:
    with Catalog.open(tmp_path / "i") as catalog:
        count, listed = Shelf(catalog).near_duplicates(100)
    assert count == len(listed)
    return named(listed)


def found_in(tmp_path: Path, question: str, limit: int = 10) -> list[Passage]:
    return Searcher(tmp_path / "i", HashEmbedder()).search(question, limit)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        pytest.param(NEWS, "the harbour of", id="spaced script"),
        pytest.param(CHINESE, "港口 口因 因风", id="characters in pairs"),
        pytest.param("Two words", "two words", id="fewer than a shingle"),
    ],
)
def test_shingles_are_words_in_a_row(text: str, start: str) -> None:
    assert next(shingles(tokens(text))) == start


def test_a_signature_is_the_same_on_every_machine_and_in_every_version() -> None:
    code = "import sys; from index.storage.near_duplicates import signature as sign"
    code += "; print(sign(sys.argv[1]).hex())"
    run = [sys.executable, "-c", code, NEWS]
    other = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    # An index keeps signatures: when this changes, index.storage.catalog.LAYOUT must go up.
    assert hashlib.sha256(signature(NEWS)).hexdigest()[:16] == "ae162ce19533f535"
    assert bytes.fromhex(other) == signature(NEWS)
    assert len(signature(NEWS)) == 4 * PERMUTATIONS


@pytest.mark.parametrize("text", [NEWS, CHINESE, HINDI])
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda text: f"{text}\n\n{text}", id="held twice"),
        pytest.param(str.upper, id="capitals"),
        pytest.param(lambda text: text.replace("400", "４００"), id="wide digits"),
        pytest.param(lambda text: text.replace("400", "४००"), id="Hindi digits"),
        pytest.param(lambda text: text.replace(",", " –").replace(".", "!"), id="punctuation"),
        pytest.param(lambda text: f"By: A. Desk\n\n{text}\n\nAdvertisement\nShare", id="chrome"),
    ],
)
def test_what_no_reader_calls_a_change_changes_little(text: str, change: object) -> None:
    assert callable(change)
    assert similarity(signature(text), signature(change(text))) >= 0.9


@pytest.mark.parametrize("text", [CHINESE, HINDI])
def test_a_copy_is_near_and_another_article_far_in_any_script(text: str) -> None:
    assert (
        similarity(signature(text), signature(text[: len(text) * 3 // 4]))
        >= near_duplicates.SIMILAR
    )
    assert similarity(signature(text), signature(NEWS)) == 0.0


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        pytest.param("Ice cream is sold here.", "ice cream is SOLD here", 1.0, id="the same"),
        pytest.param("Ice cream is sold here.", "Ice cream is sold there.", 0.0, id="one word"),
        pytest.param("Ice cream.", NEWS, 0.0, id="short and long"),
        pytest.param("?", "!", 0.0, id="no words"),
    ],
)
def test_short_articles_are_copies_only_when_they_say_the_same(
    one: str, other: str, near: float
) -> None:
    assert similarity(signature(one), signature(other)) == near
    assert bool(set(bands(signature(one))) & set(bands(signature(other)))) == (near == 1.0)


def test_a_long_line_is_cut_at_spaces_and_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    line = NEWS.replace("\n", " ")
    whole = signature(line)
    monkeypatch.setattr(near_duplicates, "_SLICE", 50)
    monkeypatch.setattr(near_duplicates, "_BATCH", 7)

    assert signature(line) == whole
    assert max(map(len, near_duplicates._slices(line))) <= 50
    assert list(map(len, near_duplicates._slices("word" * 30))) == [50, 50, 20]


def test_bands_hold_their_place_and_are_shared_by_copies_alone() -> None:
    news, changed = set(bands(signature(NEWS))), set(bands(signature(CHANGED)))

    assert len(news) == BANDS
    assert len(set(bands(bytes(4 * PERMUTATIONS)))) == BANDS
    assert news & changed
    assert not news & set(bands(signature(OTHER)))


def test_a_copy_is_named_with_the_article_that_came_first(tmp_path: Path) -> None:
    folder = written(tmp_path / "f", a=NEWS, b=CHANGED, c=OTHER)
    report = indexed(tmp_path, folder)

    (copy,) = report.copies
    assert (copy.article, copy.original) == ("b.txt", "a.txt")
    assert near_duplicates.SIMILAR <= copy.similarity < 1.0
    assert kept(tmp_path) == [("b.txt", "a.txt")]


def test_a_copy_is_named_once_and_kept(tmp_path: Path) -> None:
    folder = written(tmp_path / "f", a=NEWS, b=CHANGED)
    indexed(tmp_path, folder)
    again, rebuilt = indexed(tmp_path, folder), indexed(tmp_path, folder, rebuild=True)

    assert again.copies == []
    assert named(rebuilt.copies) == [("b.txt", "a.txt")]
    assert kept(tmp_path) == [("b.txt", "a.txt")]


def test_a_copy_of_a_later_run_is_found(tmp_path: Path) -> None:
    folder = written(tmp_path / "f", b=NEWS, c=OTHER)
    indexed(tmp_path, folder)
    report = indexed(tmp_path, written(folder, a=CHANGED))

    assert named(report.copies) == [("a.txt", "b.txt")]


def test_a_changed_article_is_compared_anew(tmp_path: Path) -> None:
    folder = written(tmp_path / "f", a=NEWS, b=CHANGED)
    indexed(tmp_path, folder)
    report = indexed(tmp_path, written(folder, b=OTHER))

    assert (report.copies, kept(tmp_path)) == ([], [])
    assert named(indexed(tmp_path, written(folder, b=CHANGED)).copies) == [("b.txt", "a.txt")]


def test_an_original_that_changes_a_little_becomes_the_copy(tmp_path: Path) -> None:
    folder = written(tmp_path / "f", a=NEWS, b=CHANGED)
    indexed(tmp_path, folder)
    report = indexed(tmp_path, written(folder, a=NEWS + "\nMore follows."))

    assert named(report.copies) == kept(tmp_path) == [("a.txt", "b.txt")]


def test_copies_of_an_article_that_is_gone_name_another(tmp_path: Path) -> None:
    folder = written(tmp_path / "f", a=NEWS, b=CHANGED, c=NEWS.replace("June", "May"))
    indexed(tmp_path, folder)
    assert kept(tmp_path) == [("b.txt", "a.txt"), ("c.txt", "a.txt")]
    (folder / "a.txt").unlink()
    report = indexed(tmp_path, folder)

    assert named(report.copies) == kept(tmp_path) == [("c.txt", "b.txt")]


def test_copies_are_found_across_roots_and_forgotten_with_them(tmp_path: Path) -> None:
    one, two = written(tmp_path / "one", a=NEWS), written(tmp_path / "two", b=CHANGED)
    assert named(indexed(tmp_path, one, two).copies) == [("b.txt", "a.txt")]
    sync([], tmp_path / "i", HashEmbedder(), forget=[one])

    assert kept(tmp_path) == []
    with Catalog.open(tmp_path / "i") as catalog:
        assert set(near_duplicates.signatures(catalog, ["a.txt", "b.txt"])) == {"b.txt"}
        assert rows(catalog, "band") == BANDS


def test_a_removed_article_leaves_no_row(tmp_path: Path) -> None:
    folder = written(tmp_path / "f", a=NEWS, b=CHANGED)
    indexed(tmp_path, folder)
    shutil.rmtree(folder)
    sync([written(folder, c="?")], tmp_path / "i", HashEmbedder(), allow_empty=True)

    with Catalog.open(tmp_path / "i") as catalog:
        assert [rows(catalog, table) for table in ("signature", "band", "copy")] == [0, 0, 0]


def rows(catalog: Catalog, table: str) -> int:
    return int(catalog.query(f"SELECT count(*) AS count FROM {table}")[0][0])


def test_an_article_that_holds_its_text_twice_is_a_copy_of_one_that_holds_it_once(
    tmp_path: Path,
) -> None:
    folder = written(tmp_path / "f", a=NEWS, b=f"Harbour news\n\n{NEWS}\n\n{CHANGED}")

    assert named(indexed(tmp_path, folder).copies) == [("b.txt", "a.txt")]


def test_a_copy_of_a_copy_is_no_copy_of_an_article_unlike_it(tmp_path: Path) -> None:
    parts = [*LINES, *OTHER.split("\n\n"), UNIQUE]
    texts = {"a": parts[:4], "b": parts[1:5], "c": parts[2:]}
    folder = written(tmp_path / "f", **{id: "\n\n".join(some) for id, some in texts.items()})
    assert named(indexed(tmp_path, folder).copies) == [("b.txt", "a.txt"), ("c.txt", "b.txt")]
    (folder / "b.txt").unlink()

    assert indexed(tmp_path, folder).copies == []
    assert kept(tmp_path) == []


def test_what_fills_a_band_with_all_articles_hides_no_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(near_duplicates, "_MAX_OF_A_BAND", 3)
    monkeypatch.setattr(near_duplicates, "_MAX_CANDIDATES", 5)
    texts = {f"n{i:02}": f"{LINES[0]}\n\nNumber {i} of {i * i}." for i in range(20)}
    folder = written(tmp_path / "f", **texts, x=f"{LINES[0]}\n\n{OTHER}")
    indexed(tmp_path, folder)
    report = indexed(tmp_path, written(folder, y=f"{LINES[0]}\n\n{OTHER}".replace("third", "half")))

    assert named(report.copies) == [("y.txt", "x.txt")]


SIGNED = {"a.txt": signature(NEWS), "b.txt": signature(CHANGED), "c.txt": signature(OTHER)}


def test_a_copys_passage_joins_the_one_that_is_shown() -> None:
    shown, same, new = passage(LINES[1]), passage(LINES[1], "b.txt"), passage(UNIQUE, "b.txt")

    assert collapse_near_duplicates([shown, new, same], SIGNED, 10) == [[shown, same], [new]]


@pytest.mark.parametrize(
    ("article", "text"),
    [
        pytest.param("a.txt", LINES[1].replace("400", "950"), id="the same article"),
        pytest.param("c.txt", LINES[1], id="an article that is no copy"),
        pytest.param("d.txt", LINES[1], id="an article without a signature"),
        pytest.param(
            "b.txt", f"{LINES[1]} The keeper wept for his lost boat.", id="a sentence more"
        ),
        pytest.param("b.txt", LINES[0], id="another passage"),
        pytest.param("b.txt", "?", id="no word"),
    ],
)
def test_a_passage_that_may_say_more_stays(article: str, text: str) -> None:
    shown, other = passage(LINES[1]), passage(text, article)

    assert collapse_near_duplicates([shown, other], SIGNED, 10) == [[shown], [other]]
    assert collapse_near_duplicates([shown, other], SIGNED, 1) == [[shown]]


def test_a_changed_number_is_folded_and_its_place_named(tmp_path: Path) -> None:
    indexed(tmp_path, written(tmp_path / "f", a=NEWS, b=CHANGED))
    found = [p for p in found_in(tmp_path, LINES[1]) if "mackerel" in p.text]

    assert [(p.article, p.text) for p in found] == [("a.txt", LINES[1])]
    (place,) = found[0].copies
    assert place.article == "b.txt"
    assert CHANGED[place.start : place.end] == LINES[1].replace("400", "950")


def test_a_paragraph_that_only_the_copy_holds_is_shown(tmp_path: Path) -> None:
    indexed(tmp_path, written(tmp_path / "f", a=NEWS, b=f"{CHANGED}\n{UNIQUE}\n"))
    found = found_in(tmp_path, "Who found the letters from 1931?")

    assert kept(tmp_path) == [("b.txt", "a.txt")]
    assert [(p.article, p.copies) for p in found if UNIQUE in p.text] == [("b.txt", ())]


def test_a_search_goes_on_until_there_are_as_many_different_passages_as_asked_for(
    tmp_path: Path,
) -> None:
    texts = {f"n{i:02}": NEWS.replace("400", str(400 + i)) for i in range(70)}
    indexed(tmp_path, written(tmp_path / "f", **texts, x=OTHER))
    found = found_in(tmp_path, LINES[1], limit=4)

    assert len(found) == 4
    assert len({p.text.replace("400", "") for p in found}) == 4
    (crates,) = [p for p in found if "mackerel" in p.text]
    assert len({place.article for place in crates.copies}) == 69
    assert Span(crates.article, crates.start, crates.end) not in crates.copies
