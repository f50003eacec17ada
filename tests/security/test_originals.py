"""Originals and pictures of pages: behind the same door as all else, and harmless when hostile."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from index.build import sync
from index.search import Searcher
from qa.service.chat import Chat, Offer
from qa.service.conversations import Conversations
from qa.service.jobs.scheduler import Scheduler
from qa.service.json_api import JsonApi
from qa.service.library import Library
from qa.web.app import Service, application
from tests.support.browser import HTML, Browser, two_users
from tests.support.fakes import HashEmbedder, ScriptedModel, silent
from tests.support.harbour_pdf import harbour_pdf
from tests.support.sample_files import docx

SCRIPT = (
    "<html><body><p>The bakery sold 400 loaves of bread in May, said Dr. Rao to the town, and all"
    " of them were eaten before the evening.</p><script>alert(document.domain)</script></body>"
)
SHOWN = {"harbour.pdf": "application/pdf", "script.md": "text/plain; charset=utf-8"}
SAVED = ("script.html", "word.docx", "utf16.txt")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "harbour.pdf").write_bytes(harbour_pdf())
    (folder / "script.html").write_text(SCRIPT)
    (folder / "script.md").write_text(SCRIPT)
    (folder / "word.docx").write_bytes(docx())
    (folder / "utf16.txt").write_bytes("The mill of the town stands still.".encode("utf-16"))
    (tmp_path / "secret.txt").write_text("secret")
    return folder


@contextmanager
def door(folder: Path, **more: Any) -> Iterator[Any]:
    index = folder.parent / "index"
    sync([folder], index, HashEmbedder())
    searcher = Searcher(index, HashEmbedder())
    with (
        closing(Conversations(folder.parent / "kept.sqlite")) as kept,
        closing(Scheduler(searcher, silent(), ScriptedModel(""))) as scheduler,
    ):
        chat = Chat(scheduler, kept, Library(index, HashEmbedder()))
        yield application(Service(chat, JsonApi(scheduler, searcher), Offer(("x",)), **more))


@pytest.fixture
def browser(folder: Path) -> Iterator[Browser]:
    with door(folder) as made:
        yield Browser(made)


def test_who_has_not_signed_in_gets_nothing(folder: Path, tmp_path: Path) -> None:
    with door(folder, users=two_users(tmp_path)) as made:
        stranger, ana = Browser(made), Browser(made)
        ana.signs_in("ana", "sesame")
        for path in ("/original/harbour.pdf", "/picture/1/harbour.pdf", "/proof/a/1/1/page"):
            refused = stranger.get(path, headers={"accept": "*/*"})
            assert refused.status_code == 401
            assert b"PDF" not in refused.content
            assert stranger.get(path, headers=HTML).status_code in (303, 401)
        assert ana.get("/original/harbour.pdf").content == harbour_pdf()
        assert ana.get("/picture/1/harbour.pdf").content.startswith(b"\x89PNG")


def test_another_sites_page_gets_nothing(browser: Browser) -> None:
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        assert browser.get("/original/harbour.pdf", headers=headers).status_code == 403
        assert browser.get("/picture/1/harbour.pdf", headers=headers).status_code == 403


@pytest.mark.parametrize(
    "id",
    [
        *("../secret.txt", "..%2fsecret.txt", "%2e%2e/secret.txt", "..%5csecret.txt"),
        *("/etc/passwd", "%2fetc%2fpasswd", "x/../../secret.txt", "harbour.pdf%00", "", "none.pdf"),
        *("harbour.pdf/", "./harbour.pdf", "file:///etc/passwd", "a" * 5000),
    ],
)
def test_only_what_is_indexed_is_sent(browser: Browser, id: str) -> None:
    for path in (f"/original/{id}", f"/picture/1/{id}"):
        answer = browser.get(path)
        if answer.status_code == 200:  # the client itself took the dots out of the path
            assert id == "./harbour.pdf"
        else:
            assert answer.status_code in (404, 307, 400)
        assert b"secret" not in answer.content


def test_nothing_hostile_is_shown_as_a_page(browser: Browser) -> None:
    for name, kind in SHOWN.items():
        answer = browser.get(f"/original/{name}")
        assert answer.headers["content-type"] == kind
        assert answer.headers["content-disposition"].startswith("inline; ")
    for name in SAVED:
        answer = browser.get(f"/original/{name}")
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith(f'attachment; filename="{name}"')
        assert "sandbox" in answer.headers["content-security-policy"]
    assert "sandbox" in browser.get("/original/script.md").headers["content-security-policy"]


def test_every_file_is_sent_whole_and_kept_nowhere(browser: Browser, folder: Path) -> None:
    for name in (*SHOWN, *SAVED):
        answer = browser.get(f"/original/{name}")
        assert answer.content == (folder / name).read_bytes()
        assert answer.headers["content-length"] == str(len(answer.content))
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-frame-options"] == "DENY"


def test_a_name_cannot_break_out_of_its_header(folder: Path) -> None:
    name = 'a"; filename=evil.html\u202e é.txt'
    (folder / name).write_text("The mill of the town stands still.")
    with door(folder) as made:
        answer = Browser(made).get(f"/original/{quote(name)}")

    told = answer.headers["content-disposition"]
    assert answer.status_code == 200
    assert told.count('"') == 2
    assert "evil.html\u202e" not in told


def test_what_changed_is_refused_by_every_way(browser: Browser, folder: Path) -> None:
    assert browser.get("/picture/2/harbour.pdf").status_code == 200
    (folder / "harbour.pdf").write_bytes(harbour_pdf(title="Another"))
    for path in ("/original/harbour.pdf", "/picture/2/harbour.pdf"):
        assert browser.get(path).status_code == 409
    (folder / "harbour.pdf").unlink()
    for path in ("/original/harbour.pdf", "/picture/2/harbour.pdf"):
        assert browser.get(path).status_code == 404


@pytest.mark.parametrize("page", ["0", "4", "-1", "x", "1e3", "9" * 400, "²"])
def test_a_page_that_is_none_costs_one_line(browser: Browser, page: str) -> None:
    answer = browser.get(f"/picture/{page}/harbour.pdf")

    assert answer.status_code == 422
    assert len(answer.text.splitlines()) == 1


def test_what_cannot_be_drawn_is_not_drawn(browser: Browser) -> None:
    answer = browser.get("/picture/1/script.html")

    assert (answer.status_code, answer.headers["content-type"]) == (
        422,
        "text/plain; charset=utf-8",
    )


def test_another_visitors_proof_is_not_shown(browser: Browser) -> None:
    answer = browser.get("/proof/abcdef/1/1/page", headers=HTML)

    assert answer.status_code == 404
    assert "is not there any more" in answer.text
