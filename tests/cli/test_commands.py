"""Every error is one plain line that says what to do, with exit code 2 and nothing damaged."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click
import pytest
import regex
from click.testing import CliRunner, Result

from index.articles.formats import FORMATS
from index.build import sync
from index.embedding.embedder import Embedder
from index.errors import IndexMissing
from index.search import Searcher
from index.storage.catalog import LAYOUT, Catalog
from qa.cli.main import main
from qa.llm.cache.files import DiskCache
from qa.llm.computing import Computing
from qa.llm.model import Message
from qa.verification.calibrations import save
from qa.verification.thresholds import READER_ALONE, Pair
from qa.weights.checksums import remember_sha256
from tests.support.fakes import HashEmbedder, KeepingModel, ScriptedModel, silent
from tests.support.paths import ROOT
from tests.support.tiny_architectures import sliding

RUN = "from qa.cli.main import main; main()"


@pytest.fixture(autouse=True)
def own_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the machine, and what a run sets is undone."""
    for name in [name for name in os.environ if name.startswith("ARTICLE_QA_")]:
        if name != "ARTICLE_QA_CACHE":
            monkeypatch.delenv(name)
    for name in ("ANONYMIZED_TELEMETRY", "HF_HUB_DISABLE_TELEMETRY", "DO_NOT_TRACK"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GOMP_SPINCOUNT", "10000")
    monkeypatch.setenv("TOKENIZERS_PARALLELISM", "false")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def no_weights(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ARTICLE_QA_CACHE", str(tmp_path / "empty"))


@pytest.fixture
def some_index(tmp_path: Path) -> Path:
    """A catalog as an index has it, with nothing in it."""
    folder = tmp_path / ".article-qa"
    folder.mkdir()
    with Catalog.create(folder):
        pass
    return folder


def run(*words: str, read: str | None = None) -> Result:
    return CliRunner().invoke(main, words, input=read)


def complaint(result: Result) -> str:
    """The one line of an error; fails when there is more, or something on standard output."""
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    (line,) = result.stderr.splitlines()
    return line.removeprefix("article-qa: ")


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("status",), id="status"),
        pytest.param(("search", "Who?"), id="search"),
        pytest.param(("ask", "Who?"), id="ask"),
    ],
)
def test_no_index(words: tuple[str, ...], tmp_path: Path) -> None:
    assert complaint(run(*words)) == (
        "No index at .article-qa. Build one with: article-qa index ARTICLES --index .article-qa"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("no_weights", "some_index")
@pytest.mark.parametrize(
    ("words", "model"),
    [
        pytest.param(("index", "."), "multilingual-e5-small", id="index"),
        pytest.param(("search", "Who?"), "multilingual-e5-small", id="search"),
        pytest.param(("ask", "Who?"), "qwen2.5-coder-1.5b", id="ask"),
    ],
)
def test_no_weights(words: tuple[str, ...], model: str) -> None:
    line = complaint(run(*words))

    assert line.startswith(f"The weights of {model}")
    assert line.endswith(" are not on this machine. Get them with: article-qa models fetch")


def not_gguf(path: Path) -> None:
    path.write_text("These are words.")


def nothing(path: Path) -> None:
    path.write_bytes(b"")


def header_only(path: Path) -> None:
    path.write_bytes(b"GGUF\x03\x00\x00\x00")


def folder(path: Path) -> None:
    path.mkdir()


def missing(path: Path) -> None:
    pass


@pytest.mark.usefixtures("some_index")
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (not_gguf, "is not a GGUF file"),
        (nothing, "is not a GGUF file"),
        (header_only, "is incomplete or damaged. Get it again: article-qa models fetch"),
        (folder, "No model at"),
        (missing, "No model at"),
    ],
)
def test_wrong_language_model(make: Callable[[Path], None], message: str, tmp_path: Path) -> None:
    make(tmp_path / "model.gguf")

    line = complaint(run("ask", "Who?", "--llm", "model.gguf"))

    assert message in line
    assert "model.gguf" in line


@pytest.mark.usefixtures("some_index")
@pytest.mark.parametrize("words", [("search", "Who?"), ("index", ".")], ids=["search", "index"])
def test_folder_that_is_no_embedder(words: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()

    assert complaint(run(*words, "--embedder", "model")) == (
        "model is not a sentence-transformers folder: it has no modules.json."
    )


@pytest.mark.parametrize("command", ["ask", "search"])
@pytest.mark.parametrize("question", ["", "  ", "\n"], ids=["empty", "spaces", "line end"])
def test_empty_question(command: str, question: str) -> None:
    assert complaint(run(command, question)).startswith("The question is empty.")


def test_too_long_question_is_refused_before_anything_is_opened() -> None:
    assert complaint(run("ask", "why" * 5000)).startswith("The question is longer than 512 tokens")


def test_unknown_language() -> None:
    line = complaint(run("ask", "Who?", "--language", "xx"))

    assert line.startswith("The language 'xx' is not known. Use one of: ar, bn,")


def test_dash_reads_the_question_from_standard_input() -> None:
    assert complaint(run("ask", "-", read=" \n")).startswith("The question is empty.")
    assert complaint(run("ask", "-", read="Who?\n")).startswith("No index at")


@pytest.mark.parametrize(
    "words",
    [
        ("askk",),
        ("ask",),
        ("ask", "Who?", "--lmm", "x"),
        ("ask", "Who?", "more"),
        ("ask", "Who?", "--limit", "0"),
        ("ask", "Who?", "--threads", "none"),
        ("models", "fetch", "--from", "moon"),
    ],
    ids=" ".join,
)
def test_wrong_use_says_what_is_right(words: tuple[str, ...]) -> None:
    result = run(*words)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Usage: ")
    assert result.stderr.splitlines()[-1].startswith("Error: ")


def test_unknown_model_lists_the_known_ones() -> None:
    assert complaint(run("models", "fetch", "gpt-5")).startswith("No model is called gpt-5. Known:")


def commands(group: click.Group, path: str = "") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{path}{name} ")
        else:
            yield f"{path}{name}", command


COMMANDS = dict(commands(main))
# `ask --limit` counts passages and `index --forget` takes an address, so the variables of these
# have names of their own.
OTHER_VARIABLE = {
    "eval run --limit": "ARTICLE_QA_EVAL_LIMIT",
    "models calibrate --forget": "ARTICLE_QA_CALIBRATE_FORGET",
    "models calibrate --questions": "ARTICLE_QA_CALIBRATE_QUESTIONS",
}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_says_what_it_is(name: str) -> None:
    options = [p for p in COMMANDS[name].params if isinstance(p, click.Option)]

    assert COMMANDS[name].help
    assert [option.name for option in options if not option.help] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_a_variable(name: str) -> None:
    options = [p for p in COMMANDS[name].params if isinstance(p, click.Option)]

    for option in options:
        longest = max(option.opts, key=len)
        variable = f"ARTICLE_QA_{longest.strip('-').upper().replace('-', '_')}"
        assert option.envvar == OTHER_VARIABLE.get(f"{name} {longest}", variable)


@pytest.fixture
def hash_embedder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa.cli.opening.embedder", lambda name: HashEmbedder())


@pytest.mark.usefixtures("hash_embedder")
@pytest.mark.parametrize(
    "listed",
    [
        pytest.param("a [1].txt\nbooks\n\n", id="lines"),
        pytest.param("a [1].txt\r\nbooks\r\n", id="CRLF"),
        pytest.param("a [1].txt\0books\0", id="NUL"),
    ],
)
def test_a_list_of_paths_is_read_from_input(listed: str, tmp_path: Path) -> None:
    (tmp_path / "books").mkdir()
    for name in ("a [1].txt", "books/b.txt", "c.txt"):
        (tmp_path / name).write_text(f"The text of {name}.")

    result = run("index", "-", read=listed)
    assert result.exit_code == 0
    assert "skipped" not in result.stderr  # a slow machine may say there how far it is
    assert result.stdout.startswith("2 added, 0 changed, 0 removed, 0 unchanged, 0 skipped; ")


@pytest.mark.usefixtures("hash_embedder")
@pytest.mark.parametrize(
    ("words", "listed", "message"),
    [
        pytest.param(("-",), "\n", "Standard input lists no file or folder.", id="empty list"),
        pytest.param(("-",), "gone.txt", "There is no file or folder at ", id="gone"),
        pytest.param(("*.pdf",), None, "No file matches ", id="no match"),
        pytest.param(("gone/*.pdf",), None, "There is no folder at ", id="no folder"),
    ],
)
def test_wrong_places(
    words: tuple[str, ...], listed: str | None, message: str, tmp_path: Path
) -> None:
    assert complaint(run("index", *words, read=listed)).startswith(message)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("hash_embedder")
def test_one_bad_file_does_not_stop_the_others(tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "a.txt").write_text("The bakery sold 400 loaves in May.")
    (folder / "b.csv").write_text("Name,Price\nRye,3\n")
    (folder / "c.pdf").write_bytes(b"%PDF-1.7 and no more")
    (folder / "d.doc").write_bytes(b"x")

    result = run("index", "articles")
    assert result.exit_code == 0
    assert result.stdout.startswith("2 added, 0 changed, 0 removed, 0 unchanged, 2 skipped; ")
    skipped = [line for line in result.stderr.splitlines() if line.startswith("skipped")]
    assert [line.split("articles/")[1] for line in skipped] == [
        "c.pdf: is a damaged PDF",
        "d.doc: .doc is not a format that is read; save it as .docx",
    ]


def test_help_names_every_format_that_is_read() -> None:
    words = run("index", "--help").stdout.split()

    assert [word for word in words if word in FORMATS] == list(FORMATS)


def test_variable_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARTICLE_QA_INDEX", "elsewhere")

    assert complaint(run("status")).startswith("No index at elsewhere.")


@pytest.mark.parametrize(
    "words",
    [("status",), ("search", "Who?"), ("ask", "Who?"), ("chat",), ("index",)],
    ids=lambda words: words[0],
)
def test_an_index_of_another_version_costs_one_line(
    words: tuple[str, ...], two_articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.cli.opening.embedder", lambda name: HashEmbedder())
    with Catalog.open(two_articles) as catalog:
        catalog.set("layout", "2")

    assert complaint(run(*words, "--index", str(two_articles))) == (
        f"The index at {two_articles} was made by another version of article-qa (its layout is 2, "
        f"this program reads {LAYOUT}). Rebuild it with: article-qa index --rebuild "
        f"--index {two_articles}"
    )


def test_status_tells_which_calibration_is_in_force(
    two_articles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARTICLE_QA_CACHE", str(tmp_path / "cache"))
    (tmp_path / "cache").mkdir()
    for name, sha256 in (("one", "1"), ("other", "2"), ("third", "")):
        weights = tmp_path / "cache" / f"{name}.gguf"
        weights.write_bytes(name.encode())
        if sha256:
            remember_sha256(weights, sha256)
    save(Pair("1", "hash-1"), READER_ALONE, "2026-11-29", {})
    save(Pair("2", "hash-1"), READER_ALONE, "2026-11-29", {}).write_text("{")

    lines = run("status", "--index", str(two_articles)).stdout.splitlines()

    assert [line for line in lines if line.startswith("Calibrated ")] == [
        "Calibrated one: calibrated on 2026-11-29: not asked, as it adds nothing",
        "Calibrated other: not calibrated (its calibration file is damaged and not in force)",
        "Calibrated third: not calibrated",
    ]


def test_status_tells_who_wrote_an_article(two_articles: Path) -> None:
    with Catalog.open(two_articles) as catalog:
        catalog.query("UPDATE article SET author = 'Ana \x1b[31mRao' WHERE id = 'bakery.txt'")

    lines = run("status", "--index", str(two_articles)).stdout.splitlines()
    assert [line.split("  ")[3:] for line in lines if line.startswith("  ")] == [
        ["Ana \ufffd[31mRao"],
        [],
    ]


def test_libraries_are_told_to_send_nothing() -> None:
    run("status")

    told = ("ANONYMIZED_TELEMETRY", "HF_HUB_DISABLE_TELEMETRY", "DO_NOT_TRACK")
    assert {name: os.environ[name] for name in told} == {
        "ANONYMIZED_TELEMETRY": "False",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "DO_NOT_TRACK": "1",
    }


def test_index_and_status_name_near_copies(articles: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa.cli.opening.embedder", lambda name: HashEmbedder())
    text = (articles / "bakery.txt").read_text(encoding="utf-8")
    (articles / "copy.txt").write_text(text.replace("400", "950"), encoding="utf-8")
    indexed, status = run("index", str(articles)).stdout, run("status").stdout
    line = indexed.splitlines()[-1]

    assert line.startswith("near-copies: copy.txt ≈ bakery.txt (0.")
    assert "\nCopies     1 nearly repeat another article\n" in status
    assert status.splitlines()[-1] == line
    assert "near-copies" not in run("index").stdout


@pytest.fixture
def warmed(articles: Path, monkeypatch: pytest.MonkeyPatch) -> list[KeepingModel]:
    """The models that read ahead, where `index` is run; the folder `articles` is indexed."""
    models: list[KeepingModel] = []

    def open_model(llm: str | None, computing: Computing, files: DiskCache) -> KeepingModel:
        models.append(KeepingModel(files))
        return models[-1]

    monkeypatch.setattr("qa.cli.opening.embedder", lambda name: HashEmbedder())
    monkeypatch.setattr("qa.cli.opening.model", open_model)
    monkeypatch.setattr("qa.weights.paths.llm_path", lambda llm: Path())
    run("index", str(articles))
    return models


def test_warm_reads_every_passage_and_status_tells(warmed: list[KeepingModel]) -> None:
    first, second = (run("index", "--warm", "--cache-size", "1MB") for _ in range(2))
    texts = len(warmed[0].kept)

    done = f"{texts} of {texts} texts are read and cached, 0 MB."
    assert (first.stdout.splitlines()[-1], first.stderr) == (done, "")
    assert second.stdout.splitlines()[1:] == [done]
    assert (texts, warmed[1].kept) == (3, [])
    kept = f"Cache      {texts} texts that the model has read, 0 MB of 1 MB\n"
    assert kept in run("status").stdout


def test_warm_says_what_all_would_take(warmed: list[KeepingModel]) -> None:
    result = run("index", "--warm", "--cache-size", "500B")

    assert result.exit_code == 0
    done, of = regex.findall(r"(\d+) of (\d+) texts are read and cached", result.stdout)[0]
    assert 0 < int(done) < int(of)
    assert result.stderr == (
        "The cache is full at 0 MB. To cache all texts, give --cache-size 10MB.\n"
    )
    assert len(run("index", "--warm", "--cache-size", "10MB").stderr) == 0


def test_warm_that_is_stopped_keeps_what_is_done(
    warmed: list[KeepingModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop_at_third(self: KeepingModel, messages: Sequence[Message], room: int) -> int:
        if len(self.kept) == 2:
            raise KeyboardInterrupt
        return known(self, messages, room)

    known = KeepingModel.store
    with monkeypatch.context() as patch:
        patch.setattr(KeepingModel, "store", stop_at_third)
        result = run("index", "--warm", "--cache-size", "1MB")

    assert result.exit_code == 130
    told = r"2 of \d+ texts are read and cached, 0 MB. Run the same command again to resume.\n"
    assert regex.fullmatch(told + r"\s*Stopped.\n", result.stderr)
    run("index", "--warm", "--cache-size", "1MB")
    texts = run("index", "--warm", "--cache-size", "1MB").stdout.split(" of ")[0].split()[-1]
    assert len(warmed[1].kept) == int(texts) - 2


def test_warm_of_a_model_that_keeps_nothing_is_refused(
    articles: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("qa.cli.opening.embedder", lambda name: HashEmbedder())
    file = sliding().write(tmp_path / "window.gguf")
    result = run("index", str(articles), "--warm", "--llm", str(file))

    assert (result.exit_code, result.stdout[:8]) == (2, "2 added,")
    assert result.stderr.splitlines()[-1].removeprefix("article-qa: ") == (
        "window reads every prompt whole, so nothing that it has read can be kept. Leave out "
        "--warm, or give another model with --llm."
    )


def test_warm_without_room_is_refused(warmed: list[KeepingModel]) -> None:
    assert complaint(run("index", "--warm", "--cache-size", "0")) == (
        "--warm fills the cache, which --cache-size 0 turns off. Leave one out."
    )


@pytest.mark.usefixtures("no_weights", "some_index")
def test_warm_without_weights_is_refused_before_anything_is_indexed() -> None:
    assert complaint(run("index", ".", "--warm")).startswith("The weights of qwen2.5-coder-1.5b")


@pytest.mark.parametrize("command", [("ask", "Who?"), ("chat",), ("eval", "q.jsonl"), ("index",)])
def test_what_is_no_size_is_told_with_an_example(command: tuple[str, ...]) -> None:
    result = run(*command, "--cache-size", "much")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "Invalid value for '--cache-size'" in result.stderr
    assert "'much' is not a size. Give one such as 500MB, 2GB or 0." in result.stderr


def test_size_of_an_index_is_that_without_what_is_kept(two_articles: Path) -> None:
    def size() -> str:
        return run("status", "--index", str(two_articles)).stdout.partition("Size")[2].split()[0]

    before = size()
    DiskCache(two_articles / "states", 10**9).put("a" * 64, 1, bytearray(5 * 10**6))

    assert size() == before


@pytest.fixture
def many_articles(seed_articles: Path, tmp_path: Path) -> Path:
    """A folder of 200 articles, each another stretch of real text."""
    folder = tmp_path / "many"
    folder.mkdir()
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(seed_articles.iterdir()))
    for i in range(200):
        stretch = text[i * 120 : i * 120 + 600]
        (folder / f"{i:03}.txt").write_text(f"Part {i}.\n\n{stretch}", encoding="utf-8")
    return folder


def process(*words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", RUN, *words]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=env, stdout=pipe, stderr=pipe, text=True)


@pytest.mark.weights
def test_ctrl_c_leaves_a_sound_index(many_articles: Path, real_embedder: Embedder) -> None:
    index = many_articles.parent / "index"
    running = process("index", str(many_articles), "--index", str(index))
    assert running.stderr is not None
    assert " of 200 articles: " in running.stderr.readline()
    running.send_signal(signal.SIGINT)

    assert (running.communicate(), running.returncode) == (("", "\nStopped.\n"), 130)
    with pytest.raises(IndexMissing):
        Searcher(index, real_embedder)
    report = sync([many_articles], index, real_embedder)
    assert (len(report.added), report.skipped) == (200, [])
    assert Searcher(index, real_embedder).search("Meituan")


# Ctrl-C comes a moment after the model begins to write; once, though it may write again.
INTERRUPTED = """
import os, signal, threading
from qa.llm.llama import LlamaModel

def write(self, *prompt, known=LlamaModel.write):
    LlamaModel.write = known
    threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
    return known(self, *prompt)

LlamaModel.write = write
"""


@pytest.mark.weights
def test_ctrl_c_stops_the_model(real_index: Path) -> None:
    command = ["ask", "Who bought Light Years Beyond?", "--index", str(real_index)]
    stopped = subprocess.run(
        [sys.executable, "-c", INTERRUPTED + RUN, *command],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (stopped.returncode, stopped.stderr) == (130, "\nStopped.\n")
    assert stopped.stdout.strip() == ""


@pytest.mark.weights
def test_reader_that_has_gone_is_not_complained_about(real_index: Path) -> None:
    running = process("search", "Meituan", "--index", str(real_index))
    assert running.stdout is not None
    running.stdout.close()

    assert running.stderr is not None
    assert running.stderr.read() == ""


def test_wrong_history_is_told_before_anything_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "h.json").write_text('[{"role": "system", "content": "Obey."}]')

    line = complaint(run("ask", "Why?", "--history", "h.json"))
    assert line.startswith('The history h.json turn 1 has a role that is not "user" or "assistant"')
    assert complaint(run("ask", "Why?", "--history", "x.json")).startswith(
        "The history x.json cannot be read: No such file"
    )


@pytest.mark.usefixtures("two_articles")
def test_history_tells_what_a_short_question_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = ScriptedModel("")
    opened = (Searcher(tmp_path / "index", HashEmbedder()), silent(), model)
    monkeypatch.setattr("qa.cli.opening.asking_parts", lambda *_: opened)
    turn = {"role": "user", "content": "How many loaves were sold in May?"}
    (tmp_path / "h.json").write_text(json.dumps([turn]))

    shown = run("ask", "and in June?", "--history", "h.json").stdout
    told = json.loads(run("ask", "and in June?", "--history", "h.json", "--json").stdout)

    assert shown.startswith("(understood as: How many loaves were sold in June?)\n\nThe articles")
    assert told["standing"] == "How many loaves were sold in June?"
    assert told["question"] == "and in June?"
    assert "standing" not in json.loads(run("ask", "and in June?", "--json").stdout)
