import hashlib
import os
import socket
from pathlib import Path

import pytest

from index.articles.article import MAX_BYTES, Article, NotText, load, read
from index.articles.blocks import blocks
from index.articles.chunks import chunks
from index.articles.files import Found, Skipped, Unread, find
from index.errors import BadPath
from index.layout import CATALOG, UPLOADS_MARK, WRITER_LOCK, WRITER_OWNER
from tests.support import sample_files
from tests.support.fakes import HashEmbedder
from tests.support.sample_files import close

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
    (tmp_path / "photo.heic").write_bytes(b"\x89PNG")
    (tmp_path / "Makefile").write_text("all:")
    (tmp_path / "loop.txt").symlink_to(tmp_path / "loop.txt")
    (tmp_path / "dangling.txt").symlink_to(tmp_path / "nowhere")
    with (tmp_path / "huge.txt").open("wb") as huge:
        huge.truncate(MAX_BYTES + 1)

    assert skipped(tmp_path) == {
        "pipe.txt": "not a regular file",
        "photo.heic": ".heic is not a format that is read; save it as .png, or its words as .txt",
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

    assert list(skipped(tmp_path).values()) == ["its path is not UTF-8; rename it"]


def test_a_folder_whose_name_is_not_utf8_is_skipped_or_refused(tmp_path: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    folder.mkdir()
    write(folder, "a.txt", b"hello")

    assert list(find(tmp_path)) == [Skipped(folder / "a.txt", "its path is not UTF-8; rename it")]
    with pytest.raises(BadPath, match=r"caf\\udce9' is not UTF-8"):
        list(find(folder))


def test_a_folder_that_cannot_be_listed_is_not_taken_for_an_empty_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed").mkdir()
    found = write(tmp_path, "z.txt", b"hello")
    close(tmp_path / "closed", monkeypatch)

    reason = "cannot be listed: Permission denied; check its permissions"
    assert list(find(tmp_path)) == [found, Unread(tmp_path / "closed", reason)]
    with pytest.raises(BadPath, match="Check its permissions"):
        list(find(tmp_path / "closed"))


def test_an_index_below_the_folder_is_passed_over(tmp_path: Path) -> None:
    for mark in (CATALOG, WRITER_LOCK):
        (tmp_path / f"in {mark}" / "deep").mkdir(parents=True)
        for name in (mark, WRITER_OWNER, "deep/a.txt"):
            (tmp_path / f"in {mark}" / name).write_text("{}")
    found = [write(tmp_path, "a.txt", b"hello"), write(tmp_path, WRITER_OWNER, b"{}")]
    assert list(find(tmp_path)) == found

    write(tmp_path, CATALOG, b"")
    assert [f for f in find(tmp_path) if isinstance(f, Found)] == found[:1]


@pytest.mark.parametrize("name", ["uploads", "index/uploads", ".article-qa/uploads"])
@pytest.mark.parametrize("inside", [True, False], ids=["its own index", "no index"])
def test_a_folder_of_uploads_is_read_as_itself_and_not_as_part_of_another(
    name: str, inside: bool, tmp_path: Path
) -> None:
    uploads = tmp_path / name
    (uploads / "deep").mkdir(parents=True)
    for file in (UPLOADS_MARK, "a.txt", "deep/b.txt"):
        (uploads / file).write_text("hello")
    if inside:
        (uploads.parent / CATALOG).touch()

    assert [found.path for found in find(tmp_path) if isinstance(found, Found)] == []
    pattern = tmp_path / "**" / "*.txt"
    assert [found.path for found in find(pattern) if isinstance(found, Found)] == []
    assert [found.id for found in find(uploads) if isinstance(found, Found)] == [
        "a.txt",
        "deep/b.txt",
    ]


def test_every_format_becomes_an_article_with_what_it_tells(tmp_path: Path) -> None:
    told = {
        name: (
            *(article.title, article.language, article.date, article.author),
            "oven" in article.text,
        )
        for name, data in (
            ("a.html", sample_files.html()),
            ("a.mhtml", sample_files.mhtml()),
            ("a.mht", sample_files.mhtml()),
            ("a.docx", sample_files.docx()),
            ("a.pptx", sample_files.pptx()),
            ("a.epub", sample_files.epub()),
            ("a.json", sample_files.records()),
        )
        for article in [read(write(tmp_path, name, data))]
    }

    known = (sample_files.TITLE, "en", sample_files.DATE, sample_files.AUTHOR)
    assert set(told.values()) == {(*known, True)}


def test_a_language_that_the_text_denies_is_detected(tmp_path: Path) -> None:
    data = sample_files.docx(language="hi-IN")

    assert read(write(tmp_path, "a.docx", data)).language == "en"


def test_converted_text_is_normalised_as_any_other(tmp_path: Path) -> None:
    article = read(write(tmp_path, "a.csv", "Nom\r\nCafe\u0301 au lait\r\n".encode()))

    assert article == Article(
        "a.csv",
        "- Nom\n- Café au lait",
        hashlib.sha256("Nom\r\nCafe\u0301 au lait\r\n".encode()).hexdigest(),
        language="fr",
    )
    assert article.is_markdown


def test_rows_stay_whole_in_the_chunks_they_are_cut_into(tmp_path: Path) -> None:
    rows = "".join(f"Loaf {i},{i}.50,Oslo\n" for i in range(300))
    article = read(write(tmp_path, "a.csv", f"Name,Price,Town\n{rows}".encode()))

    cut = chunks(article, blocks(article), HashEmbedder().count)
    assert len(cut) > 5
    assert all(chunk.text == article.text[chunk.start : chunk.end] for chunk in cut)
    lines = [line for chunk in cut for line in chunk.text.split("\n")]
    assert lines == [f"- Name: Loaf {i}; Price: {i}.50; Town: Oslo" for i in range(300)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "---\ntitle: Bread\ndate: 2024-05-06 08:00\nlang: hi\n---\nRoti.\n\nOr. है\n",
            ("Roti.\n\nOr. है\n", "Bread", "2024-05-06"),
            id="told",
        ),
        pytest.param(
            "---\r\ntitle: 'Bread: hot'\r\n---\r\nOne.\r\n",
            ("One.\n", "Bread: hot", ""),
            id="CRLF",
        ),
        pytest.param("---\nOne.\n\n---\nTwo.", ("---\nOne.\n\n---\nTwo.", "", ""), id="rulers"),
        pytest.param("---\na: [\n---\nOne.", ("---\na: [\n---\nOne.", "", ""), id="no YAML"),
        pytest.param(
            "---\na: " + "[" * 9000 + "\n---\nOne.",
            ("---\na: " + "[" * 9000 + "\n---\nOne.", "", ""),
            id="deep YAML",
        ),
        pytest.param(
            "One.\n---\ntitle: x\n---\n", ("One.\n---\ntitle: x\n---\n", "", ""), id="late"
        ),
    ],
)
def test_front_matter_tells_and_is_no_text(
    text: str, expected: tuple[str, str, str], tmp_path: Path
) -> None:
    article = read(write(tmp_path, "a.md", text.encode()))

    assert (article.text, article.title, article.date) == expected


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("author: Ana Rao", "Ana Rao"),
        ("authors: [Ana Rao, 'Li Wei']", "Ana Rao, Li Wei"),
        ("author:\n  - name: Ana Rao\n    email: a@b.org\n  - Li Wei", "Ana Rao, Li Wei"),
        ("author: admin\nauthors: Li Wei", "Li Wei"),
        ("byline: By Ana Rao", "Ana Rao"),
        ("author: [[Ana Rao], {age: 3}, 12]", ""),
        ("author:", ""),
    ],
)
def test_front_matter_tells_who_wrote_it(settings: str, expected: str, tmp_path: Path) -> None:
    article = read(write(tmp_path, "a.md", f"---\n{settings}\n---\nRoti.".encode()))

    assert (article.author, article.text) == (expected, "Roti.")


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        pytest.param("a.txt", sample_files.pdf(), "is not text but a PDF; name it .pdf", id="PDF"),
        pytest.param("a.csv", sample_files.xlsx(), "is not CSV but a zip file", id="Excel"),
        pytest.param("a.pdf", b"\x89PNG\r\n\x1a\n", "is not PDF but a picture", id="PNG"),
        pytest.param("a.pdf", b"hello", "is not PDF, whatever its name says", id="words"),
        pytest.param(
            "a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "without a password", id="encrypted"
        ),
        pytest.param("a.docx", b"", "holds no text", id="empty"),
        pytest.param("a.html", b"<html><body></body></html>", "holds no text", id="empty page"),
        pytest.param("a.txt", b"a" * 5_000_001, "more than 5 million characters", id="long"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(
    name: str, data: bytes, reason: str, tmp_path: Path
) -> None:
    with pytest.raises(NotText, match=reason):
        read(write(tmp_path, name, data))


def test_a_file_is_read_as_it_is_now_not_as_it_was_found(tmp_path: Path) -> None:
    found = write(tmp_path, "a.txt", b"small")
    with found.path.open("ab") as grown:
        grown.truncate(MAX_BYTES + 1)
    for look in (read, load):
        with pytest.raises(NotText, match="larger than 32 MB"):
            look(found)

    found.path.unlink()
    os.mkfifo(found.path)
    for look in (read, load):
        with pytest.raises(NotText, match="not a regular file"):
            look(found)


def test_sockets_and_devices_are_skipped(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s.txt"))
        (tmp_path / "null.txt").symlink_to("/dev/null")

        assert skipped(tmp_path) == dict.fromkeys(("s.txt", "null.txt"), "not a regular file")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("1. Results of May", "a file without suffix"),
        ("a.longerthanten", "a file without suffix"),
        ("a.bin", ".bin"),
    ],
)
def test_only_a_suffix_is_shown_as_one(name: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"x")

    assert list(skipped(tmp_path).values()) == [f"{reason} is not a format that is read"]


@pytest.mark.parametrize(
    ("name", "hint"),
    [("a.doc", "save it as .docx"), ("a.XLS", "save it as .xlsx"), ("a.mp3", "a transcript")],
)
def test_a_format_that_is_not_read_is_told_what_to_become(
    name: str, hint: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(b"x")

    (reason,) = skipped(tmp_path).values()
    assert "is not a format that is read; " in reason
    assert hint in reason
