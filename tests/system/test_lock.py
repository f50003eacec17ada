"""The lock: one pin with hashes for each package, on each Python and system that is supported."""

import re
import tomllib
from collections import Counter

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.paths import ROOT

LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PINS = [
    Requirement(line.removesuffix(" \\"))
    for line in LOCK.splitlines()
    if re.match(r"[a-z0-9]", line)
]


def pinned(python: str, system: str) -> list[Requirement]:
    """What pip would install from the lock."""
    where = {
        "python_full_version": python,
        "python_version": python.rpartition(".")[0],
        "sys_platform": system,
        "os_name": "posix",
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
        "platform_machine": "x86_64",
    }
    return [pin for pin in PINS if pin.marker is None or pin.marker.evaluate(where)]


@pytest.mark.parametrize("system", ["linux", "darwin"])
@pytest.mark.parametrize("python", ["3.11.0", "3.11.5", "3.12.0", "3.13.0", "3.14.0"])
def test_lock_has_one_pin_of_each_package(python: str, system: str) -> None:
    found = pinned(python, system)
    wanted = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]

    assert [name for name, times in Counter(pin.name for pin in found).items() if times > 1] == []
    assert {canonical(pin) for pin in map(Requirement, wanted)} - {"torch==2.13.0"} <= {
        canonical(pin) for pin in found
    }


def canonical(pin: Requirement) -> str:
    return f"{canonicalize_name(pin.name)}{pin.specifier}"


def test_every_pin_has_hashes_and_no_index_is_named() -> None:
    entries = re.findall(
        r"^\S+==.* \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n?)+)", LOCK, re.M
    )

    assert len(entries) == len(PINS)
    assert "://" not in LOCK


def test_torch_and_what_its_cuda_build_needs_are_left_out() -> None:
    left_out = re.compile(r"torch$|triton$|cuda-|nvidia-")

    assert [pin.name for pin in PINS if left_out.match(pin.name)] == []
