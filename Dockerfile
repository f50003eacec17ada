# article-qa as an image: set up by make where there are compilers, run where there are none.
# How to build and run it: docs/setup.md, "In a container".

ARG DEBIAN=debian:trixie-slim

FROM ${DEBIAN} AS build
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates g++ gcc make python3 python3-venv \
 && rm -rf /var/lib/apt/lists/*

WORKDIR /opt/article-qa
# The build of torch to install, as arguments to pip; empty is the package index's own.
ARG TORCH=""
# Packages and llama.cpp first, from the lock with its hashes: made anew only when a pin changes.
COPY Makefile pyproject.toml requirements.lock README.md LICENSE ./
RUN [ -n "${TORCH}" ] || unset TORCH; make .venv/.installed

COPY index index
COPY prompts prompts
COPY qa qa
# The program takes the place of a link to this folder; what only builds and tests it goes. Nothing
# can be compiled later, in a file system that may only be read; a few files of packages are no Python.
RUN make wheel \
 && .venv/bin/python -m pip install -q --no-deps --no-index --force-reinstall dist/*.whl \
 && sed -n '/^dev = \[/,/^]/s/^ *"\([^=]*\)==.*/\1/p' pyproject.toml | grep -vx tesserocr \
  | xargs .venv/bin/python -m pip uninstall -qy cmake ninja scikit-build-core \
 && .venv/bin/python -m pip check \
 && { .venv/bin/python -m compileall -qq .venv/lib || true; }

FROM ${DEBIAN}
# More of Debian's packages, such as the languages of OCR: "tesseract-ocr-eng tesseract-ocr-hin"
ARG PACKAGES=""
# hadolint ignore=DL3008,SC2086
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates libgomp1 python3 ${PACKAGES} \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin article-qa \
 && install -d -o article-qa -g article-qa -m 0700 /data /cache

COPY --from=build /opt/article-qa/.venv /opt/article-qa/.venv

# /data has the index, the conversations and the users; /cache has the weights and what was computed
# from them. Nothing else is written but /tmp.
ENV PATH=/opt/article-qa/.venv/bin:$PATH \
    LANG=C.UTF-8 \
    PYTHONDONTWRITEBYTECODE=1 \
    ARTICLE_QA_CACHE=/cache \
    ARTICLE_QA_INDEX=/data/index \
    ARTICLE_QA_AUTH=/data/users.txt \
    ARTICLE_QA_HOST=0.0.0.0 \
    ARTICLE_QA_PORT=7860
USER 10001:10001
WORKDIR /data
EXPOSE 7860
# The models are loaded before the first answer.
HEALTHCHECK --interval=30s --timeout=5s --start-period=120s --retries=3 CMD ["python", "-c", \
  "from http.client import HTTPConnection as H; c = H('127.0.0.1', 7860, timeout=4); c.request('GET', '/health'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["article-qa"]
CMD ["chat"]
