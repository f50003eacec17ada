"""Configuration: the hashes and options that the figures of a run depend on.

Results of the same configuration belong to one run, so that a stopped run can be resumed.
"""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from index.storage.catalog import Catalog
from qa.environment import digest, source_hash


def configuration(
    questions: Path,
    corpus: Mapping[str, Any],
    models: Mapping[str, str],
    options: Mapping[str, Any],
) -> dict[str, Any]:
    """What decides the results of a run: equal for two runs of the same questions and settings.

    Args:
        questions: the file of questions.
        corpus: see `corpus`.
        models: names and hashes.
        options: those of the command that change the questions asked, or how.
    """
    return {
        "questions": hashlib.sha256(questions.read_bytes()).hexdigest(),
        "corpus": dict(corpus),
        "models": dict(models),
        "options": dict(options),
        "code": source_hash(),
    }


def corpus(catalog: Catalog) -> dict[str, Any]:
    """The contents of an index: number of articles and passages, the chunker, and a hash."""
    articles, passages, _ = catalog.counts()
    entries = (f"{entry.id}\0{entry.sha256}".encode() for entry in catalog.entries())
    cut = catalog.setting("chunker")
    return {
        "articles": articles,
        "passages": passages,
        "cut_by": cut,
        "sha256": digest(entries),
        "embedder": catalog.setting("embedder"),
    }


def differences(
    one: Mapping[str, Any], other: Mapping[str, Any], path: str = ""
) -> Iterator[tuple[str, Any, Any]]:
    """Yield each difference of two configurations: the name with dots, and both values."""
    for name in dict.fromkeys([*one, *other]):
        mine, theirs = one.get(name), other.get(name)
        if isinstance(mine, Mapping) and isinstance(theirs, Mapping):
            yield from differences(mine, theirs, f"{path}{name}.")
        elif mine != theirs:
            yield f"{path}{name}", mine, theirs
