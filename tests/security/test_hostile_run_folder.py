"""A run folder of `eval` is data: what it holds or leads to costs one plain line."""

import json
import os
from pathlib import Path

import pytest

from qa.cli.evaluate import compare_command
from qa.errors import BadRun
from qa.evaluation.run_folder import RESULTS, RUN, RunFolder, read_about, read_results

CONFIGURATION = {"questions": "abc", "models": {"embedder": "e"}}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = RunFolder.open(tmp_path / "run", CONFIGURATION, {"questions": "q.jsonl"})
    folder.finish({})
    folder.close()
    return tmp_path / "run"


def opened(folder: Path) -> RunFolder:
    return RunFolder.open(folder, CONFIGURATION, {"questions": "q.jsonl"})


def deep(depth: int) -> str:
    return '{"configuration": ' + '{"a": ' * depth + "1" + "}" * depth + "}"


@pytest.mark.parametrize(
    "text",
    [
        *('{"configuration": []}', '{"configuration": "x"}', '{"configuration": null}', "[]", "7"),
        *('{"questions": [], "configuration": {}}', '{"begun": 7, "configuration": {}}'),
        *(deep(20), deep(900), deep(100_000), "[" * 100_000, "", "\0", "9" * 5000),
        *('{"configuration": {"a": [[[[[[[[[1]]]]]]]]]}}',),
    ],
)
def test_a_run_json_that_is_none_is_refused(text: str, run: Path, tmp_path: Path) -> None:
    (run / RUN).write_text(text)

    def compare(folder: Path) -> None:
        assert compare_command.callback
        compare_command.callback(folder, folder, None, False)

    for read in (read_about, read_results, opened, compare):
        with pytest.raises(BadRun) as caught:
            read(run)
        assert len(str(caught.value).splitlines()) == 1


def test_what_a_run_json_lacks_is_taken_from_this_run(run: Path) -> None:
    (run / RUN).write_text(json.dumps({"configuration": CONFIGURATION}))

    folder = opened(run)
    folder.close()
    assert (folder.about["questions"], folder.about["begun"]) == ("q.jsonl", "")


@pytest.mark.parametrize("name", [RUN, RESULTS])
@pytest.mark.parametrize("text", ["no line end", "a line\n", None])
def test_nothing_is_read_or_written_through_a_link(
    name: str, text: str | None, run: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "precious.txt"
    if text is not None:
        mine.write_text(text)
    (run / name).unlink(missing_ok=True)
    (run / name).symlink_to(mine)

    for read in (opened, read_results):
        with pytest.raises(BadRun, match=f"{name} is a link"):
            read(run)
    assert (mine.read_text() if mine.exists() else None) == text


@pytest.mark.parametrize("name", [RUN, RESULTS])
def test_a_pipe_is_not_waited_for(name: str, run: Path) -> None:
    (run / name).unlink(missing_ok=True)
    os.mkfifo(run / name)

    with pytest.raises((BadRun, OSError), match="no file"):
        opened(run)
