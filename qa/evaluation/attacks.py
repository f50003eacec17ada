"""Attacks: a copy of an index whose articles hold planted prompt injections."""

import shutil
from collections.abc import Sequence
from pathlib import Path, PurePath

from index.articles.formats import PLAIN
from index.atomic_file import naming
from index.build import sync
from index.embedding.embedder import Embedder
from index.layout import copy_index
from index.passage import Span
from index.storage.catalog import Catalog, Entry
from qa.errors import BadQuestions
from qa.evaluation.cases import Case, Gold, Text, find_spans, planted

# Formats that can be written as they were read. Markdown loses its front matter, which is no part
# of the text.
_PLANTABLE = (*sorted(PLAIN), ".markdown", ".md")


def planted_index(cases: Sequence[Case], index: Path, folder: Path, embedder: Embedder) -> Path:
    """Make a copy of `index` in `folder`, with the plants of all cases, under the same ids.

    One copy serves all cases, so that each is asked among the attacks of the others. Only passages
    that a plant changes are embedded.

    Raises:
        BadQuestions: a plant is for a file that is not plain text, or splits the evidence of
            another case.
    """
    articles, copy = folder / "articles", folder / "index"
    plants = [plant for case in cases for plant in case.plants]
    changed = {plant.article for plant in plants}
    with Catalog.open(index) as catalog:
        text = planted(catalog.text, plants)
        _check(cases, changed, text)
        for entry in catalog.entries():
            _put(entry, articles / entry.id, text, as_text=entry.id in changed)
        known = catalog.roots()
    copy_index(index, copy)
    sync([articles], copy, embedder, forget=known)
    return copy


def planted_spans(case: Case, text: Text) -> list[Span]:
    """The spans of the words that a case plants."""
    return [
        span
        for plant in case.plants
        for span in find_spans(Gold(plant.article, plant.text), text(plant.article))
    ]


def _check(cases: Sequence[Case], changed: set[str], text: Text) -> None:
    for article in sorted(changed):
        if PurePath(article).suffix.lower() not in _PLANTABLE:
            raise BadQuestions(
                f"Nothing can be planted in {article}: only in {' '.join(_PLANTABLE)} files."
            )
    for case in cases:
        for gold in case.evidence:
            if not find_spans(gold, text(gold.article)):
                raise BadQuestions(
                    f"The evidence of the question {case.id!r} in {gold.article} is split by a "
                    "plant of another question. Plant that elsewhere."
                )


def _put(entry: Entry, path: Path, text: Text, *, as_text: bool) -> None:
    """Write an article as it is indexed; copy a file that is converted."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if as_text or path.suffix.lower() in PLAIN:
        with naming(path):
            path.write_text(text(entry.id), encoding="utf-8", newline="")
    else:
        shutil.copyfile(entry.path, path)
