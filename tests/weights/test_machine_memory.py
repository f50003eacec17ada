from pathlib import Path

import pytest

from qa.weights import machine_memory

MEMINFO = "MemTotal: 8000 kB\nMemFree: 10 kB\nMemAvailable: 4000 kB\nSwapFree: 1000 kB\n"
MACHINE = 5000 * 1024


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    proc = tmp_path / "proc"
    (proc / "self").mkdir(parents=True)
    (proc / "meminfo").write_text(MEMINFO)
    return proc


@pytest.fixture
def groups(tmp_path: Path) -> Path:
    return tmp_path / "groups"


def group(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(f"{text}\n")


def test_machine_without_groups_has_what_the_kernel_says(proc: Path, groups: Path) -> None:
    assert machine_memory.available(proc, groups) == MACHINE


def test_system_that_tells_nothing_is_not_guessed_at(tmp_path: Path) -> None:
    assert machine_memory.available(tmp_path / "none", tmp_path / "none") is None


def test_limit_of_the_group_counts_and_files_in_memory_are_free(proc: Path, groups: Path) -> None:
    (proc / "self" / "cgroup").write_text("0::/user/service\n")
    group(groups / "user" / "service", memory__max="max", memory__current="900000")
    stat = "anon 500000\nfile 300000"
    group(groups / "user", memory__max="1000000", memory__current="900000", memory__stat=stat)

    assert machine_memory.available(proc, groups) == 400_000


def test_limit_of_the_first_kind_of_groups_counts(proc: Path, groups: Path) -> None:
    (proc / "self" / "cgroup").write_text("5:devices:/\n4:memory:/job\n0::/\n")
    files = {"memory__limit_in_bytes": "2000000", "memory__usage_in_bytes": "1500000"}
    group(groups / "memory" / "job", **files, memory__stat="total_cache 100000")

    assert machine_memory.available(proc, groups) == 600_000


def test_group_that_lies_elsewhere_in_a_container_is_found_at_the_root(
    proc: Path, groups: Path
) -> None:
    (proc / "self" / "cgroup").write_text("0::/docker/5d4e\n")
    group(groups, memory__max="3000000", memory__current="1000000")

    assert machine_memory.available(proc, groups) == 2_000_000


def test_group_that_is_full_leaves_nothing(proc: Path, groups: Path) -> None:
    (proc / "self" / "cgroup").write_text("0::/\n")
    group(groups, memory__max="1000", memory__current="2000")

    assert machine_memory.available(proc, groups) == 0


def test_this_machine_tells() -> None:
    free = machine_memory.available()

    assert free is None or free > 0
