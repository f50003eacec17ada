"""What another's machine computed is not believed: its KV states and graphs are as none."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from platformdirs import user_cache_path

from index import user_cache
from index.build import sync
from index.layout import SEAL
from index.search import Searcher
from index.storage.vectors.ann_index import AnnIndex
from qa.llm.cache.files import FOLDER, DiskCache
from qa.llm.cache.memory import PrefixCache
from tests.support.cache_entries import key, put, state
from tests.support.fakes import HashEmbedder
from tests.support.paths import ROOT


def as_another(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """From now on the user's cache is another's."""
    monkeypatch.setenv("ARTICLE_QA_CACHE", str(tmp_path / "another"))


def test_a_state_from_elsewhere_is_a_miss_and_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(DiskCache(tmp_path / FOLDER, 10_000), 1, 2)
    shutil.copytree(tmp_path / FOLDER, tmp_path / "copy")
    as_another(monkeypatch, tmp_path)

    files = DiskCache(tmp_path / FOLDER, 10_000)
    assert files.get(key(1)) is None
    assert [key(n) in files for n in (1, 2)] == [False, True]
    put(files, 1)
    assert files.get(key(1)) == state(1)
    monkeypatch.undo()
    assert DiskCache(tmp_path / "copy", 10_000).get(key(1)) == state(1)


def test_a_state_from_elsewhere_is_not_even_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = DiskCache(tmp_path / FOLDER, 10_000)
    PrefixCache(0, files).store([1, 2], state(1))
    as_another(monkeypatch, tmp_path)

    assert PrefixCache(0, files).stored([1, 2]) == 0


def test_the_secret_is_its_owners_alone_and_of_all_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_another(monkeypatch, tmp_path)
    ask = "from index.user_cache import keyed_checksum as c; print(c(b'a', use=b'b').hex())"
    run = [sys.executable, "-c", ask]
    running = [subprocess.Popen(run, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    told = {process.communicate()[0].strip() for process in running}

    assert told == {user_cache.keyed_checksum(b"a", use=b"b").hex()}
    assert told != {user_cache.keyed_checksum(b"a", use=b"c").hex()}
    secret = tmp_path / "another" / "secret"
    assert (secret.stat().st_mode & 0o777, secret.stat().st_size) == (0o600, 32)


@pytest.mark.parametrize("kind", ["a file", "a link", "nothing"])
def test_without_a_place_for_the_secret_this_process_has_one(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_another(monkeypatch, tmp_path)
    another = tmp_path / "another"
    if kind == "a file":
        another.write_text("in the way")
    elif kind == "a link":
        another.mkdir()
        (another / "secret").symlink_to(tmp_path / "made")

    files = DiskCache(tmp_path / FOLDER, 10_000)
    put(files, 1)
    assert files.get(key(1)) == state(1)
    assert not (tmp_path / "made").exists()


def test_a_graph_from_elsewhere_is_not_opened_until_it_is_made_here(
    two_articles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_another(monkeypatch, tmp_path)
    for file in (two_articles / "chroma").rglob("*"):
        if file.is_file():
            file.write_bytes(b"\xff" * 5000)

    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "chromadb", None)  # importing it would fail
        found = AnnIndex(two_articles, "hash-1").nearest(HashEmbedder().query("oven"), 3)
        assert sum(map(len, found.values())) == 3
        assert Searcher(two_articles, HashEmbedder()).search("oven") != []
    before = (two_articles / SEAL).read_bytes()
    sync([], two_articles, HashEmbedder())
    assert (two_articles / SEAL).read_bytes() != before
    assert AnnIndex(two_articles, "hash-1").count() == 3


@pytest.mark.parametrize(
    "seal", [b"", b"\n", b"[" * 100_000, b'{"sealed": 1, "files": {"/dev/zero": [1, 1, 1]}}', None]
)
def test_a_seal_that_was_made_by_hand_is_none(seal: bytes | None, two_articles: Path) -> None:
    known = (two_articles / SEAL).read_bytes().partition(b"\n")
    (two_articles / SEAL).write_bytes(
        seal if seal is not None else known[0] + b"\n" + known[2].replace(b"files", b"others")
    )

    assert AnnIndex(two_articles, "hash-1").count() == 3
    sync([], two_articles, HashEmbedder())
    assert (two_articles / SEAL).read_bytes().count(b"\n") == 1


def test_the_tests_use_no_secret_of_the_user() -> None:
    code = "from index.user_cache import cache_folder; print(cache_folder())"
    run = [sys.executable, "-c", code]
    told = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()

    assert Path(told) == user_cache.cache_folder() != user_cache_path("article-qa")
    assert Path(told).name.startswith("article-qa-tests-")
