"""Few texts never load the embedder that many are given to."""

import pytest

from index.embedding.adaptive import ANSWER, FEW, AdaptiveEmbedder
from index.embedding.embedder import Embedder
from tests.support.fakes import HashEmbedder

SENTENCE = "The oven burns wood."


def texts(size: int) -> list[str]:
    """So many code points or up to 19 less."""
    return [SENTENCE] * (size // len(SENTENCE))


def never() -> Embedder:
    raise AssertionError("it was loaded")


def test_questions_and_answers_are_embedded_by_the_light_one_for_ever() -> None:
    light = HashEmbedder()
    both = AdaptiveEmbedder(light, never)

    assert (both.name, both.fingerprint, both.dimension) == ("hash", "hash-1", 64)
    assert both.count(texts(FEW)) == light.count(texts(FEW))
    assert both.query("oven").tolist() == light.query("oven").tolist()
    for _ in range(2 * FEW // ANSWER):
        assert len(both.documents(texts(ANSWER))) == ANSWER // 20


@pytest.mark.parametrize("at_once", [FEW + 20, ANSWER + 20])
def test_many_texts_are_embedded_by_the_other_which_is_loaded_once(at_once: int) -> None:
    light, loaded = HashEmbedder(), list[HashEmbedder]()

    def load() -> Embedder:
        loaded.append(HashEmbedder())
        return loaded[-1]

    both = AdaptiveEmbedder(light, load)
    for _ in range(FEW // at_once + 3):
        assert both.documents(texts(at_once)).shape == (at_once // 20, 64)

    assert len(light.embedded) == FEW // at_once * (at_once // 20)
    assert [len(one.embedded) for one in loaded] == [3 * (at_once // 20)]
