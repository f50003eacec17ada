from pathlib import Path
from unicodedata import normalize

import pytest

from index.build import sync
from index.scope import EVERYTHING, BadScope, Scope, kept_to
from index.search import Searcher
from index.storage.catalog import Entry
from index.storage.vectors import exact_index
from tests.support.fakes import HashEmbedder

ARTICLES = {
    "news/2023/harbour.md": ("The new harbour", "en", "2023-05-31", "The crane lifts 40 tonnes."),
    "news/2024/crane.md": ("A second crane", "en", "2024-01-01", "The crane lifts 90 tonnes."),
    "recipes/bread.md": ("Bread", "en", "", "The oven burns wood, and no crane."),
    "hafen.md": ("Der neue Hafen", "de", "2024-06-15", "Der Kran hebt vierzig Tonnen."),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, (title, language, date, text) in ARTICLES.items():
        path = tmp_path / "articles" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        dated = f"date: {date}\n" if date else ""
        path.write_text(f"---\ntitle: {title}\nlanguage: {language}\n{dated}---\n\n{text}\n")
    return tmp_path / "articles"


@pytest.fixture
def searcher(tmp_path: Path, folder: Path) -> Searcher:
    sync([folder], tmp_path / "i", HashEmbedder())
    return Searcher(tmp_path / "i", HashEmbedder())


def found(searcher: Searcher, scope: Scope, question: str = "How much does it lift?") -> list[str]:
    return sorted({passage.article for passage in searcher.search(question, 10, scope)})


HARBOUR, CRANE, BREAD, HAFEN = ARTICLES


@pytest.mark.parametrize(
    ("scope", "articles"),
    [
        (EVERYTHING, [HARBOUR, CRANE, BREAD, HAFEN]),
        (Scope((HARBOUR,)), [HARBOUR]),
        (Scope(("news",)), [HARBOUR, CRANE]),
        (Scope(("news/",)), [HARBOUR, CRANE]),
        (Scope(("news/2023", "recipes")), [HARBOUR, BREAD]),
        (Scope(("new",)), [HARBOUR]),
        (Scope(("NEUE hafen",)), [HAFEN]),
        (Scope(("ha*.md",)), [HARBOUR, HAFEN]),
        (Scope(("news/*/c*",)), [CRANE]),
        (Scope(("news/**/*.md",)), [HARBOUR, CRANE]),
        (Scope(language="de"), [HAFEN]),
        (Scope(since="2024"), [CRANE, HAFEN]),
        (Scope(since="2023-06", until="2024-01"), [CRANE]),
        (Scope(until="2023"), [HARBOUR]),
        (Scope(("news", "Hafen"), since="2024-01-02"), [HAFEN]),
    ],
)
def test_a_search_is_kept_to_the_articles_that_fit(
    scope: Scope, articles: list[str], searcher: Searcher
) -> None:
    assert found(searcher, scope) == sorted(articles)


def test_a_path_of_this_machine_means_the_articles_below_it(
    searcher: Searcher, folder: Path
) -> None:
    for path in (folder / "news", folder / "news" / "**" / "*.md"):
        assert found(searcher, Scope((str(path),))) == [HARBOUR, CRANE]
    assert found(searcher, Scope((str(folder),))) == sorted(ARTICLES)


@pytest.mark.parametrize(
    ("scope", "said"),
    [
        (Scope(("news/*.md",)), "'news/*.md'"),
        (Scope(("..", "zeppelin")), "'..' or 'zeppelin'"),
        (Scope(until="2023-05-30"), "until 2023-05-30"),
        (Scope(("news",), "de", "2020"), "'news', German, since 2020"),
    ],
)
def test_a_scope_without_articles_says_so(scope: Scope, said: str, searcher: Searcher) -> None:
    with pytest.raises(BadScope) as caught:
        searcher.search("crane", 10, scope)

    assert str(caught.value) == f"No indexed article is in this scope: {said}."


def test_a_place_means_itself_whatever_titles_and_globs_say(
    tmp_path: Path, searcher: Searcher, folder: Path
) -> None:
    for name, text in {
        "a[1].txt": "Bracketed.",
        "a1.txt": "Plain.",
        "b.txt": "Read a[1].txt first\n\nIt says more.",
        "news.txt": "Not in the folder of news.",
        " x .txt": "Spaces.",
    }.items():
        (folder / name).write_text(text)
    sync([folder], tmp_path / "i", HashEmbedder())

    assert found(searcher, kept_to(["a[1].txt"])) == ["a[1].txt"]
    assert found(searcher, kept_to(["news/"])) == [HARBOUR, CRANE]
    assert found(searcher, kept_to(["news", " x .txt"])) == [" x .txt", HARBOUR, CRANE]
    for place in ("Bread", "*.txt", "read.md", str(folder), "2023"):
        with pytest.raises(BadScope, match=r"No indexed article is in this scope: '\./"):
            found(searcher, kept_to([place]))


def test_a_scope_tells_the_places_that_it_is_made_of() -> None:
    assert kept_to(["a.txt", "news/", "a.txt"]) == Scope(("./a.txt", "./news/"))
    assert Scope(("./a.txt", "bread", "./news/")).places == ("a.txt", "news/")
    assert kept_to([]) == EVERYTHING


def test_a_path_beside_is_not_meant(searcher: Searcher, folder: Path) -> None:
    with pytest.raises(BadScope):
        searcher.search("crane", 10, Scope((f"{folder}-other",)))


def test_an_index_may_be_opened_within_a_scope(tmp_path: Path, searcher: Searcher) -> None:
    within = Searcher(tmp_path / "i", HashEmbedder(), Scope(("news",)))

    assert found(within, EVERYTHING) == [HARBOUR, CRANE]
    assert found(within, Scope(("Bread", CRANE))) == [CRANE]
    with pytest.raises(BadScope, match="'news'; 'Bread'"):
        found(within, Scope(("Bread",)))


def test_an_article_of_many_is_found_whatever_stands_nearer(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for i in range(1000):
        (folder / f"copy{i}.txt").write_text(f"How much does it lift? It lifts crane number {i}.")
    sync([folder], tmp_path / "i", HashEmbedder())
    for few in (exact_index.FEW, 3, 0):  # exact, then among all, then by Chroma
        monkeypatch.setattr(exact_index, "FEW", few)
        searcher = Searcher(tmp_path / "i", HashEmbedder())

        assert found(searcher, Scope(("recipes",))) == [BREAD]
        assert found(searcher, Scope(("recipes", "news"))) == [HARBOUR, CRANE, BREAD]


def test_words_propose_within_the_scope(tmp_path: Path, folder: Path) -> None:
    for i in range(1000):
        (folder / f"copy{i}.txt").write_text(f"zeppelin zeppelin {i}")
    (folder / "recipes" / "long.txt").write_text(
        "Of all that flew over the towns on the coast it was one zeppelin that they remembered."
    )
    sync([folder], tmp_path / "i", HashEmbedder())
    searcher = Searcher(tmp_path / "i", HashEmbedder())

    (best, *_) = searcher.search("zeppelin", 10, Scope(("recipes",)))

    assert best.article == "recipes/long.txt"


def test_a_text_of_several_articles_is_cited_from_the_scope(
    tmp_path: Path, folder: Path, searcher: Searcher
) -> None:
    text = (folder / HARBOUR).read_text()
    for name in ("a.md", "z.md"):
        (folder / name).write_text(text)
    sync([folder], tmp_path / "i", HashEmbedder())

    (passage,) = searcher.search("crane", 10, Scope(("news/2023",)))
    (other,) = searcher.search("crane", 10, Scope(("a.md", "z.md")))

    assert (passage.article, passage.elsewhere, passage.copies) == (HARBOUR, (), ())
    assert [other.article, *(span.article for span in other.elsewhere)] == ["a.md", "z.md"]


def test_a_scope_follows_what_is_indexed_meanwhile(
    tmp_path: Path, folder: Path, searcher: Searcher
) -> None:
    assert found(searcher, Scope(("recipes",))) == [BREAD]
    (folder / "recipes" / "soup.md").write_text("The soup lifts nothing.")
    sync([folder], tmp_path / "i", HashEmbedder())

    assert found(searcher, Scope(("recipes",))) == [BREAD, "recipes/soup.md"]


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"since": "May"}, "since must be a year, a month or a day such as 2024"),
        ({"until": "2024-13"}, "until must be a year"),
        ({"until": "2024-1"}, "until must be a year"),
        ({"since": "२०२४"}, "since must be a year"),
        ({"since": "2024\n"}, "since must be a year"),
        ({"only": ("",)}, "A pattern of articles has 1 to 1000 letters"),
        ({"only": ("a" * 1001,)}, "A pattern of articles has 1 to 1000 letters"),
        ({"only": ("a",) * 1001}, "there are 1000 at most"),
        ({"only": ("a*",) * 101}, "more than 100 globs. Name folders in their place"),
    ],
)
def test_a_scope_that_is_none_is_refused(parts: dict[str, str], message: str) -> None:
    with pytest.raises(BadScope, match=message):
        Scope(**parts)  # type: ignore[arg-type]  # of a kind each


def test_an_article_without_a_title_or_date_is_no_error() -> None:
    entry = Entry("a.txt", "/nowhere", "", "")

    assert Scope(("a.txt",)).select([entry]) == [entry]
    assert Scope(("/nowhere",)).select([entry]) == []
    assert Scope(since="2000").select([entry]) == []


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "only",
    [("**/" * 300 + "x.md",), ("*" + "/**" * 300,), ("**/" * 100 + "*/" * 300,), ("*a" * 500,)],
)
def test_a_pattern_of_many_stars_is_answered(only: tuple[str, ...]) -> None:
    deep = Entry("/".join("abcdefghijklmnopqrstuvwxyz" * 4) + "/y.txt", "/nowhere", "", "")

    assert Scope(only).select([deep] * 50) == ([deep] * 50 if only[0].startswith("*/") else [])


def test_stars_stand_for_any_number_of_folders() -> None:
    entries = [Entry(id, "/nowhere", "", "") for id in ("a.md", "b/a.md", "b/c/a.md", "b/c/d/e.md")]

    def ids(pattern: str) -> list[str]:
        return [entry.id for entry in Scope((pattern,)).select(entries)]

    assert ids("**/a.md") == ids("**/**/a.md") == ["a.md", "b/a.md", "b/c/a.md"]
    assert ids("b/**") == ids("b/**/**") == ids("b/**/*") == ["b/a.md", "b/c/a.md", "b/c/d/e.md"]
    assert ids("b/**/c/**/*.md") == ["b/c/a.md", "b/c/d/e.md"]
    assert ids("b/*/a.md") == ["b/c/a.md"]
    assert ids("?/*/*/*") == ["b/c/d/e.md"]


def test_an_address_means_its_page_and_those_below_it() -> None:
    pages = [
        Entry(f"example.org/{path}.html", "/nowhere", "", "", address=f"https://example.org/{path}")
        for path in ("news/a", "news/b", "newsletter")
    ]

    def ids(pattern: str) -> list[str]:
        return [entry.address.rpartition("/")[2] for entry in Scope((pattern,)).select(pages)]

    assert ids("https://example.org/news/a") == ["a"]
    assert ids("https://example.org/news/") == ids("example.org/news") == ["a", "b"]
    assert ids("https://example.org") == ["a", "b", "newsletter"]
    assert ids("http://example.org/news/a") == []


def test_a_path_is_meant_in_either_normal_form() -> None:
    entry = Entry(normalize("NFD", "Bücher/café.txt"), "/nowhere", "", "Coffee")

    for only in ("Bücher", "Bücher/café.txt", "./Bücher", "caf?.txt"):
        assert Scope((normalize("NFC", only),)).select([entry]) == [entry]
