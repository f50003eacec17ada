"""What finds files by a pattern finds each of them: make's stamps, the package, and `python -m`."""

import ast
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.support import child_processes
from tests.support.paths import ROOT, SEED_ARTICLES

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES = ["index", "prompts", "qa"]


def files(folder: Path) -> set[str]:
    """Every file below a folder, by its path from the root, but for what Python caches."""
    return {
        str(path.relative_to(ROOT))
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


# What a make that runs the tests tells other makes.
TOLD = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "PYTHON", "GPU"}


def alone() -> dict[str, str]:
    """The environment as it is where no other make runs the tests."""
    return {name: value for name, value in os.environ.items() if name not in TOLD}


def prerequisites(target: str) -> set[str]:
    """What make would make a target anew for; nothing is run."""
    run = ["make", "--print-data-base", "--question", target]
    done = subprocess.run(run, cwd=ROOT, env=alone(), capture_output=True, text=True, check=False)
    listed = re.search(rf"^{re.escape(target)}: ([^:=\n]*)$", done.stdout, flags=re.MULTILINE)
    assert listed, f"make knows no rule for {target}"
    return set(listed[1].split())


def test_the_environment_is_made_anew_when_a_pin_changes() -> None:
    assert prerequisites(".venv/.installed") == {"requirements.lock", "pyproject.toml"}


def make(*arguments: str, path: str) -> subprocess.CompletedProcess[str]:
    """What make does with a PATH of its own, without what this process was told by another make."""
    env = {**alone(), "PATH": path}
    return subprocess.run(
        ["make", *arguments], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )


def python_that_ends_with(code: int, path: Path) -> None:
    path.write_text(f"#!/bin/sh\nexit {code}\n", encoding="utf-8")
    path.chmod(0o755)


def test_the_newest_python_that_can_make_environments_is_taken(tmp_path: Path) -> None:
    for name, code in {"python3.14": 1, "python3.13": 0, "python3.12": 0}.items():
        python_that_ends_with(code, tmp_path / name)
    show, path = "--eval=show: ; @echo $(PYTHON)", f"{tmp_path}:{os.environ['PATH']}"

    assert make(show, "show", path=path).stdout == "python3.13\n"
    assert make(show, "show", "PYTHON=mine", path=path).stdout == "mine\n"


def test_a_python_that_will_not_do_is_said_in_one_line(tmp_path: Path) -> None:
    python_that_ends_with(1, tmp_path / "python3")
    (tmp_path / "Makefile").write_text(MAKEFILE, encoding="utf-8")
    for name in ("requirements.lock", "pyproject.toml"):
        (tmp_path / name).write_text("", encoding="utf-8")

    done = make(
        "-C",
        str(tmp_path),
        f"PYTHON={tmp_path}/python3",
        ".venv/.installed",
        path=os.environ["PATH"],
    )

    assert done.returncode == 2
    assert (
        "article-qa needs Python 3.11, 3.12, 3.13 or 3.14 with its venv module "
        "(Debian: apt-get install python3-venv). "
        "If it has another name here: make PYTHON=/path/to/python3\n" in done.stderr
    )


def test_the_lock_is_for_every_python_that_the_project_allows() -> None:
    lowest, highest = re.findall(r"3\.(\d+)", PYPROJECT["project"]["requires-python"])
    tried = re.search(r"^PYTHON \?= \$\(shell for minor in ([\d ]+);", MAKEFILE, flags=re.MULTILINE)
    assert tried

    assert [int(each) for each in tried[1].split()] == list(
        range(int(highest) - 1, int(lowest) - 1, -1)
    )
    assert f"--python-version 3.{lowest}.0" in MAKEFILE


def commands(tmp_path: Path, gpu: str, before: str) -> str:
    """What make would run for a GPU where llama.cpp was built for something before."""
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("index", "qa", ".venv"):
        (tmp_path / name).mkdir()
    (tmp_path / ".venv" / ".installed").write_text(before)
    run = ["make", "--dry-run", f"GPU={gpu}", ".venv/.installed"]
    done = subprocess.run(
        run, cwd=tmp_path, env=alone(), capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.mark.parametrize(
    ("gpu", "flag"),
    [("cuda", "CUDA"), ("vulkan", "VULKAN"), ("metal", "METAL"), ("rocm", "HIP")],
)
def test_llama_cpp_is_built_anew_for_a_gpu(gpu: str, flag: str, tmp_path: Path) -> None:
    shown = commands(tmp_path, gpu, before="")
    (flags,) = re.findall(r'CMAKE_ARGS="([^"]*)"', shown)

    assert flags.split()[-1] == f"-DGGML_{flag}=ON"
    assert "--no-cache-dir --force-reinstall" in shown  # pip knows wheels by their version alone
    assert f"echo {gpu} > .venv/.installed" in shown


def test_llama_cpp_stays_as_it_was_built(tmp_path: Path) -> None:
    assert commands(tmp_path, "", before="vulkan\n").endswith("is up to date.\n")


def test_llama_cpp_is_built_anew_without_a_gpu(tmp_path: Path) -> None:
    shown = commands(tmp_path, "none", before="cuda\n")

    assert ("--force-reinstall" in shown, "--no-cache-dir" in shown) == (True, False)
    assert "GGML" not in shown


def test_an_unknown_gpu_is_one_line_and_nothing_is_installed(tmp_path: Path) -> None:
    commands(tmp_path, "none", before="none\n")
    run = ["make", "GPU=x; touch here", f"PYTHON={sys.executable}", ".venv/.installed"]
    done = subprocess.run(
        run, cwd=tmp_path, env=alone(), capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (2, "")
    first, _ = done.stderr.splitlines()  # the other is make's own
    assert first == "GPU is 'x; touch here'. Say GPU=cuda, vulkan, metal, rocm or none."
    assert not (tmp_path / "here").exists()
    assert (tmp_path / ".venv" / ".installed").read_text() == "none\n"


def test_weights_are_fetched_anew_when_their_manifest_changes() -> None:
    assert prerequisites(".venv/.weights") == {".venv/.installed", "qa/weights/models.toml"}


def test_the_index_is_made_anew_when_its_code_or_an_article_changes() -> None:
    code = {path for path in files(ROOT / "index") if path.endswith(".py")}

    assert prerequisites(".article-qa/.made") == {".venv/.weights", *code, *files(SEED_ARTICLES)}


def test_every_check_reads_every_package() -> None:
    sources = re.search(r"^SOURCES := (.*)$", MAKEFILE, flags=re.MULTILINE)
    assert sources

    assert sorted(sources[1].split()) == sorted([*PACKAGES, "tests"])
    assert sorted(PYPROJECT["tool"]["mypy"]["packages"]) == sorted([*PACKAGES, "tests"])


def test_every_file_is_installed() -> None:
    run = child_processes.command(child_processes.list_installed_files)
    installed = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert set(installed.split()) == set().union(*(files(ROOT / package) for package in PACKAGES))


def run_as_modules(source: str) -> list[str]:
    """The modules that a module starts: after "-m" in its lists, or as child processes."""
    tree = list(ast.walk(ast.parse(source)))
    lists = [node.elts for node in tree if isinstance(node, ast.List)]
    words = [[e.value if isinstance(e, ast.Constant) else None for e in each] for each in lists]
    calls = [node for node in tree if isinstance(node, ast.Call)]
    children = [
        str(call.args[0].value)
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id == "ChildProcess"
        if isinstance(call.args[0], ast.Constant)
    ]
    named = [each[each.index("-m") + 1] for each in words if "-m" in each]
    return [str(name) for name in named if name] + children


def test_every_module_that_is_run_by_its_name_exists() -> None:
    code = [
        path for path in sorted(files(ROOT / "qa") | files(ROOT / "index")) if path[-3:] == ".py"
    ]
    named = [name for path in code for name in run_as_modules((ROOT / path).read_text())]
    entry = PYPROJECT["project"]["scripts"]["article-qa"].partition(":")[0]
    by_make = re.findall(r"python -m ([\w.]+)", MAKEFILE)

    assert {"index.converters.worker", "qa.llm.trial_worker"} <= set(named)
    for name in {*named, entry, *by_make}:
        assert importlib.util.find_spec(name), (
            f"{name} is run by its name, and there is no such module"
        )
