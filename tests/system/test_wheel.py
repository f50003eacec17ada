"""The wheel: it holds the whole program, and works where there is no checkout."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.support.paths import ROOT

pytestmark = pytest.mark.slow

PACKAGES = ("index", "prompts", "qa")
FILES = ("pyproject.toml", "README.md", "LICENSE")


def run(*command: str | Path, at: Path) -> str:
    """What a command says in a folder, with nothing of the checkout on its path."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(command, cwd=at, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as `make wheel` builds it, from a copy, as building leaves files behind."""
    source = tmp_path_factory.mktemp("source")
    for package in PACKAGES:
        cached = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, source / package, ignore=cached)
    for name in FILES:
        shutil.copy(ROOT / name, source)
    build = [sys.executable, "-m", "pip", "wheel", "--no-index", "--no-deps"]
    run(*build, "--no-build-isolation", "--wheel-dir", source / "dist", source, at=source)
    (built,) = (source / "dist").glob("article_qa-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment's folder of commands, with the wheel and, from here, what it needs."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False, symlinks=True)
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin/python"), "install"]
    run(*pip, "--no-index", "--no-deps", wheel, at=folder)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "needed.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return folder / "bin"


def test_wheel_holds_every_file_and_no_other(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}

    assert held == {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_command_runs_the_installed_program(installed: Path, tmp_path: Path) -> None:
    where = "import index, prompts, qa; print(index.__file__, prompts.__file__, qa.__file__)"
    files = run(installed / "python", "-c", where, at=tmp_path).split()

    assert all(Path(file).is_relative_to(installed.parent) for file in files)
    assert run(installed / "article-qa", "--version", at=tmp_path).startswith("article-qa, version")


@pytest.mark.weights
def test_installed_program_indexes_and_finds(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "ferry.csv").write_text("ship,year\nAurora,1931\n", encoding="utf-8")
    command = installed / "article-qa"

    run(command, "index", "ferry.csv", "--index", "index", at=tmp_path)

    assert "Aurora" in run(command, "search", "When?", "--index", "index", at=tmp_path)
