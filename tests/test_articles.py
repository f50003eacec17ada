import hashlib
import os
from pathlib import Path

import pytest

from index.articles import MAX_BYTES, Article, Found, NotText, Skipped, find, read
from index.errors import BadPath

TEXT = "Naik 2,8% pada Mei.\nयह एक है।\n"


def write(folder: Path, name: str, data: bytes) -> Found:
    path = folder / name
    path.write_bytes(data)
    return Found(folder, name, path)


def skipped(folder: Path) -> dict[str, str]:
    return {found.path.name: found.reason for found in find(folder) if isinstance(found, Skipped)}


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(TEXT.encode(), id="UTF-8"),
        pytest.param(b"\xef\xbb\xbf" + TEXT.encode(), id="UTF-8 with mark"),
        pytest.param(b"\xff\xfe" + TEXT.encode("utf-16-le"), id="UTF-16 LE with mark"),
        pytest.param(b"\xfe\xff" + TEXT.encode("utf-16-be"), id="UTF-16 BE with mark"),
        pytest.param(TEXT.encode("utf-16-le"), id="UTF-16 LE"),
        pytest.param(TEXT.encode("utf-16-be"), id="UTF-16 BE"),
        pytest.param(TEXT.encode("utf-32"), id="UTF-32"),
        pytest.param(TEXT.replace("\n", "\r\n").encode(), id="CRLF"),
        pytest.param(TEXT.replace("\n", "\r").encode(), id="CR"),
    ],
)
def test_every_encoding_gives_the_same_text(data: bytes, tmp_path: Path) -> None:
    assert read(write(tmp_path, "a.txt", data)).text == TEXT


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param("Café".encode("latin-1"), "is not UTF-8 text (byte 3)", id="latin-1"),
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is not text but a picture", id="PNG"),
        pytest.param(b"a\0b", "NUL", id="NUL"),
        pytest.param(b"\xff\xfea", "is not UTF-16-LE text", id="half a UTF-16 unit"),
        pytest.param(b"\xff\xfe\x00\xd8", "is not UTF-16-LE text", id="half a surrogate pair"),
        pytest.param(b"\xed\xa0\x80", "is not UTF-8 text", id="surrogate in UTF-8"),
        pytest.param(b"", "holds no text", id="empty"),
        pytest.param(b"\xef\xbb\xbf", "holds no text", id="only a mark"),
        pytest.param(b" \r\n\t\n", "holds no text", id="white space"),
    ],
)
def test_what_is_not_text_is_refused(data: bytes, reason: str, tmp_path: Path) -> None:
    with pytest.raises(NotText) as refused:
        read(write(tmp_path, "a.txt", data))

    assert reason in str(refused.value)


def test_text_is_nfc_so_offsets_count_composed_letters(tmp_path: Path) -> None:
    article = read(write(tmp_path, "a.txt", b"Cafe\xcc\x81 x"))

    assert article.text == "Café x"
    assert article.text.index("x") == 5


def test_an_article_knows_its_bytes_by_their_hash(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbfhello\r\n"

    assert read(write(tmp_path, "a.txt", data)) == Article(
        "a.txt", "hello\n", hashlib.sha256(data).hexdigest(), language="en"
    )


def test_a_file_that_vanished_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotText, match="cannot be read: No such file"):
        read(Found(tmp_path, "a.txt", tmp_path / "a.txt"))


def test_files_are_found_in_order_with_slashes_and_without_hidden_ones(tmp_path: Path) -> None:
    for name in ("z.md", "b/deep/c.TXT", "b/a.text", ".hidden.txt", ".git/x.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")

    found = [(f.id, f.path) for f in find(tmp_path) if isinstance(f, Found)]

    ids = ["z.md", "b/a.text", "b/deep/c.TXT"]
    assert found == [(id, tmp_path / id) for id in ids]


def test_a_single_file_is_known_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("x")

    assert list(find(path)) == [Found(path, "a.txt", path)]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("absent", id="absent"),
        pytest.param("a" * 5000, id="name too long"),
        pytest.param("nul\0", id="NUL in the name"),
    ],
)
def test_a_path_that_is_not_there_is_said(name: str, tmp_path: Path) -> None:
    with pytest.raises(BadPath, match="There is no file or folder at"):
        list(find(tmp_path / name))


def test_what_is_not_an_article_is_skipped_with_a_reason(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "photo.png").write_bytes(b"\x89PNG")
    (tmp_path / "Makefile").write_text("all:")
    (tmp_path / "loop.txt").symlink_to(tmp_path / "loop.txt")
    (tmp_path / "dangling.txt").symlink_to(tmp_path / "nowhere")
    with (tmp_path / "huge.txt").open("wb") as huge:
        huge.truncate(MAX_BYTES + 1)

    assert skipped(tmp_path) == {
        "pipe.txt": "not a regular file",
        "photo.png": ".png is not a format that is read; save its words as .txt (OCR)",
        "Makefile": "a file without suffix is not a format that is read",
        "loop.txt": "cannot be read: Too many levels of symbolic links",
        "dangling.txt": "cannot be read: No such file or directory",
        "huge.txt": "larger than 32 MB; split it",
    }


def test_links_are_followed_only_to_files_inside_the_folder(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    (inside / "sub").mkdir(parents=True)
    (inside / "a.txt").write_text("a")
    (tmp_path / "secret.txt").write_text("s")
    (inside / "in.txt").symlink_to("a.txt")
    (inside / "out.txt").symlink_to("../secret.txt")
    (inside / "folder").symlink_to("sub")

    assert [f.id for f in find(inside) if isinstance(f, Found)] == ["a.txt", "in.txt"]
    assert skipped(inside) == {
        "out.txt": "a link that leads out of the folder",
        "folder": "a link to a folder; index that folder itself",
    }


def test_a_name_that_is_not_utf8_is_skipped(tmp_path: Path) -> None:
    with open(os.fsencode(tmp_path) + b"/caf\xe9.txt", "wb"):  # noqa: PTH123 - a name of bytes
        pass

    assert list(skipped(tmp_path).values()) == ["its name is not UTF-8; rename it"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may list every folder")
def test_a_folder_that_cannot_be_listed_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0)

    with pytest.raises(BadPath, match="Check its permissions"):
        list(find(tmp_path))
