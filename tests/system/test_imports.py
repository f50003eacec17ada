"""What each folder may import, the README's map as a test; and a heavy library has one home."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from qa.cli.main import main
from tests.support.local_server import QUESTION, named, quick, served_locally
from tests.support.paths import ROOT

PACKAGES = ("index", "prompts", "qa")
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
}

# A room is a folder of qa/ or index/, or a module beside the folders. It may import the rooms of
# its line. The lines go from the top to the bottom: no room imports one of a line above.
MAY_IMPORT = {
    "qa.cli": {
        "index.scope",
        *("qa.answer", "qa.answering", "qa.ask", "qa.environment", "qa.errors", "qa.evaluation"),
        *("qa.calibration", "qa.verification"),
        *(
            "qa.extraction",
            "qa.evaluation.reports",
            "qa.fetch",
            "qa.ipc",
            "qa.llm",
            "qa.llm.cache",
            "qa.llm.server",
            "qa.progress",
            "qa.service",
            "qa.temporary_folder",
        ),
        *("qa.service.jobs", "qa.web", "qa.web.security", "qa.weights", "index.articles"),
        *("index.atomic_file", "index.user_cache"),
        *("index.build", "index.embedding", "index.errors", "index.health", "index.search"),
        *("index.file_states", "index.layout", "index.storage", "index.text", "index.watcher"),
    },
    "qa.web": {
        "index.scope",
        *("qa.answer", "qa.answering", "qa.errors", "qa.service", "qa.service.jobs"),
        *("qa.web.gradio", "qa.web.page", "qa.web.security", "index.articles", "index.errors"),
        "index.converters",
    },
    "qa.web.page": {
        *("qa.answer", "qa.errors", "qa.service", "qa.service.jobs", "qa.templates", "qa.text"),
        *("qa.web.gradio", "qa.web.security", "index.articles", "index.build", "index.errors"),
        *("index.converters", "index.passage", "index.scanned_page", "index.scope"),
        *("index.storage", "index.text"),
    },
    "qa.web.gradio": {
        "index.scope",
        *("qa.service", "qa.web.security", "index.atomic_file", "index.errors", "index.text"),
    },
    "qa.web.security": {
        *("qa.errors", "qa.rate_limit", "qa.templates", "index.atomic_file", "index.errors"),
        "index.text",
    },
    "qa.calibration": {
        *("qa.answering", "qa.errors", "qa.extraction", "qa.llm", "qa.question"),
        "qa.verification",
    },
    "qa.evaluation.reports": {"qa.errors", "qa.evaluation", "qa.templates"},
    "qa.evaluation": {
        *("qa.answer", "qa.answering", "qa.environment", "qa.errors", "qa.extraction", "qa.text"),
        *(
            "index.articles",
            "index.atomic_file",
            "index.build",
            "index.embedding",
            "index.layout",
            "index.passage",
        ),
        *("index.regular_file", "index.scope", "index.storage", "index.text"),
    },
    "qa.ipc": {
        "index.scope",
        *("qa.answering", "qa.environment", "qa.errors", "qa.service", "qa.service.jobs"),
        *("qa.weights", "index.errors", "index.layout"),
    },
    "qa.service": {
        "index.scope",
        *("qa.answer", "qa.answering", "qa.cancellation", "qa.errors", "qa.extraction"),
        *(
            "qa.service.jobs",
            "index.articles",
            "index.atomic_file",
            "index.build",
            "index.embedding",
            "index.errors",
        ),
        *("index.health", "index.layout", "index.passage", "index.search", "index.storage"),
        *("index.converters", "index.file_states", "index.regular_file", "index.sqlite_guard"),
        *("index.scanned_page", "index.text"),
    },
    "qa.service.jobs": {
        "index.scope",
        *("qa.answer", "qa.answering", "qa.ask", "qa.cancellation", "qa.errors"),
        *("qa.extraction", "qa.llm", "qa.rate_limit", "qa.verification", "index.errors"),
    },
    "qa.ask": {
        *("qa.answer", "qa.answering", "qa.cancellation", "qa.extraction", "qa.llm"),
        *("prompts", "index.scope"),
    },
    "qa.answering": {
        *("qa.answer", "qa.cancellation", "qa.errors", "qa.extraction", "qa.llm", "qa.llm.cache"),
        *("qa.question", "qa.text", "qa.verification", "prompts", "index.article_sentences"),
        *("index.centrality", "index.embedding", "index.passage", "index.scope", "index.search"),
        *("index.storage", "index.text"),
    },
    "qa.verification": {
        *("qa.extraction", "qa.question", "qa.text", "prompts", "index.articles"),
        *("index.atomic_file", "index.passage", "index.text", "index.user_cache"),
    },
    "qa.llm": {
        *("qa.cancellation", "qa.environment", "qa.llm.cache", "qa.weights", "index.atomic_file"),
        *("index.child_process", "index.errors", "index.user_cache"),
    },
    "qa.llm.server": {"qa.cancellation", "qa.errors", "qa.llm", "index.errors"},
    "qa.llm.cache": {
        *("index.atomic_file", "index.layout", "index.regular_file", "index.sqlite_guard"),
        "index.user_cache",
    },
    "qa.fetch": {
        *("index.articles", "index.atomic_file", "index.converters", "index.errors"),
        *("index.layout", "index.text"),
    },
    "qa.weights": {
        *("qa.progress", "index.atomic_file", "index.embedding", "index.errors"),
        "index.user_cache",
    },
    "qa.extraction.training": {
        *("qa.answering", "qa.environment", "qa.extraction", "qa.llm", "qa.progress"),
        *("qa.question", "qa.verification", "qa.weights", "index.embedding", "index.text"),
    },
    "qa.extraction": {"index.embedding", "index.errors", "index.text"},
    "qa.text": {"index.text"},
    "qa.answer": {"index.passage", "index.scope"},
    "qa.cancellation": {"qa.errors"},
    "qa.question": {"index.text"},
    "qa.templates": set(),
    "qa.temporary_folder": set(),
    "qa.environment": set(),
    "qa.errors": {"index.errors"},
    "prompts": set(),
    "index.build": {
        *("index.articles", "index.embedding", "index.errors", "index.ranking", "index.report"),
        *("index.file_states", "index.losses", "index.naming", "index.salvage", "index.storage"),
        *("index.layout", "index.new_vectors", "index.storage.vectors", "index.taking_in"),
    },
    "index.taking_in": {
        *("index.articles", "index.embedding", "index.errors", "index.file_states"),
        *("index.report", "index.storage", "index.text"),
    },
    "index.new_vectors": {"index.articles", "index.embedding", "index.storage.vectors"},
    "index.report": {"index.articles", "index.storage"},
    "index.watcher": {
        *("index.articles", "index.build", "index.errors", "index.file_states"),
        *("index.folder_events", "index.layout", "index.losses", "index.storage"),
    },
    "index.folder_events": {"index.articles"},
    "index.salvage": {
        *("index.embedding", "index.errors", "index.layout", "index.storage"),
        "index.storage.vectors",
    },
    "index.file_states": set(),
    "index.naming": {"index.articles", "index.errors", "index.storage"},
    "index.losses": {"index.articles", "index.errors", "index.storage"},
    "index.article_sentences": {
        *("index.articles", "index.embedding", "index.passage", "index.storage"),
        "index.storage.vectors",
    },
    "index.centrality": {"index.embedding"},
    "index.search": {
        "index.article_sentences",
        "index.scope",
        *("index.articles", "index.collapsing", "index.embedding", "index.errors", "index.layout"),
        *("index.passage", "index.ranking", "index.storage", "index.storage.vectors"),
    },
    "index.scope": {"index.articles", "index.errors", "index.storage", "index.text"},
    "index.health": {"index.articles", "index.errors", "index.storage", "index.storage.vectors"},
    "index.collapsing": {"index.storage"},
    "index.ranking": {"index.embedding"},
    "index.passage": {"index.text"},
    "index.scanned_page": set(),
    "index.storage.vectors": {
        *("index.atomic_file", "index.embedding", "index.errors", "index.layout", "index.storage"),
        *("index.regular_file", "index.user_cache"),
    },
    "index.storage": {
        *("index.articles", "index.atomic_file", "index.embedding", "index.errors"),
        *(
            "index.layout",
            "index.passage",
            "index.regular_file",
            "index.scanned_page",
            "index.sqlite_guard",
            "index.text",
        ),
    },
    "index.articles": {
        *("index.converters", "index.errors", "index.layout", "index.passage"),
        *("index.regular_file", "index.scanned_page", "index.text"),
    },
    "index.converters": {
        *("index.atomic_file", "index.child_process", "index.errors", "index.passage"),
        *("index.regular_file", "index.scanned_page", "index.text", "index.user_cache"),
    },
    "index.embedding": {"index.errors"},
    "index.text": {"index.errors"},
    "index.layout": {"index.errors"},
    "index.sqlite_guard": set(),
    "index.user_cache": {"index.atomic_file", "index.regular_file"},
    "index.regular_file": set(),
    "index.errors": set(),
    "index.atomic_file": set(),
    "index.child_process": set(),
    "qa.rate_limit": set(),
    "qa.progress": {"index.text"},
}
HOMES = {
    "anyascii": {"qa.text.names"},
    "babel": {
        "index.converters.date_formats",
        "qa.text.language_names",
        "qa.text.measures",
        "qa.text.months",
        "qa.text.weekdays",
        "qa.web.page.translations",
    },
    "bcrypt": {"qa.web.security.users"},
    "bs4": {"index.converters.html_parsing"},
    "charset_normalizer": {"index.text.encodings"},
    "chromadb": {"index.storage.vectors.chroma"},
    "datasketch": {"index.storage.near_duplicates"},
    "docutils": {"index.converters.rst", "index.converters.rst_unknown"},
    "fastapi": {"qa.web.app", "qa.web.original_routes"},
    "gradio": {
        *("qa.web.gradio.api", "qa.web.gradio.private_names", "qa.web.page.handlers"),
        *("qa.web.page.layout", "qa.web.page.page"),
    },
    "httpcore2": {"qa.fetch.connection"},
    "httpx2": {
        "qa.fetch.addresses",
        "qa.fetch.connection",
        "qa.fetch.names",
        "qa.llm.server.connection",
        "qa.weights.download",
    },
    "huggingface_hub": {"qa.weights.download", "qa.weights.hub_folder", "qa.weights.paths"},
    "ir_measures": {"qa.evaluation.trec"},
    "jinja2": {"qa.templates"},
    "lxml": {
        *("index.converters.archive", "index.converters.html", "index.converters.html_markdown"),
        *("index.converters.html_marks", "index.converters.html_parsing", "index.converters.links"),
    },
    "mammoth": {"index.converters.symbols"},
    "markdown_it": {"index.converters.markdown_file"},
    "markdownify": {"index.converters.html_markdown"},
    "mcp": {"qa.web.mcp_tools"},
    "matplotlib": {"qa.evaluation.reports.plots"},
    "orgparse": {"index.converters.org"},
    "pptx": {"index.converters.powerpoint"},
    "prometheus_client": {"qa.service.metrics"},
    "protego": {"qa.fetch.robots"},
    "pydantic": {
        *("qa.evaluation.case_file", "qa.evaluation.results", "qa.service.exchange"),
    },
    "PIL": {
        *("index.converters.ocr", "index.converters.page_renderer", "index.converters.pictures"),
    },
    "pypdfium2": {
        "index.converters.pdf",
        "index.converters.pdf_characters",
        "index.converters.pdf_drawing",
        "index.converters.pdf_forms",
        "index.converters.pdf_pages",
        "index.converters.pdf_paths",
        "index.converters.pdf_places",
        "index.converters.pdf_style",
        "index.converters.pictures",
    },
    "rapidfuzz": {"qa.text.alignment", "qa.text.names", "qa.text.repetition"},
    "safetensors": {
        *("index.embedding.packed", "index.embedding.pickled_weights", "qa.extraction.weights"),
    },
    "llama_cpp": {
        *("qa.llm.autotune_worker", "qa.llm.chat_template", "qa.llm.context", "qa.llm.gpus"),
        *("qa.llm.llama", "qa.llm.loading", "qa.llm.session", "qa.llm.template_worker"),
    },
    "scipy": {"qa.evaluation.reports.statistics"},
    "sentence_transformers": {"index.embedding.sentence_transformer"},
    "striprtf": {"index.converters.rtf"},
    "tesserocr": {"index.converters.ocr", "index.converters.ocr_result"},
    "starlette": {
        *("qa.web.gradio.assets", "qa.web.security.login", "qa.web.security.middleware"),
        *("qa.web.security.rate_limits", "qa.web.security.rejection"),
        *("qa.web.security.probes", "qa.web.security.request_checks"),
        *("qa.web.security.request_body", "qa.web.security.root_path"),
    },
    "tokenizers": {"index.embedding.tokenizer", "index.embedding.unigram"},
    "torch": {
        *("index.embedding.packed", "index.embedding.pickled_weights"),
        "index.embedding.sentence_transformer",
    },
    "trafilatura": {"index.converters.html", "index.converters.html_main"},
    "transformers": {"index.embedding.sentence_transformer", "index.embedding.packed"},
    "uvicorn": {"qa.web.http_server"},
    "watchfiles": {"index.folder_events"},
    "yaml": {"index.converters.front_matter"},
}

# A program of its own, which needs most of them at once; no other room imports it.
TRAINING = "qa.extraction.training"


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
    """The modules of ours that a module imports; a package only where it is imported itself."""
    found = set[str]()
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            inner = {f"{node.module}.{alias.name}" for alias in node.names} & set(MODULES)
            found |= inner or {str(node.module)}
    return found & set(MODULES) - {module}


def room(module: str) -> str:
    """The folder that a module lies in, or itself where it lies beside the folders."""
    if MODULES[module].name == "__init__.py":
        return module
    folder = module.rpartition(".")[0]
    return module if folder in PACKAGES else folder


@pytest.mark.parametrize("module", sorted(set(MODULES) - {"index", "qa"}))
def test_module_imports_only_what_its_room_may(module: str) -> None:
    assert {room(name) for name in ours(module)} - {room(module)} <= MAY_IMPORT[room(module)]


def test_table_names_every_room_and_allows_nothing_that_is_not_needed() -> None:
    used: dict[str, set[str]] = {room(module): set() for module in MODULES}
    for module in MODULES:
        used[room(module)] |= {room(name) for name in ours(module)} - {room(module)}

    assert {name: used[name] for name in used if name not in ("index", "qa")} == MAY_IMPORT


def test_no_room_imports_one_that_imports_it() -> None:
    order = list(TopologicalSorter(MAY_IMPORT).static_order())

    assert sorted(order) == sorted(MAY_IMPORT)


def test_no_module_imports_itself_by_a_detour() -> None:
    TopologicalSorter({module: ours(module) for module in MODULES}).prepare()


def test_texts_are_normalised_in_one_place_alone() -> None:
    """`unicodedata.normalize` may take minutes, as `index.text.normal_forms` says."""
    using = {name for name, path in MODULES.items() if "unicodedata.normalize(" in path.read_text()}

    assert using == {"index.text.normal_forms"}


def test_the_clock_of_the_wall_times_nothing() -> None:
    """It may be set back or forward: `time.monotonic` may not."""
    using = {name for name, path in MODULES.items() if "time.time()" in path.read_text()}

    assert using == {
        "index.atomic_file",  # how old a file is
        "index.file_states",  # how old a file is
        "qa.web.openai_api",  # when an answer was made
    }


@pytest.mark.parametrize("module", MODULES)
def test_private_names_stay_in_their_file(module: str) -> None:
    tree = ast.parse(MODULES[module].read_text())
    modules, named = set[str](), set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and str(node.module).split(".")[0] in PACKAGES:
            named |= {alias.name for alias in node.names}
            modules |= {
                alias.asname or alias.name
                for alias in node.names
                if f"{node.module}.{alias.name}" in MODULES
            }
    reached = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in modules
    }

    assert {name for name in named | reached if name.startswith("_")} == set()


@pytest.mark.parametrize("module", MODULES)
def test_heavy_library_is_imported_at_home_and_only_when_needed(module: str) -> None:
    if room(module) == TRAINING:
        return
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
FOR_A_QUESTION = {
    *("anyascii", "babel", "jinja2", "llama_cpp", "rapidfuzz", "safetensors", "tokenizers"),
    "yaml",
}


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


@pytest.mark.weights
@pytest.mark.parametrize("command", ["search", "ask"])
def test_a_question_loads_no_library_for_many_texts(command: str, real_index: Path) -> None:
    question = "Berapa pertumbuhan kunjungan ChatGPT pada bulan Mei?"
    run = [sys.executable, "-c", TELLING, command, question, "--index", str(real_index)]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stderr.split())

    assert "2,8%" in done.stdout
    assert (set(HOMES) | {"sklearn", "pandas", "filelock"}) & loaded <= FOR_A_QUESTION
