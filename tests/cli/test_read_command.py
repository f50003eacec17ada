import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from qa.cli.main import main
from tests.support.paths import ROOT

QUESTION = "Who bought Light Years Beyond?"
PASSAGE = "In June Meituan bought Light Years Beyond for 281 million dollars."


def run(*words: str, read: bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["read", *words], input=read)


@pytest.mark.weights
@pytest.mark.parametrize("way", ["text", "file", "standard input"])
def test_the_words_that_answer_are_shown(tmp_path: Path, way: str) -> None:
    file = tmp_path / "passage.txt"
    file.write_text(PASSAGE, encoding="utf-8")
    passage, read = {
        "text": (PASSAGE, None),
        "file": (str(file), None),
        "standard input": ("-", PASSAGE.encode()),
    }[way]
    said = json.loads(run(QUESTION, passage, "--json", read=read).output)

    assert set(said) == {"question", "start", "end", "text", "score", "probability"}
    assert said["text"] == PASSAGE[said["start"] : said["end"]] == "Meituan"
    assert said["probability"] > 0.5


@pytest.mark.weights
def test_an_answer_is_judged() -> None:
    said = [
        json.loads(run(QUESTION, PASSAGE, "--json", "--answer", answer).output)["right"]
        for answer in ("Meituan", "281 million dollars")
    ]

    assert said[0] > 0.5 > said[1]


@pytest.mark.weights
def test_people_are_shown_the_span_and_how_sure_it_is() -> None:
    done = run(QUESTION, PASSAGE, "--answer", "Meituan")
    first, second, third, fourth = done.output.splitlines()

    assert first == "“Meituan”"
    assert second.startswith("characters 8 to 15 of 66, score ")
    assert third.startswith("The passage answers the question: ")
    assert fourth.startswith("“Meituan” is right by the passage: ")


@pytest.mark.parametrize(
    ("words", "read", "said"),
    [
        ((" ", PASSAGE), None, "The question is empty"),
        ((QUESTION, " "), None, "The passage holds no text. Give a text, a file, or `-`"),
        ((QUESTION, "-"), b"", "The passage holds no text"),
        ((QUESTION, "-"), b"\xff\xfe\x00", "is not UTF-16-LE text"),
        ((QUESTION, PASSAGE, "--answer", " "), None, "The answer is empty"),
        ((QUESTION, str(ROOT / "LICENSE")), None, "LICENSE: a file without suffix"),
    ],
)
def test_bad_input_is_said_to_be_so(words: tuple[str, ...], read: bytes | None, said: str) -> None:
    done = run(*words, read=read)

    assert (done.exit_code, said in done.output) == (2, True), done.output
