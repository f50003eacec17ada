"""Sizes: `500MB` and `2GB` as people write them, in bytes. Pure."""

import regex

_UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_UNITS |= {"KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}
_UNITS |= {"K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_SIZE = regex.compile(r"\s*([0-9]{1,15}(?:\.[0-9]{1,15})?)\s*([A-Za-z]{0,3})\s*")


def parse(written: str) -> int:
    """Bytes of a number and its unit, in any case; 0 needs no unit.

    Raises:
        ValueError: it is not a size; the message shows what one looks like.
    """
    match = _SIZE.fullmatch(written)
    number, unit = match.groups() if match else ("", "")
    if not match or (unit.upper() not in _UNITS and (unit or float(number))):
        raise ValueError(f"{written!r} is not a size. Give one such as 500MB, 2GB or 0.")
    return int(float(number) * _UNITS.get(unit.upper(), 0))


def text(size: int) -> str:
    """A number of bytes for people, in MB below a GB."""
    return f"{size / 1e9:.1f} GB" if size >= 10**9 else f"{size / 1e6:.0f} MB"
