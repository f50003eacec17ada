"""What is kept of conversations, whose it is, and what no accident may lose."""

import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from index.errors import UserError
from index.passage import Span
from index.scope import EVERYTHING, Scope, kept_to
from qa.answer import Answer, Attempt, Citation, Nearest, Timings
from qa.answering.turns import Turn
from qa.errors import BadConversations, ConversationsFull, NoConversation
from qa.service import conversations as module
from qa.service.conversations import Conversation, Conversations, titled
from qa.service.exchange import Exchange
from tests.support import child_processes, mounts
from tests.support.paths import ROOT

NEWS = kept_to(["news/", "a[1].txt"])
ROOM = "Nothing in it is lost; make room and try again."
ANSWER = Answer(
    "谁?",
    "zh",
    "王。 [1]",
    answered=True,
    citations=(Citation(1, "a.txt", 0, 12, "Wang\u2028sold\0it", "partial", 0.9),),
    nearest=(Nearest("a.txt", 0, 4, "Wang", 0.5),),
    timings=Timings(0.1, 0.2, 0.3, 4, 5, 6),
    done=True,
    standing="谁卖的?",
)


def said(text: str) -> Answer:
    return Answer("?", "en", text, answered=True, done=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "conversations.sqlite"


@pytest.fixture
def kept(path: Path) -> Iterator[Conversations]:
    """An empty file of conversations, open."""
    conversations = Conversations(path)
    yield conversations
    conversations.close()


def numbers(kept: Conversations, id: str) -> list[int]:
    return [exchange.number for exchange in kept.exchanges("ann", id)]


def found(kept: Conversations, search: str = "", owner: str = "ann") -> list[str]:
    return [conversation.title for conversation in kept.list(owner, search)]


def test_what_was_kept_is_there_after_reopening(path: Path, kept: Conversations) -> None:
    begun = kept.begin("ann", "谁?")
    exchanges = [
        kept.add("ann", begun.id, "谁?", ANSWER, "done"),
        kept.add("ann", begun.id, "When?", said("In"), "stopped"),
        kept.add("ann", begun.id, "Why?", None, "failed", "The model was full."),
    ]
    kept.close()

    again = Conversations(path)

    asked = [exchange.asked for exchange in exchanges]
    assert again.exchanges("ann", begun.id) == exchanges
    assert exchanges == [
        Exchange(1, "谁?", ANSWER, "done", "", asked[0]),
        Exchange(2, "When?", said("In"), "stopped", "", asked[1]),
        Exchange(3, "Why?", None, "failed", "The model was full.", asked[2]),
    ]
    assert again.list("ann") == [replace(begun, updated=asked[2])]
    assert again.get("ann", begun.id) == Conversation(begun.id, "谁?", begun.created, asked[2])
    again.close()


def test_times_are_of_now_in_utc(kept: Conversations) -> None:
    created = datetime.fromisoformat(kept.begin("ann", "Who?").created)

    assert created.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - created) < timedelta(minutes=1)


def test_attempts_are_not_kept(kept: Conversations) -> None:
    answer = replace(ANSWER, attempts=(Attempt("a.txt", 0, 12, "王。"),))

    assert kept.add("ann", kept.begin("ann", "谁?").id, "谁?", answer, "done").answer == ANSWER


def test_ids_cannot_be_guessed(kept: Conversations) -> None:
    ids = {kept.begin("ann", "Who?").id for _ in range(20)}

    assert {len(id) for id in ids} == {22}  # 128 bits, 6 a letter
    assert len(ids) == 20


def test_file_is_its_owner_s_alone(path: Path, kept: Conversations) -> None:
    kept.begin("ann", "Who?")

    files = list(path.parent.iterdir())
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert path in files


TOUCHED: list[Callable[[Conversations, str, str], Any]] = [
    lambda kept, owner, id: kept.get(owner, id),
    lambda kept, owner, id: kept.exchanges(owner, id),
    lambda kept, owner, id: kept.history(owner, id),
    lambda kept, owner, id: kept.add(owner, id, "Who?", None, "done"),
    lambda kept, owner, id: kept.cut(owner, id, 1),
    lambda kept, owner, id: kept.remove(owner, id, 1),
    lambda kept, owner, id: kept.rename(owner, id, "Mine"),
    lambda kept, owner, id: kept.keep_to(owner, id, NEWS),
    lambda kept, owner, id: kept.delete(owner, id),
]


@pytest.mark.parametrize("touch", TOUCHED)
def test_conversation_of_another_owner_or_of_nobody_is_not_there(
    touch: Callable[[Conversations, str, str], Any], kept: Conversations
) -> None:
    id = kept.begin("ann", "Who?").id
    kept.add("ann", id, "Who?", ANSWER, "done")
    before = (kept.list("ann"), kept.exchanges("ann", id))
    kept.begin("bob", "Mine?")

    for owner, other in (("bob", id), ("ann", ""), ("ann", "' OR 1=1 --"), ("ann\ud800", id),
                         ("Ann", id), ("", id), ("ann", id[:-1]), ("ann", f"{id}\0")):  # fmt: skip
        with pytest.raises(NoConversation, match="There is no such conversation"):
            touch(kept, owner, other)

    assert (kept.list("ann"), kept.exchanges("ann", id)) == before
    assert found(kept, owner="bob") == ["Mine?"]


def test_conversation_just_spoken_in_is_listed_first(kept: Conversations) -> None:
    one, _, three = [kept.begin("ann", title) for title in ("one", "two", "three")]
    kept.add("ann", one.id, "Who?", None, "stopped")
    kept.rename("ann", three.id, "3")

    assert found(kept) == ["one", "3", "two"]
    assert [c.title for c in kept.list("ann", limit=2)] == ["one", "3"]
    assert kept.list("ann", limit=-1) == []


@pytest.mark.parametrize(
    ("search", "titles"),
    [
        pytest.param("", ["plain", "straße", "ÉCOLE"], id="nothing"),
        pytest.param("  \n", ["plain", "straße", "ÉCOLE"], id="blank"),
        pytest.param("STRASSE", ["straße"], id="ß"),
        pytest.param("e\u0301cole", ["ÉCOLE"], id="another form"),
        pytest.param("ecole", [], id="another letter"),
        pytest.param("МОСКВА", ["plain"], id="Cyrillic question"),
        pytest.param("loaves in may", ["plain"], id="answer, over a line end"),
        pytest.param("москва? sold", [], id="over question and answer"),
        pytest.param("100%", ["plain"], id="%"),
        pytest.param("%", ["plain"], id="% alone"),
        pytest.param("1_0", [], id="_"),
        pytest.param("snake_case", ["plain"], id="_ as itself"),
        pytest.param("'; DROP TABLE exchange; --", [], id="SQL"),
        pytest.param('"', [], id="quotation mark"),
        pytest.param("\\", ["straße"], id="backslash"),
        pytest.param("\ud800\0", [], id="no Unicode"),
        pytest.param("खरीदा", ["ÉCOLE"], id="Hindi"),
        pytest.param("Wang", [], id="source"),
        pytest.param("x" * 100_000, [], id="long"),
    ],
)
def test_search_finds_what_was_typed_as_it_stands(
    search: str, titles: list[str], kept: Conversations
) -> None:
    for title, question, answer in (
        ("ÉCOLE", "किसने खरीदा?", replace(ANSWER, text="")),
        ("straße", "a\\b", None),
        ("plain", "Москва?", said("Sold 400 loaves\nin May, 100% of snake_case.")),
    ):
        kept.add("ann", kept.begin("ann", title).id, question, answer, "done")
    kept.add("bob", kept.begin("bob", "plain").id, "Москва?", None, "done")

    assert found(kept, search) == titles


def test_cut_drops_an_exchange_and_all_after_it_and_no_number_comes_back(
    kept: Conversations,
) -> None:
    id = kept.begin("ann", "1").id
    for i in range(4):
        kept.add("ann", id, str(i), None, "done")

    kept.cut("ann", id, 3)
    assert numbers(kept, id) == [1, 2]

    kept.add("ann", id, "again", None, "done")
    kept.remove("ann", id, 1)
    assert numbers(kept, id) == [2, 5]


@pytest.mark.parametrize("number", [3, 0, -1, 10**30])
def test_exchange_that_is_not_there_drops_nothing(number: int, kept: Conversations) -> None:
    id = kept.begin("ann", "1").id
    for i in range(4):
        kept.add("ann", id, str(i), None, "done")
    kept.remove("ann", id, 3)

    for drop in (kept.cut, kept.remove):
        with pytest.raises(NoConversation):
            drop("ann", id, number)

    assert numbers(kept, id) == [1, 2, 4]


def test_scope_is_kept_with_its_conversation_alone(path: Path, kept: Conversations) -> None:
    begun, other = kept.begin("ann", "Who?", NEWS), kept.begin("ann", "Why?")
    kept.keep_to("ann", other.id, Scope(("bread",), "hi", "2023", "2024"))
    kept.keep_to("ann", other.id, kept_to(["b.txt"]))
    kept.close()

    again = Conversations(path)

    assert begun.scope == NEWS
    assert {c.title: c.scope for c in again.list("ann")} == {
        "Who?": NEWS,
        "Why?": kept_to(["b.txt"]),
    }
    again.keep_to("ann", begun.id, EVERYTHING)
    assert again.get("ann", begun.id) == replace(begun, scope=EVERYTHING)
    again.delete("ann", other.id)
    assert again.begin("ann", "When?").scope == EVERYTHING
    again.close()
    assert b"b.txt" not in path.read_bytes()


@pytest.mark.parametrize(
    "fields",
    [
        *("", "{", "[]", "null", "7", '{"only": 7}', '{"only": [""]}', '{"since": "May"}'),
        *('{"later": 1}', "[" * 100_000, "9" * 5000),
    ],
)
def test_scope_that_cannot_be_read_is_of_all_articles(
    fields: str, path: Path, kept: Conversations
) -> None:
    id = kept.begin("ann", "Who?", NEWS).id
    change(path, f"UPDATE scope SET fields = '{fields}'")

    assert kept.get("ann", id).scope == EVERYTHING


def first_layout(path: Path) -> None:
    """Make a file what it was before a conversation had a scope."""
    change(path, "DROP TABLE scope")
    change(path, "PRAGMA user_version = 1")


def test_file_of_before_scopes_is_opened_and_can_keep_them(path: Path, kept: Conversations) -> None:
    id = kept.begin("ann", "Who?").id
    kept.add("ann", id, "Who?", ANSWER, "done")
    before = (kept.list("ann"), kept.exchanges("ann", id))
    kept.close()
    first_layout(path)

    for _ in range(2):
        again = Conversations(path)
        assert (again.list("ann"), again.exchanges("ann", id)) == before
        again.close()
    again = Conversations(path)
    again.keep_to("ann", id, NEWS)
    assert again.get("ann", id).scope == NEWS
    again.close()


def test_older_file_with_what_is_none_of_its_own_is_left_as_it_is(
    path: Path, kept: Conversations
) -> None:
    kept.close()
    first_layout(path)
    change(path, "CREATE TRIGGER odd AFTER INSERT ON exchange BEGIN DELETE FROM exchange; END")
    before = path.read_bytes()

    with pytest.raises(BadConversations, match="holds the trigger odd"):
        Conversations(path)

    assert path.read_bytes() == before


def test_deleted_conversation_leaves_nothing_in_the_file(path: Path, kept: Conversations) -> None:
    id = kept.begin("ann", "zebra").id
    kept.add("ann", id, "zebra", said("zebra"), "done")
    kept.begin("ann", "other")
    kept.delete("ann", id)
    assert (found(kept), found(kept, "zebra")) == (["other"], [])
    kept.close()

    assert b"zebra" not in path.read_bytes()


def test_history_has_the_turns_that_were_answered(kept: Conversations) -> None:
    id = kept.begin("ann", "?").id
    kept.add("ann", id, "Who?", said("Ann did. [1]"), "done")
    kept.add("ann", id, "Why?", None, "failed", "full")
    kept.add("ann", id, "How?", said("Not"), "failed", "full")
    kept.add("ann", id, "When?", said(""), "stopped")
    kept.add("ann", id, "Where?", said("In"), "stopped")

    assert kept.history("ann", id) == (
        Turn("user", "Who?"),
        Turn("assistant", "Ann did. [1]"),
        Turn("user", "Where?"),
        Turn("assistant", "In"),
    )
    assert kept.history("ann", id, before=0) == kept.history("ann", id)
    assert kept.history("ann", id, before=5) == kept.history("ann", id)[:2]


def test_history_tells_what_an_answer_cites(kept: Conversations) -> None:
    id = kept.begin("ann", "?").id
    cited = Citation(1, "a.txt", 3, 9, "a word", "supported", 0.9)
    kept.add("ann", id, "Who?", replace(said("Ann did. [1]"), citations=(cited,)), "done")

    assert kept.history("ann", id)[1] == Turn("assistant", "Ann did. [1]", (Span("a.txt", 3, 9),))


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("  Who \n\n bought\tit? ", "Who bought it?"),
        ("a\0b\u202ec\ud800", "abc\ufffd"),
        ("x" * 80, "x" * 80),
        ("x" * 81, "x" * 79 + "…"),
        ("word " * 20, ("word " * 16)[:79] + "…"),
        ("word " * 14 + "x" * 30, ("word " * 14).rstrip() + "…"),
        ("word " * 8 + "x" * 60, "word " * 8 + "x" * 39 + "…"),
        ("x" * 78 + "e\u0301e\u0301", "x" * 78 + "…"),
        ("字" * 76 + "👩‍👩‍👧‍👦" + "字", "字" * 76 + "…"),
        ("e" + "\u0301" * 90, "e" + "\u0301" * 78 + "…"),
        ("\0 \u202e", ""),
    ],
)
def test_title_is_one_line_cut_between_words_or_signs(text: str, title: str) -> None:
    assert titled(text) == title
    assert len(title) <= 80


def test_title_can_be_changed_but_not_to_nothing(kept: Conversations) -> None:
    begun = kept.begin("ann", "\n")
    assert begun.title == "…"

    kept.rename("ann", begun.id, " Bread\nof the north ")
    with pytest.raises(UserError, match=r"needs a title. Type a few words"):
        kept.rename("ann", begun.id, " \0")

    assert found(kept, "BREAD OF") == ["Bread of the north"]


def test_what_is_no_unicode_is_kept_as_far_as_it_can_be(kept: Conversations) -> None:
    id = kept.begin("ann", "\ud800").id
    kept.add("ann", id, "a\ud800\0b", said("c\udfff\0d"), "failed", "e\ud800")

    (exchange,) = kept.exchanges("ann", id)
    assert exchange == Exchange(1, "a\ufffdb", said("c?\0d"), "failed", "e\ufffd", exchange.asked)


def test_full_conversation_is_told_and_keeps_what_it_has(
    kept: Conversations, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_EXCHANGES", 2)
    id = kept.begin("ann", "?").id
    for _ in range(2):
        kept.add("ann", id, "?", None, "done")

    with pytest.raises(ConversationsFull, match=r"has 2 questions.* Begin a new one"):
        kept.add("ann", id, "?", None, "done")

    assert numbers(kept, id) == [1, 2]


def test_owner_with_too_many_conversations_is_told_and_keeps_them(
    kept: Conversations, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_CONVERSATIONS", 2)
    for title in ("one", "two"):
        kept.begin("ann", title)

    with pytest.raises(ConversationsFull, match=r"have 2 conversations.* Delete some"):
        kept.begin("ann", "three")
    kept.begin("bob", "three")

    assert found(kept) == ["two", "one"]


def test_threads_write_at_once_and_lose_nothing(kept: Conversations) -> None:
    shared = kept.begin("ann", "shared").id

    def work(worker: int) -> str:
        own = kept.begin("ann", f"own {worker}").id
        for i in range(25):
            kept.add("ann", shared, f"{worker}-{i}", ANSWER, "done")
            kept.add("ann", own, f"{worker}-{i}", None, "done")
            kept.list("ann", f"{worker}-{i}")
        return own

    with ThreadPoolExecutor(4) as pool:
        owned = list(pool.map(work, range(4)))

    assert numbers(kept, shared) == list(range(1, 101))
    assert {exchange.question for exchange in kept.exchanges("ann", shared)} == {
        f"{worker}-{i}" for worker in range(4) for i in range(25)
    }
    assert [numbers(kept, own) for own in owned] == [list(range(1, 26))] * 4


@pytest.mark.slow
def test_processes_make_and_write_one_file_at_once(path: Path) -> None:
    run = child_processes.command(child_processes.write_conversations, path, 20)
    writers = [subprocess.Popen(run, cwd=ROOT) for _ in range(3)]

    assert [writer.wait() for writer in writers] == [0, 0, 0]
    kept = Conversations(path)
    assert [numbers(kept, one.id) for one in kept.list("ann")] == [[1, 2, 3, 4, 5]] * 60
    kept.close()


@pytest.mark.slow
def test_process_that_is_killed_leaves_what_it_kept(path: Path) -> None:
    run = child_processes.command(child_processes.write_conversations, path, 10**6)
    with subprocess.Popen(run, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout
        told = [writer.stdout.readline().strip() for _ in range(3)]
        writer.kill()

    kept = Conversations(path)
    assert [numbers(kept, id) for id in told] == [[1, 2, 3, 4, 5]] * 3
    kept.close()


def change(path: Path, sql: str) -> None:
    with sqlite3.connect(path) as file:
        file.execute(sql)
    file.close()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE exchange SET answer = '{' WHERE number = 1",
        "UPDATE exchange SET answer = '' WHERE number = 1",
        "UPDATE exchange SET answer = '{\"question\": 1}' WHERE number = 1",
        "UPDATE exchange SET answer = CAST(x'ff' AS TEXT) WHERE number = 1",
    ],
)
def test_answer_that_cannot_be_read_is_failed_and_costs_no_other(
    sql: str, path: Path, kept: Conversations
) -> None:
    id = kept.begin("ann", "Who?").id
    first = kept.add("ann", id, "Who?", ANSWER, "done")
    second = kept.add("ann", id, "When?", ANSWER, "done")
    change(path, sql)

    error = "What was kept of this answer cannot be read. Ask the question again."
    assert kept.exchanges("ann", id) == [
        replace(first, answer=None, state="failed", error=error),
        second,
    ]
    assert len(kept.history("ann", id)) == 2


def test_state_that_is_not_known_is_failed(path: Path, kept: Conversations) -> None:
    id = kept.begin("ann", "Who?").id
    kept.add("ann", id, "Who?", ANSWER, "done")
    change(path, "UPDATE exchange SET state = 'odd', question = CAST(x'61ff' AS TEXT)")

    (exchange,) = kept.exchanges("ann", id)
    assert (exchange.question, exchange.answer, exchange.state) == ("a\ufffd", ANSWER, "failed")


def test_answer_of_another_version_is_read_with_defaults(path: Path, kept: Conversations) -> None:
    id = kept.begin("ann", "Who?").id
    kept.add("ann", id, "Who?", ANSWER, "done")
    answer = '{"question": "Who?", "language": "en", "text": "Ann.", "later": [1]}'
    change(path, f"UPDATE exchange SET answer = '{answer}'")

    assert kept.exchanges("ann", id)[0].answer == Answer("Who?", "en", "Ann.")


def no_tables(path: Path) -> None:
    change(path, "DROP TABLE exchange")


def newer(path: Path) -> None:
    change(path, "PRAGMA user_version = 3")


def foreign(path: Path) -> None:
    path.unlink()
    change(path, "CREATE TABLE conversation (id)")


def junk(path: Path) -> None:
    path.write_bytes(b"No such thing at all. " * 400)


def torn(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:200] + b"\xff" * (len(data) - 200))


def only_a_log(path: Path) -> None:
    path.write_bytes(b"")
    path.with_name(f"{path.name}-wal").write_bytes(b"x" * 100)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (
            no_tables,
            "cannot be read .its table exchange is missing.* Put a copy of it in its place",
        ),
        (newer, "is of layout 3, and this program knows 2. Update article-qa."),
        (foreign, "is not one of conversations. Name another file."),
        (junk, "cannot be read .file is not a database.* move it elsewhere"),
        (torn, "cannot be read .*move it elsewhere"),
        (only_a_log, "is empty and its conversations.sqlite-wal is not. Put a copy"),
    ],
)
def test_file_of_another_kind_is_told_and_left_as_it_is(
    damage: Callable[[Path], None], message: str, path: Path, kept: Conversations
) -> None:
    kept.begin("ann", "Who?")
    kept.close()
    damage(path)
    before = {file: file.read_bytes() for file in path.parent.iterdir()}

    with pytest.raises(BadConversations, match=f"The file of conversations .*sqlite {message}"):
        Conversations(path)

    assert {file: file.read_bytes() for file in path.parent.iterdir()} == before


def test_damage_found_later_is_told(path: Path, kept: Conversations) -> None:
    id = kept.begin("ann", "Who?").id
    for _ in range(50):
        kept.add("ann", id, "Who?" * 500, ANSWER, "done")
    kept.close()
    data = path.read_bytes()
    path.write_bytes(data[: 4096 * 6] + b"\xff" * (len(data) - 4096 * 6))

    again = Conversations(path)
    with pytest.raises(BadConversations, match=r"cannot be read .*malformed"):
        again.exchanges("ann", id)
    again.close()


@pytest.mark.parametrize("place", ["file/conversations.sqlite", "folder", "file"])
def test_place_that_can_hold_no_file_is_told(place: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x" * 5000)
    (tmp_path / "folder").mkdir()

    with pytest.raises(BadConversations, match="The file of conversations"):
        Conversations(tmp_path / place)

    assert (tmp_path / "file").read_text() == "x" * 5000


def test_other_process_that_does_not_let_go_is_told(
    path: Path, kept: Conversations, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr("qa.service.conversation_db._BUSY_S", 0.1)

    with pytest.raises(BadConversations, match=r"by another process. Try again in a moment"):
        Conversations(path)

    assert kept.list("ann") == []  # reading goes on
    other.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MB."""
    with mounts.disk(tmp_path / "disk", "1m") as disk:
        yield disk


def test_full_disk_is_said_plainly_and_loses_nothing(small_disk: Path) -> None:
    path = small_disk / "conversations.sqlite"
    kept = Conversations(path)
    id = kept.begin("ann", "Who?").id
    told = ""
    while not told:
        try:
            kept.add("ann", id, "Who?" * 1000, ANSWER, "done")
        except BadConversations as error:
            told = str(error)
    assert told.endswith("cannot be written: the disk is full. " + ROOM)
    count = len(kept.exchanges("ann", id))
    assert count > 20
    kept.close()

    again = Conversations(path)
    assert numbers(again, id) == list(range(1, count + 1))
    again.close()


def test_disk_that_was_full_can_be_written_when_there_is_room(small_disk: Path) -> None:
    kept = Conversations(small_disk / "conversations.sqlite")
    id = kept.begin("ann", "Who?").id
    filler = small_disk / "filler"
    filler.write_bytes(bytes(shutil.disk_usage(small_disk).free))
    with pytest.raises(BadConversations, match="disk is full"):
        kept.add("ann", id, "Who?" * 10_000, ANSWER, "done")

    filler.unlink()
    kept.add("ann", id, "Who?" * 10_000, ANSWER, "done")

    assert numbers(kept, id) == [1]
    kept.close()


def test_disk_that_may_only_be_read_is_told(small_disk: Path) -> None:
    path = small_disk / "conversations.sqlite"
    Conversations(path).close()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)

    with pytest.raises(BadConversations, match=r"Read-only|readonly|cannot be written"):
        Conversations(path)
