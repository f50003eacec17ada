"""What people see of an answer, of near-copies and of progress, on a screen and through a pipe."""

import io
from collections.abc import Iterator
from dataclasses import replace

import pytest
import regex

from index.storage.near_duplicates import NearDuplicate
from qa.answer import Answer, Citation, Nearest
from qa.cli.output import cache_text, copies_text, stream
from qa.llm.cache.ledger import Tally
from qa.progress import count

COLUMNS, LINES = 20, 6
START = Answer("Who?", "en")
CITED = replace(
    START,
    text="Meituan did. [1]",
    answered=True,
    citations=(Citation(1, "é.txt", 5, 17, "मीतुआन ने।", "supported", 0.8765),),
    done=True,
)
REFUSED = replace(
    START, text="No.", nearest=(Nearest("a.txt", 0, 5, "Tea  is\ngreen.", 0.7),), done=True
)


class Screen(io.StringIO):
    """A terminal of a few lines: what was written, and what can be seen of it."""

    def __init__(self, row: int = 0) -> None:
        super().__init__()
        self.lines = [""] * LINES
        self.scrolled: list[str] = []
        self.row, self.column, self.saved = row, 0, (row, 0)

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        for part in regex.findall(r"\x1b\[\d*[A-Z]|\x1b[78D]|[^\x1b]", text):
            self._show(part)
        return len(text)

    def _show(self, part: str) -> None:
        if part == "\x1b7":
            self.saved = (self.row, self.column)
        elif part == "\x1b8":
            self.row, self.column = self.saved
        elif part == "\x1b[J":
            self.lines[self.row] = self.lines[self.row][: self.column]
            self.lines[self.row + 1 :] = [""] * (LINES - self.row - 1)
        elif part == "\x1bD":
            self._down()
        elif part.startswith("\x1b["):
            self.row = max(0, self.row - int(part[2:-1]))
        elif part == "\n":
            self._down()
            self.column = 0
        else:
            self._put(part)

    def _put(self, letter: str) -> None:
        if self.column == COLUMNS:
            self._down()
            self.column = 0
        line = self.lines[self.row].ljust(self.column)
        self.lines[self.row] = line[: self.column] + letter + line[self.column + 1 :]
        self.column += 1

    def _down(self) -> None:
        if self.row == LINES - 1:
            self.scrolled.append(self.lines.pop(0))
            self.lines.append("")
        else:
            self.row += 1

    def seen(self) -> str:
        return "\n".join((*self.scrolled, *self.lines)).strip("\n")


@pytest.fixture(autouse=True)
def small_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(COLUMNS))
    monkeypatch.setenv("LINES", str(LINES))


def drafts(sentence: str, answer: Answer = START) -> list[Answer]:
    return [replace(answer, draft=sentence[:length]) for length in range(len(sentence) + 1)]


def watch(answers: list[Answer], out: io.StringIO) -> list[str]:
    """What can be seen after each answer."""
    seen: list[str] = []

    def watched() -> Iterator[Answer]:
        for answer in answers:
            yield answer
            seen.append(out.seen() if isinstance(out, Screen) else out.getvalue())

    stream(watched(), out)
    return seen


UNDERSTOOD = replace(CITED, standing="Who bought\n\x1b[2JLight Years Beyond?")


@pytest.mark.parametrize("out", [io.StringIO(), Screen()], ids=["pipe", "screen"])
def test_rewritten_question_is_shown_before_its_answer(out: io.StringIO) -> None:
    stream(iter([replace(UNDERSTOOD, text="", done=False), UNDERSTOOD]), out)
    seen = out.seen().replace("\n", "") if isinstance(out, Screen) else out.getvalue()

    shown = "(understood as: Who bought \ufffd[2JLight Years Beyond?)"
    assert seen.replace("\n", "") == f"{shown}Meituan did. [1]"


LONG = "A sentence that runs over three lines of it."
GROWING = [
    START,
    *drafts("Google did."),
    *drafts("Meituan did."),
    replace(CITED, done=False),
    *drafts("Unproven.", CITED),
    CITED,
]


@pytest.mark.parametrize("row", range(LINES))
def test_screen_shows_only_what_is_proven_in_the_end(row: int) -> None:
    screen = Screen(row)

    assert stream(iter(GROWING), screen) == CITED
    assert screen.seen() == "Meituan did. [1]"


@pytest.mark.parametrize("row", range(LINES))
def test_long_draft_leaves_no_trace_when_the_screen_scrolls(row: int) -> None:
    screen = Screen(row)
    proven = replace(CITED, text=f"{LONG} [1]")
    stream(iter([START, *drafts(LONG), proven, *drafts(LONG, proven), proven]), screen)

    assert screen.seen().replace("\n", "") == f"{LONG} [1]"


def test_draft_is_seen_while_it_is_written() -> None:
    screen = Screen()
    seen = watch([replace(CITED, draft=draft) for draft in ("I", "It", "")], screen)

    assert seen == [
        "Meituan did. [1] I",
        "Meituan did. [1] It",
        "Meituan did. [1]",
    ]


@pytest.mark.parametrize(
    ("answers", "written"),
    [
        pytest.param(GROWING, "Meituan did. [1]\n", id="answer"),
        pytest.param([START, *drafts("Google did."), REFUSED], "No.\n", id="refusal"),
        pytest.param([REFUSED], "No.\n", id="at once"),
    ],
)
def test_pipe_gets_only_proven_sentences(answers: list[Answer], written: str) -> None:
    pipe = io.StringIO()

    assert stream(iter(answers), pipe) == answers[-1]
    assert pipe.getvalue() == written


def test_sentences_reach_a_pipe_as_soon_as_they_are_proven() -> None:
    assert watch([START, *drafts("It", CITED), CITED], io.StringIO()) == [
        "",
        *["Meituan did. [1]"] * 4,
    ]


def test_near_copies_are_named_with_what_they_repeat() -> None:
    assert copies_text(1, [NearDuplicate("b\x1b.txt", "a.txt", 0.9296875)]) == [
        "near-copies: b\ufffd.txt ≈ a.txt (0.93)"
    ]
    assert copies_text(0, []) == []


@pytest.mark.parametrize("named", [20, 30])
def test_many_near_copies_are_counted(named: int) -> None:
    lines = copies_text(30, [NearDuplicate(f"{i}.txt", "a.txt", 1.0) for i in range(named)])

    assert len(lines) == 21
    assert lines[19:] == ["near-copies: 19.txt ≈ a.txt (1.00)", "near-copies: and 10 more"]


@pytest.mark.parametrize(
    ("tally", "told"),
    [
        (Tally(), "0 texts that the model has read, 0 MB"),
        (Tally(1, 4_200_000, 10**9), "1 text that the model has read, 4 MB of 1.0 GB"),
        (
            Tally(121, 743 * 10**6, 4 * 10**9, 9, 1),
            "121 texts that the model has read, 743 MB of 4.0 GB; 9 of 10 lookups were hits (90%)",
        ),
    ],
)
def test_what_is_kept_is_told_with_its_use(tally: Tally, told: str) -> None:
    assert cache_text(tally) == told


@pytest.mark.parametrize(
    ("pause", "written"),
    [
        pytest.param(0.0, "0 of 2 articles: a.txt\n1 of 2 articles: b.txt\n", id="it is time"),
        pytest.param(1e9, "", id="too soon"),
    ],
)
def test_progress_is_a_plain_line_now_and_then_on_a_pipe(
    pause: float, written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.progress.PAUSE_S", pause)
    pipe = io.StringIO()
    progress = count("article", pipe)
    progress(0, 2, "a.txt")
    progress(1, 2, "b.txt")
    progress.close()

    assert pipe.getvalue() == written


def test_progress_leaves_a_terminal_clean() -> None:
    screen = Screen()
    progress = count("article", screen)
    progress.close()

    assert screen.seen() == ""
