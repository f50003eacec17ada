import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from index.errors import IndexDamaged
from index.store import FOLDER, Store
from tests.fakes import HashEmbedder

ROOT = Path(__file__).parent.parent
WORDS = ["bread", "oven", "harbour", "quay"]
ANOTHER_PROCESS = """
import sys
from pathlib import Path
from index.store import Store
from tests.fakes import HashEmbedder
words = [f"word{i}" for i in range(1200)]
store = Store(Path(sys.argv[1]), "one", create=True)
store.add(words, HashEmbedder().documents(words))
store.remove(["bread"])
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path, "one", create=True)
    store.add(WORDS, HashEmbedder().documents(WORDS))
    return store


def test_the_nearest_vectors_come_first_with_their_cosines(store: Store) -> None:
    embedder = HashEmbedder()
    vector = embedder.query("bread oven")
    cosines = {word: float(vector @ embedder.query(word)) for word in WORDS}

    found = store.nearest(vector, 10)

    assert [key for key, _ in found] == sorted(cosines, key=lambda key: -cosines[key])
    assert dict(found) == pytest.approx(cosines, abs=1e-5)
    assert store.nearest(vector, 2) == found[:2]
    assert store.nearest(vector, 0) == []


def test_vectors_come_back_as_they_were_added(store: Store) -> None:
    found = store.vectors(["oven", "absent"])

    assert list(found) == ["oven"]
    assert np.allclose(found["oven"], HashEmbedder().query("oven"), atol=1e-6)
    assert store.vectors([]) == {}


def test_an_empty_store_finds_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path, "one", create=True)

    assert (store.count(), store.keys()) == (0, [])
    assert store.nearest(HashEmbedder().query("bread"), 5) == []


def test_removed_and_replaced_vectors_are_gone(store: Store) -> None:
    store.remove(["bread", "absent"])
    store.add(["oven"], HashEmbedder().documents(["ship"]))

    assert sorted(store.keys()) == ["harbour", "oven", "quay"]
    assert store.nearest(HashEmbedder().query("ship"), 1)[0][0] == "oven"


def test_each_embedder_has_vectors_of_its_own(store: Store, tmp_path: Path) -> None:
    other = Store(tmp_path, "two", create=True)

    assert (other.count(), store.count()) == (0, 4)

    other.remove_others()

    with pytest.raises(IndexDamaged):
        Store(tmp_path, "one")


def test_more_keys_than_one_batch_are_kept(tmp_path: Path) -> None:
    keys = [f"k{i:05}" for i in range(2500)]
    store = Store(tmp_path, "one", create=True)
    store.add(keys, np.random.default_rng(0).normal(size=(2500, 4)).astype(np.float32))

    assert sorted(store.keys()) == keys

    store.remove(keys[1:])

    assert store.keys() == keys[:1]


def test_a_store_opened_after_another_process_wrote_sees_it(store: Store, tmp_path: Path) -> None:
    store.nearest(HashEmbedder().query("bread"), 1)
    run = [sys.executable, "-c", ANOTHER_PROCESS, str(tmp_path)]
    subprocess.run(run, cwd=ROOT, check=True)

    fresh = Store(tmp_path, "one")

    found = fresh.nearest(HashEmbedder().query("word1100"), 1)
    assert [(key, round(cosine, 4)) for key, cosine in found] == [("word1100", 1.0)]
    assert fresh.nearest(HashEmbedder().query("bread"), 1)[0][0] != "bread"


def test_a_missing_store_is_damage(tmp_path: Path) -> None:
    with pytest.raises(IndexDamaged, match="its vectors cannot be opened"):
        Store(tmp_path, "one")


def test_a_broken_database_is_damage(store: Store, tmp_path: Path) -> None:
    (tmp_path / FOLDER / "chroma.sqlite3").write_bytes(b"junk" * 4096)

    with pytest.raises(IndexDamaged, match="its vectors cannot be opened"):
        Store(tmp_path, "one", create=True)
