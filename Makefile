# One command does everything: a virtual environment, pinned packages, weights, an index, an answer.
# Each step leaves a stamp when it is done, so the next run goes straight to the work.

# The newest Python that is there and can make environments; another one: make PYTHON=/path/to/python3
PYTHON ?= $(shell for minor in 14 13 12 11; do \
  python3.$$minor -c 'import ensurepip, venv' 2>/dev/null && echo python3.$$minor && break; done)
# The build of torch to install, as arguments to pip; a smaller one: make TORCH="--find-links DIR torch==2.13.0"
TORCH ?= $(shell sed -n 's/^ *"\(torch==[^"]*\)",$$/\1/p' pyproject.toml)
BUILD_BACKEND := $(shell sed -n 's/^requires = \["\(.*\)"\]$$/\1/p' pyproject.toml)

PIP := .venv/bin/python -m pip --disable-pip-version-check
INSTALL := $(PIP) install -qq --no-compile
SOURCES := index prompts qa tests
INDEX := .article-qa
ARTICLES := seeds/articles
READER := runs/reader
# Seconds for each check of tests/security/fuzz/checks.py; what is found lies in the folder.
FUZZ_S ?= 60
FUZZED := runs/fuzz
CHECKS := gate question history front_matter scope splitter table_file web_address feed

# The question as it was typed: make expands no dollar in it and no shell ever reads it as code.
override Q := $(value Q)
export Q

# llama.cpp without its server, tools, HTTP, multimodal and "common" code: half the time to build.
# The file included after its project() line switches off what llama-cpp-python switches on.
LLAMA_ONLY := -DLLAVA_BUILD=OFF -DLLAMA_OPENSSL=OFF
LLAMA_ONLY += -DCMAKE_PROJECT_llama.cpp_INCLUDE='$$PWD/.venv/llama-only.cmake'

# What llama.cpp is built for besides the processor: cuda, vulkan, metal, rocm or none; without GPU=
# as it was built before, which the stamp says. Each has a compiler of its own.
BUILT_FOR := $(or $(shell cat .venv/.installed 2>/dev/null),none)
ifeq ($(strip $(GPU)),)
override GPU := $(BUILT_FOR)
endif
export GPU
ON_cuda := -DGGML_CUDA=ON
ON_vulkan := -DGGML_VULKAN=ON
ON_metal := -DGGML_METAL=ON
ON_rocm := -DGGML_HIP=ON
NEEDS_cuda := nvcc
NEEDS_vulkan := glslc
NEEDS_metal := xcrun
NEEDS_rocm := hipcc
LLAMA_FLAGS = $(strip $(LLAMA_ONLY) $(ON_$(GPU)))
# pip keeps wheels by their version alone, so one for a GPU is never kept, and replaces another.
LLAMA_WHEEL = $(if $(ON_$(GPU)),--no-cache-dir) $(if $(filter-out $(BUILT_FOR),$(GPU)),--force-reinstall)
ifneq ($(GPU),$(BUILT_FOR))
.PHONY: .venv/.installed
endif
JOBS = $(shell nproc 2>/dev/null || sysctl -n hw.ncpu)

ROOT := $(shell test "$$(id -u)" = 0 || echo sudo)

.DEFAULT_GOAL := help
.PHONY: help question question-sets ask chat test attack fuzz unit lint browser ocr llama-server screenshots bench bench-peers reader wheel lock clean
.DELETE_ON_ERROR:

help: ## Say what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 18

question:
	@test -n "$$Q" || { echo 'Say what to ask: make ask Q="Who bought Light Years Beyond?"' >&2; exit 2; }

ask: question $(INDEX)/.made ## Answer a question from the shipped articles: make ask Q="..."
	@.venv/bin/article-qa ask --index $(INDEX) -- "$$Q"

chat: $(INDEX)/.made ## Open the chat page
	@.venv/bin/article-qa chat --index $(INDEX) --examples seeds/examples.txt

test: $(INDEX)/.made ## Run the tests, those with the real weights too
	@.venv/bin/python -m pytest -m "not attack"

attack: $(INDEX)/.made ## Run the long attacks of the tests, which take minutes each
	@.venv/bin/python -m pytest -m attack

fuzz: .venv-fuzz/.installed ## Try texts that atheris finds on the parsers: make fuzz FUZZ_S=600
	@mkdir -p $(FUZZED)
	@for check in $(CHECKS); do echo "$$check, $(FUZZ_S) s"; mkdir -p $(FUZZED)/$$check; \
	  PYTHONPATH=. .venv-fuzz/bin/python -m tests.security.fuzz.targets $$check $(FUZZED)/$$check \
	  -max_total_time=$(FUZZ_S) -timeout=5 -artifact_prefix=$(FUZZED)/$$check- -verbosity=0 || exit; done

unit: .venv/.installed ## Run the quick tests: no weights, no browser
	@.venv/bin/python -m pytest -m "not weights and not browser and not slow and not attack"

lint: .venv/.installed ## Check style, types and the generated parts of README and docs
	.venv/bin/ruff check $(SOURCES)
	.venv/bin/ruff format --check $(SOURCES)
	.venv/bin/mypy --strict
	.venv/bin/hadolint Dockerfile
	.venv/bin/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml
	.venv/bin/cog --check --diff README.md docs/*.md

browser: ## Install Chromium, which the page's tests drive, and fonts of many scripts (Debian)
	@command -v chromium >/dev/null || { $(ROOT) apt-get update -qq; $(ROOT) apt-get install -yqq \
	  --no-install-recommends chromium fonts-noto-core fonts-noto-cjk; }

# Language files alone: the engine is within the package tesserocr.
OCR_PACKS ?= osd eng hin ind spa chi-sim chi-tra
ocr: .venv/.installed ## Install OCR for scans and pictures (Debian): make ocr OCR_PACKS="osd eng fra"
	@$(ROOT) apt-get update -qq; $(ROOT) apt-get install -yqq --no-install-recommends \
	  $(OCR_PACKS:%=tesseract-ocr-%)
	@sed -n '/^tesserocr==/,/[^\]$$/p' requirements.lock | $(INSTALL) --no-deps --require-hashes -r /dev/stdin

# llama.cpp's server from the source of the pinned package, whose hash is locked; the source goes again.
LLAMA_SERVER := .venv/llama-server
LLAMA_SERVER_ONLY := -DBUILD_SHARED_LIBS=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF
LLAMA_SERVER_ONLY += -DLLAMA_BUILD_APP=OFF -DLLAMA_BUILD_UI=OFF -DLLAMA_USE_PREBUILT_UI=OFF -DLLAMA_OPENSSL=OFF
llama-server: $(LLAMA_SERVER)/llama-server ## Build llama.cpp's own server, which a test of model servers uses (minutes)
$(LLAMA_SERVER)/llama-server: .venv/.installed
	@rm -rf $(LLAMA_SERVER); mkdir -p $(LLAMA_SERVER)/source
	@sed -n '/^llama-cpp-python==/,/[^\\]$$/p' requirements.lock | $(PIP) download -q --no-deps --no-binary :all: \
	  --no-build-isolation --require-hashes --dest $(LLAMA_SERVER) -r /dev/stdin
	@tar -xzf $(LLAMA_SERVER)/llama_cpp_python-*.tar.gz -C $(LLAMA_SERVER)/source --strip-components 1
	@echo "Compiling llama-server (some minutes)"
	@export PATH="$$PWD/.venv/bin:$$PATH"; cd $(LLAMA_SERVER); { cmake -S source/vendor/llama.cpp -B build -G Ninja \
	  -DCMAKE_BUILD_TYPE=Release $(LLAMA_SERVER_ONLY) && cmake --build build --target llama-server -j $(JOBS); } \
	  > build.log 2>&1 || { tail build.log >&2; exit 1; }
	@mv $(LLAMA_SERVER)/build/bin/llama-server $@
	@rm -rf $(LLAMA_SERVER)/source $(LLAMA_SERVER)/build $(LLAMA_SERVER)/llama_cpp_python-*.tar.gz

screenshots: $(INDEX)/.made browser ## Write pictures of the page's main states
	@.venv/bin/python -m tests.screenshots

bench: $(INDEX)/.made ## Measure speed and memory, and write tests/benchmarks/RESULTS.md
	@.venv/bin/python -m tests.benchmarks.run --index $(INDEX)

bench-peers: $(INDEX)/.made .venv-peers/.installed ## Compare with LlamaIndex: tests/benchmarks/PEERS.md
	@.venv/bin/python -m tests.benchmarks.peers --index $(INDEX)

question-sets:
	@test -n "$(DATA)" || { echo 'Say where the question sets are: make reader DATA="FOLDER FOLDER"' >&2; exit 2; }

reader: question-sets .venv/.weights ## Train the reader anew (hours): make reader DATA="FOLDER FOLDER"
	@test -e $(READER)/prepared/config.json || \
	  .venv/bin/python -m qa.extraction.training prepare $(DATA:%=--data %) --out $(READER)
	@.venv/bin/python -m qa.extraction.training train --out $(READER)
	@.venv/bin/python -m qa.extraction.training pack $(DATA:%=--data %) --out $(READER)
	@.venv/bin/python -m qa.extraction.training languages $(DATA:%=--data %)
	@.venv/bin/python -m qa.extraction.training report $(DATA:%=--data %)

# build/ would bring files of an earlier build into this one.
wheel: .venv/.installed ## Build a wheel for uv tool install or pipx install: dist/
	@rm -rf build dist
	@$(PIP) wheel -qq --no-deps --no-build-isolation --wheel-dir dist .
	@rm -rf build
	@ls dist/*.whl

# llama.cpp's build tools are locked too, so that they are pinned and need not be on the machine.
# One lock for each Python that pyproject.toml allows, on every platform: what differs has a marker.
# torch is left out (its builds differ by machine), and with it what only its CUDA build needs.
# Local indexes stay out: the hashes are those of the public releases.
lock: | .venv/bin/uv ## Write requirements.lock anew after a change of pins
	printf '%s\n' scikit-build-core cmake ninja $(BUILD_BACKEND) > .venv/build.in
	UV_INDEX= UV_EXTRA_INDEX_URL= UV_FIND_LINKS= .venv/bin/uv pip compile --quiet --no-config \
	  --system-certs --custom-compile-command "make lock" --universal --python-version 3.11.0 \
	  --python .venv/bin/python --extra dev --generate-hashes --no-annotate --no-emit-package torch \
	  --output-file requirements.lock pyproject.toml .venv/build.in
	sed -i.old -e '/^$$/,$$d' -e '/^\(cuda-\|nvidia-\|triton==\)/,/[^\\]$$/d' requirements.lock
	rm requirements.lock.old

# Not the whole environment anew: it cannot be made while the lock lacks a new pin.
.venv/bin/uv:
	@test -e .venv/bin/python || $(PYTHON) -m venv .venv
	@sed -n '/^uv==/,/[^\\]$$/p' requirements.lock | $(INSTALL) --require-hashes -r /dev/stdin

clean: ## Remove the environments, caches and the index with its uploads; the weights stay
	rm -rf .venv .venv-peers .venv-fuzz $(INDEX) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache
	find $(SOURCES) -name __pycache__ -prune -exec rm -rf {} +

# A first set-up that was cut short has no stamp: it starts over in an empty folder, and pip keeps
# what it downloaded and built. The locked pip comes first, as Python's own is half as fast;
# llama-cpp-python comes last, as it is built with locked tools.
.venv/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' \
	  2>/dev/null || { echo "article-qa needs Python 3.11, 3.12, 3.13 or 3.14 with its venv module" \
	  "(Debian: apt-get install python3-venv)." \
	  "If it has another name here: make PYTHON=/path/to/python3" >&2; exit 2; }
	@command -v gcc >/dev/null && command -v g++ >/dev/null \
	  || { echo "article-qa compiles llama.cpp and needs gcc and g++ (Debian: apt-get install g++)." >&2; exit 2; }
	@test "$(or $(ON_$(GPU)),$(filter none,$(GPU)))" \
	  || { echo "GPU is '$$GPU'. Say GPU=cuda, vulkan, metal, rocm or none." >&2; exit 2; }
	@test -z "$(NEEDS_$(GPU))" || command -v $(NEEDS_$(GPU)) >/dev/null \
	  || { echo "GPU=$$GPU needs $(NEEDS_$(GPU)) to compile llama.cpp; see docs/models.md." >&2; exit 2; }
	@test -e $@ || { echo "Making .venv"; $(PYTHON) -m venv --clear .venv; }
	@rm -f $@
	@sed -n '/^pip==/,/[^\\]$$/p' requirements.lock | $(INSTALL) --require-hashes -r /dev/stdin
	@echo "Installing torch"
	@$(INSTALL) --no-deps $(TORCH)
	@echo "Installing the packages of requirements.lock"
	@sed '/^llama-cpp-python==/,/[^\\]$$/d' requirements.lock \
	  | $(INSTALL) --no-deps --require-hashes --only-binary :all: -r /dev/stdin
	@echo "Compiling llama.cpp (some minutes, the first time)"
	@echo 'set(LLAMA_BUILD_COMMON OFF)' > .venv/llama-only.cmake
	@sed -n '/^llama-cpp-python==/,/[^\]$$/p' requirements.lock \
	  | CMAKE_ARGS="$(LLAMA_FLAGS)" SKBUILD_BUILD_TARGETS=llama CMAKE_BUILD_PARALLEL_LEVEL=$(JOBS) \
	  $(INSTALL) $(LLAMA_WHEEL) --no-deps --no-build-isolation --require-hashes -r /dev/stdin
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@$(INSTALL) $(TORCH) # what a CUDA build of torch needs besides; nothing for a CPU build
	@$(PIP) check
	@echo $(GPU) > $@

# Another program has needs of its own; llama.cpp is built as ours, so its wheel is there already.
.venv-peers/.installed: tests/benchmarks/peers.txt .venv/.installed
	@echo "Making .venv-peers"
	@.venv/bin/python -m venv --clear .venv-peers
	@.venv-peers/bin/python -m pip --disable-pip-version-check install -qq --no-compile $(TORCH)
	@CMAKE_ARGS="$(LLAMA_ONLY)" SKBUILD_BUILD_TARGETS=llama CMAKE_BUILD_PARALLEL_LEVEL=$(JOBS) \
	  .venv-peers/bin/python -m pip --disable-pip-version-check install -qq --no-compile \
	  -r tests/benchmarks/peers.txt
	@touch $@

# atheris stands beside what is tested, so the packages are those of .venv.
.venv-fuzz/.installed: tests/security/fuzz/requirements.txt .venv/.installed
	@echo "Making .venv-fuzz"
	@.venv/bin/python -m venv --clear .venv-fuzz
	@.venv-fuzz/bin/python -m pip --disable-pip-version-check install -qq --no-compile \
	  --require-hashes --only-binary :all: -r tests/security/fuzz/requirements.txt
	@for site in .venv-fuzz/lib/python*/site-packages; do \
	  (cd .venv/lib/python*/site-packages && pwd) > $$site/article-qa.pth; done
	@touch $@

# The weights lie in a shared cache that may be moved or emptied, so the stamp says where they were.
WHERE := from os import environ; from qa.weights.manifest import default; \
  from qa.weights.paths import path_of; \
  print(environ.get("ARTICLE_QA_CACHE", ""), path_of(default("llm")), path_of(default("embedder")), sep="\n")
ifneq ($(shell (read -r cache && test "$$cache" = "$$ARTICLE_QA_CACHE" && while read -r path; \
  do test -e "$$path" || exit; done && echo here) 2>/dev/null <.venv/.weights),here)
.PHONY: .venv/.weights
endif

.venv/.weights: .venv/.installed $(shell find qa -name models.toml)
	@.venv/bin/article-qa models fetch
	@.venv/bin/python -c '$(WHERE)' > $@

$(INDEX)/.made: .venv/.weights $(wildcard $(ARTICLES)/*) $(shell find index -name '*.py')
	@.venv/bin/article-qa index $(ARTICLES) --index $(INDEX) --rebuild
	@touch $@
