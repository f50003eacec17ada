"""Health: what is wrong with an index, told without loading a model."""

from index.build import chunker
from index.catalog import Catalog
from index.errors import IndexDamaged
from index.store import Store


def problems(catalog: Catalog) -> list[str]:
    """Each thing that keeps an index from being searched, with what mends it; none when healthy."""
    if catalog.setting("generation") is None:
        return ["nothing was indexed to the end yet: run article-qa index"]
    found = []
    if catalog.setting("chunker") != chunker():
        found.append("its articles were cut by another version")
    found += _lost_vectors(catalog)
    mend = f"article-qa index --rebuild --index {catalog.folder}"
    return [*found, f"mend it with: {mend}"] if found else []


def _lost_vectors(catalog: Catalog) -> list[str]:
    try:
        store = Store(catalog.folder, catalog.setting("embedder") or "")
        lost = len(set(catalog.keys()) - set(store.keys()))
    except IndexDamaged:
        return ["its vectors cannot be read"]
    return [f"{lost} vectors are missing"] if lost else []
