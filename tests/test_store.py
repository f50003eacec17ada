import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from index.errors import IndexDamaged
from index.seal import FILE as SEAL
from index.seal import Seal
from index.store import FOLDER, Store
from index.vectors import FILE as VECTORS
from index.vectors import VectorFile
from tests.fakes import HashEmbedder

ROOT = Path(__file__).parent.parent
NONE = np.zeros((0, HashEmbedder.dimension), dtype=np.float32)
WORDS = ["bread", "oven", "harbour", "quay"]
ANOTHER_PROCESS = """
import sys
from pathlib import Path
from index.store import Store
from tests.fakes import HashEmbedder
from tests.test_store import NONE, Embedding
words = [f"word{i}" for i in range(1200)]
store = Store(Path(sys.argv[1]), "one", create=True)
store.add([Embedding(word, "en", HashEmbedder().query(word), NONE) for word in words])
store.publish(frozenset)
store.remove(["bread"])
store.sweep(frozenset, [])
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path, "one", create=True)
    store.add(WORDS, HashEmbedder().documents(WORDS))
    published(store)
    return store


def published(store: Store) -> None:
    """As if a run ended that names every vector."""
    store.publish(frozenset)
    store.sweep(frozenset, [])


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
    published(store)

    assert sorted(store.keys()) == ["harbour", "oven", "quay"]
    assert store.nearest(HashEmbedder().query("ship"), 1)[0][0] == "oven"


def test_each_embedder_has_vectors_of_its_own(store: Store, tmp_path: Path) -> None:
    other = VectorFile(tmp_path, "two")

    assert (other.count(), store.count()) == (0, 4)

    Seal(tmp_path / FOLDER).take_off()
    new = Store(tmp_path, "two", create=True)
    new.publish(frozenset, anew=True)
    new.sweep(frozenset, [], every=True)

    assert store.file.count() == 0
    with pytest.raises(IndexDamaged):
        Store(tmp_path, "one")


def test_more_keys_than_one_batch_are_kept(tmp_path: Path) -> None:
    keys = [f"k{i:05}" for i in range(2500)]
    store = Store(tmp_path, "one", create=True)
    store.add(keys, np.random.default_rng(0).normal(size=(2500, 4)).astype(np.float32))
    published(store)

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
    with pytest.raises(IndexDamaged, match=r"vectors.sqlite is missing"):
        Store(tmp_path, "one")


def test_a_broken_database_is_damage(store: Store, tmp_path: Path) -> None:
    (tmp_path / FOLDER / "chroma.sqlite3").write_bytes(b"junk" * 4096)

    with pytest.raises(IndexDamaged, match="its vectors cannot be read"):
        Store(tmp_path, "one", create=True)


def test_without_a_seal_chroma_is_not_opened_and_every_vector_is_looked_at(
    store: Store, tmp_path: Path
) -> None:
    vector = HashEmbedder().query("bread oven")
    before = store.nearest(vector, 3)
    (tmp_path / SEAL).unlink()
    (tmp_path / FOLDER / "chroma.sqlite3").write_bytes(b"junk" * 4096)

    for opened in (store, Store(tmp_path, "one")):
        found = opened.nearest(vector, 3)
        assert [key for key, _ in found] == [key for key, _ in before]
        assert dict(found) == pytest.approx(dict(before), abs=1e-5)


def test_a_store_left_open_by_a_killed_writer_is_made_anew(store: Store, tmp_path: Path) -> None:
    (tmp_path / SEAL).unlink()
    for file in (tmp_path / FOLDER).rglob("*.*"):
        file.write_bytes(b"junk")

    published(Store(tmp_path, "one"))

    assert Store(tmp_path, "one").count() == 4
    assert Store(tmp_path, "one").nearest(HashEmbedder().query("oven"), 1)[0][0] == "oven"


def test_a_graph_that_differs_from_its_seal_is_damage_and_is_not_opened(
    tmp_path: Path,
) -> None:
    store = Store(tmp_path, "one", create=True)
    keys = [f"k{i:05}" for i in range(1500)]
    store.add(keys, np.random.default_rng(0).normal(size=(1500, 4)).astype(np.float32))
    published(store)
    graph = next((tmp_path / FOLDER).glob("*/data_level0.bin"))
    whole = graph.read_bytes()
    for damaged in (whole[:-1], whole[:-1] + b"?", b""):
        graph.write_bytes(damaged)
        with pytest.raises(IndexDamaged, match=r"data_level0.bin is not as it was written"):
            Store(tmp_path, "one")
    graph.unlink()
    with pytest.raises(IndexDamaged, match=r"data_level0.bin is missing"):
        Store(tmp_path, "one")
    graph.write_bytes(whole)

    assert Store(tmp_path, "one").count() == 1500


def test_vectors_not_named_are_swept_away(store: Store, tmp_path: Path) -> None:
    store.add(["moon"], HashEmbedder().documents(["moon"]))
    store.publish(lambda keys: frozenset(keys) - {"moon"})
    store.sweep(lambda keys: frozenset(keys) - {"moon", "quay"}, [["quay", "oven"]])

    assert sorted(store.keys()) == ["bread", "harbour", "oven"]
    assert Store(tmp_path, "one").count() == 3
