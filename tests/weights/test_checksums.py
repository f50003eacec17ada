import json
import os
from pathlib import Path

import pytest

from qa.weights import checksums, manifest, paths


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ARTICLE_QA_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_hash_is_remembered_until_the_file_changes(tmp_path: Path) -> None:
    path = tmp_path / "any.gguf"
    path.write_bytes(b"abc")
    before = checksums.sha256_of(path)
    status = path.stat()
    path.write_bytes(b"xyz")

    assert checksums.sha256_of(path) == checksums.hash_file(path) != before

    os.utime(path, ns=(status.st_atime_ns, 1))
    checksums.remember_sha256(path, "remembered")
    assert checksums.sha256_of(path) == "remembered"


def test_hash_is_computed_when_the_cache_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"abc")
    monkeypatch.setenv("ARTICLE_QA_CACHE", str(path / "below a file"))

    assert checksums.sha256_of(path) == checksums.hash_file(path)


def test_verify_tells_what_is_missing_and_what_is_damaged(cache: Path) -> None:
    model = manifest.default("embedder")
    assert checksums.verify(model) == [
        f"{model.name} is not here. Get it with: article-qa models fetch {model.name}"
    ]

    folder = paths.path_of(model)
    folder.mkdir(parents=True)
    (folder / "good").write_bytes(b"good")
    (folder / "bad").write_bytes(b"bad")
    good = checksums.hash_file(folder / "good")
    files = {"good": good, "bad": good, "gone": good}
    (folder / "source.json").write_text(json.dumps({"sha256": model.sha256, "files": files}))
    problems = checksums.verify(model)

    assert problems[0].startswith(f"{folder / 'bad'} has SHA-256 ")
    assert problems[1:] == [
        f"{folder / 'gone'} is missing.",
        f"Remove {folder} and run: article-qa models fetch {model.name}",
    ]
    assert not paths.is_present(model)
