"""Sizes as people write them."""

import pytest

from qa.cli.sizes import parse, text


@pytest.mark.parametrize(
    ("written", "size"),
    [
        ("500MB", 500 * 10**6),
        ("2GB", 2 * 10**9),
        ("1.5 gb", 1_500_000_000),
        (" 3G ", 3 * 10**9),
        ("64MiB", 64 * 2**20),
        ("1TB", 10**12),
        ("900B", 900),
        ("0", 0),
        ("0GB", 0),
        ("0.0", 0),
    ],
)
def test_a_size_is_read(written: str, size: int) -> None:
    assert parse(written) == size


@pytest.mark.parametrize(
    "written", ["", "2", "GB", "-1GB", "2XB", "2 GB more", "1,5GB", "1e9", "infGB", "٢GB", "9" * 40]
)
def test_what_is_no_size_is_refused_with_an_example(written: str) -> None:
    with pytest.raises(ValueError, match=r"is not a size. Give one such as 500MB, 2GB or 0\.$"):
        parse(written)


@pytest.mark.parametrize(
    ("size", "shown"),
    [(0, "0 MB"), (742_990_512, "743 MB"), (999_999_999, "1000 MB"), (4 * 10**9, "4.0 GB")],
)
def test_a_size_is_shown(size: int, shown: str) -> None:
    assert text(size) == shown
