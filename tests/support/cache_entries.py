"""Cache entries: prefix-cache states of random bytes, each known by its number."""

import random

from qa.llm.cache.files import DiskCache


def key(number: int) -> str:
    return f"{number:064x}"


def state(number: int, size: int = 100) -> bytearray:
    return bytearray(random.Random(number).randbytes(size))


def put(files: DiskCache, *numbers: int, size: int = 100, asked: bool = True) -> list[int]:
    return [files.put(key(n), 3, state(n, size), asked=asked) for n in numbers]
