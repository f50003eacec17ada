from pathlib import Path
from typing import Any

import pytest

from qa.cli import opening
from tests.support import tiny_embedder
from tests.support.fakes import HashEmbedder


def test_an_embedder_of_the_known_kind_is_opened_without_sentence_transformers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(folder: str) -> Any:
        raise AssertionError(f"{folder} was loaded")

    monkeypatch.setattr("index.embedding.sentence_transformer.SentenceTransformerEmbedder", never)

    opened = opening.embedder(str(tiny_embedder.write(tmp_path / "tiny")))

    assert (opened.name, opened.dimension, opened.query("ab").shape) == ("tiny", 32, (32,))


def test_an_embedder_of_another_kind_is_left_to_sentence_transformers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tiny_embedder.write(tmp_path / "tiny")
    tiny_embedder.change("1_Pooling/config.json", pooling_mode="cls")(folder)
    monkeypatch.setattr(
        "index.embedding.sentence_transformer.SentenceTransformerEmbedder", HashEmbedder
    )

    assert opening.embedder(str(folder)).fingerprint == str(folder)
