import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from index.articles.files import Found, Skipped, find
from index.errors import IndexUnwritable, NotText, UserError
from index.layout import UPLOADS_MARK
from qa.service import uploads
from qa.service.uploads import Batch, StoredFile, Uploads


def free(name: str) -> bool:
    return False


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "source").write_bytes(b"Bread.")
    return tmp_path / "source"


@pytest.fixture
def kept(tmp_path: Path) -> Uploads:
    return Uploads(tmp_path / "uploads")


def names(folder: Uploads) -> dict[str, bytes]:
    """What lies in the folder, by name, but for its mark."""
    return {
        path.relative_to(folder.folder).as_posix(): path.read_bytes()
        for path in sorted(folder.folder.rglob("*"))
        if path.name != UPLOADS_MARK
    }


def test_a_file_is_kept_under_its_safe_name(kept: Uploads, source: Path) -> None:
    found = kept.keep("../../bread.txt", source, 100, free)

    assert found == StoredFile(kept.folder / "bread.txt", 6, new=True)
    assert names(kept) == {"bread.txt": b"Bread."}
    assert (kept.stands, source.read_bytes()) == (True, b"Bread.")


def test_the_same_bytes_are_kept_once_and_others_beside_them(kept: Uploads, source: Path) -> None:
    for data in (b"1", b"1", b"2", b"3", b"2"):
        source.write_bytes(data)
        kept.keep("a.txt", source, 100, free)

    assert names(kept) == {"a.txt": b"1", "a (2).txt": b"2", "a (3).txt": b"3"}


def test_a_long_name_has_room_for_its_number(kept: Uploads, source: Path) -> None:
    kept.keep("x" * 300 + ".txt", source, 100, free)
    source.write_bytes(b"other")

    kept.keep("x" * 300 + ".txt", source, 100, free)
    assert list(names(kept)) == ["x" * 192 + " (2).txt", "x" * 196 + ".txt"]


def test_a_name_that_is_taken_is_left_to_who_has_it(kept: Uploads, source: Path) -> None:
    kept.keep("a.txt", source, 100, lambda name: name in ("a.txt", "a (2).txt"))

    assert names(kept) == {"a (3).txt": b"Bread."}


@pytest.mark.parametrize("other", ["folder", "pipe", "link to nothing"])
def test_what_is_no_file_keeps_its_name(other: str, kept: Uploads, source: Path) -> None:
    kept.keep("first.txt", source, 100, free)
    path = kept.folder / "a.txt"
    {"folder": path.mkdir, "pipe": lambda: os.mkfifo(path)}.get(
        other, lambda: path.symlink_to("/nowhere/a.txt")
    )()

    assert kept.keep("a.txt", source, 100, free) == StoredFile(
        kept.folder / "a (2).txt", 6, new=True
    )


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("writer.lock", ".lock is not a format that is read"),
        ("catalog.sqlite", ".sqlite is not a format that is read"),
        (UPLOADS_MARK, "a file without suffix is not a format that is read"),
        ("old.doc", ".doc is not a format that is read; save it as .docx"),
        ("a." + "x" * 500, "a file without suffix is not a format that is read"),
        ("bread.txt", "is too much at once; add it by itself"),
    ],
)
def test_a_file_is_refused_before_anything_is_written(
    name: str, reason: str, kept: Uploads, source: Path
) -> None:
    with pytest.raises(NotText) as refused:
        kept.keep(name, source, 5, free)

    assert (str(refused.value), kept.folder.exists()) == (reason, False)


def test_a_file_that_is_too_large_or_gone_is_refused(kept: Uploads, source: Path) -> None:
    os.truncate(source, 32 * 2**20 + 1)

    with pytest.raises(NotText, match="larger than 32 MB; split it"):
        kept.keep("a.txt", source, 2**30, free)
    source.unlink()
    with pytest.raises(NotText, match="cannot be read: No such file"):
        kept.keep("a.txt", source, 2**30, free)


def test_a_batch_notes_what_became_of_each_file(
    kept: Uploads, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MAX_FILES", 4)
    batch = Batch(room=13)

    called = ["b.txt", "x/b.txt", "b.zip", "c.txt", "d.txt"]
    kept.keep_all([(name, source) for name in called], batch, free)

    assert batch == Batch(
        {kept.folder / "b.txt": "b.txt"},
        1,
        [
            Skipped(Path("b.zip"), ".zip is not a format that is read; unpack it"),
            Skipped(Path("c.txt"), "is too much at once; add it by itself"),
            Skipped(Path("d.txt"), "is beyond 4 files at once; add it by itself"),
        ],
        1,
    )


def test_a_folder_of_other_files_is_left_alone(kept: Uploads, source: Path) -> None:
    kept.folder.mkdir()
    (kept.folder / "mine.txt").write_text("mine")

    with pytest.raises(UserError, match="is for files added on the page, and holds others"):
        kept.keep("a.txt", source, 100, free)
    kept.put_aside("mine.txt")

    assert names(kept) == {"mine.txt": b"mine"}


def stop(*_: object) -> None:
    raise OSError(28, "No space left on device")


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("stopped", "error"), [(stop, IndexUnwritable), (interrupt, KeyboardInterrupt)]
)
def test_a_file_that_cannot_be_written_whole_is_not_there_at_all(
    stopped: Callable[..., None],
    error: type[BaseException],
    kept: Uploads,
    source: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "fsync", stopped)

    with pytest.raises(error):
        kept.keep("a.txt", source, 100, free)

    assert names(kept) == {}


def test_what_a_killed_process_left_is_swept_a_day_later(kept: Uploads, source: Path) -> None:
    kept.keep("a.txt", source, 100, free)
    for name, age in ((".old.part", 90_000), (".new.part", 60)):
        (kept.folder / name).touch()
        os.utime(kept.folder / name, (time.time() - age,) * 2)

    kept.keep("b.txt", source, 100, free)
    assert list(names(kept)) == [".new.part", "a.txt", "b.txt"]


def test_a_file_put_aside_is_found_no_more_and_may_be_put_back(kept: Uploads, source: Path) -> None:
    kept.keep("a.txt", source, 100, free)

    aside = kept.put_aside("a.txt")
    assert list(find(kept.folder)) == []
    kept.put_back("a.txt", aside)
    assert list(find(kept.folder)) == [Found(kept.folder, "a.txt", kept.folder / "a.txt")]
