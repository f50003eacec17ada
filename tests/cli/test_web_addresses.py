"""`article-qa index https://…` end to end: fetched, indexed, shown, updated, forgotten."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from index.articles.roots import plain
from index.layout import WEB
from index.search import Searcher
from index.storage.catalog import Catalog, Entry
from qa.cli.main import main
from tests.support.fakes import HashEmbedder
from tests.support.paths import ROOT
from tests.support.web_server import Said, Site, html, served

FERRY = "The ferry to the island costs nine coins and runs on each day but Sunday."
CRANE = "The new crane of the harbour lifts forty tonnes and was built by Kumar Steel."


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("qa.cli.opening.embedder", lambda name: HashEmbedder())
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def site() -> Iterator[Site]:
    with served() as running:
        date = '<meta property="article:published_time" content="2024-05-06T10:00:00Z">'
        running.pages["/ferry"] = Said(html(FERRY, "Ferry", date), headers={"ETag": '"1"'})
        running.pages["/crane"] = Said(html(CRANE, "Crane"), headers={"ETag": '"1"'})
        items = "".join(f"<item><link>{path}</link></item>" for path in ("/ferry", "/crane"))
        running.pages["/feed"] = Said(f"<rss><channel>{items}</channel></rss>", "text/xml")
        yield running


def run(*words: str, read: str | None = None) -> Result:
    return CliRunner().invoke(main, words, input=read)


def fetch(*words: str) -> Result:
    done = run("index", *words, "--allow-private")
    assert done.exit_code == 0, done.output
    return done


def entries(index: Path = Path(".article-qa")) -> list[Entry]:
    with Catalog.open(index) as catalog:
        return list(catalog.entries())


def complaint(result: Result) -> str:
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    (line,) = result.stderr.splitlines()
    return line.removeprefix("article-qa: ")


def test_page_is_an_article_with_its_address_and_date(site: Site) -> None:
    done = fetch(site.address("/ferry"))

    assert done.stdout.splitlines()[:2] == [
        "Pages: 1 new, 0 changed, 0 the same, 0 gone.",
        "1 added, 0 changed, 0 removed, 0 unchanged, 0 skipped; 1 passages embedded.",
    ] or done.stdout.startswith("Pages: 1 new")
    (entry,) = entries()
    assert (entry.id, entry.title) == (f"127.0.0.1_{site.port}/ferry.html", "Ferry")
    assert (entry.address, entry.date) == (site.address("/ferry"), "2024-05-06")
    assert plain(Path(entry.root)) == (Path(".article-qa") / WEB).absolute()


def test_passage_names_the_address(site: Site) -> None:
    fetch(site.address("/feed"))
    searcher = Searcher(Path(".article-qa"), HashEmbedder())
    found = searcher.search("What does the ferry cost?")[0]
    assert searcher.address(found.article) == found.address == site.address("/ferry")
    assert searcher.address("none") == ""
    done = run("search", "What does the ferry cost?", "--json")
    first = json.loads(done.stdout)["passages"][0]
    assert first["address"] == site.address("/ferry")
    assert f"\n   {site.address('/ferry')}\n" in run("search", "What does the ferry cost?").stdout


def test_status_names_addresses_and_what_was_not_read(site: Site) -> None:
    site.pages["/feed"] = Said(
        "<rss><channel><item><link>/ferry</link></item><item><link>/gone</link></item></channel></rss>",
        "text/xml",
    )
    done = fetch(site.address("/feed"))
    assert done.stderr.splitlines() == [
        f"skipped {site.address('/gone')}: is gone (its server answers 404)"
    ]
    lines = run("status").stdout.splitlines()

    assert f"Indexed    {site.address('/feed')}" in lines
    assert f"  127.0.0.1_{site.port}/ferry.html  Ferry  {site.address('/ferry')}" in lines
    assert f"skipped {site.address('/gone')}: is gone (its server answers 404)" in lines
    assert run("status", "--check").stdout == "good\n"


def test_page_without_words_is_named_by_its_address(site: Site) -> None:
    site.pages["/empty"] = Said("<html><body></body></html>")
    done = fetch(site.address("/empty"), site.address("/ferry"))

    assert done.stderr.splitlines() == [f"skipped {site.address('/empty')}: holds no text"]
    assert f"skipped {site.address('/empty')}: holds no text" in run("status").stdout


def test_index_without_paths_brings_pages_up_to_date(site: Site, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A boat of wood lies on the beach.")
    fetch("a.txt", site.address("/feed"))
    site.asked.clear()
    site.pages["/crane"] = Said(html("The crane is being painted red.", "Crane"))
    del site.pages["/ferry"]
    done = fetch()

    assert done.stdout.splitlines()[:2] == [
        "Pages: 0 new, 1 changed, 0 the same, 1 gone.",
        "0 added, 1 changed, 1 removed, 1 unchanged, 0 skipped; 1 passages embedded.",
    ]
    assert [entry.title for entry in entries() if entry.address] == ["Crane"]


def test_most_pages_may_be_gone_at_once(site: Site) -> None:
    """Their server said so: no disk is missing."""
    fetch(site.address("/feed"))
    site.pages.clear()
    done = fetch()

    assert "2 removed" in done.stdout
    assert entries() == []
    assert fetch().exit_code == 0


def test_server_that_is_down_removes_nothing() -> None:
    with served() as site:
        site.pages["/ferry"] = Said(html(FERRY))
        fetch(site.address("/ferry"))
    done = fetch()

    assert "0 removed, 1 unchanged" in done.stdout
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"skipped {site.address('/ferry')}: ")
    assert line.endswith("; what was indexed of it stays")


@pytest.mark.parametrize("words", [["index", "a.txt"], ["index", "--rebuild"], ["status"]])
def test_nothing_else_asks_a_server(words: list[str], site: Site, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A boat of wood lies on the beach.")
    fetch("a.txt", site.address("/feed"))
    site.asked.clear()
    before = entries()
    done = run(*words)

    assert done.exit_code == 0, done.output
    assert (site.asked, entries()) == ([], before)


def test_rebuild_of_a_broken_catalog_has_the_pages_again(site: Site) -> None:
    fetch(site.address("/feed"))
    site.asked.clear()
    before = entries()
    Path(".article-qa/catalog.sqlite").write_bytes(b"broken" * 1000)
    done = run("index", "--rebuild")

    assert done.exit_code == 0, done.output
    assert (site.asked, entries()) == ([], before)


def test_index_that_was_moved_keeps_its_pages(site: Site, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A boat of wood lies on the beach.")
    fetch("a.txt", site.address("/feed"))
    Path(".article-qa").rename("moved")
    fetch("--index", "moved")

    roots = {plain(Path(entry.root)) for entry in entries(Path("moved"))}
    assert roots == {tmp_path / "a.txt", tmp_path / "moved" / WEB}
    assert len(entries(Path("moved"))) == 3


def test_address_is_forgotten(site: Site, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A boat of wood lies on the beach.")
    fetch("a.txt", site.address("/feed"))
    site.asked.clear()
    done = run("index", "--forget", site.address("/crane"))

    assert done.exit_code == 0, done.output
    assert "1 removed" in done.stdout
    assert [entry.title for entry in entries() if entry.address] == ["Ferry"]
    done = run("index", "--forget", site.address("/feed"))
    assert done.exit_code == 0, done.output
    assert [entry.id for entry in entries()] == ["a.txt"]
    assert not Path(".article-qa", WEB).exists()
    assert site.asked == []
    assert complaint(run("index", "--forget", site.address("/feed"))) == (
        f"{site.address('/feed')} was never indexed. Indexed: no address"
    )


def test_addresses_come_on_standard_input(site: Site, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A boat of wood lies on the beach.")
    done = run("index", "-", "--allow-private", read=f"a.txt\n{site.address('/ferry')}\r\n")

    assert done.exit_code == 0, done.output
    assert [entry.address for entry in entries()] == [site.address("/ferry"), ""]


def test_private_address_needs_a_word(site: Site) -> None:
    assert complaint(run("index", site.address("/ferry"))) == (
        f"{site.address('/ferry')} 127.0.0.1 is a private address (127.0.0.1); "
        "give --allow-private if it is yours."
    )
    assert site.asked == []
    fetch(site.address("/ferry"))
    done = run("index")
    assert done.exit_code == 0
    assert "; what was indexed of it stays" in done.stderr
    assert len(entries()) == 1


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("ftp://example.org/a", "'ftp://example.org/a' is neither http nor https."),
        ("https://ana:secret@example.org/", "An address with a user or password in it"),
        ("https:///a", "'https:///a' names no host."),
        ("http://\x1b[31m/", "no web address"),
        ("http://127.0.0.1:1/", "cannot be reached"),
    ],
)
def test_wrong_address_is_one_line(address: str, said: str, tmp_path: Path) -> None:
    line = complaint(run("index", address, "--allow-private"))

    assert said in line
    assert "secret" not in line
    assert "\x1b" not in line
    assert list(tmp_path.iterdir()) == []


def test_address_that_cannot_be_read_leaves_an_index_as_it_is(site: Site, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A boat of wood lies on the beach.")
    run("index", "a.txt")
    complaint(run("index", site.address("/none"), "--allow-private"))

    assert not Path(".article-qa", WEB).exists()
    assert [entry.id for entry in entries()] == ["a.txt"]
    complaint(run("index", "--forget", site.address("/none")))
    assert not Path(".article-qa", WEB).exists()


def test_page_that_is_not_there_is_one_line(site: Site) -> None:
    assert complaint(run("index", site.address("/none"), "--allow-private")) == (
        f"{site.address('/none')} is gone (its server answers 404)."
    )


CODE = """
from tests.support.fakes import HashEmbedder
from qa.cli import opening
opening.embedder = lambda name: HashEmbedder()
from qa.cli.main import main
main()
"""


@pytest.mark.slow
def test_ctrl_c_keeps_what_was_fetched(site: Site, tmp_path: Path) -> None:
    words = ["index", site.address("/feed"), "--allow-private"]
    running = subprocess.Popen(
        [sys.executable, "-c", CODE, *words],
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    pages = tmp_path / ".article-qa" / WEB
    until = time.monotonic() + 60
    while not list(pages.rglob("*.html")) and time.monotonic() < until:
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    out, said = running.communicate(timeout=60)

    assert (running.returncode, out) == (130, "")
    assert [line for line in said.splitlines() if line][-2:] == [
        "What was fetched is kept. Run the same command again to go on.",
        "Stopped.",
    ]
    site.asked.clear()
    fetch()
    assert [entry.title for entry in entries()] == ["Crane", "Ferry"]
    assert "/ferry" not in site.paths


def test_commands_without_addresses_load_nothing_of_the_network(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A boat of wood lies on the beach.")
    code = "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr))"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}{CODE}", "index", "a.txt"],
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stderr.split())

    assert loaded & {"httpcore2", "qa.fetch.connection", "qa.fetch.fetch", "protego"} == set()


def test_a_page_whose_id_is_taken_has_a_longer_one_and_goes_when_it_is_gone(site: Site) -> None:
    path = f"127.0.0.1_{site.port}/ferry.html"
    mine = Path("mine", path)
    mine.parent.mkdir(parents=True)
    mine.write_text("<title>Mine</title><p>The boat across the bay is slow and cheap.</p>")
    run("index", "mine")
    fetch(site.address("/ferry"))

    addresses = {entry.id: entry.address for entry in entries()}
    assert addresses == {path: "", f"{WEB}/{path}": site.address("/ferry")}
    assert f"  {site.address('/ferry')}\n" in run("status").stdout
    del site.pages["/ferry"]  # the only page: no disk that is not there
    fetch()
    assert [entry.id for entry in entries()] == [path]


@pytest.mark.parametrize("index", [".article-qa", "kept"])
def test_a_folder_around_the_index_does_not_take_over_its_pages(site: Site, index: str) -> None:
    Path("a.txt").write_text("The bakery sold 400 loaves in May.")
    fetch(".", site.address("/ferry"), "--index", index)
    done = fetch("--forget", site.address("/ferry"), "--index", index)

    assert done.stdout.startswith("0 added, 0 changed, 1 removed, ")
    assert [entry.id for entry in entries(Path(index))] == ["a.txt"]
