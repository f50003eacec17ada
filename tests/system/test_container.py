"""The Dockerfile and compose.yaml name what the program has: its paths, port, weights and pins."""

import re
import tomllib
from typing import Any

import click
import yaml

from qa.cli.main import main
from qa.web.http_server import PORT
from qa.web.security.probes import HEALTH
from qa.weights.manifest import default
from tests.support.paths import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
SERVICES: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def image_environment() -> dict[str, str]:
    return dict(re.findall(r"^(?:ENV|   ) ([A-Z_]+)=(\S+)", DOCKERFILE, flags=re.MULTILINE))


def variables(command: click.Command) -> set[str]:
    return {str(each.envvar) for each in command.params if isinstance(each, click.Option)}


def test_health_check_asks_where_the_server_answers() -> None:
    assert f"HTTPConnection as H; c = H('127.0.0.1', {PORT}" in DOCKERFILE
    assert f"c.request('GET', '{HEALTH}')" in DOCKERFILE


def test_page_is_published_on_this_machine_alone() -> None:
    assert SERVICES["page"]["ports"] == [f"127.0.0.1:${{PORT:-{PORT}}}:{PORT}"]


def test_variables_are_those_of_the_page() -> None:
    named = {name for name in image_environment() if name.startswith("ARTICLE_QA_")}

    assert named - {"ARTICLE_QA_CACHE"} <= variables(main.commands["chat"])
    assert "ARTICLE_QA_LLM" in variables(main.commands["chat"])


def test_every_folder_that_is_written_is_a_volume() -> None:
    written = {image_environment()["ARTICLE_QA_CACHE"], "/data"}

    mounted = [volume.rsplit(":", 1)[-1] for volume in SERVICES["page"]["volumes"][:2]]
    assert set(mounted) == written


def test_every_service_is_hardened() -> None:
    for name, service in SERVICES.items():
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
    assert "\nUSER 10001:10001\n" in DOCKERFILE


def test_model_server_reads_the_default_weights() -> None:
    assert f"/cache/${{GGUF:-{default('llm').file}}}" in SERVICES["model"]["command"]


def test_chroma_is_the_one_that_is_pinned() -> None:
    pins = dict(each.split("==") for each in PYPROJECT["project"]["dependencies"])

    assert SERVICES["chroma"]["image"] == f"chromadb/chroma:{pins['chromadb']}"
