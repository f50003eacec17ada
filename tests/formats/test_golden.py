"""Every file of the corpus is read as its golden text says, to the letter."""

import pytest

from tests.formats.golden_text import FILES, GOLDEN, described

NAMES = sorted(path.name for path in FILES.iterdir())


def test_each_file_has_a_golden_text_and_each_text_a_file() -> None:
    assert sorted(path.name.removesuffix(".txt") for path in GOLDEN.iterdir()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_read_as_its_golden_text(name: str) -> None:
    assert described(FILES / name) == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")
