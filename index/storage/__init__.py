"""Storage: the catalog, BM25, near duplicates and the writer's lock of an index on disk.

Imports `articles`, `embedding` and `text`. Read `catalog.py` first.
"""
