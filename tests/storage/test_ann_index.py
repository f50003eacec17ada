import subprocess
from pathlib import Path

import numpy as np
import pytest

from index.errors import IndexDamaged
from index.layout import CHROMA, SEAL, VECTORS
from index.storage.vectors.ann_index import AnnIndex
from index.storage.vectors.seal import IntegritySeal
from index.storage.vectors.vector_file import Embedding, VectorFile
from tests.support import child_processes
from tests.support.fakes import HashEmbedder, embedded
from tests.support.paths import ROOT

NONE = np.zeros((0, HashEmbedder.dimension), dtype=np.float32)
WORDS = ["bread", "oven", "harbour", "quay"]


def random_vectors(count: int) -> list[Embedding]:
    rows = np.random.default_rng(0).normal(size=(count, 4)).astype(np.float32)
    return [Embedding(f"k{i:05}", "en", row, NONE[:, :4]) for i, row in enumerate(rows)]


@pytest.fixture
def store(tmp_path: Path) -> AnnIndex:
    store = AnnIndex(tmp_path, "one", create=True)
    store.add(embedded(*WORDS))
    published(store)
    return store


def published(store: AnnIndex) -> None:
    """As if a run ended that names every vector."""
    store.publish(frozenset)
    store.sweep(frozenset, [])


def test_the_nearest_vectors_come_first_with_their_cosines(store: AnnIndex) -> None:
    embedder = HashEmbedder()
    vector = embedder.query("bread oven")
    cosines = {word: float(vector @ embedder.query(word)) for word in WORDS}

    found = store.nearest(vector, 10)["en"]

    assert [key for key, _ in found] == sorted(cosines, key=lambda key: -cosines[key])
    assert dict(found) == pytest.approx(cosines, abs=1e-5)
    assert store.nearest(vector, 2) == {"en": found[:2]}
    assert store.nearest(vector, 0) == {}


def test_each_language_has_nearest_of_its_own(store: AnnIndex) -> None:
    store.add([*embedded("oven fire", "oven bread", language="id"), *embedded("चूल्हा", language="")])
    assert list(store.nearest(HashEmbedder().query("oven"), 1)) == ["en"]  # not published yet
    published(store)

    found = store.nearest(HashEmbedder().query("oven fire"), 1)

    assert {language: near[0][0] for language, near in found.items()} == {
        "en": "oven",
        "id": "oven fire",
        "und": "चूल्हा",
    }


def test_embeddings_come_back_as_they_were_added(tmp_path: Path) -> None:
    embedder = HashEmbedder()
    sentences = embedder.documents(["bread", "of the north"])
    file = VectorFile(tmp_path, "one", create=True)
    file.add([Embedding("oven", "hi", embedder.query("oven"), sentences), *embedded("quay")])

    found = file.read(["oven", "absent", "quay"])

    assert sorted(found) == ["oven", "quay"]
    assert found["oven"].language == "hi"
    assert found["oven"].vector.tolist() == embedder.query("oven").tolist()
    assert found["oven"].sentences == pytest.approx(sentences, abs=1e-3)
    assert found["quay"].sentences.shape == (0, embedder.dimension)
    assert file.read([]) == {}


def test_an_empty_store_finds_nothing(tmp_path: Path) -> None:
    store = AnnIndex(tmp_path, "one", create=True)

    assert (store.count(), store.keys()) == (0, [])
    assert store.nearest(HashEmbedder().query("bread"), 5) == {}


def test_removed_and_replaced_vectors_are_gone(store: AnnIndex) -> None:
    store.remove(["bread", "absent"])
    store.add([Embedding("oven", "en", HashEmbedder().query("ship"), NONE)])
    published(store)

    assert sorted(store.keys()) == ["harbour", "oven", "quay"]
    assert store.nearest(HashEmbedder().query("ship"), 1)["en"][0][0] == "oven"


def test_each_embedder_has_vectors_of_its_own(store: AnnIndex, tmp_path: Path) -> None:
    other = VectorFile(tmp_path, "two")

    assert (other.count(), store.count()) == (0, 4)

    IntegritySeal(tmp_path / CHROMA).mark_dirty()
    new = AnnIndex(tmp_path, "two", create=True)
    new.publish(frozenset, anew=True)
    new.sweep(frozenset, [], every=True)

    assert store.file.count() == 0
    assert AnnIndex(tmp_path, "one").nearest(HashEmbedder().query("oven"), 1) == {}


def test_more_keys_than_one_batch_are_kept(tmp_path: Path) -> None:
    vectors = random_vectors(2500)
    keys = [vector.key for vector in vectors]
    store = AnnIndex(tmp_path, "one", create=True)
    store.add(vectors)
    published(store)

    assert sorted(store.keys()) == keys

    store.remove(keys[1:])

    assert store.keys() == keys[:1]


@pytest.mark.slow
def test_a_store_opened_after_another_process_wrote_sees_it(
    store: AnnIndex, tmp_path: Path
) -> None:
    store.nearest(HashEmbedder().query("bread"), 1)
    run = child_processes.command(child_processes.write_vectors, tmp_path)
    subprocess.run(run, cwd=ROOT, check=True)

    fresh = AnnIndex(tmp_path, "one")

    found = fresh.nearest(HashEmbedder().query("word1100"), 1)["en"]
    assert [(key, round(cosine, 4)) for key, cosine in found] == [("word1100", 1.0)]
    assert fresh.nearest(HashEmbedder().query("bread"), 1)["en"][0][0] != "bread"


def test_a_missing_store_is_damage(tmp_path: Path) -> None:
    with pytest.raises(IndexDamaged, match=r"vectors.sqlite is missing"):
        AnnIndex(tmp_path, "one")


def test_a_broken_database_is_damage(store: AnnIndex, tmp_path: Path) -> None:
    (tmp_path / CHROMA / "chroma.sqlite3").write_bytes(b"junk" * 4096)

    with pytest.raises(IndexDamaged, match="its vectors cannot be read"):
        AnnIndex(tmp_path, "one", create=True)


def test_without_a_seal_chroma_is_not_opened_and_every_vector_is_looked_at(
    store: AnnIndex, tmp_path: Path
) -> None:
    vector = HashEmbedder().query("bread oven")
    before = store.nearest(vector, 3)["en"]
    (tmp_path / SEAL).unlink()
    (tmp_path / CHROMA / "chroma.sqlite3").write_bytes(b"junk" * 4096)

    for opened in (store, AnnIndex(tmp_path, "one")):
        found = opened.nearest(vector, 3)["en"]
        assert [key for key, _ in found] == [key for key, _ in before]
        assert dict(found) == pytest.approx(dict(before), abs=1e-5)


def test_a_store_left_open_by_a_killed_writer_is_made_anew(store: AnnIndex, tmp_path: Path) -> None:
    (tmp_path / SEAL).unlink()
    for file in (tmp_path / CHROMA).rglob("*.*"):
        file.write_bytes(b"junk")

    published(AnnIndex(tmp_path, "one"))

    assert AnnIndex(tmp_path, "one").count() == 4
    assert AnnIndex(tmp_path, "one").nearest(HashEmbedder().query("oven"), 1)["en"][0][0] == "oven"


def test_a_graph_that_differs_from_its_seal_is_damage_and_is_not_opened(
    tmp_path: Path,
) -> None:
    store = AnnIndex(tmp_path, "one", create=True)
    store.add(random_vectors(1500))
    published(store)
    graph = next((tmp_path / CHROMA).glob("*/data_level0.bin"))
    whole = graph.read_bytes()
    for damaged in (whole[:-1], whole[:-1] + b"?", b""):
        graph.write_bytes(damaged)
        with pytest.raises(IndexDamaged, match=r"data_level0.bin is not as it was written"):
            AnnIndex(tmp_path, "one")
    graph.unlink()
    with pytest.raises(IndexDamaged, match=r"data_level0.bin is missing"):
        AnnIndex(tmp_path, "one")
    graph.write_bytes(whole)

    assert AnnIndex(tmp_path, "one").count() == 1500


def test_vectors_not_named_are_swept_away(store: AnnIndex, tmp_path: Path) -> None:
    store.add(embedded("moon"))
    store.publish(lambda keys: frozenset(keys) - {"moon"})
    store.sweep(lambda keys: frozenset(keys) - {"moon", "quay"}, [["quay", "oven"]])

    assert sorted(store.keys()) == ["bread", "harbour", "oven"]
    assert AnnIndex(tmp_path, "one").count() == 3


def test_a_lost_vector_file_is_filled_from_chroma_but_for_the_sentences(
    store: AnnIndex, tmp_path: Path
) -> None:
    before = store.file.read(WORDS)
    for file in tmp_path.glob(f"{VECTORS}*"):
        file.unlink()

    new = AnnIndex(tmp_path, "one", create=True)
    new.salvage()

    assert (new.file.has(WORDS), new.file.read(WORDS)) == (frozenset(), {})
    assert {key: vector.tolist() for key, vector in new.file.bare(WORDS).items()} == {
        key: pytest.approx(found.vector.tolist(), abs=1e-6) for key, found in before.items()
    }
