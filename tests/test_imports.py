"""Imports point one way, and a heavy library has one home, where it is imported when needed."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from qa.cli.main import main
from tests.local_desk import QUESTION, named, quick, served_locally

ROOT = Path(__file__).parent.parent
ROOMS = ("index", "prompts", "qa")
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for room in ROOMS
    for path in sorted((ROOT / room).rglob("*.py"))
    if path.name != "__init__.py" or path.parent.parent == ROOT
}

WEIGHTS = {"qa.weights.manifest", "qa.weights.fetch", "qa.weights.download", "qa.weights.gguf"}
# A module may import what stands on its own line or below; one not named stands with evidence.
ORDER = (
    {
        *(
            "qa.cli.main",
            "qa.cli.ask",
            "qa.cli.chat",
            "qa.cli.evaluate",
            "qa.cli.index",
            "qa.cli.opening",
        ),
        *("qa.evaluation.evaluate", "qa.evaluation.reports.report", "qa.answering.prefill"),
        *(
            "qa.web.app",
            "qa.web.page.page",
            "qa.web.page.events",
            "qa.web.openai_api",
            "qa.service.json_api",
            "qa.web.mcp_tools",
        ),
        *("qa.service.chat", "qa.web.page.views", "qa.service.scheduler", "qa.ipc.server"),
    },
    {"qa.ask"},
    {"qa.verification.evidence", "qa.answer", "qa.llm.llama"},
    WEIGHTS,
    {"prompts", "index"},
)
HOMES = {
    "anyascii": {"qa.text.names"},
    "babel": {"qa.text.months", "qa.web.page.translations"},
    "bcrypt": {"qa.web.security.users"},
    "bs4": {"index.converters.html"},
    "chromadb": {"index.storage.ann_index"},
    "datasketch": {"index.storage.near_duplicates"},
    "fastapi": {"qa.web.app"},
    "gradio": {"qa.web.page.layout", "qa.web.page.page"},
    "huggingface_hub": WEIGHTS,
    "ir_measures": {"qa.evaluation.trec"},
    "jinja2": {"qa.templates"},
    "limits": {"qa.service.scheduler", "qa.web.security.rate_limits"},
    "lxml": {"index.converters.html", "index.converters.archive"},
    "mammoth": {"index.converters.office"},
    "markdownify": {"index.converters.html"},
    "mcp": {"qa.web.mcp_tools"},
    "matplotlib": {"qa.evaluation.reports.plots"},
    "openpyxl": {"index.converters.office"},
    "pptx": {"index.converters.office"},
    "pydantic": {"qa.service.conversations", "qa.evaluation.results"},
    "pypdfium2": {"index.converters.pdf"},
    "rapidfuzz": {"qa.text.alignment", "qa.text.names"},
    "safetensors": {"index.embedding.packed"},
    "llama_cpp": {"qa.llm.context", "qa.llm.llama", "qa.llm.loading", "qa.llm.autotune"},
    "scipy": {"qa.evaluation.reports.statistics"},
    "sentence_transformers": {"index.embedding.embedder"},
    "starlette": {
        *("qa.body", "qa.web.security.middleware", "qa.web.page.assets", "qa.web.security.login"),
        *(
            "qa.web.security.request_checks",
            "qa.web.security.rate_limits",
            "qa.web.security.rejection",
        ),
    },
    "tokenizers": {"index.embedding.tokenizer", "index.embedding.unigram"},
    "torch": {"index.embedding.embedder", "index.embedding.packed"},
    "trafilatura": {"index.converters.html"},
    "transformers": {"index.embedding.embedder", "index.embedding.packed"},
    "uvicorn": {"qa.web.app"},
    "yaml": {"index.articles.article"},
}


def imports(node: ast.AST, lazy: bool = False) -> Iterator[tuple[str, bool]]:
    """Yield every imported module below `node`, and whether loading the file leaves it alone."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from ((alias.name, lazy) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, "imports name the whole path"
            yield str(child.module), lazy
            yield from ((f"{child.module}.{alias.name}", lazy) for alias in child.names)
        else:
            types_only = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test)
            inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
            yield from imports(child, lazy or inside or types_only)


def ours(module: str) -> set[str]:
    found = (name for name, _ in imports(ast.parse(MODULES[module].read_text())))
    return {name for name in found if name in MODULES} - {module, "qa"}


def depth(module: str) -> int:
    room = module.split(".")[0]
    return next((i for i, line in enumerate(ORDER) if {module, room} & line), 2)


@pytest.mark.parametrize("module", MODULES)
def test_module_imports_only_what_lies_below_it(module: str) -> None:
    room = module.split(".")[0]
    allowed = {room} if room != "qa" else set(ROOMS)

    assert {name for name in ours(module) if name.split(".")[0] not in allowed} == set()
    assert {name for name in ours(module) if depth(name) < depth(module)} == set()


@pytest.mark.parametrize("module", sorted(WEIGHTS))
def test_weights_know_only_the_packed_format_of_the_index(module: str) -> None:
    outside = {name for name in ours(module) if not name.startswith("qa.")}

    assert outside <= {"index", "index.errors", "index.embedding.packed"}


def test_no_module_imports_itself_by_a_detour() -> None:
    TopologicalSorter({module: ours(module) for module in MODULES}).prepare()


@pytest.mark.parametrize("module", MODULES)
def test_heavy_library_is_imported_at_home_and_only_when_needed(module: str) -> None:
    heavy = {
        (name.split(".")[0], lazy)
        for name, lazy in imports(ast.parse(MODULES[module].read_text()))
        if name.split(".")[0] in HOMES
    }

    assert {library for library, _ in heavy if module not in HOMES[library]} == set()
    assert {library for library, lazy in heavy if not lazy} == set()


@pytest.mark.parametrize("command", ["", *main.commands])
def test_help_loads_no_heavy_library(command: str) -> None:
    code = (
        "import sys; from qa.cli.main import main; main(standalone_mode=False); print(*sys.modules)"
    )
    run = [sys.executable, "-c", code, *command.split(), "--help"]
    loaded = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert set(HOMES) & set(loaded.split()) == set()


# What a question is answered with; all else takes seconds to import and is for many texts.
FOR_A_QUESTION = {"anyascii", "babel", "jinja2", "llama_cpp", "rapidfuzz", "tokenizers", "yaml"}


TELLING = """
import atexit, sys
atexit.register(lambda: print(*sys.modules, file=sys.stderr))
from qa.cli.main import main
main()
"""


def test_client_of_a_running_server_loads_no_heavy_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARTICLE_QA_CACHE", str(tmp_path / "cache"))
    names, said = named(tmp_path), tmp_path / "said.json"
    said.write_text('[{"role": "user", "content": "Who bought it in May?"}]')
    ask = [sys.executable, "-c", TELLING, "ask", QUESTION, *names.options, "--history", str(said)]

    with served_locally(names, quick()):
        done = subprocess.run(ask, cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stderr.split())

    assert done.stdout.startswith("(understood as: ")
    assert (set(HOMES) | {"numpy", "asyncio", "py3langid", "filelock"}) & loaded == set()
    assert {"qa.ask", "qa.llm.llama", "index.search", "index.storage.catalog"} & loaded == set()


@pytest.mark.integration
@pytest.mark.parametrize("command", ["search", "ask"])
def test_a_question_loads_no_library_for_many_texts(command: str, real_index: Path) -> None:
    question = "Berapa pertumbuhan kunjungan ChatGPT pada bulan Mei?"
    run = [sys.executable, "-c", TELLING, command, question, "--index", str(real_index)]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stderr.split())

    assert "2,8%" in done.stdout
    assert (set(HOMES) | {"sklearn", "pandas", "filelock"}) & loaded <= FOR_A_QUESTION
