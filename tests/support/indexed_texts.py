"""Small texts in an index of their own."""

from pathlib import Path

from index.build import sync
from index.search import Searcher
from tests.support.fakes import HashEmbedder


def indexed(tmp_path: Path, **texts: str) -> Searcher:
    """A search over texts, each in a file of its name with `.txt` behind it."""
    folder = tmp_path / "texts"
    folder.mkdir()
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    sync([folder], tmp_path / "i", HashEmbedder())
    return Searcher(tmp_path / "i", HashEmbedder())
