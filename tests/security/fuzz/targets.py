"""Fuzz: one check of this folder, with inputs that atheris finds by what they reach; `make fuzz`.

python -m tests.security.fuzz.targets CHECK [OPTION OF LIBFUZZER]...
"""

import json
import sys
from typing import Any

import atheris

with atheris.instrument_imports(include=["index", "qa", "yaml"]):
    from tests.security.fuzz.checks import CHECKS
    from tests.security.fuzz.letters import KEYS, NO_TEXT, UNITS, YAML

_MOST_RUN = 300  # of one unit, one after the other
_DEPTH = 4  # of a value of JSON


def text_of(source: Any) -> str:
    """A text: any, or runs of units that attacks are made of."""
    if source.ConsumeBool():
        return str(source.ConsumeUnicode(source.remaining_bytes()))
    parts = []
    while source.remaining_bytes():
        unit = source.PickValueInList([*UNITS, *YAML, *NO_TEXT])
        parts.append(unit * source.ConsumeIntInRange(1, _MOST_RUN))
    return "".join(parts)


def value_of(source: Any, depth: int = _DEPTH) -> Any:
    """A value of JSON, with the keys that requests have."""
    kind = source.ConsumeIntInRange(0, 9)
    few = range(source.ConsumeIntInRange(0, 4))
    if kind < 3 and depth:
        return [value_of(source, depth - 1) for _ in few]
    if kind < 7 and depth:
        return {source.PickValueInList(list(KEYS)): value_of(source, depth - 1) for _ in few}
    if kind == 7:
        return source.PickValueInList([None, True, False, 0, -1, 1e308, 10**30, 1, 2.5])
    if kind == 8:
        return source.PickValueInList(list(KEYS))
    return source.ConsumeUnicode(source.ConsumeIntInRange(0, 40))


def main() -> None:
    """Fuzz until libFuzzer's limit, or the first finding, which it writes to a file."""
    name = sys.argv.pop(1)

    def once(data: bytes) -> None:
        source = atheris.FuzzedDataProvider(data)
        CHECKS[name](json.dumps(value_of(source)) if name == "history" else text_of(source))

    atheris.Setup(sys.argv, once)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
