import json
from pathlib import Path
from typing import Any

import pytest

from qa.errors import BadRun
from qa.evaluation.cases import Case
from qa.evaluation.results import Result
from qa.evaluation.run_folder import RunFolder, check, read_about, read_results

CONFIGURATION = {"questions": "1a", "models": {"llm": "m"}, "options": {"limit": None}}
ONE, TWO = (Result(Case(id, "谁?", "zh", False), values={"right": 1.0}) for id in "12")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "runs" / "first"


def begun(path: Path, *results: Result, **changed: Any) -> RunFolder:
    folder = RunFolder.open(path, CONFIGURATION | changed, {"machine": "m"})
    for result in results:
        folder.add(result)
    return folder


def test_each_result_is_on_disk_at_once(path: Path) -> None:
    begun(path, ONE, TWO)

    assert read_results(path) == [ONE, TWO]
    assert read_about(path).items() >= {"configuration": CONFIGURATION, "machine": "m"}.items()


def test_stopped_run_goes_on_with_what_there_is(path: Path) -> None:
    begun(path, ONE)

    assert begun(path, TWO).results == [ONE, TWO]
    assert read_results(path) == [ONE, TWO]


@pytest.mark.parametrize("torn", [b"{", b'{"case": {"id": "2", "quest', "谁".encode()[:1]])
def test_half_a_line_is_dropped_and_asked_again(path: Path, torn: bytes) -> None:
    begun(path, ONE)
    with (path / "results.jsonl").open("ab") as file:
        file.write(torn)

    assert read_results(path) == [ONE]
    assert begun(path, TWO).results == [ONE, TWO]
    assert read_results(path) == [ONE, TWO]


def test_damaged_line_is_told(path: Path) -> None:
    begun(path, ONE, TWO)
    lines = (path / "results.jsonl").read_bytes().split(b"\n")
    (path / "results.jsonl").write_bytes(b"\n".join([b"{}", *lines[1:]]))

    with pytest.raises(BadRun, match="line 1 is damaged"):
        begun(path)


def test_another_configuration_is_refused_and_says_what_differs(path: Path) -> None:
    begun(path, ONE)

    with pytest.raises(BadRun) as caught:
        begun(path, models={"llm": "n" * 64}, options={"limit": 5})

    assert str(caught.value) == (
        f'The run at {path} was made with another configuration: models.llm was "m" and is '
        '"nnnnnnnnnnn…; options.limit was null and is 5. Give --out a new folder.'
    )
    assert read_results(path) == [ONE]


def test_only_one_process_writes_a_run(path: Path) -> None:
    held = begun(path, ONE)

    with pytest.raises(BadRun, match="Another process is writing the run at"):
        begun(path)
    held.close()
    assert begun(path).results == [ONE]


def test_folder_of_a_run_that_was_killed_at_its_very_start_is_taken(path: Path) -> None:
    path.mkdir(parents=True)
    (path / ".lock").touch()
    (path / ".run.json.draft").write_text("{")

    assert begun(path, ONE).results == [ONE]


def test_file_is_no_run_folder(tmp_path: Path) -> None:
    (tmp_path / "results.jsonl").write_text("{}\n")

    with pytest.raises(BadRun, match="is a file, but an evaluation writes a folder"):
        check(tmp_path / "results.jsonl")


def test_folder_of_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")

    with pytest.raises(BadRun, match="holds other files, but no run"):
        begun(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(None, "There is no run at", id="none"),
        pytest.param("{", "cannot be read", id="not JSON"),
        pytest.param("[]", "was not written by an evaluation", id="not an object"),
    ],
)
def test_folder_without_a_run_is_told(tmp_path: Path, text: str | None, said: str) -> None:
    if text is not None:
        (tmp_path / "run.json").write_text(text)

    with pytest.raises(BadRun, match=said):
        read_results(tmp_path)


def test_end_of_a_run_is_told_once(path: Path) -> None:
    folder = begun(path, ONE)
    folder.finish({"all": {}})
    folder.close()
    ended = read_about(path)["ended"]
    begun(path).finish({"all": {"MRR": 1}})

    assert read_about(path)["ended"] == ended
    assert json.loads((path / "summary.json").read_text()) == {"all": {"MRR": 1}}
    assert sorted(file.name for file in path.iterdir() if file.name != ".lock") == [
        "results.jsonl",
        "run.json",
        "summary.json",
    ]
